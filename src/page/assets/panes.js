/** What holds after the step: states, variables, timers, queues, calls; and the verdicts on the whole run. */
import { byId, make } from './dom.js';
import { Model } from './model.js';
import { word } from './words.js';

/** Each endpoint's values before this step. @param {Model} model @returns {Map<number, (string|null)[]>} */
function before(model) {
  const step = model.run.steps[model.step - 1];
  return new Map((step?.variables ?? []).map((/** @type {number} */ place) => model.run.shelf[place]));
}

/** @param {Model} model */
function variables(model) {
  const { lang, here, run } = model;
  /** @type {Map<number, string>} */
  const states = new Map(here?.states ?? []);
  /** @type {Map<number, (string|null)[]>} */
  const values = new Map((here?.variables ?? []).map((/** @type {number} */ place) => run.shelf[place]));
  const ends = [...new Set([...states.keys(), ...values.keys()])].sort((one, other) => one - other);
  if (ends.length === 0) return [make('p', { class: 'muted' }, word(lang, 'noVariables'))];
  const old = before(model);
  const earlier = new Map(run.steps[model.step - 1]?.states ?? []);
  const cell = (/** @type {string} */ text, /** @type {boolean} */ changed) =>
    make('td', changed ? { class: 'changed', title: word(lang, 'changed') } : {}, changed ? `● ${text}` : text);
  const head = make('tr', {}, make('th', { scope: 'col' }, word(lang, 'variable')));
  for (const end of ends) {
    const { local, remote } = run.endpoints[end];
    head.append(make('th', { scope: 'col' }, local, ...(remote ? [make('br'), make('small', {}, `— ${remote}`)] : [])));
  }
  const state = make('tr', {}, make('th', { scope: 'row' }, word(lang, 'state')));
  for (const end of ends) {
    const name = states.get(end) ?? '';
    state.append(make('td', { class: name !== (earlier.get(end) ?? '') ? 'state changed' : 'state' }, name));
  }
  const names = [...new Set(ends.flatMap((end) => run.endpoints[end].variables))];
  const value = (/** @type {Map<number, (string|null)[]>} */ from, /** @type {number} */ end, /** @type {string} */ name) =>
    from.get(end)?.[run.endpoints[end].variables.indexOf(name)] ?? null;
  const rows = names
    .filter((name) => ends.some((end) => value(values, end, name) !== null))
    .sort((one, other) => Number(one.startsWith('timer.')) - Number(other.startsWith('timer.')))
    .map((name) => {
      const row = make('tr', {}, make('th', { scope: 'row' }, make('code', {}, name)));
      for (const end of ends) {
        const [now, then] = [value(values, end, name), value(old, end, name)];
        row.append(cell(now ?? '', now !== null && now !== then));
      }
      return row;
    });
  const more = here && here.hidden > 0 ? [make('p', { class: 'muted' }, `${here.hidden} ${word(lang, 'moreEnds')}`)] : [];
  return [make('table', { class: 'values' }, make('thead', {}, head), make('tbody', {}, state, ...rows)), ...more];
}

/** @param {Model} model */
function queues(model) {
  const rows = (model.here?.queues ?? []).map((/** @type {any} */ [end, name, length, limit]) => {
    const words = `${model.text(name)} · ${model.run.endpoints[end].local}: ${length}${limit === null ? '' : ` ${word(model.lang, 'of')} ${limit}`}`;
    const bar = limit ? [' ', make('progress', { max: limit, value: Math.min(length, limit), 'aria-hidden': 'true' })] : [];
    return make('li', {}, words, ...bar);
  });
  return rows.length ? make('ul', {}, ...rows) : make('p', { class: 'muted' }, word(model.lang, 'noQueues'));
}

/** @param {Model} model */
function calls(model) {
  const rows = (model.here?.calls ?? []).map((/** @type {any} */ [process, call, since, waits]) => {
    const [host, name] = model.document.processes[process];
    const hostName = model.document.hosts[host].name;
    const who = hostName === name ? name : `${hostName}/${name}`;
    const when = `${word(model.lang, waits ? 'waits' : 'running')} ${(since / 1e9).toFixed(3)} s`;
    return make('li', {}, make('strong', {}, who), ' ', make('code', {}, model.text(call)), ` ${waits ? '⏳ ' : ''}${when}`);
  });
  return rows.length ? make('ul', {}, ...rows) : make('p', { class: 'muted' }, word(model.lang, 'noCalls'));
}

/** @param {Model} model */
function verdicts(model) {
  const { lang } = model;
  const rows = model.run.expectations.map((/** @type {any} */ one) => {
    const mark = make('span', { class: one.held ? 'good' : 'bad' }, one.held ? `✓ ${word(lang, 'held')}` : `✗ ${word(lang, 'failed')}`);
    const row = make('li', {}, mark, ' ', model.text(one.says), ' ', make('cite', {}, one.cite));
    if (!one.held && one.found) row.append(make('div', { class: 'found' }, `${word(lang, 'found')} ${model.text(one.found)}`));
    return row;
  });
  return rows.length ? make('ul', { class: 'verdicts' }, ...rows) : make('p', { class: 'muted' }, word(lang, 'noVerdicts'));
}

/** @param {Model} model */
export function showPanes(model) {
  const show = (/** @type {import('./model.js').What} */ what) => {
    if (what.step || what.branch || what.lang) {
      byId('variables').replaceChildren(...variables(model));
      byId('queues').replaceChildren(queues(model));
      byId('calls').replaceChildren(calls(model));
    }
    if (what.branch || what.lang) byId('verdicts').replaceChildren(verdicts(model));
  };
  model.listen(show);
  show({ step: true, lang: true });
}
