/** What a page says while it waits, and when something failed: one place, read out when it changes. */
import { make } from '/assets/page/dom.js';
import { inLang, pick } from './lang.js';

/** @typedef {import('./lang.js').Text} Text */
/** @typedef {{words: Text|(() => string), trouble?: boolean, busy?: boolean, act?: {label: () => string, id?: string, does: () => void}}} News */

export class Status {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    place.setAttribute('role', 'status');
    place.classList.add('status');
    /** @type {News|null} */
    this.news = null;
    inLang(() => this.write());
  }

  /** @param {News|null} news */
  tell(news) {
    this.news = news;
    this.write();
  }

  /** Nothing to say. */
  hush() {
    this.tell(null);
  }

  write() {
    const { news, place } = this;
    place.classList.toggle('busy', news?.busy === true);
    place.classList.toggle('failed', news?.trouble === true);
    if (!news) {
      place.replaceChildren();
      return;
    }
    const words = typeof news.words === 'function' ? news.words() : pick(news.words);
    /** @type {Node[]} */
    const shown = [make('span', { class: 'words' }, words)];
    if (news.act) {
      const { label, does, id } = news.act;
      const button = make('button', { type: 'button', id: id ?? false }, label());
      button.addEventListener('click', does);
      shown.push(button);
    }
    place.replaceChildren(...shown);
  }
}
