/** The step in words, with reasons and sections; and all steps as an ordered list, the diagram's twin. */
import { byId, make, scrollInto } from './dom.js';
import { Model } from './model.js';
import { word } from './words.js';

/** The sentence that tells a step. @param {Model} model @param {any} step */
function lead(model, step) {
  const told = step?.story[step.lead];
  return told ? model.text(told[0]) : word(model.lang, 'nothing');
}

/** @param {Model} model @param {[number, number, string, string]} sentence @param {boolean} leads */
function reasons(model, [what, why, cite, ink], leads) {
  const place = make('p', { class: 'sentence' });
  if (!leads) place.append(make('span', { class: `ink ${ink}` }, model.text(what)));
  if (why) place.append(make('span', { class: 'because' }, `${leads ? '' : ' · '}${model.text(why)}`));
  if (cite) place.append(' ', make('cite', {}, cite));
  return place;
}

/** @param {Model} model */
export function tellStory(model) {
  const [story, why, heading] = [byId('story'), byId('why'), byId('story-heading')];
  const tell = () => {
    const step = model.here;
    const { lang } = model;
    const host = step && step.host !== null ? ` · ${model.document.hosts[step.host]?.name ?? ''}` : '';
    const number = `${word(lang, 'step')} ${model.step + 1} ${word(lang, 'stepEnd')}`.trim();
    heading.textContent = step ? `${number} · ${step.time} s${host}` : number;
    story.textContent = lead(model, step);
    story.className = step?.story[step.lead] ? `ink ${step.story[step.lead][3]}` : '';
    /** @type {any[]} */
    const all = step?.story ?? [];
    const rest = all.filter((_, place) => place !== step.lead).map((sentence) => reasons(model, sentence, false));
    const first = step && all.length ? [reasons(model, all[step.lead], true)] : [];
    why.replaceChildren(...[...first, ...rest].filter((one) => one.hasChildNodes()));
  };
  model.listen((what) => {
    if (what.step || what.branch || what.lang) tell();
  });
  tell();
}

/** @param {Model} model */
export function listSteps(model) {
  const list = byId('transcript');
  /** @type {HTMLElement[]} */
  let rows = [];
  /** @type {HTMLElement|undefined} */
  let marked;
  const write = () => {
    rows = model.run.steps.map((/** @type {any} */ step, /** @type {number} */ place) =>
      make('button', { type: 'button', 'data-step': place }, make('span', { class: 'time' }, `${place + 1} · ${step.time} s`), ` ${lead(model, step)}`),
    );
    list.replaceChildren(...rows.map((row) => make('li', {}, row)));
    if (model.run.more_steps > 0) {
      list.append(make('li', { class: 'muted' }, `${model.run.more_steps} ${word(model.lang, 'moreSteps')}`));
    }
    mark();
  };
  const mark = () => {
    marked?.removeAttribute('aria-current');
    marked?.parentElement?.classList.remove('now');
    marked = rows[model.step];
    marked?.setAttribute('aria-current', 'step');
    marked?.parentElement?.classList.add('now');
    scrollInto(list, 40, () => (marked ? { top: marked.offsetTop, bottom: marked.offsetTop + marked.offsetHeight, height: list.clientHeight } : null));
  };
  list.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest('button') : null;
    if (row) model.go(Number(row.dataset.step));
  });
  model.listen((what) => {
    if (what.branch || what.lang) write();
    else if (what.step) mark();
  });
  write();
}
