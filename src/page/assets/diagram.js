/** The sequence diagram: drawn once for each branch and language; a step shows and hides rows. */
import { byId, countUpTo, keepInSight } from './dom.js';
import { Model } from './model.js';

const SVG = 'http://www.w3.org/2000/svg';

/** One drawing with its rows. */
class Drawing {
  /** @param {string} text the SVG, as the document has it */
  constructor(text) {
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
    this.svg = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.importNode(parsed.documentElement, true)));
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
    this.cursor.setAttribute('x', '3');
    this.cursor.setAttribute('width', String(Math.max(0, this.svg.viewBox.baseVal.width - 6)));
    /** @type {[number, number][]} */
    this.places = [];
    /** @type {number|null} */
    this.parting = null;
    this.shown = 0;
  }

  /**
   * Shows everything up to a step, and where that stands.
   * @param {number} step
   */
  show(step) {
    const to = countUpTo(this.steps, step);
    for (let row = this.shown; row < to; row += 1) this.rows[row].classList.remove('later');
    for (let row = to; row < this.shown; row += 1) this.rows[row].classList.add('later');
    this.shown = to;
    if (to === 0) {
      this.cursor.setAttribute('height', '0');
      return;
    }
    let first = to - 1;
    while (first > 0 && this.steps[first - 1] === this.steps[to - 1]) first -= 1;
    const [top, bottom] = [this.place(first)[0], this.place(to - 1)[1]];
    this.cursor.setAttribute('y', String(top - 3));
    this.cursor.setAttribute('height', String(Math.max(0, bottom - top + 6)));
  }

  /**
   * Where a row begins and ends; a drawing does not move, so that this is measured once.
   * @param {number} row
   * @returns {[number, number]}
   */
  place(row) {
    if (this.places.length === 0) {
      this.places = this.rows.map((each) => {
        const box = each.getBBox();
        return [box.y, box.y + box.height];
      });
    }
    return this.places[row];
  }

  /**
   * Dims what both branches share.
   * @param {number|null} parting
   */
  share(parting) {
    if (this.parting === parting) return;
    this.parting = parting;
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
    const now = drawing;
    now.show(step);
    keepInSight(this.place, () => now.rows[Math.max(0, now.shown - 1)], 80);
    return now;
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
    byId('drawing-other').hidden = !two;
    byId('walk').classList.toggle('wide', two);
    const [title, otherTitle] = [byId('diagram-title'), byId('diagram-other-title')];
    title.hidden = !two;
    title.textContent = model.run.title[model.lang];
    const parting = two ? model.parting(model.branch, parent) : null;
    own.show(model, model.branch, model.step).share(parting);
    if (!two) return;
    otherTitle.textContent = model.document.branches[parent].title[model.lang];
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
    if (what.document) [own, other].forEach((easel) => easel.drawings.clear());
    if (what.step || what.branch || what.lang) draw();
  });
  draw();
}
