/** A field for a scenario's text: line numbers, and mistakes marked where they stand. The field itself stays a plain textarea. */
import { byId, make } from '/assets/page/dom.js';

/** @typedef {import('./api.js').Mistake} Mistake */

export class Code {
  /** @param {() => void} changed called when the text was changed by hand */
  constructor(changed) {
    this.area = /** @type {HTMLTextAreaElement} */ (byId('editor'));
    this.gutter = byId('editor-lines');
    this.behind = byId('editor-marks');
    /** @type {Mistake[]} */
    this.mistakes = [];
    this.area.addEventListener('input', () => {
      // A mark that no longer fits is worse than none.
      this.mark([]);
      changed();
    });
    this.area.addEventListener('scroll', () => this.follow());
    this.mark([]);
  }

  get text() {
    return this.area.value;
  }

  /** @param {string} text */
  put(text) {
    this.area.value = text.replace(/\r\n?/g, '\n');
    this.area.scrollTop = 0;
    this.mark([]);
  }

  follow() {
    for (const other of [this.gutter, this.behind]) other.scrollTop = this.area.scrollTop;
    this.behind.scrollLeft = this.area.scrollLeft;
  }

  /**
   * Where a mistake begins and ends in the text.
   * @param {Mistake} mistake
   * @returns {[number, number]}
   */
  place({ line, column, length }) {
    const { text } = this;
    let start = 0;
    for (let at = 1; at < line; at += 1) {
      const next = text.indexOf('\n', start);
      if (next < 0) break;
      start = next + 1;
    }
    // Columns and lengths count characters; a string here counts halves of some.
    const walk = (/** @type {number} */ from, /** @type {number} */ characters) => {
      let at = from;
      for (let left = characters; left > 0 && at < text.length; left -= 1) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
      return at;
    };
    const from = walk(start, column - 1);
    return [from, walk(from, length)];
  }

  /** @param {Mistake[]} mistakes */
  mark(mistakes) {
    this.mistakes = mistakes;
    const { text } = this;
    const wrong = new Set(mistakes.map((mistake) => mistake.line));
    const lines = text.split('\n').length;
    const numbers = Array.from({ length: lines }, (_, at) => make('span', { class: wrong.has(at + 1) ? 'wrong' : false }, String(at + 1)));
    this.gutter.replaceChildren(...numbers);
    this.area.toggleAttribute('aria-invalid', mistakes.length > 0);
    const places = mistakes.map((mistake) => this.place(mistake)).sort(([one], [other]) => one - other);
    /** @type {(Node|string)[]} */
    const parts = [];
    let done = 0;
    for (const [from, to] of places) {
      if (from < done) continue;
      parts.push(text.slice(done, from));
      // What is missing has no width: the mark takes the place where it should stand.
      parts.push(make('mark', {}, to > from ? text.slice(from, to) : ' '));
      done = to;
    }
    this.behind.replaceChildren(...parts, text.slice(done), '\n');
    this.follow();
  }

  /** Puts the cursor where a mistake stands. @param {Mistake} mistake */
  goTo(mistake) {
    const [from, to] = this.place(mistake);
    this.area.focus();
    this.area.setSelectionRange(from, to);
    const height = parseFloat(getComputedStyle(this.area).lineHeight);
    const top = (mistake.line - 1) * height;
    const { scrollTop, clientHeight } = this.area;
    if (top < scrollTop || top > scrollTop + clientHeight - 3 * height) this.area.scrollTop = Math.max(0, top - clientHeight / 3);
    this.area.scrollIntoView({ block: 'nearest' });
  }
}
