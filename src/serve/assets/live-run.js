/** The live comparison: asked for by a button, called off by another, with the time that passes. */
import { byId } from '/assets/page/dom.js';
import { asFailure, calledOff, Errand, post } from './api.js';
import { inLang } from './lang.js';
import { Status } from './status.js';
import { versus } from './versus.js';

/** @typedef {import('./versus.js').Say} Say */

export class LiveRun {
  /** @param {Say} say @param {() => any} request what is compared */
  constructor(say, request) {
    this.say = say;
    this.request = request;
    this.status = new Status(byId('compare-status'));
    this.errand = new Errand();
    this.button = /** @type {HTMLButtonElement} */ (byId('compare-run'));
    this.button.addEventListener('click', () => void this.run());
    /** @type {any} */
    this.answer = null;
    inLang(() => this.write());
  }

  write() {
    this.button.textContent = this.say(this.answer ? 'again' : 'run');
    byId('compare-result').replaceChildren(...(this.answer ? versus(this.say, this.answer) : []));
  }

  async run() {
    const signal = this.errand.begin();
    let seconds = 0;
    const cancel = { label: () => this.say('cancel'), id: 'compare-cancel', does: () => this.cancel() };
    const words = () => this.say('running', { seconds });
    this.button.disabled = true;
    this.status.tell({ words, busy: true, act: cancel });
    byId('compare-cancel').focus();
    const clock = setInterval(() => {
      seconds += 1;
      // Only the words, and not read out each second.
      const place = this.status.place.querySelector('.words');
      if (place) place.textContent = words();
    }, 1000);
    this.status.place.setAttribute('aria-live', 'off');
    try {
      this.answer = await post('/api/compare', this.request(), signal);
      this.status.hush();
      this.write();
    } catch (error) {
      if (calledOff(error)) return;
      this.status.tell({ words: asFailure(error).text, trouble: true });
    } finally {
      clearInterval(clock);
      this.status.place.removeAttribute('aria-live');
      this.button.disabled = false;
      this.button.focus();
    }
  }

  cancel() {
    this.errand.end();
    this.status.tell({ words: () => this.say('cancelled') });
  }
}
