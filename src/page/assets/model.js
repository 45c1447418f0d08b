/** Where the learner stands: branch, step, language, frame. Everything shown follows from it. */
import { countUpTo } from './dom.js';
import { unfold } from './unfold.js';

/** @typedef {import('./words.js').Lang} Lang */
/** @typedef {{step?: boolean, branch?: boolean, lang?: boolean, frame?: boolean, document?: boolean, drawing?: boolean, questions?: boolean}} What */

export class Model {
  /**
   * @param {any} doc the document of a walk
   * @param {Lang} lang
   */
  constructor(doc, lang) {
    this.document = unfold(doc);
    this.lang = lang;
    /** Whether numbers are shown as on the wire; else they count from the first of their connection. */
    this.absolute = this.document.absolute;
    /** Whether the diagram's time is linear. */
    this.linear = false;
    this.branch = 0;
    this.step = 0;
    /** The number of the frame that is open; null for none. @type {number|null} */
    this.frame = null;
    /** The branch chosen to stand beside the present one. @type {number|null} */
    this.chosen = null;
    /** @type {((what: What) => void)[]} */
    this.listeners = [];
    /** Each may hold back a step forward. @type {((to: number) => boolean)[]} */
    this.holds = [];
    this.open();
  }

  /** The branch one stands in. */
  get run() {
    return this.document.branches[this.branch];
  }

  /** The branch that may stand beside it: the one chosen, else the one it grew from, else the first that grew from it. */
  get other() {
    const all = this.document.branches.length;
    if (this.chosen !== null && this.chosen !== this.branch && this.chosen < all) return this.chosen;
    return this.run.parent ?? (all > 1 ? 1 : null);
  }

  /** The number of its last step. */
  get last() {
    return Math.max(0, this.run.steps.length - 1);
  }

  /** The present step; undefined where nothing happens. */
  get here() {
    return this.run.steps[this.step];
  }

  /** @param {number} place */
  text(place) {
    return this.document.texts.get(place, this.lang, this.absolute);
  }

  /** @param {import('./unfold.js').Value} value */
  value(value) {
    return typeof value === 'string' ? value : value[this.absolute ? 1 : 0];
  }

  /** Which of a branch's sheets is drawn. @param {any} run */
  sheet(run) {
    return run.sheets[run.drawn[this.linear ? 1 : 0][(this.absolute ? 2 : 0) + (this.lang === 'zh' ? 1 : 0)]];
  }

  /** Whether the diagram is as long as time, or as what happens. @param {boolean} linear */
  stretch(linear) {
    if (linear === this.linear) return;
    this.linear = linear;
    this.tell({ drawing: true });
  }

  /** Whether numbers are counted from the first of their connection, or as on the wire. @param {boolean} absolute */
  count(absolute) {
    if (absolute === this.absolute) return;
    this.absolute = absolute;
    this.tell({ lang: true, drawing: true });
  }

  /** @param {(what: What) => void} listener */
  listen(listener) {
    this.listeners.push(listener);
  }

  /** @param {What} what */
  tell(what) {
    for (const listener of this.listeners) listener(what);
  }

  /**
   * Shows another document in the place of this one: a branch more or less, another run.
   * @param {any} doc
   * @param {{branch?: number, step?: number}} [at] where to stand in it; the present place unless told
   */
  renew(doc, at = {}) {
    this.document = unfold(doc);
    this.branch = Math.min(at.branch ?? this.branch, this.document.branches.length - 1);
    this.step = Math.min(at.step ?? this.step, this.last);
    this.open();
    this.tell({ document: true, branch: true, step: true, lang: true, frame: true });
  }

  /** Opens the frame that the present step is about. */
  open() {
    this.frame = this.here?.frame ?? null;
  }

  /** @param {number} step */
  go(step) {
    const to = Math.min(Math.max(0, step), this.last);
    if (to === this.step) return;
    this.step = to;
    this.open();
    this.tell({ step: true, frame: true });
  }

  /** What may hold back a step forward. @param {(to: number) => boolean} hold whether it does */
  hold(hold) {
    this.holds.push(hold);
  }

  /** One step forward, unless something is to be done before it; whether it was made. */
  advance() {
    const to = this.step + 1;
    if (to > this.last || this.holds.some((hold) => hold(to))) return false;
    this.go(to);
    return true;
  }

  /**
   * Opens a frame, at the step that sends it.
   * @param {number} number
   */
  look(number) {
    const frame = this.run.frames[number - 1];
    if (!frame) return;
    const moved = frame.step !== this.step && frame.step <= this.last;
    if (moved) this.step = frame.step;
    this.frame = number;
    this.tell({ step: moved, frame: true });
  }

  /** @param {Lang} lang */
  speak(lang) {
    if (lang === this.lang) return;
    this.lang = lang;
    this.tell({ lang: true });
  }

  /**
   * Goes over into another branch: at the same step where both are still the same, else where they part.
   * @param {number} branch
   */
  enter(branch) {
    if (branch === this.branch || !this.document.branches[branch]) return;
    const parting = this.parting(this.branch, branch);
    this.branch = branch;
    this.step = Math.min(this.step, parting ?? this.step, this.last);
    this.open();
    this.tell({ branch: true, step: true, frame: true });
  }

  /**
   * The step at which two branches part; null for one and the same.
   * @param {number} one
   * @param {number} other
   * @returns {number|null}
   */
  parting(one, other) {
    const ancestors = (/** @type {number} */ from) => {
      /** @type {Map<number, number>} */
      const found = new Map();
      let least = Infinity;
      for (let at = from; ; ) {
        found.set(at, least);
        const { parent, parts_at } = this.document.branches[at];
        if (parent === null) return found;
        least = Math.min(least, parts_at ?? Infinity);
        at = parent;
      }
    };
    const others = ancestors(other);
    for (const [branch, least] of ancestors(one)) {
      const there = others.get(branch);
      if (there !== undefined) {
        const parting = Math.min(least, there);
        return parting === Infinity ? null : parting;
      }
    }
    return null;
  }

  /**
   * Where another branch stands when this one stands here: at the same step up to where they part, then at the same moment.
   * @param {number} other
   */
  sameMoment(other) {
    const parting = this.parting(this.branch, other);
    if (parting === null || this.step < parting) return this.step;
    const now = this.here?.at_ns ?? 0;
    const times = this.document.branches[other].steps.map((/** @type {any} */ step) => step.at_ns);
    return Math.max(parting, countUpTo(times, now) - 1);
  }

  /**
   * The branch that grew from the present one by losing that frame; -1 for none.
   * @param {number} number
   */
  branchWithout(number) {
    return this.document.branches.findIndex(
      (/** @type {any} */ branch) => branch.parent === this.branch && branch.drops === number,
    );
  }
}
