/** Deep links: `#step=12&branch=1&lang=zh`. Steps count from 1 as on the page; branch 0 is the run as it is. */
import { Model } from './model.js';

/**
 * What a link asks for.
 * @param {string} hash
 * @returns {{step: number|null, branch: number|null, lang: import('./words.js').Lang|null}}
 */
export function readLink(hash) {
  const wanted = new URLSearchParams(hash.replace(/^#/, ''));
  const whole = (/** @type {string} */ name) => {
    const text = wanted.get(name);
    return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
  };
  const lang = wanted.get('lang');
  return { step: whole('step'), branch: whole('branch'), lang: lang === 'en' || lang === 'zh' ? lang : null };
}

/** @param {Model} model */
export function follow(model) {
  const { step, branch, lang } = readLink(location.hash);
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
      history.replaceState(null, '', `#step=${model.step + 1}${branch}&lang=${model.lang}`);
    }, 120);
  });
  addEventListener('hashchange', () => follow(model));
}
