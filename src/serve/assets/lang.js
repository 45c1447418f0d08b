/** The language of the site: from the address, from last time, from the browser; told to whoever listens. */

/** @typedef {'en'|'zh'} Lang */
/** @typedef {{en: string, zh: string}} Text */

const KEY = 'wirewalk.lang';
/** @type {((lang: Lang) => void)[]} */
const listeners = [];
let now = first();

/** @returns {Lang} */
function first() {
  const linked = new URLSearchParams(location.hash.slice(1)).get('lang');
  const wanted = linked ?? localStorage.getItem(KEY) ?? navigator.language;
  return wanted.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** The language now. @returns {Lang} */
export function lang() {
  return now;
}

/** @param {Lang} wanted */
export function speak(wanted) {
  if (wanted === now) return;
  now = wanted;
  localStorage.setItem(KEY, wanted);
  for (const listener of listeners) listener(now);
}

/**
 * Calls it now and at every change.
 * @param {(lang: Lang) => void} listener
 */
export function inLang(listener) {
  listeners.push(listener);
  listener(now);
}

/** What is said in both. @param {Text} text */
export function pick(text) {
  return text[now];
}
