/** One frame: its octets, its layers, its fields; a field lights its octets, an octet finds its field. */
import { byId, make } from './dom.js';
import { Model } from './model.js';
import { word } from './words.js';
import { rewritten, wrapping } from './wrapping.js';

/** Octets in a line. */
const IN_LINE = 16;
/** Octets that can be pointed at: all headers; what programs sent may be long. */
const POINTABLE = 160;
/** Layers that are folded until somebody opens them. */
const FOLDED = ['Ethernet', '以太网', 'IPv4'];

/** @param {number} place */
const hex = (place) => place.toString(16).padStart(2, '0');

/** The octets as a grid; another frame of the same length writes those that differ. */
class Grid {
  /** @param {number} count @param {string} label @param {any[]} layers */
  constructor(count, label, layers) {
    /** @type {Text[]} */
    this.octets = [];
    // Of layers within each other the innermost counts.
    const innermost = [...layers].reverse();
    const osiOf = (/** @type {number} */ at) => innermost.find((layer) => layer.octets[0] <= at && at < layer.octets[1])?.osi ?? 2;
    this.element = make('pre', { class: 'hex', tabindex: 0, role: 'group', 'aria-label': label });
    for (let at = 0; at < count; at += 1) {
      if (at % IN_LINE === 0) {
        this.element.append(make('span', { class: 'offset' }, `${at ? '\n' : ''}${hex(at).padStart(4, '0')}  `));
      }
      const octet = new Text();
      this.octets.push(octet);
      this.element.append(at < POINTABLE ? make('span', { 'data-octet': at, class: `osi-${osiOf(at)}` }, octet) : octet, at % IN_LINE === 7 ? '  ' : ' ');
    }
  }

  /** @param {string} octets */
  write(octets) {
    this.octets.forEach((octet, at) => put(octet, octets.slice(at * 2, at * 2 + 2)));
  }
}

/** Writes only what is different. @param {Text} node @param {string} text */
function put(node, text) {
  if (node.data !== text) node.data = text;
}

/** One field; another frame of the same form has another value and another meaning. */
class FieldRow {
  /** @param {Model} model @param {any} field */
  constructor(model, [name, from, to, bits, , , cite]) {
    const last = Math.max(from, to - 1);
    const place = from === last ? hex(from) : `${hex(from)}-${hex(last)}`;
    const where = bits ? `${place} ${word(model.lang, 'bit')} ${bits}` : place;
    this.value = new Text();
    this.meaning = new Text();
    const said = make('td', {}, make('code', {}, this.value), ' ', make('span', { class: 'meaning' }, this.meaning));
    if (cite) said.append(' ', make('cite', {}, model.text(cite)));
    const button = make('button', { type: 'button', class: 'field' }, model.text(name));
    const head = make('th', { scope: 'row' }, button, make('span', { class: 'where' }, where));
    this.element = make('tr', { 'data-from': from, 'data-to': to }, head, said);
  }

  /** @param {Model} model @param {any} field */
  write(model, [, , , , value, meaning]) {
    put(this.value, value);
    put(this.meaning, meaning ? model.text(meaning) : '');
  }
}

/** One layer, folded or not. What is folded is written when somebody unfolds it: most steps never need it. */
class LayerBox {
  /** @param {Model} model @param {any} layer @param {Map<string, boolean>} folds */
  constructor(model, layer, folds) {
    const name = model.text(layer.name);
    this.model = model;
    this.layer = layer;
    this.folds = folds;
    this.key = model.document.texts.get(layer.name, 'en', false);
    this.folded = FOLDED.some((folded) => name.startsWith(folded));
    /** @type {FieldRow[]} */
    this.rows = [];
    this.flaw = make('p', { class: 'flaw' });
    const summary = make('summary', {}, make('strong', {}, name), ' ', make('span', { class: 'models' }, model.text(layer.models)));
    this.element = /** @type {HTMLDetailsElement} */ (
      make('details', { 'data-layer': this.key, 'data-octets': layer.octets.join(' ') }, summary, ...(layer.flaw ? [this.flaw] : []))
    );
    this.element.addEventListener('toggle', () => {
      folds.set(this.key, this.element.open);
      this.fill();
    });
  }

  /** @param {any} layer */
  write(layer) {
    this.layer = layer;
    const open = this.folds.get(this.key) ?? !this.folded;
    if (this.element.open !== open) this.element.open = open;
    if (layer.flaw) this.flaw.textContent = this.model.text(layer.flaw);
    this.fill();
  }

  fill() {
    if (!this.element.open) return;
    const { rows } = this;
    if (rows.length === 0) {
      rows.push(...this.layer.fields.map((/** @type {any} */ field) => new FieldRow(this.model, field)));
      this.element.append(make('table', {}, make('tbody', {}, ...rows.map((row) => row.element))));
    }
    rows.forEach((row, at) => row.write(this.model, this.layer.fields[at]));
  }
}

/** Everything about frames of one form: their octets and their layers. */
class Unfolded {
  /** @param {Model} model @param {any} frame @param {any[]} layers @param {Map<string, boolean>} folds */
  constructor(model, frame, layers, folds) {
    const rest = frame.length - frame.hex.length / 2;
    this.grid = new Grid(frame.hex.length / 2, word(model.lang, 'octets'), layers);
    this.boxes = layers.map((layer) => new LayerBox(model, layer, folds));
    const cut = rest > 0 ? [make('p', { class: 'muted' }, `${rest} ${word(model.lang, 'moreOctets')}`)] : [];
    this.element = make('div', {}, this.grid.element, ...cut, ...this.boxes.map((box) => box.element));
  }

  /** @param {any} frame @param {any[]} layers */
  write(frame, layers) {
    this.grid.write(frame.hex);
    this.boxes.forEach((box, at) => box.write(layers[at]));
  }
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
  /** What frames of each form have been shown in. @type {Map<string, Unfolded>} */
  const forms = new Map();
  const top = make('div');
  const show = () => {
    const frame = model.frame === null ? undefined : model.run.frames[model.frame - 1];
    if (!frame) {
      pane.replaceChildren(make('p', { class: 'muted' }, word(model.lang, 'noFrame')));
      return;
    }
    const { layers } = frame;
    const came = rewritten(model, frame, (number) => model.look(number));
    const table = wrapping(model, frame, layers);
    top.replaceChildren(heading(model, frame), ...(frame.fate === 'lost' ? [] : [drop(frame)]), ...came, table);
    let unfolded = forms.get(frame.form);
    if (!unfolded) {
      if (forms.size > 12) forms.clear();
      unfolded = new Unfolded(model, frame, layers, folds);
      forms.set(frame.form, unfolded);
    }
    light(unfolded.element, null);
    unfolded.write(frame, layers);
    if (unfolded.element.parentNode !== pane) pane.replaceChildren(top, unfolded.element);
  };
  const rowOf = (/** @type {Event} */ event) => (event.target instanceof Element ? event.target.closest('tr') : null);
  pane.addEventListener('pointermove', (event) => {
    // A pointer that rests while the page scrolls below it points at nothing.
    const row = rowOf(event);
    if (row && !row.classList.contains('lit')) light(pane, row);
  });
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
    seek(10);
  });
  model.listen((what) => {
    if (what.document || what.lang) forms.clear();
    if (what.frame || what.branch || what.lang) show();
  });
  show();
}
