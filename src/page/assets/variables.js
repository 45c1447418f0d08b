/** States, variables, timers as a table. A step changes few of them: only those cells are written. */
import { byId, make } from './dom.js';
import { Model } from './model.js';
import { word } from './words.js';

/** @typedef {Map<number, Map<string, import('./unfold.js').Value>>} Known by endpoint, then by name */

/** What is known of each endpoint at a step. @param {Model} model @param {any} step @returns {Known} */
function known(model, step) {
  const { moments } = model.document;
  return new Map((step?.values ?? []).map((/** @type {number} */ place) => [moments.endpoint(place), moments.get(place)]));
}

/** A table of these endpoints and names. */
class Values {
  /** @param {Model} model @param {number[]} ends @param {string[]} names */
  constructor(model, ends, names) {
    const { lang, run } = model;
    /** @type {Map<string, HTMLElement>} */
    this.cells = new Map();
    /** @type {HTMLElement[]} */
    this.marked = [];
    const cell = (/** @type {number} */ end, /** @type {string} */ name) => {
      const made = make('td', name === '' ? { class: 'state' } : {});
      this.cells.set(`${end} ${name}`, made);
      return made;
    };
    const row = (/** @type {string} */ name, /** @type {Node|string} */ words) =>
      make('tr', {}, make('th', { scope: 'row' }, words), ...ends.map((end) => cell(end, name)));
    const heads = ends.map((end) => {
      const { local, remote } = run.endpoints[end];
      return make('th', { scope: 'col' }, local, ...(remote ? [make('br'), make('small', {}, `— ${remote}`)] : []));
    });
    const head = make('tr', {}, make('th', { scope: 'col' }, word(lang, 'variable')), ...heads);
    const rows = names.map((name) => row(name, make('code', {}, name)));
    this.element = make('table', { class: 'values' }, make('thead', {}, head), make('tbody', {}, row('', word(lang, 'state')), ...rows));
  }

  /** @param {number} end @param {string} name @param {string} words @param {string|false} changed what a change is called */
  write(end, name, words, changed) {
    const cell = this.cells.get(`${end} ${name}`);
    if (!cell) return;
    const text = changed ? `● ${words}` : words;
    if (cell.textContent !== text) cell.textContent = text;
    if (!changed) return;
    cell.classList.add('changed');
    cell.title = changed;
    this.marked.push(cell);
  }

  /** Nothing has changed any more. */
  settle() {
    for (const cell of this.marked.splice(0)) {
      cell.classList.remove('changed');
      cell.removeAttribute('title');
    }
  }
}

/** @param {Model} model */
export function showVariables(model) {
  const pane = byId('variables');
  let shape = '';
  /** @type {Values|null} */
  let table = null;
  const more = make('p', { class: 'muted' });
  const write = () => {
    const { lang, here, run } = model;
    const values = known(model, here);
    /** @type {Map<number, string>} */
    const states = new Map(here?.states ?? []);
    const ends = [...new Set([...states.keys(), ...values.keys()])].sort((one, other) => one - other);
    if (ends.length === 0) {
      shape = '';
      pane.replaceChildren(make('p', { class: 'muted' }, word(lang, 'noVariables')));
      return;
    }
    const there = new Set([...values.values()].flatMap((each) => [...each.keys()]));
    const timer = (/** @type {string} */ name) => Number(name.startsWith('timer.'));
    /** @type {string[]} */
    const names = model.document.names.filter((/** @type {string} */ name) => there.has(name));
    names.sort((one, other) => timer(one) - timer(other));
    const wanted = [lang, ...ends.map((end) => [end, run.endpoints[end].local, run.endpoints[end].remote]), ...names].join();
    if (wanted !== shape || !table) {
      shape = wanted;
      table = new Values(model, ends, names);
      pane.replaceChildren(table.element, more);
    }
    table.settle();
    const before = run.steps[model.step - 1];
    const old = known(model, before);
    const earlier = new Map(before?.states ?? []);
    const changed = word(lang, 'changed');
    for (const end of ends) {
      const state = states.get(end) ?? '';
      table.write(end, '', state, state !== (earlier.get(end) ?? '') && changed);
      for (const name of names) {
        const [now, then] = [values.get(end)?.get(name), old.get(end)?.get(name)];
        const words = now === undefined ? '' : model.value(now);
        table.write(end, name, words, now !== undefined && (then === undefined || model.value(then) !== words) && changed);
      }
    }
    more.textContent = here && here.hidden > 0 ? `${here.hidden} ${word(lang, 'moreEnds')}` : '';
  };
  model.listen((what) => {
    if (what.document) shape = '';
    if (what.step || what.branch || what.lang) write();
  });
  write();
}
