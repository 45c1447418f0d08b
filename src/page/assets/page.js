/** Begins: shows a document on the page's elements. */
import { listBranches } from './branches.js';
import { control } from './controls.js';
import { showDiagram } from './diagram.js';
import { showLayers } from './layers.js';
import { showLesson } from './lesson.js';
import { follow, keepLink, readLink } from './link.js';
import { Model } from './model.js';
import { showPanes } from './panes.js';
import { showPlots } from './plots.js';
import { askQuestions } from './questions.js';
import { showStates } from './states.js';
import { listSteps, tellStory } from './story.js';
import { showVariables } from './variables.js';

/**
 * Shows a walk.
 * @param {any} doc its document
 * @param {{drop?: (frame: any, branch: number) => void, tools?: (branch: number) => Node[], lang?: import('./words.js').Lang}} [options]
 *   `drop`: what to do about a frame whose loss is in no branch of the document; without it the page says which command
 *   would make that branch. `tools`: what stands beside a branch's button. `lang`: the language unless the link names one
 * @returns {Model}
 */
export function start(doc, options = {}) {
  const written = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
  const model = new Model(doc, readLink(location.hash).lang ?? options.lang ?? written);
  showLesson(model);
  listBranches(model, options.tools ?? (() => []));
  control(model);
  tellStory(model);
  askQuestions(model);
  showDiagram(model);
  const { drop } = options;
  showLayers(model, drop ? { drop: (frame) => drop(frame, model.branch) } : {});
  showVariables(model);
  showPanes(model);
  showStates(model);
  showPlots(model);
  listSteps(model);
  follow(model);
  keepLink(model);
  return model;
}
