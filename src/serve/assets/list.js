/** The list of lessons: by topic, and what a search finds in titles, names and texts of both languages. */
import { byId, make, unwrapped } from '/assets/page/dom.js';
import { asFailure, calledOff, Errand, get } from './api.js';
import { dress, entitle, sayer } from './dress.js';
import { inLang, lang } from './lang.js';
import { Status } from './status.js';
import { LIST } from './words/list.js';

/** @typedef {import('./lang.js').Text} Text */
/** @typedef {{name: string, topic: string, title: Text, cites: string[], live: boolean, lesson?: Text, knobs?: number}} Lesson */

const say = sayer(LIST);
const search = /** @type {HTMLInputElement} */ (byId('lesson-search'));
const status = new Status(byId('status'));
const errand = new Errand();
/** @type {{topics: {name: string, title: Text}[], scenarios: Lesson[]}|null} */
let all = null;

/** Everything a search looks into. @param {Lesson} lesson */
function text({ name, title, topic, cites, lesson }) {
  return [name, topic, title.en, title.zh, ...cites, unwrapped(lesson?.en ?? ''), unwrapped(lesson?.zh ?? '')].join(' ').toLowerCase();
}

/** @param {Lesson[]} lessons */
function matching(lessons) {
  const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  return lessons.filter((lesson) => wanted.every((one) => text(lesson).includes(one)));
}

/** The beginning of the lesson: its first sentence. @param {Lesson} lesson */
function gist(lesson) {
  const words = unwrapped(lesson.lesson?.[lang()] ?? '');
  const end = words.search(lang() === 'zh' ? /[。？！]/ : /[.?!](\s|$)/);
  return end < 0 ? words : words.slice(0, end + 1);
}

/** @param {Lesson} lesson */
function card(lesson) {
  const knobs = lesson.knobs ? [make('span', {}, lesson.knobs === 1 ? say('oneKnob') : say('knobs', { n: lesson.knobs }))] : [];
  const live = lesson.live ? [] : [make('span', {}, say('simulatedOnly'))];
  return make(
    'li',
    {},
    make('a', { href: `/lesson/${lesson.name}`, 'data-lesson': lesson.name }, make('strong', {}, lesson.title[lang()]), make('span', { class: 'gist' }, gist(lesson))),
    make('p', { class: 'tags' }, make('code', {}, lesson.name), ...live, ...knobs),
  );
}

function write() {
  if (!all) return;
  const found = matching(all.scenarios);
  const topics = all.topics.filter(({ name }) => found.some((lesson) => lesson.topic === name));
  const sections = topics.map(({ name, title }) => {
    const cards = found.filter((lesson) => lesson.topic === name).map(card);
    const heading = make('h2', { id: `topic-${name}` }, title[lang()]);
    return make('section', { 'aria-labelledby': `topic-${name}` }, heading, make('ul', { class: 'cards' }, ...cards));
  });
  byId('lessons').replaceChildren(...(found.length ? sections : [nothing()]));
  const n = found.length;
  byId('lesson-count').textContent = search.value.trim() ? say('found', { n, all: all.scenarios.length }) : say('count', { n });
}

function nothing() {
  const button = make('button', { type: 'button' }, say('all'));
  button.addEventListener('click', () => {
    search.value = '';
    write();
    search.focus();
  });
  return make('div', { class: 'empty' }, make('p', {}, say('none', { text: search.value.trim() })), button);
}

async function fetchAll() {
  status.tell({ words: () => say('loading'), busy: true });
  try {
    const list = await get('/api/lessons', errand.begin());
    /** @type {string[]} */
    const names = [...new Set(/** @type {string[]} */ (list.scenarios.map((/** @type {Lesson} */ lesson) => lesson.topic)))];
    all = { scenarios: list.scenarios, topics: list.topics ?? names.map((name) => ({ name, title: { en: name, zh: name } })) };
    status.hush();
    write();
  } catch (error) {
    if (calledOff(error)) return;
    const again = { label: () => say('retry'), does: () => void fetchAll() };
    status.tell({ words: asFailure(error).text, trouble: true, act: again });
  }
}

dress(say);
inLang(() => {
  entitle(say('lessons'));
  write();
});
search.addEventListener('input', write);
// `/` goes to the search field, as in many lists.
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLElement && event.target.closest('input, textarea, select')) return;
  event.preventDefault();
  search.focus();
});
await fetchAll();
