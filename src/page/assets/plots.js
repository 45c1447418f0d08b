/** Curves over time, the branches over each other, with a cursor at the present step. Drawn when somebody looks. */
import { byId } from './dom.js';
import { Model } from './model.js';
import { draw } from './sheet.js';

/**
 * A drawing of the document as elements; its long lines stand in a table.
 * @param {Model} model
 * @param {string} drawing
 */
export function drawn(model, drawing) {
  const { paths } = model.document;
  const whole = drawing.replace(/ d="@(\d+)"/g, (_, place) => ` d="${paths[Number(place)]}"`);
  const parsed = new DOMParser().parseFromString(whole, 'image/svg+xml');
  return /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.importNode(parsed.documentElement, true)));
}

/** Frames from which on a run is long. */
export const LONG = 30;

/** One pair of axes. */
class Panel {
  /** @param {Element} group */
  constructor(group) {
    const number = (/** @type {string} */ name) => Number(group.getAttribute(`data-${name}`));
    this.from = number('from-ns');
    this.until = number('until-ns');
    this.left = number('left');
    this.right = number('right');
    const axis = [...group.querySelectorAll('line.axis')].find((one) => one.getAttribute('x1') === one.getAttribute('x2'));
    const [y1, y2] = ['y1', 'y2'].map((name) => axis?.getAttribute(name) ?? '0');
    this.cursor = draw('line', { class: 'now', y1, y2 });
    group.append(this.cursor);
  }

  /** @param {number} at nanoseconds */
  show(at) {
    const share = Math.min(1, Math.max(0, (at - this.from) / Math.max(1, this.until - this.from)));
    const x = (this.left + share * (this.right - this.left)).toFixed(1);
    this.cursor.setAttribute('x1', x);
    this.cursor.setAttribute('x2', x);
  }
}

/** @param {Model} model */
export function showPlots(model) {
  const pane = /** @type {HTMLDetailsElement} */ (byId('plots'));
  const box = byId('plots-drawings');
  /** @type {Panel[]} */
  let panels = [];
  let written = false;
  const write = () => {
    const { plots } = model.document;
    byId('plots-pane').hidden = plots.length === 0;
    if (!pane.open) return;
    if (!written) {
      const drawings = plots.map((/** @type {any} */ plot) => drawn(model, plot[1][model.lang]));
      box.replaceChildren(...drawings);
      panels = [...box.querySelectorAll('.panel')].map((group) => new Panel(group));
      written = true;
    }
    for (const panel of panels) panel.show(model.here?.at_ns ?? 0);
  };
  const begin = () => {
    // Of a long run one sees more in its curves, of a short one in its states.
    pane.open = model.document.branches[0].frames.length >= LONG;
  };
  pane.addEventListener('toggle', write);
  model.listen((what) => {
    if (what.document || what.lang) written = false;
    if (what.step || what.branch || what.lang) write();
  });
  begin();
  write();
}
