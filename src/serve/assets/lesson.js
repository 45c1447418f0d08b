/** The lesson page: a walk through one scenario, and what one can do with it. */
import { byId, make } from '/assets/page/dom.js';
import { Errand, get } from './api.js';
import { branchTools } from './branch-tools.js';
import { downloads } from './downloads.js';
import { dress, sayer } from './dress.js';
import { knobForm } from './knobs.js';
import { inLang, lang } from './lang.js';
import { panels } from './panels.js';
import { Walkway } from './walkway.js';
import { holding, readWishes, writeWishes } from './wishes.js';
import { LESSON } from './words/lesson.js';

const say = sayer(LESSON);
const scenario = decodeURIComponent(location.pathname.split('/')[2] ?? '');

/** @type {Walkway} */
const walkway = new Walkway({
  say,
  wishes: readWishes(location.search),
  keep: (wishes) => history.replaceState(null, '', `${location.pathname}${writeWishes(wishes)}${location.hash}`),
  tools: branchTools(() => walkway, say),
});
walkway.target = { scenario };

/** The links that take this run along. */
function links() {
  const { set, seed, drop } = holding(walkway.wishes, walkway.model?.branch ?? 0);
  const carried = new URLSearchParams();
  if (seed !== undefined) carried.set('seed', String(seed));
  for (const [key, value] of Object.entries(set)) carried.set(`set.${key}`, value);
  for (const pattern of drop) carried.append('drop', pattern);
  const query = carried.toString();
  byId('compare-link').setAttribute('href', `/compare/${scenario}${query && `?${query}`}`);
  byId('edit-link').setAttribute('href', `/edit?from=${encodeURIComponent(scenario)}`);
}

/** The lessons before and after this one. */
async function neighbours() {
  const { scenarios } = await get('/api/lessons', new Errand().begin());
  const at = scenarios.findIndex((/** @type {any} */ lesson) => lesson.name === scenario);
  const link = (/** @type {any} */ lesson, /** @type {string} */ key) =>
    lesson ? [make('a', { href: `/lesson/${lesson.name}`, class: key }, make('span', { class: 'muted' }, `${say(key)} `), lesson.title[lang()])] : [];
  const write = () => byId('neighbours').replaceChildren(...link(scenarios[at - 1], 'before'), ...link(scenarios[at + 1], 'next'));
  if (at >= 0) inLang(write);
}

/** The lesson's text is open for who comes to read; who folds it finds it folded next time. */
function unfold() {
  const text = /** @type {HTMLDetailsElement} */ (byId('lesson'));
  const linked = new URLSearchParams(location.hash.slice(1)).has('step');
  text.open = localStorage.getItem('wirewalk.lesson') !== 'folded' && !linked;
  // The first event is of opening it here.
  let told = text.open;
  text.addEventListener('toggle', () => {
    if (text.open !== told) localStorage.setItem('wirewalk.lesson', text.open ? 'open' : 'folded');
    told = text.open;
  });
}

dress(say);
unfold();
panels(byId('tools'));
knobForm(walkway, say);
downloads(walkway, say);
links();
let first = true;
walkway.watch((model) => {
  links();
  if (first) model.listen((what) => what.branch && links());
  first = false;
});
await walkway.run(walkway.wishes);
// A page without neighbours is still a lesson: nothing is said where they cannot be had.
await neighbours().catch(() => {});
