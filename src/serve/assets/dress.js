/** Puts the words of the chosen language into the page, and keeps the buttons that choose it. */
import { byId } from '/assets/page/dom.js';
import { inLang, lang, speak } from './lang.js';
import { COMMON } from './words/common.js';

/** @typedef {import('./words/common.js').Words} Words */
/** @typedef {Record<string, string|number>} Values */

/**
 * How a page says things: `say('rows', { n: 3 })`.
 * @param {Words} words the page's own
 * @returns {(key: string, values?: Values) => string}
 */
export function sayer(words) {
  return (key, values = {}) => {
    const both = words[key] ?? COMMON[key];
    if (!both) throw new Error(`no word ${key}`);
    return both[lang() === 'zh' ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
  };
}

/**
 * Fills what carries `data-say`, `data-say-label` and `data-say-hint`, now and whenever the language changes.
 * @param {(key: string) => string} say
 */
export function dress(say) {
  /** @type {['en'|'zh', HTMLElement][]} */
  const buttons = [
    ['en', byId('lang-en')],
    ['zh', byId('lang-zh')],
  ];
  for (const [own, button] of buttons) button.addEventListener('click', () => speak(own));
  inLang((now) => {
    document.documentElement.lang = now === 'zh' ? 'zh-CN' : 'en';
    for (const [own, button] of buttons) button.setAttribute('aria-pressed', String(own === now));
    fill(document, say);
  });
}

/**
 * @param {ParentNode} place
 * @param {(key: string) => string} say
 */
export function fill(place, say) {
  const each = (/** @type {string} */ name, /** @type {(element: HTMLElement, words: string) => void} */ put) => {
    for (const element of place.querySelectorAll(`[${name}]`)) {
      if (element instanceof HTMLElement) put(element, say(element.getAttribute(name) ?? ''));
    }
  };
  each('data-say', (element, words) => {
    element.textContent = words;
  });
  each('data-say-label', (element, words) => element.setAttribute('aria-label', words));
  each('data-say-hint', (element, words) => element.setAttribute('placeholder', words));
}

/** The page's name in the tab. @param {string} title */
export function entitle(title) {
  document.title = title ? `${title} · wirewalk` : 'wirewalk';
}
