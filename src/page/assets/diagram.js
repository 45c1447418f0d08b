/** The sequence diagram: drawn once for each branch and language; a step shows and hides rows. */
import { byId, countUpTo } from './dom.js';
import { Model } from './model.js';

const SVG = 'http://www.w3.org/2000/svg';

/** One drawing with its rows. */
class Drawing {
  /** @param {string} text the SVG, as the document has it */
  constructor(text) {
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
    this.svg = /** @type {SVGSVGElement} */ (document.importNode(parsed.documentElement, true));
    this.rows = /** @type {SVGGElement[]} */ ([...this.svg.querySelectorAll('.row')]);
    let latest = 0;
    this.steps = this.rows.map((row) => {
      latest = Math.max(latest, Number(row.dataset.step) || 0);
      return latest;
    });
    for (const arrow of this.svg.querySelectorAll('.arrow')) arrow.classList.add('frame');
    this.cursor = document.createElementNS(SVG, 'rect');
    this.cursor.setAttribute('class', 'cursor');
    this.svg.insertBefore(this.cursor, this.svg.querySelector('.lanes'));
    for (const row of this.rows) row.classList.add('later');
    this.shown = 0;
  }

  /**
   * Shows everything up to a step, and where that stands.
   * @param {number} step
   * @returns {SVGGElement|undefined} the row of the step
   */
  show(step) {
    const to = countUpTo(this.steps, step);
    for (let row = this.shown; row < to; row += 1) this.rows[row].classList.remove('later');
    for (let row = to; row < this.shown; row += 1) this.rows[row].classList.add('later');
    this.shown = to;
    const last = this.rows[to - 1];
    if (!last) {
      this.cursor.setAttribute('height', '0');
      return undefined;
    }
    let first = to - 1;
    while (first > 0 && this.steps[first - 1] === this.steps[to - 1]) first -= 1;
    const [top, bottom] = [this.rows[first].getBBox(), last.getBBox()];
    this.cursor.setAttribute('x', '3');
    this.cursor.setAttribute('y', String(top.y - 3));
    this.cursor.setAttribute('width', String(Math.max(0, this.svg.viewBox.baseVal.width - 6)));
    this.cursor.setAttribute('height', String(Math.max(0, bottom.y + bottom.height - top.y + 6)));
    return last;
  }

  /**
   * Dims what both branches share.
   * @param {number|null} parting
   */
  share(parting) {
    this.rows.forEach((row, place) => row.classList.toggle('shared', parting !== null && this.steps[place] < parting));
  }
}

/** A place on the page that shows one branch's drawing. */
class Easel {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    /** @type {Map<string, Drawing>} */
    this.drawings = new Map();
    /** @type {Drawing|null} */
    this.drawing = null;
  }

  /**
   * @param {Model} model
   * @param {number} branch
   * @param {number} step
   */
  show(model, branch, step) {
    const key = `${branch} ${model.lang}`;
    let drawing = this.drawings.get(key);
    if (!drawing) {
      drawing = new Drawing(model.document.branches[branch].diagram[model.lang]);
      this.drawings.set(key, drawing);
    }
    if (drawing !== this.drawing) {
      this.place.replaceChildren(drawing.svg);
      this.drawing = drawing;
    }
    this.follow(drawing.show(step));
    return drawing;
  }

  /**
   * Scrolls its own box, never the page, so that the row is seen.
   * @param {SVGGElement|undefined} row
   */
  follow(row) {
    if (!row) {
      this.place.scrollTop = 0;
      return;
    }
    const [box, at] = [this.place.getBoundingClientRect(), row.getBoundingClientRect()];
    const room = Math.min(80, box.height / 4);
    if (at.bottom > box.bottom - room) this.place.scrollTop += at.bottom - box.bottom + room;
    else if (at.top < box.top + room) this.place.scrollTop += at.top - box.top - room;
  }
}

/** @param {Model} model */
export function showDiagram(model) {
  const own = new Easel(byId('diagram'));
  const other = new Easel(byId('diagram-other'));
  const beside = /** @type {HTMLInputElement} */ (byId('beside'));
  const draw = () => {
    const { parent } = model.run;
    const two = beside.checked && parent !== null;
    other.place.hidden = !two;
    const parting = two ? model.parting(model.branch, parent) : null;
    own.show(model, model.branch, model.step).share(parting);
    if (!two) return;
    // The other run at the same moment.
    const now = model.here?.at_ns ?? 0;
    const times = model.document.branches[parent].steps.map((/** @type {any} */ step) => step.at_ns);
    const step = parting === null || model.step < parting ? model.step : Math.max(parting, countUpTo(times, now) - 1);
    other.show(model, parent, step).share(parting);
  };
  own.place.addEventListener('click', (event) => {
    const arrow = event.target instanceof Element ? event.target.closest('.frame') : null;
    if (arrow instanceof SVGElement) model.look(Number(arrow.dataset.frame));
  });
  beside.addEventListener('change', draw);
  model.listen((what) => {
    if (what.step || what.branch || what.lang) draw();
  });
  draw();
}
