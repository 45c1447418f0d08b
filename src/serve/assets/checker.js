/** Checks what is written while it is written, and lists the mistakes beside it. */
import { byId, make } from '/assets/page/dom.js';
import { asFailure, calledOff, Errand, post } from './api.js';
import { inLang, pick } from './lang.js';

/** @typedef {import('./api.js').Mistake} Mistake */
/** @typedef {(key: string, values?: Record<string, string|number>) => string} Say */

/** So long after the last key. */
const REST = 300;

export class Checker {
  /** @param {import('./code.js').Code} code @param {Say} say */
  constructor(code, say) {
    this.code = code;
    this.say = say;
    this.errand = new Errand();
    /** @type {() => string} */
    this.news = () => '';
    /** @type {Mistake[]} */
    this.mistakes = [];
    /** @type {number|undefined} */
    this.due = undefined;
    inLang(() => this.write());
  }

  /** Checks when the keys rest. */
  soon() {
    this.errand.end();
    clearTimeout(this.due);
    this.due = setTimeout(() => void this.check(), REST);
  }

  async check() {
    clearTimeout(this.due);
    const { say } = this;
    const source = this.code.text;
    if (source.trim() === '') {
      this.errand.end();
      this.tell([], () => say('empty'));
      return;
    }
    const signal = this.errand.begin();
    try {
      const { errors } = await post('/api/check', { source }, signal);
      this.found(errors);
    } catch (error) {
      if (!calledOff(error)) this.tell([], () => pick(asFailure(error).text));
    }
  }

  /** @param {Mistake[]} mistakes */
  found(mistakes) {
    const n = mistakes.length;
    this.tell(mistakes, () => (n === 0 ? this.say('fine') : n === 1 ? this.say('oneMistake') : this.say('count', { n })));
  }

  /** @param {Mistake[]} mistakes @param {() => string} news */
  tell(mistakes, news) {
    this.mistakes = mistakes;
    this.news = news;
    this.code.mark(mistakes);
    this.write();
  }

  write() {
    const state = byId('editor-state');
    state.textContent = this.news();
    state.classList.toggle('bad', this.mistakes.length > 0);
    byId('editor-errors').replaceChildren(...this.mistakes.map((mistake) => this.row(mistake)));
  }

  /** @param {Mistake} mistake */
  row(mistake) {
    const { line, column, text, help } = mistake;
    const button = make('button', { type: 'button' }, make('span', { class: 'where-at' }, this.say('place', { line, column })), ' ', pick(text));
    button.addEventListener('click', () => this.code.goTo(mistake));
    const row = make('li', {}, button);
    if (help) row.append(make('p', { class: 'help' }, `${this.say('would')} ${pick(help)}`));
    return row;
  }
}
