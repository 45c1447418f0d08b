/** The page that reads a capture: the file goes up, its connections come back, one of them is walked through. */
import { byId } from '/assets/page/dom.js';
import { start } from '/assets/page/page.js';
import { asFailure, calledOff, Errand, postBytes } from './api.js';
import { Connections } from './connections.js';
import { dress, entitle, sayer } from './dress.js';
import { inLang, lang, speak } from './lang.js';
import { Status } from './status.js';
import { INSPECT } from './words/inspect.js';

/** Octets of a capture that the server takes. */
const MOST = 64 * 1024 * 1024;
/** Frames that can be walked through at once. */
const LONGEST = 100_000;

const say = sayer(INSPECT);
const status = new Status(byId('status'));
const notice = new Status(byId('capture-broken'));
const errand = new Errand();
const upload = /** @type {HTMLInputElement} */ (byId('upload'));
const zone = byId('upload-zone');
const from = /** @type {HTMLInputElement} */ (byId('inspect-from'));
const to = /** @type {HTMLInputElement} */ (byId('inspect-to'));
const connections = new Connections(say, (number) => {
  if (number === null) void walk({ connection: 'all' }, () => say('rebuildingAll'));
  else void walk({ connection: String(number) }, () => say('rebuilding', { n: number }));
});
/** @type {File|null} */
let capture = null;
/** @type {import('/assets/page/model.js').Model|null} */
let model = null;

/** @param {number} octets */
function size(octets) {
  const units = ['B', 'KB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, octets)) / 3));
  return `${(octets / 1000 ** power).toFixed(power ? 1 : 0)} ${units[power]}`;
}

/** @param {() => string} words @param {() => Promise<void>} does */
async function busy(words, does) {
  const act = { label: () => say('cancel'), id: 'run-cancel', does: cancel };
  status.tell({ words, busy: true, act });
  try {
    await does();
  } catch (error) {
    if (!calledOff(error)) status.tell({ words: asFailure(error).text, trouble: true });
  }
}

function cancel() {
  errand.end();
  status.tell({ words: () => say('cancelled') });
}

/** What is wrong with the file, if anything, though part of it could be read. @param {any} broken */
function breaksOff(broken) {
  if (broken) notice.tell({ words: () => say('broken', { why: broken[lang()] }), trouble: true });
  else notice.hush();
}

/** @param {File} file */
async function survey(file) {
  if (file.size > MOST) {
    errand.end();
    status.tell({ words: () => say('tooLarge', { name: file.name, size: size(file.size), most: size(MOST) }), trouble: true });
    return;
  }
  capture = file;
  name();
  connections.show(null);
  notice.hush();
  byId('walk-place').hidden = true;
  await busy(
    () => say('reading', { name: file.name, size: size(file.size) }),
    async () => {
      const found = await postBytes('/api/inspect', file, errand.begin());
      connections.show(found);
      from.max = to.max = String(found.packets);
      from.value = '1';
      to.value = String(Math.min(found.packets, 2000));
      breaksOff(found.broken);
      status.hush();
      byId('connections-heading').focus();
    },
  );
}

/** Which file it is, beside the button. */
function name() {
  byId('upload-name').textContent = capture ? `${capture.name}, ${size(capture.size)}` : say('dropHere');
}

/** Walks through a range of frames, if it is one. */
function walkFrames() {
  const [first, last] = [Number(from.value), Number(to.value)];
  const n = last - first + 1;
  const note = byId('range-note');
  note.textContent = n < 1 ? say('wrongWay') : n > LONGEST ? say('tooMany', { n: n.toLocaleString('en') }) : '';
  if (note.textContent === '') void walk({ from: String(first), to: String(last) }, () => say('rebuildingFrames', { from: first, to: last }));
}

/** @param {Record<string, string>} what of the capture @param {() => string} words */
async function walk(what, words) {
  if (!capture) return;
  const file = capture;
  await busy(words, async () => {
    const answer = await postBytes(`/api/inspect?${new URLSearchParams(what)}`, file, errand.begin());
    show(answer.document);
    breaksOff(answer.broken);
    const { beyond, without_address: without } = answer;
    const left = () => [beyond > 0 ? say('shown', { n: beyond }) : '', without > 0 ? say('withoutAddress', { n: without }) : ''].filter(Boolean).join(' ');
    if (left()) status.tell({ words: left });
    else status.hush();
  });
}

/** @param {any} doc */
function show(doc) {
  byId('walk-place').hidden = false;
  if (model) model.renew(doc, { branch: 0, step: 0 });
  else begin(doc);
  byId('walk-place').scrollIntoView({ block: 'start' });
  byId('title').focus({ preventScroll: true });
}

/** @param {any} doc */
function begin(doc) {
  const shown = start(doc, { lang: lang() });
  model = shown;
  speak(shown.lang);
  shown.listen((what) => {
    if (what.lang) speak(shown.lang);
  });
  inLang((now) => shown.speak(now));
}

/** @param {FileList|undefined|null} files */
function taken(files) {
  const [file] = files ?? [];
  if (file) void survey(file);
}

dress(say);
inLang(() => {
  name();
  if (!model) entitle(say('heading'));
});
byId('inspect-range').addEventListener('submit', (event) => {
  event.preventDefault();
  walkFrames();
});
upload.addEventListener('change', () => taken(upload.files));
for (const name of ['dragenter', 'dragover']) {
  addEventListener(name, (event) => {
    event.preventDefault();
    zone.classList.add('over');
  });
}
addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) zone.classList.remove('over');
});
addEventListener('drop', (event) => {
  event.preventDefault();
  zone.classList.remove('over');
  taken(event.dataTransfer?.files);
});
