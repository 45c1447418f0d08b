/** Deep links: `#step=12&branch=1&lang=zh`, where asked for also `&numbers=absolute&time=linear&questions=off`. Steps count from 1 as on the page; branch 0 is the run as it is. */
import { byId } from './dom.js';
import { Model } from './model.js';

/**
 * What a link asks for.
 * @param {string} hash
 * @returns {{step: number|null, branch: number|null, lang: import('./words.js').Lang|null, numbers: string|null, time: string|null, questions: string|null}}
 */
export function readLink(hash) {
  const wanted = new URLSearchParams(hash.replace(/^#/, ''));
  const whole = (/** @type {string} */ name) => {
    const text = wanted.get(name);
    return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
  };
  const lang = wanted.get('lang');
  return {
    step: whole('step'),
    branch: whole('branch'),
    lang: lang === 'en' || lang === 'zh' ? lang : null,
    numbers: wanted.get('numbers'),
    time: wanted.get('time'),
    questions: wanted.get('questions'),
  };
}

/** @param {Model} model @param {string} [hash] the address's unless told */
export function follow(model, hash = location.hash) {
  const { step, branch, lang, numbers, time, questions } = readLink(hash);
  if (numbers === 'absolute' || numbers === 'relative') model.count(numbers === 'absolute');
  if (questions === 'on' || questions === 'off') model.tell({ questions: questions === 'on' });
  if (time === 'linear' || time === 'steps') model.stretch(time === 'linear');
  if (lang !== null) model.speak(lang);
  if (branch !== null) model.enter(branch);
  if (step !== null) model.go(step - 1);
}

/**
 * Keeps the address in step with the place, and follows what is typed into it.
 * @param {Model} model
 */
export function keepLink(model) {
  /** @type {number|undefined} */
  let due;
  model.listen(() => {
    // Browsers limit how often an address may change: playing fast, the last one counts.
    clearTimeout(due);
    due = setTimeout(() => {
      const branch = model.branch > 0 ? `&branch=${model.branch}` : '';
      const numbers = model.absolute === model.document.absolute ? '' : `&numbers=${model.absolute ? 'absolute' : 'relative'}`;
      const time = model.linear ? '&time=linear' : '';
      const asking = /** @type {HTMLInputElement} */ (byId('asking')).checked ? '' : '&questions=off';
      history.replaceState(null, '', `#step=${model.step + 1}${branch}&lang=${model.lang}${numbers}${time}${asking}`);
    }, 120);
  });
  addEventListener('hashchange', (event) => {
    // What was to be written is older than what was typed.
    clearTimeout(due);
    follow(model, new URL(event.newURL).hash);
  });
}
