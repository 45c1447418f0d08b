/** A walk on the page: asked of the server, shown by the walker, with branches that grow and go. */
import { byId } from '/assets/page/dom.js';
import { start } from '/assets/page/page.js';
import { asFailure, calledOff, Errand, post } from './api.js';
import { inLang, lang, speak } from './lang.js';
import { Status } from './status.js';
import { MOST, nothing, without } from './wishes.js';

/** @typedef {import('./wishes.js').Wishes} Wishes */
/** @typedef {import('./wishes.js').Wish} Wish */
/** @typedef {{scenario: string}|{source: string}} Target */
/** @typedef {import('/assets/page/model.js').Model} Model */

export class Walkway {
  /**
   * @param {{say: (key: string, values?: Record<string, string|number>) => string, wishes?: Wishes,
   *   keep?: (wishes: Wishes) => void, tools?: (branch: number) => Node[], mistakes?: (error: import('./api.js').Failure) => void}} how
   *   `keep` is told of new wishes that were granted; `mistakes` of what is wrong in a scenario
   */
  constructor({ say, wishes, keep, tools, mistakes }) {
    this.say = say;
    this.wishes = wishes ?? nothing();
    this.keep = keep ?? (() => {});
    this.tools = tools ?? (() => []);
    this.mistakes = mistakes ?? (() => {});
    this.status = new Status(byId('status'));
    this.errand = new Errand();
    /** @type {Target|null} */
    this.target = null;
    /** @type {Model|null} */
    this.model = null;
    /** @type {((model: Model) => void)[]} */
    this.watchers = [];
  }

  /** Calls it whenever another document is shown. @param {(model: Model) => void} watcher */
  watch(watcher) {
    this.watchers.push(watcher);
  }

  /** Calls it whenever another document, branch or language is shown. @param {() => void} write */
  keepWritten(write) {
    let heard = false;
    this.watch((model) => {
      write();
      if (!heard) model.listen((what) => what.branch && write());
      heard = true;
    });
    inLang(write);
  }

  /** Everything a run is asked with. @param {Wishes} [wishes] */
  request(wishes = this.wishes) {
    const branches = wishes.branches.map(({ name, ...wish }) => (name ? { ...wish, name } : wish));
    return { ...this.target, set: wishes.set, ...(wishes.seed === undefined ? {} : { seed: wishes.seed }), branches };
  }

  /**
   * Asks for the walk with these wishes and shows it; whether it came.
   * @param {Wishes} wishes
   * @param {{branch?: number, step?: number}|'parting'} [at] where to stand then
   * @returns {Promise<boolean>}
   */
  async run(wishes, at = {}) {
    const signal = this.errand.begin();
    const cancel = { label: () => this.say('cancel'), id: 'run-cancel', does: () => this.cancel() };
    this.status.tell({ words: () => this.say('simulating'), busy: true, act: cancel });
    try {
      const waits = (/** @type {import('./lang.js').Text} */ words) => this.status.tell({ words, busy: true, act: cancel });
      const doc = await post('/api/walk', this.request(wishes), signal, waits);
      this.wishes = wishes;
      this.keep(wishes);
      this.show(doc, at);
      this.status.hush();
      return true;
    } catch (error) {
      if (calledOff(error)) return false;
      const failure = asFailure(error);
      this.mistakes(failure);
      const again = { label: () => this.say('retry'), does: () => void this.run(wishes, at) };
      this.status.tell({ words: failure.text, trouble: true, ...(failure.mistakes.length ? {} : { act: again }) });
      return false;
    }
  }

  cancel() {
    this.errand.end();
    this.status.tell({ words: () => this.say('cancelled') });
  }

  /**
   * @param {any} doc
   * @param {{branch?: number, step?: number}|'parting'} at
   */
  show(doc, at) {
    this.wishes.branches.forEach(({ name }, place) => {
      if (name && doc.branches[place + 1]) doc.branches[place + 1].title = { en: name, zh: name };
    });
    byId('walk').hidden = false;
    const last = doc.branches.length - 1;
    const place = at === 'parting' ? { branch: last, step: doc.branches[last].parts_at ?? 0 } : at;
    if (this.model) this.model.renew(doc, place);
    else this.begin(doc, place);
    const { model } = this;
    if (model) for (const watcher of this.watchers) watcher(model);
  }

  /**
   * @param {any} doc
   * @param {{branch?: number, step?: number}} place
   */
  begin(doc, place) {
    const drop = (/** @type {any} */ frame, /** @type {number} */ branch) => this.drop(frame, branch);
    const model = start(doc, { lang: lang(), drop, tools: (branch) => this.tools(branch) });
    if (place.branch !== undefined) model.enter(place.branch);
    if (place.step !== undefined) model.go(place.step);
    this.model = model;
    speak(model.lang);
    model.listen((what) => {
      if (what.lang) speak(model.lang);
    });
    inLang((now) => model.speak(now));
  }

  /** What if that frame were lost? @param {any} frame @param {number} branch */
  drop(frame, branch) {
    return this.grow({ parent: branch, drop: frame.pattern });
  }

  /** @param {Wish} wish */
  async grow(wish) {
    if (this.wishes.branches.length >= MOST) {
      this.status.tell({ words: () => this.say('tooMany', { most: MOST + 1 }), trouble: true });
      return;
    }
    const beside = /** @type {HTMLInputElement} */ (byId('beside'));
    // Two diagrams need room; on a narrow window they would stand far apart.
    if (this.wishes.branches.length === 0 && matchMedia('(min-width: 62rem)').matches) beside.checked = true;
    const wishes = { ...this.wishes, branches: [...this.wishes.branches, wish] };
    if (!(await this.run(wishes, 'parting'))) return;
    const { model } = this;
    if (!model) return;
    const parting = model.run.parts_at;
    const number = model.branch + 1;
    const words = () => {
      const title = model.document.branches[number - 1]?.title[model.lang] ?? '';
      return parting === null ? this.say('grewSame', { number, title }) : this.say('grew', { number, title, step: parting + 1 });
    };
    this.status.tell({ words });
    this.focusOn(model.branch);
  }

  /** @param {number} branch */
  async remove(branch) {
    const { wishes, numbers } = without(this.wishes, branch);
    const there = this.model?.branch ?? 0;
    // Where the present branch goes away, the one it grew from is shown.
    let to = there;
    while (!numbers.has(to)) to = this.wishes.branches[to - 1].parent;
    const now = numbers.get(to) ?? 0;
    const { model } = this;
    if (model && model.chosen !== null) model.chosen = numbers.get(model.chosen) ?? null;
    if (await this.run(wishes, { branch: now })) this.focusOn(now);
  }

  /** @param {number} branch @param {string} name */
  rename(branch, name) {
    const branches = this.wishes.branches.map((wish, place) => {
      if (place + 1 !== branch) return wish;
      const { name: _old, ...rest } = wish;
      return name ? { ...rest, name } : rest;
    });
    return this.run({ ...this.wishes, branches });
  }

  /** Where the learner's focus goes after the list of branches was written anew. @param {number} branch */
  focusOn(branch) {
    const button = document.querySelector(`#branches [data-branch="${branch}"]`);
    if (button instanceof HTMLElement) button.focus();
  }
}
