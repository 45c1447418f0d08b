/** What the walk is about: title, lesson, hosts; and the language everything is said in. */
import { byId, make, unwrapped } from './dom.js';
import { Model } from './model.js';
import { word } from './words.js';

/** Words that stand in the page itself. @param {Model} model */
function labels(model) {
  for (const element of document.querySelectorAll('[data-word]')) {
    element.textContent = word(model.lang, element.getAttribute('data-word') ?? '');
  }
  for (const element of document.querySelectorAll('[data-label]')) {
    const label = word(model.lang, element.getAttribute('data-label') ?? '');
    element.setAttribute('aria-label', label);
    if (element instanceof HTMLButtonElement) element.title = label;
  }
}

/** @param {Model} model */
export function showLesson(model) {
  /** @type {['en'|'zh', HTMLElement][]} */
  const buttons = [
    ['en', byId('lang-en')],
    ['zh', byId('lang-zh')],
  ];
  const write = () => {
    const { lang, document: doc } = model;
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
    document.title = `${doc.title[lang]} · wirewalk`;
    byId('title').textContent = doc.title[lang];
    // A capture was run by others, by no profile and no seed of ours.
    const chance = doc.source === 'captured' ? '' : `${word(lang, 'profile')} ${doc.profile} · ${word(lang, 'seed')} ${doc.seed}`;
    byId('crumb').textContent = [doc.topic[lang], doc.scenario, word(lang, doc.source), chance].filter(Boolean).join(' · ');
    const paragraphs = doc.lesson[lang].split(/\n\s*\n/).filter(Boolean);
    const hosts = doc.hosts.map((/** @type {any} */ host) => `${host.name} ${host.address}`).join(' · ');
    const facts = make('p', { class: 'muted' }, `${word(lang, 'hosts')}: ${hosts}`);
    if (doc.cites.length) facts.append(make('br'), `${word(lang, 'cites')}: ${doc.cites.join(' · ')}`);
    byId('lesson-text').replaceChildren(...paragraphs.map((/** @type {string} */ text) => make('p', {}, unwrapped(text))), facts);
    for (const [own, button] of buttons) button.setAttribute('aria-pressed', own === lang ? 'true' : 'false');
    labels(model);
  };
  for (const [lang, button] of buttons) button.addEventListener('click', () => model.speak(lang));
  model.listen((what) => {
    if (what.lang) write();
  });
  write();
}
