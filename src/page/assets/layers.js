/** One frame: its octets, its layers, its fields; a field lights its octets, an octet finds its field. */
import { byId, make } from './dom.js';
import { Model } from './model.js';
import { word } from './words.js';

/** Octets in a line. */
const LINE = 16;
/** Octets that can be pointed at: all headers; what programs sent may be long. */
const POINTABLE = 160;
/** Layers that are folded until somebody opens them. */
const FOLDED = ['Ethernet', '以太网', 'IPv4'];

/** @param {number} place */
const hex = (place) => place.toString(16).padStart(2, '0');

/** The octets as a grid. @param {string} octets @param {string} label */
function grid(octets, label) {
  const box = make('pre', { class: 'hex', tabindex: 0, role: 'group', 'aria-label': label });
  for (let at = 0; at * 2 < octets.length; at += 1) {
    if (at % LINE === 0) box.append(make('span', { class: 'offset' }, `${at ? '\n' : ''}${hex(at).padStart(4, '0')}  `));
    const octet = octets.slice(at * 2, at * 2 + 2);
    box.append(at < POINTABLE ? make('span', { 'data-octet': at }, octet) : octet, at % LINE === 7 ? '  ' : ' ');
  }
  return box;
}

/** @param {Model} model @param {any} field */
function fieldRow(model, [name, from, to, bits, value, meaning, cite]) {
  const last = Math.max(from, to - 1);
  const place = from === last ? hex(from) : `${hex(from)}-${hex(last)}`;
  const where = bits ? `${place} ${word(model.lang, 'bit')} ${bits}` : place;
  const said = make('td', {}, make('code', {}, value));
  if (meaning) said.append(' ', make('span', { class: 'meaning' }, model.text(meaning)));
  if (cite) said.append(' ', make('cite', {}, model.text(cite)));
  return make(
    'tr',
    { 'data-from': from, 'data-to': to },
    make('th', { scope: 'row' }, make('button', { type: 'button', class: 'field' }, model.text(name)), make('span', { class: 'where' }, where)),
    said,
  );
}

/** @param {Model} model @param {any} layer @param {Map<string, boolean>} folds */
function layerBox(model, layer, folds) {
  const name = model.text(layer.name);
  const key = model.document.texts[layer.name][0];
  const open = folds.get(key) ?? !FOLDED.some((folded) => name.startsWith(folded));
  const box = make('details', { open, 'data-layer': key, 'data-octets': layer.octets.join(' ') });
  box.append(make('summary', {}, make('strong', {}, name), ' ', make('span', { class: 'models' }, model.text(layer.models))));
  if (layer.flaw) box.append(make('p', { class: 'flaw' }, model.text(layer.flaw)));
  // What is folded is written when somebody unfolds it: most steps never need it.
  const fill = () => {
    if (box.querySelector('table')) return;
    const rows = layer.fields.map((/** @type {any} */ field) => fieldRow(model, field));
    box.append(make('table', {}, make('tbody', {}, ...rows)));
  };
  if (open) fill();
  box.addEventListener('toggle', () => {
    folds.set(key, /** @type {HTMLDetailsElement} */ (box).open);
    fill();
  });
  return box;
}

/** @param {Model} model @param {any} frame */
function heading(model, frame) {
  const { lang, document: doc } = model;
  const name = (/** @type {number|null} */ host) => (host === null ? word(lang, 'everybody') : doc.hosts[host].name);
  return make(
    'p',
    { class: 'frame-line' },
    make('strong', {}, `${word(lang, 'frame')} ${frame.number}`),
    ` ${frame.time} s · ${name(frame.from)} → ${name(frame.to)} · ${frame.length} ${word(lang, 'octets')} · `,
    make('code', {}, model.text(frame.label)),
    make('span', { class: `fate ${frame.fate === 'arrives' ? '' : 'trouble'}` }, ` · ${word(lang, frame.fate)}`),
  );
}

/** Lights the octets of a row. @param {HTMLElement} pane @param {Element|null} row */
function light(pane, row) {
  for (const lit of pane.querySelectorAll('.lit')) lit.classList.remove('lit');
  if (!(row instanceof HTMLElement)) return;
  row.classList.add('lit');
  const octets = pane.querySelectorAll('[data-octet]');
  for (let at = Number(row.dataset.from); at < Number(row.dataset.to); at += 1) octets[at]?.classList.add('lit');
}

/** The narrowest field that holds an octet; its layer is unfolded. @param {HTMLElement} pane @param {number} octet */
function fieldAt(pane, octet) {
  for (const box of pane.querySelectorAll('details')) {
    const [from, to] = (box.dataset.octets ?? '').split(' ').map(Number);
    if (from <= octet && octet < to && !box.open) box.querySelector('summary')?.click();
  }
  const rows = /** @type {HTMLElement[]} */ ([...pane.querySelectorAll('tr[data-from]')]);
  const holding = rows.filter((row) => Number(row.dataset.from) <= octet && octet < Number(row.dataset.to));
  const width = (/** @type {HTMLElement} */ row) => Number(row.dataset.to) - Number(row.dataset.from);
  return holding.sort((one, other) => width(one) - width(other))[0] ?? null;
}

/**
 * @param {Model} model
 * @param {{drop?: (frame: any) => void}} options what can be done about a frame whose loss is in no branch
 */
export function showLayers(model, options) {
  const pane = byId('layers');
  /** @type {Map<string, boolean>} */
  const folds = new Map();
  const drop = (/** @type {any} */ frame) => {
    const known = model.branchWithout(frame.number);
    if (known < 0 && !options.drop) {
      const command = `wirewalk export ${model.document.scenario} --format html --with-drop '${frame.pattern}' -o page.html`;
      return make('p', { class: 'muted drop' }, word(model.lang, 'dropCommand'), ' ', make('code', {}, command));
    }
    const button = make('button', { type: 'button', id: 'drop' }, word(model.lang, 'drop'));
    button.addEventListener('click', () => (known < 0 ? options.drop?.(frame) : model.enter(known)));
    return button;
  };
  const show = () => {
    const frame = model.frame === null ? undefined : model.run.frames[model.frame - 1];
    if (!frame) {
      pane.replaceChildren(make('p', { class: 'muted' }, word(model.lang, 'noFrame')));
      return;
    }
    const rest = frame.length - frame.hex.length / 2;
    const cut = rest > 0 ? [make('p', { class: 'muted' }, `${rest} ${word(model.lang, 'moreOctets')}`)] : [];
    const layers = frame.layers.map((/** @type {any} */ layer) => layerBox(model, layer, folds));
    pane.replaceChildren(heading(model, frame), ...(frame.fate === 'lost' ? [] : [drop(frame)]), grid(frame.hex, word(model.lang, 'octets')), ...cut, ...layers);
  };
  const rowOf = (/** @type {Event} */ event) => (event.target instanceof Element ? event.target.closest('tr') : null);
  pane.addEventListener('pointerover', (event) => rowOf(event) && light(pane, rowOf(event)));
  pane.addEventListener('focusin', (event) => rowOf(event) && light(pane, rowOf(event)));
  pane.addEventListener('click', (event) => {
    const octet = event.target instanceof HTMLElement ? event.target.dataset.octet : undefined;
    if (octet === undefined) return;
    // Unfolding writes the rows when the event of it comes, which is before the next frame but one.
    const seek = (/** @type {number} */ tries) => {
      const row = fieldAt(pane, Number(octet));
      if (!row && tries > 0) requestAnimationFrame(() => seek(tries - 1));
      light(pane, row);
      row?.scrollIntoView({ block: 'nearest' });
    };
    seek(3);
  });
  model.listen((what) => {
    if (what.frame || what.branch || what.lang) show();
  });
  show();
}
