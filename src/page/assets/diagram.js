/** The sequence diagram: drawn once for each branch and its words; a step shows and hides rows. */
import { byId, countUpTo, scrollInto } from './dom.js';
import { Model } from './model.js';
import { Sheet } from './sheet.js';
import { word } from './words.js';

/** A sheet of which rows are shown up to a step. */
class Drawing {
  /** @param {Sheet} sheet */
  constructor(sheet) {
    this.sheet = sheet;
    this.rows = sheet.rows;
    this.steps = sheet.rows.map((row) => row.step);
    /** @type {number|null} */
    this.parting = null;
    this.shown = 0;
    /** Where the present step stands, in the drawing's own measure. @type {[number, number]} */
    this.here = [0, 0];
  }

  /** @param {number} step */
  show(step) {
    const to = countUpTo(this.steps, step);
    for (let row = this.shown; row < to; row += 1) this.rows[row].element.classList.remove('later');
    for (let row = to; row < this.shown; row += 1) this.rows[row].element.classList.add('later');
    if (to === this.shown) return;
    this.shown = to;
    const first = to > 0 ? countUpTo(this.steps, this.steps[to - 1] - 1) : 0;
    this.here = to > 0 ? [this.rows[first].top, this.rows[to - 1].bottom] : [0, 0];
    this.sheet.cursor.setAttribute('y', String(this.here[0]));
    this.sheet.cursor.setAttribute('height', String(this.here[1] - this.here[0]));
  }

  /**
   * Dims what both branches share.
   * @param {number|null} parting
   */
  share(parting) {
    if (this.parting === parting) return;
    this.parting = parting;
    for (const row of this.rows) row.element.classList.toggle('shared', parting !== null && row.step < parting);
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
    // Measured when it changes and not at each step.
    this.size = { width: 0, height: 0 };
    new ResizeObserver(() => {
      this.size = { width: place.firstElementChild?.clientWidth ?? 0, height: place.clientHeight };
    }).observe(place);
  }

  /**
   * @param {Model} model
   * @param {number} branch
   * @param {number} step
   */
  show(model, branch, step) {
    const key = `${branch} ${model.lang} ${model.absolute} ${model.linear}`;
    let drawing = this.drawings.get(key);
    if (!drawing) {
      const label = word(model.lang, 'diagramLabel');
      drawing = new Drawing(new Sheet(model.sheet(model.document.branches[branch]), (place) => model.text(place), label));
      this.drawings.set(key, drawing);
    }
    if (drawing !== this.drawing) {
      this.place.replaceChildren(drawing.sheet.svg);
      this.drawing = drawing;
      this.size.width = 0;
    }
    drawing.show(step);
    const now = drawing;
    scrollInto(this.place, 80, () => {
      if (this.size.width === 0) {
        this.size = { width: now.sheet.svg.clientWidth, height: this.place.clientHeight };
      }
      const scale = this.size.width / now.sheet.width;
      return { top: now.here[0] * scale, bottom: now.here[1] * scale, height: this.size.height };
    });
    return drawing;
  }
}

/** How numbers are counted and time is drawn. @param {Model} model */
function switches(model) {
  const [absolute, linear] = ['absolute', 'linear'].map((id) => /** @type {HTMLInputElement} */ (byId(id)));
  absolute.addEventListener('change', () => model.count(absolute.checked));
  linear.addEventListener('change', () => model.stretch(linear.checked));
  const write = () => {
    absolute.checked = model.absolute;
    linear.checked = model.linear;
  };
  model.listen((what) => {
    if (what.drawing || what.document) write();
  });
  write();
}

/** @param {Model} model */
export function showDiagram(model) {
  const own = new Easel(byId('diagram'));
  const other = new Easel(byId('diagram-other'));
  const beside = /** @type {HTMLInputElement} */ (byId('beside'));
  const draw = () => {
    const number = model.other;
    const two = beside.checked && number !== null;
    byId('drawing-other').hidden = !two;
    byId('walk').classList.toggle('wide', two);
    const [title, otherTitle] = [byId('diagram-title'), byId('diagram-other-title')];
    title.hidden = !two;
    title.textContent = model.run.title[model.lang];
    const parting = two ? model.parting(model.branch, number) : null;
    own.show(model, model.branch, model.step).share(parting);
    if (!two) return;
    otherTitle.textContent = model.document.branches[number].title[model.lang];
    other.show(model, number, model.sameMoment(number)).share(parting);
  };
  own.place.addEventListener('click', (event) => {
    const arrow = event.target instanceof Element ? event.target.closest('.frame') : null;
    if (arrow instanceof SVGElement) model.look(Number(arrow.dataset.frame));
  });
  beside.addEventListener('change', draw);
  byId('beside-which').addEventListener('change', draw);
  switches(model);
  model.listen((what) => {
    if (what.document) [own, other].forEach((easel) => easel.drawings.clear());
    if (what.step || what.branch || what.lang || what.drawing) draw();
  });
  draw();
}
