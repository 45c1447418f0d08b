/** A frame as what was wrapped around what: OSI's layers and the Internet's side by side, the sizes on the way down; and what those who passed it on rewrote. */
import { make } from './dom.js';
import { Model } from './model.js';
import { word } from './words.js';

/** Octets before a frame, of its check sequence, octet times of silence behind it; the least octets of a frame. */
const [PREAMBLE, FCS, GAP, LEAST] = [8, 4, 12, 60];
/** OSI's layers from the top, and the Internet's, each with how many of OSI's it does the work of. @type {[number, string, string, number][]} */
const LAYERS = [
  [7, 'osi7', 'osi7', 3],
  [6, 'osi6', '', 0],
  [5, 'osi5', '', 0],
  [4, 'osi4', 'osi4', 1],
  [3, 'osi3', 'internet', 1],
  [2, 'osi2', 'link', 2],
  [1, 'osi1', '', 0],
];

/** The sizes of a frame. @param {any} frame @param {any[]} layers */
function sizes(frame, layers) {
  const wraps = layers.slice(0, frame.headers);
  const last = layers[layers.length - 1];
  const padding = last && layers.length > frame.headers && last.osi === 2 ? last.octets[1] - last.octets[0] : 0;
  const end = frame.length - padding;
  return { wraps, padding, end, inner: wraps.length ? wraps[wraps.length - 1].octets[1] : 0 };
}

/** What the frame carries, in a word. @param {Model} model @param {any[]} layers @param {number} inner @param {number} octets */
function content(model, layers, inner, octets) {
  const above = layers.find((layer) => layer.osi > 4 && layer.octets[0] >= inner);
  if (!above || octets === 0) return word(model.lang, 'nothingInside');
  const plain = model.document.texts.get(above.name, 'en', false) === 'Data';
  const value = above.fields[0]?.[4] ?? '';
  if (!plain) return model.text(above.name);
  return value.length <= 16 ? `"${value}"` : word(model.lang, 'data');
}

/** @param {string} words @param {number} osi */
const bar = (words, osi) => make('span', { class: `bar osi-${osi}` }, words);

/** The unit that a layer hands down. @param {Model} model @param {any[]} wraps @param {number} osi */
function unit(model, wraps, osi) {
  const udp = wraps.some((layer) => layer.osi === 4 && model.document.texts.get(layer.name, 'en', false) === 'UDP');
  return word(model.lang, osi === 4 && udp ? 'unit4udp' : `unit${osi}`);
}

/**
 * The table of layers with the sizes of a frame.
 * @param {Model} model @param {any} frame @param {any[]} layers
 */
export function wrapping(model, frame, layers) {
  const { lang } = model;
  const { wraps, padding, end, inner } = sizes(frame, layers);
  const data = end - inner;
  const filled = Math.max(0, LEAST - frame.length);
  const none = () => make('span', { class: 'muted' }, word(lang, 'notInvolved'));
  const carried = (/** @type {number} */ osi) => {
    const own = wraps.filter((layer) => layer.osi === osi);
    if (!own.length) return { cell: [none()], size: '' };
    const cell = own.map((layer) => bar(`${model.text(layer.name)} ${layer.octets[1] - layer.octets[0]}`, osi));
    const inside = end - own[own.length - 1].octets[1];
    if (inside > 0) cell.push(make('span', { class: 'bar' }, String(inside)));
    if (osi === 2 && padding) cell.push(bar(`${word(lang, 'padding')} ${padding}`, 2));
    return { cell, size: String(osi === 2 ? frame.length : end - own[0].octets[0]) };
  };
  const rows = LAYERS.map(([osi, name, internet, span]) => {
    /** @type {{cell: (Node|string)[], size: string}} */
    let row = { cell: [make('span', { class: 'muted' }, word(lang, 'noHeader'))], size: '' };
    if (osi === 7) {
      const involved = data > 0 || wraps.some((layer) => layer.osi === 4);
      row = involved ? { cell: [bar(content(model, layers, inner, data), 7)], size: String(data) } : { cell: [none()], size: '' };
    } else if (osi === 1) {
      const fill = filled ? ` + ${word(lang, 'padding')} ${filled}` : '';
      const words = `${word(lang, 'preamble')} ${PREAMBLE} + ${frame.length}${fill} + FCS ${FCS} + ${word(lang, 'gap')} ${GAP}`;
      row = { cell: [words], size: String(PREAMBLE + frame.length + filled + FCS + GAP) };
    } else if (osi <= 4) row = carried(osi);
    const model4 = span ? [make('td', { rowspan: span, class: 'tcpip' }, word(lang, internet))] : [];
    const size = make('td', { class: 'size' }, row.size ? `${unit(model, wraps, osi)} ` : '', make('b', {}, row.size));
    return make('tr', {}, make('th', { scope: 'row' }, `${osi} ${word(lang, name)}`), ...model4, make('td', {}, ...row.cell), size);
  });
  const heads = ['OSI', 'TCP/IP', word(lang, 'wrapped'), word(lang, 'octets')].map((text) => make('th', { scope: 'col' }, text));
  return make('table', { class: 'wrapping' }, make('thead', {}, make('tr', {}, ...heads)), make('tbody', {}, ...rows));
}

/**
 * What whoever passed the frame on rewrote; nothing for a frame that was not passed on.
 * @param {Model} model @param {any} frame @param {(number: number) => void} go to another frame
 */
export function rewritten(model, frame, go) {
  if (!frame.came) return [];
  const { lang } = model;
  const [from, rewrites] = frame.came;
  const name = frame.from === null ? '?' : model.document.hosts[frame.from].name;
  const back = make('button', { type: 'button', class: 'field' }, `${word(lang, 'frame')} ${from}`);
  back.addEventListener('click', () => go(from));
  const said = word(lang, rewrites.length ? 'rewrites' : 'rewritesNothing');
  const first = make('p', { class: 'came' }, `${name} ${said} `, back, word(lang, 'rewritesEnd'));
  if (!rewrites.length) return [first];
  const row = (/** @type {any[]} */ [layer, field, before, after, why, cite]) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, `${model.text(layer)}: ${model.text(field)}`),
      make(
        'td',
        {},
        make('code', {}, before || word(lang, 'absent')),
        ' → ',
        make('code', {}, after || word(lang, 'absent')),
        make('span', { class: 'meaning' }, ` ${why ? model.text(why) : ''} `),
        make('cite', {}, cite ? model.text(cite) : ''),
      ),
    );
  return [first, make('table', { class: 'rewritten' }, make('tbody', {}, ...rewrites.map(row)))];
}
