/** The editor: a scenario written here, checked while it is written, run and walked through. */
import { byId, make } from '/assets/page/dom.js';
import { asFailure, calledOff, Errand, get, getText } from './api.js';
import { branchTools } from './branch-tools.js';
import { Checker } from './checker.js';
import { Code } from './code.js';
import { downloads, save } from './downloads.js';
import { draft, draftBefore, keepDraft, setAside } from './draft.js';
import { dress, entitle, sayer } from './dress.js';
import { knobForm } from './knobs.js';
import { inLang, lang } from './lang.js';
import { LiveRun } from './live-run.js';
import { panels } from './panels.js';
import { Walkway } from './walkway.js';
import { holding, nothing } from './wishes.js';
import { EDIT } from './words/edit.js';

/** Octets that a scenario may have. */
const MOST = 256 * 1024;

const say = sayer(EDIT);
const errand = new Errand();
const code = new Code(() => {
  keepDraft(code.text);
  checker.soon();
});
const checker = new Checker(code, say);
/** @type {Walkway} */
const walkway = new Walkway({
  say,
  tools: branchTools(() => walkway, say),
  mistakes: ({ mistakes }) => {
    // Those of a knob stand in no line of the text.
    const here = mistakes.filter(({ file }) => !file?.startsWith('--'));
    if (here.length) checker.found(here);
  },
});
const origin = /** @type {HTMLSelectElement} */ (byId('editor-template'));
const file = /** @type {HTMLInputElement} */ (byId('editor-file'));

/** Puts another text into the field; what stood there can be had back. @param {string} text */
function take(text) {
  setAside(code.text, text);
  code.put(text);
  keepDraft(text);
  restorable();
  void checker.check();
}

function restorable() {
  const before = draftBefore();
  byId('editor-restore').hidden = before === null || before === code.text;
}

/** @param {string} name of a lesson; empty for the template */
async function fetchText(name) {
  const path = name ? `/api/lessons/${encodeURIComponent(name)}` : `/api/template?lang=${lang()}`;
  try {
    take(await getText(path, errand.begin()));
  } catch (error) {
    if (!calledOff(error)) walkway.status.tell({ words: asFailure(error).text, trouble: true });
  }
}

async function run() {
  walkway.target = { source: code.text };
  void checker.check();
  if (!(await walkway.run(nothing(), { branch: 0, step: 0 }))) return;
  byId('walk-place').hidden = false;
  byId('walk-place').scrollIntoView({ block: 'start' });
  byId('title').focus({ preventScroll: true });
}

async function openFile() {
  const [chosen] = file.files ?? [];
  file.value = '';
  if (!chosen) return;
  const refuse = (/** @type {string} */ key) => walkway.status.tell({ words: () => say(key), trouble: true });
  if (chosen.size > MOST) return refuse('tooLong');
  try {
    take(new TextDecoder('utf-8', { fatal: true }).decode(await chosen.arrayBuffer()));
  } catch {
    refuse('notText');
  }
}

async function lessons() {
  const { scenarios } = await get('/api/lessons', new Errand().begin());
  inLang(() => {
    const chosen = origin.value;
    const options = scenarios.map((/** @type {any} */ one) => make('option', { value: one.name }, one.title[lang()]));
    origin.replaceChildren(make('option', { value: '' }, say('template')), ...options);
    origin.value = chosen;
  });
}

dress(say);
panels(byId('tools'));
knobForm(walkway, say);
downloads(walkway, say);
new LiveRun(say, () => {
  const { set, seed, drop } = holding(walkway.wishes, walkway.model?.branch ?? 0);
  return { ...walkway.target, set, drop, ...(seed === undefined ? {} : { seed }) };
});
inLang(() => {
  byId('compare-lasts').textContent = say('lastsUnknown');
  if (!walkway.model) entitle(say('heading'));
});
byId('editor-run').addEventListener('click', () => void run());
byId('editor-save').addEventListener('click', () => save(new Blob([code.text], { type: 'application/toml' }), 'scenario.toml'));
byId('editor-open').addEventListener('click', () => file.click());
file.addEventListener('change', () => void openFile());
byId('editor-take').addEventListener('click', () => void fetchText(origin.value));
byId('editor-restore').addEventListener('click', () => take(draftBefore() ?? ''));
code.area.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  void run();
});

const kept = draft();
if (kept !== null) code.put(kept);
restorable();
const from = new URLSearchParams(location.search).get('from');
if (from !== null) {
  // Once: a reload must not write over what was changed since.
  history.replaceState(null, '', location.pathname + location.hash);
  await fetchText(from);
} else if (kept === null) {
  await fetchText('');
} else {
  void checker.check();
}
await lessons().catch(() => {});
