/** Draws a sequence diagram as SVG: the layout that the terminal and the exports draw too, with this page's words. */

const SVG = 'http://www.w3.org/2000/svg';
/** Pixels of a cell of text and of a line; a Chinese character takes two cells. */
const CELL = 7.3;
const LINE = 17;
/** Cells of words beside a lane before they go on in the next line. */
const BESIDE = 30;
/** Pixels that an arrow falls on its way. */
const FALL = 7;
/** Pixels around everything. */
const MARGIN = 14;

const WIDE = /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;
/** Where a line may end: behind spaces, around Chinese characters, never before a closing mark. */
const PIECES = /[\u2e80-\u2fff\u3012-\u9fff][，。；：、？！）」』》”’]*|[^\s\u2e80-\u2fff\u3012-\u9fff]+\s*|\s+/g;

/** Cells that a text takes. @param {string} text */
export function cells(text) {
  return text.length + (text.match(WIDE)?.length ?? 0);
}

/** The text in lines. @param {string} text @param {number} room cells */
export function wrap(text, room) {
  /** @type {string[]} */
  const lines = [];
  let line = '';
  for (const piece of text.match(PIECES) ?? []) {
    if (line !== '' && cells(line + piece.trimEnd()) > room) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += piece;
    while (cells(line.trimEnd()) > room) {
      lines.push(line.slice(0, room));
      line = line.slice(room);
    }
  }
  if (line.trim() !== '' || lines.length === 0) lines.push(line.trimEnd());
  return lines;
}

/**
 * @param {string} tag
 * @param {Record<string, string|number>} attributes
 * @param {...(Node|string)} children
 */
export function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, typeof value === 'number' ? String(Math.round(value * 10) / 10) : value);
  }
  element.append(...children);
  return /** @type {SVGElement} */ (element);
}

/** @typedef {[number, number]} Point */

/** @param {string} kind @param {Point} from @param {Point} to */
const line = (kind, [x1, y1], [x2, y2]) => draw('line', { class: kind, x1, y1, x2, y2 });

/** @param {string} kind @param {Point} place @param {'start'|'middle'|'end'} anchor @param {string} words */
const text = (kind, [x, y], anchor, words) => draw('text', { class: kind, x, y, 'text-anchor': anchor }, words);

/** A line with a head. @param {string} ink @param {Point} from @param {Point} to */
function shaft(ink, [x1, y1], [x2, y2]) {
  const length = Math.max(1, Math.hypot(x2 - x1, y2 - y1));
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const [x, y] = [x2 - ux * 9, y2 - uy * 9];
  const corners = [[x2, y2], [x - uy * 4, y + ux * 4], [x + uy * 4, y - ux * 4]];
  const d = `M${corners.map((corner) => corner.map((part) => Math.round(part * 10) / 10).join(' ')).join('L')}Z`;
  return [line(ink, [x1, y1], [x, y]), draw('path', { class: `head ${ink}`, d })];
}

/** One diagram drawn. */
export class Sheet {
  /**
   * @param {any} sheet its layout
   * @param {(place: number) => string} say gives texts their words
   * @param {string} label what it is, for who cannot see it
   */
  constructor(sheet, say, label) {
    this.sheet = sheet;
    this.say = say;
    this.y = MARGIN + 2 * LINE;
    this.shown = -1;
    /** Frames that others cross: where each left. @type {Map<number, Point>} */
    this.flying = new Map();
    /** Where the lanes stand. @type {number[]} */
    this.x = [];
    this.width = 0;
    this.place();
    /** @type {{step: number, top: number, bottom: number, element: SVGElement}[]} */
    this.rows = sheet.rows.map((/** @type {any[]} */ row) => this.row(row));
    const height = Math.ceil(this.y + MARGIN);
    const lanes = this.x.map((x) => line('pillar', [x, MARGIN + 12], [x, this.y]));
    const names = sheet.lanes.map((/** @type {[string, string]} */ lane, /** @type {number} */ at) =>
      text('heading', [this.x[at], MARGIN + 4], 'middle', lane.join(' ').trim()),
    );
    this.cursor = draw('rect', { class: 'cursor', x: 3, width: Math.max(0, this.width - 6), height: 0 });
    this.height = height;
    this.svg = draw(
      'svg',
      { class: 'ww sequence', role: 'img', 'aria-label': label, viewBox: `0 0 ${this.width} ${height}`, width: this.width, height },
      this.cursor,
      draw('g', { class: 'lanes' }, ...lanes, ...names),
      ...this.rows.map((row) => row.element),
    );
  }

  /** Where the lanes stand. */
  place() {
    const { lanes, rows } = this.sheet;
    const widest = (/** @type {number[]} */ all) => all.reduce((most, one) => Math.max(most, one), 0);
    const beside = (/** @type {number} */ lane) => {
      const words = rows.flatMap((/** @type {any[]} */ row) => row[3].filter((/** @type {any[]} */ aside) => aside[0] === lane));
      return widest(words.map((/** @type {any[]} */ aside) => Math.min(BESIDE, cells(this.say(aside[2]))))) * CELL + 22;
    };
    const arrows = rows.filter((/** @type {any[]} */ row) => row[2]);
    const label = widest(arrows.map((/** @type {any[]} */ row) => cells(this.say(row[2][4]))));
    const heading = widest(lanes.map((/** @type {[string, string]} */ lane) => cells(lane.join(' ')))) * CELL;
    const gap = Math.max(260, label * CELL + 70, heading + 20);
    const times = widest(rows.map((/** @type {any[]} */ row) => this.time(row[1]).length));
    const left = MARGIN + times * CELL + 12;
    const last = lanes.length - 1;
    this.x = [left + (last > 0 ? Math.max(beside(0), heading / 2) : 0)];
    for (let lane = 1; lane <= last; lane += 1) {
      this.x.push(this.x[lane - 1] + Math.max(gap, lane > 1 ? beside(lane - 1) : 0));
    }
    this.width = Math.ceil(this.x[last] + Math.max(beside(last), heading / 2) + MARGIN);
  }

  /** @param {number} ns */
  time(ns) {
    const { decimals } = this.sheet;
    const rest = Math.floor((ns % 1e9) / 10 ** (9 - decimals));
    return `${Math.floor(ns / 1e9)}.${String(rest).padStart(decimals, '0')}`;
  }

  /** @param {any[]} row */
  row([step, at, arrow, asides, across]) {
    const top = this.y;
    /** @type {Node[]} */
    const parts = [];
    if (across?.[0] === 'quiet') parts.push(...this.quiet(this.say(across[1])));
    else {
      // Rows without anything only take time.
      const bare = !arrow && !across && asides.length === 0;
      if (at !== this.shown && across?.[0] !== 'remark' && !bare) parts.push(text('dim', [MARGIN, this.y], 'start', this.time(at)));
      if (!bare) this.shown = at;
      if (across) parts.push(...this.block(across[0] === 'summary' ? 'warn' : 'dim', `${across[0] === 'summary' ? '⋮ ' : ''}${this.say(across[1])}`));
      else {
        const lines = this.asides(asides, parts);
        const falls = arrow ? this.arrow(step, arrow, parts) : 0;
        this.y += LINE * lines + falls * 0.6 + 3;
      }
    }
    return { step, top: top - LINE + 4, bottom: this.y - LINE + 2, element: draw('g', { class: 'row later', 'data-step': step }, ...parts) };
  }

  /** What stands beside the lanes; how many lines it takes. @param {any[]} asides @param {Node[]} parts */
  asides(asides, parts) {
    let most = 1;
    for (const [lane, ink, words] of asides) {
      const side = lane === 0 && this.x.length > 1 ? -1 : 1;
      const x = this.x[lane];
      if (ink === 'call' || ink === 'error') parts.push(line(ink, [x, this.y - 4], [x + side * 6, this.y - 4]));
      const lines = wrap(this.say(words), BESIDE);
      lines.forEach((part, at) => parts.push(text(ink, [x + side * 10, this.y + at * LINE], side < 0 ? 'end' : 'start', part)));
      most = Math.max(most, lines.length);
    }
    return most;
  }

  /** A frame on its way; how far it falls. @param {number} step @param {any[]} arrow @param {Node[]} parts */
  arrow(step, [fromLane, toLane, ink, part, label, frame], parts) {
    const [from, to] = [this.x[fromLane], this.x[toLane]];
    const y = this.y - 4;
    const words = this.say(label);
    const group = draw('g', { class: 'arrow frame', 'data-frame': frame, 'data-step': step }, draw('title', {}, words));
    parts.push(group);
    if (part === 'arrives') {
      group.append(...shaft(ink, this.flying.get(frame) ?? [from, y - LINE], [to, y]));
      return 0;
    }
    if (part === 'leaves') this.flying.set(frame, [from, y]);
    else if (part === 'lost') {
      const [x, end] = [from + (to - from) * 0.72, y + FALL * 0.72];
      group.append(line(ink, [from, y], [x, end]));
      for (const dy of [5, -5]) group.append(line('lost', [x - 5, end - dy], [x + 5, end + dy]));
    } else group.append(...shaft(ink, [from, y], [to, y + FALL]));
    // Of a frame that passes several lanes the words stand in the first gap.
    const end = this.x[fromLane + Math.sign(toLane - fromLane)] ?? to;
    const half = (cells(words) * CELL) / 2;
    const middle = Math.abs(end - from) / 2 > half ? (from + end) / 2 : from + Math.sign(end - from) * (half + 12);
    group.append(text(`halo ${ink}`, [middle, y + FALL - 8], 'middle', words));
    return part === 'leaves' ? 0 : FALL;
  }

  /** @param {string} words */
  quiet(words) {
    const middle = (this.x[0] + this.x[this.x.length - 1]) / 2;
    const gaps = this.x.map((x) => line('quiet', [x, this.y - LINE + 6], [x, this.y + 4]));
    const parts = [...gaps, text('dim', [middle, this.y], 'middle', words)];
    this.y += LINE + 3;
    return parts;
  }

  /** @param {string} ink @param {string} words */
  block(ink, words) {
    const start = MARGIN + 80;
    const parts = wrap(words, Math.floor((this.width - start - MARGIN) / CELL)).map((part) => {
      this.y += LINE;
      return text(`halo ${ink}`, [start, this.y - LINE], 'start', part);
    });
    this.y += 3;
    return parts;
  }
}
