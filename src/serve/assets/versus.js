/** What a comparison found: the frames of both runs side by side, what else was held against each other, and why it differs. */
import { make } from '/assets/page/dom.js';
import { lang, pick } from './lang.js';

/** @typedef {import('./lang.js').Text} Text */
/** @typedef {{text: string, class: string}} Side */
/** @typedef {{simulated: Side|null, live: Side|null, mark: string, footnote: number|null, note: Text|null}} Row */
/** @typedef {(key: string, values?: Record<string, string|number>) => string} Say */

/** A comparison up to this long is shown whole. */
const MOST = 120;
/** Of a longer one, so many rows from its beginning, and from its end. */
const [FIRST, LAST] = [24, 8];

/** @type {Record<string, [string, string]>} */
const MARKS = { same: ['=', 'markSame'], explained: ['≈', 'markExplained'], different: ['≠', 'markDifferent'], aside: ['·', 'markAside'] };

/** Which rows are worth showing at first. @param {Row[]} rows */
function chosen(rows) {
  const near = (/** @type {number} */ at) => rows.slice(Math.max(0, at - 2), at + 3).some((row) => row.mark === 'different');
  return rows.map((_, at) => rows.length <= MOST || at < FIRST || at >= rows.length - LAST || near(at));
}

/** @param {Say} say @param {{mark: string, footnote: number|null}} row */
function mark(say, { mark: name, footnote }) {
  const [sign, words] = MARKS[name] ?? MARKS.aside;
  const place = make('span', { class: `mark ${name}` }, make('span', { 'aria-hidden': 'true' }, `${sign} `), make('span', { class: 'words' }, say(words)));
  if (footnote) place.append(make('sup', { 'aria-label': say('footnote', { n: footnote }) }, String(footnote)));
  return place;
}

/** @param {Say} say @param {Side|null} side */
function frame(say, side) {
  return side ? make('code', { class: `ink ${side.class}` }, side.text) : make('span', { class: 'muted' }, say('nothing'));
}

/** A row, and below it what differs. @param {Say} say @param {Row} row @param {number} at */
function rowOf(say, row, at) {
  const noted = row.note && row.mark === 'different';
  const note = noted ? [make('tr', { class: 'different because-not' }, make('td'), make('td', { colspan: 3 }, pick(row.note ?? { en: '', zh: '' })))] : [];
  const shown = make(
    'tr',
    { class: row.mark },
    make('th', { scope: 'row' }, String(at + 1)),
    make('td', {}, frame(say, row.simulated)),
    make('td', {}, frame(say, row.live)),
    make('td', {}, mark(say, row)),
  );
  return [shown, ...note];
}

/**
 * @param {Say} say
 * @param {Row[]} rows
 * @param {string} kernel
 */
function table(say, rows, kernel) {
  const body = make('tbody');
  const write = (/** @type {boolean[]} */ shown) => {
    body.replaceChildren();
    let hidden = 0;
    const leaveOut = () => {
      if (hidden) body.append(make('tr', { class: 'left-out' }, make('td', { colspan: 4 }, `⋮ ${say('moreRows', { n: hidden })}`)));
      hidden = 0;
    };
    rows.forEach((row, at) => {
      if (!shown[at]) {
        hidden += 1;
        return;
      }
      leaveOut();
      body.append(...rowOf(say, row, at));
    });
    leaveOut();
  };
  const shown = chosen(rows);
  write(shown);
  const heads = ['#', say('simulated'), say('kernel', { release: kernel.split(/[-+]/)[0] }), say('verdict')];
  const head = make('thead', {}, make('tr', {}, ...heads.map((words) => make('th', { scope: 'col' }, words))));
  const box = make('div', { class: 'scrolls', tabindex: 0, role: 'group', 'aria-label': say('frames') }, make('table', { id: 'compare-table' }, head, body));
  if (shown.every(Boolean)) return [box];
  const all = make('button', { type: 'button' }, say('allRows', { n: rows.length }));
  all.addEventListener('click', () => {
    write(rows.map(() => true));
    all.remove();
  });
  return [box, all];
}

/** All that one rule explains; what no rule explains stands alone. @param {Say} say @param {any[]} group */
function groupOf(say, group) {
  const zh = lang() === 'zh';
  const [{ because, because_zh, cite }] = group;
  const rows = group.map((one) =>
    make('li', {}, zh ? one.what_zh : one.what, ' ', make('span', { class: 'values' }, make('code', {}, one.simulated), ' ≠ ', make('code', {}, one.live))),
  );
  const why = make('p', { class: because ? 'because' : 'bad' }, (zh ? because_zh : because) ?? say('noReason'), ' ', make('cite', {}, cite ?? ''));
  return make('li', { class: because ? 'explained' : 'different' }, why, make('ul', {}, ...rows));
}

/** @param {any[]} differences @returns {any[][]} */
function grouped(differences) {
  /** @type {Map<string, any[]>} */
  const groups = new Map();
  differences.forEach((one, at) => {
    const key = one.because ? `${one.because} ${one.cite}` : `${at}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  });
  return [...groups.values()];
}

/** @param {string} title @param {...Node} inside */
const section = (title, ...inside) => make('section', {}, make('h2', {}, title), ...inside);

/**
 * All of it.
 * @param {Say} say
 * @param {any} answer what the server found
 * @returns {Node[]}
 */
export function versus(say, answer) {
  const [result] = answer.results;
  const { verdict } = result;
  const checks = say('checks', { n: result.checked, simulated: result.ms.simulated, live: result.ms.live });
  const heading = make(
    'div',
    { class: `verdict ${verdict.replace(' ', '-')}`, id: 'compare-verdict' },
    make('strong', {}, say(verdict)),
    ' ',
    make('span', {}, say(`${verdict}Means`)),
    make('p', { class: 'muted' }, checks),
  );
  const why = [...(result.why ?? []), ...(answer.notes ?? [])].map((/** @type {Text} */ text) => make('li', {}, pick(text)));
  const lines = (result.lines ?? []).map((/** @type {any} */ line) => make('li', {}, make('span', {}, pick(line.text)), ' ', mark(say, line)));
  const notes = (result.footnotes ?? []).map((/** @type {Text} */ text) => make('li', {}, pick(text)));
  const differs = grouped(result.differences ?? []).map((group) => groupOf(say, group));
  return [
    heading,
    ...(why.length ? [make('ul', { class: 'why' }, ...why)] : []),
    ...(result.rows?.length ? [section(say('frames'), ...table(say, result.rows, answer.kernel))] : []),
    ...(notes.length ? [section(say('footnotes'), make('ol', { class: 'footnotes' }, ...notes))] : []),
    ...(lines.length ? [section(say('besides'), make('ul', { class: 'lines' }, ...lines))] : []),
    ...(differs.length ? [section(say('differences'), make('ul', { class: 'differences' }, ...differs))] : []),
  ];
}
