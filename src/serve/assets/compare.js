/** The page that holds a scenario against the real kernel. */
import { byId } from '/assets/page/dom.js';
import { Errand, get } from './api.js';
import { dress, entitle, sayer } from './dress.js';
import { inLang, pick } from './lang.js';
import { LiveRun } from './live-run.js';
import { readWishes } from './wishes.js';
import { COMPARE } from './words/compare.js';

const say = sayer(COMPARE);
const scenario = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const { set, seed } = readWishes(location.search);
const drop = new URLSearchParams(location.search).getAll('drop').slice(0, 16);
/** @type {any} */
let lesson = null;

/** @param {Partial<import('./lang.js').Text>} why */
function unable({ en, zh }) {
  return en && zh ? say('impossible', { why: pick({ en, zh }).replace(/[.。]$/, '') }) : say('impossibleUnsaid');
}

function write() {
  const title = lesson ? pick(lesson.title) : scenario;
  entitle(`${title} · ${say('kind')}`);
  byId('title').textContent = title;
  byId('crumb').textContent = [say('kind'), scenario].join(' · ');
  const asked = [...Object.entries(set).map(([key, value]) => `${key} = ${value}`), ...drop.map((what) => say('lost', { what }))];
  if (seed !== undefined) asked.push(`seed = ${seed}`);
  byId('compare-asked').textContent = asked.length ? say('asked', { what: asked.join(', ') }) : '';
  const impossible = lesson && (lesson.impossible ?? (lesson.live === false ? {} : null));
  const seconds = lesson?.live_seconds;
  const lasts = typeof seconds === 'number' ? say('lasts', { seconds: Math.max(1, Math.round(seconds)) }) : say('lastsUnknown');
  byId('compare-lasts').textContent = impossible ? unable(impossible) : lasts;
  /** @type {HTMLButtonElement} */ (byId('compare-run')).disabled = Boolean(impossible);
}

dress(say);
byId('lesson-link').setAttribute('href', `/lesson/${encodeURIComponent(scenario)}${location.search}`);
new LiveRun(say, () => ({ scenario, set, drop, ...(seed === undefined ? {} : { seed }) }));
inLang(write);
try {
  const { scenarios } = await get('/api/lessons', new Errand().begin());
  lesson = scenarios.find((/** @type {any} */ one) => one.name === scenario) ?? null;
} catch {
  // Without the list the page only lacks the title; running says what is wrong with the server.
}
write();
