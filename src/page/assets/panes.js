/** What holds after the step: queues and calls; and the verdicts on the whole run. */
import { byId, make } from './dom.js';
import { Model } from './model.js';
import { word } from './words.js';

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
  /** What is shown at present: steps that leave it as it is write nothing. @type {any} */
  let shown = {};
  const show = (/** @type {import('./model.js').What} */ what) => {
    if (what.branch || what.lang) {
      shown = {};
      byId('verdicts').replaceChildren(verdicts(model));
    }
    if (!what.step && !what.branch && !what.lang) return;
    const { here } = model;
    if (!here || here.queues !== shown.queues) byId('queues').replaceChildren(queues(model));
    if (!here || here.calls !== shown.calls) byId('calls').replaceChildren(calls(model));
    shown = here ?? {};
  };
  model.listen(show);
  show({ step: true, lang: true });
}
