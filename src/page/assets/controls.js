/** Steps by button, slider, key and clock. Nothing moves before somebody asks for it. */
import { byId, make } from './dom.js';
import { Model } from './model.js';
import { word } from './words.js';

/** Plays steps one after another. */
class Player {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** @type {number|undefined} */
    this.timer = undefined;
    this.pace = /** @type {HTMLSelectElement} */ (byId('pace'));
    this.pace.addEventListener('change', () => {
      if (this.timer !== undefined) this.start();
    });
  }

  start() {
    clearInterval(this.timer);
    if (this.model.step >= this.model.last) this.model.go(0);
    this.timer = setInterval(() => {
      if (!this.model.advance() || this.model.step >= this.model.last) this.stop();
    }, Number(this.pace.value));
    this.label();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.label();
  }

  toggle() {
    if (this.timer === undefined) this.start();
    else this.stop();
  }

  label() {
    const button = byId('play');
    const playing = this.timer !== undefined;
    button.setAttribute('data-label', playing ? 'pause' : 'play');
    const words = word(this.model.lang, playing ? 'pause' : 'play');
    button.setAttribute('aria-label', words);
    button.title = words;
    button.textContent = word(this.model.lang, playing ? 'pauseShort' : 'playShort');
  }
}

/** Whether keys belong to what has the focus. @param {EventTarget|null} target @param {string} key */
function taken(target, key) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('input, select, textarea, dialog')) return true;
  return key === ' ' && target.closest('button, summary, a') !== null;
}

/** The sections that digits lead to, in the order of the digits from 1. */
const SECTIONS = ['diagram', 'story', 'layers', 'variables', 'calls', 'states', 'plots', 'verdicts', 'transcript'];

/** Shows a section and puts the focus on its heading. @param {number} number from 0 */
function visit(number) {
  const heading = byId(`${SECTIONS[number]}-heading`);
  const fold = heading.closest('details');
  if (fold) fold.open = true;
  heading.tabIndex = -1;
  heading.focus();
  heading.scrollIntoView({ block: 'nearest' });
}

/** @param {Model} model @param {Player} player */
function keys(model, player) {
  const help = /** @type {HTMLDialogElement} */ (byId('help'));
  /** @type {Record<string, () => void>} */
  const does = {
    ArrowRight: () => model.advance(),
    ArrowLeft: () => model.go(model.step - 1),
    Home: () => model.go(0),
    End: () => model.go(model.last),
    ' ': () => player.toggle(),
    '?': () => help.showModal(),
    d: () => document.getElementById('drop')?.click(),
    l: () => model.speak(model.lang === 'zh' ? 'en' : 'zh'),
  };
  SECTIONS.forEach((_, number) => (does[String(number + 1)] = () => visit(number)));
  addEventListener('keydown', (event) => {
    const act = does[event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey || taken(event.target, event.key)) return;
    event.preventDefault();
    if (event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End') player.stop();
    act();
  });
  byId('help-open').addEventListener('click', () => help.showModal());
  const list = byId('help-keys');
  const write = () => {
    const { lang } = model;
    const rows = [
      ['→', 'keyNext'],
      ['←', 'keyBack'],
      ['Home', 'keyFirst'],
      ['End', 'keyLast'],
      [word(lang, 'keySpaceName'), 'keySpace'],
      [`1-${SECTIONS.length}`, 'keySection'],
      ['d', 'keyDrop'],
      ['l', 'keyLang'],
      ['?', 'keyHelp'],
    ];
    list.replaceChildren(...rows.map(([key, does]) => make('div', {}, make('dt', {}, make('kbd', {}, key)), make('dd', {}, word(lang, does)))));
  };
  model.listen((what) => {
    if (what.lang) write();
  });
  write();
}

/** @param {Model} model */
export function control(model) {
  const player = new Player(model);
  const slider = /** @type {HTMLInputElement} */ (byId('slider'));
  /** @type {[string, () => void][]} */
  const buttons = [
    ['step-first', () => model.go(0)],
    ['step-back', () => model.go(model.step - 1)],
    ['step-next', () => model.advance()],
    ['step-last', () => model.go(model.last)],
  ];
  for (const [id, act] of buttons) {
    byId(id).addEventListener('click', () => {
      player.stop();
      act();
    });
  }
  byId('play').addEventListener('click', () => player.toggle());
  slider.addEventListener('input', () => {
    player.stop();
    model.go(Number(slider.value) - 1);
  });
  const write = () => {
    const total = model.run.steps.length;
    byId('position').textContent = `${total ? model.step + 1 : 0} / ${total}`;
    slider.max = String(Math.max(1, total));
    slider.value = String(model.step + 1);
    // Not `disabled`: the focus would be lost at either end.
    for (const id of ['step-first', 'step-back']) byId(id).setAttribute('aria-disabled', String(model.step === 0));
    for (const id of ['step-next', 'step-last']) byId(id).setAttribute('aria-disabled', String(model.step >= model.last));
  };
  model.listen((what) => {
    if (what.step || what.branch) write();
    if (what.branch) player.stop();
    if (what.lang) player.label();
  });
  keys(model, player);
  player.label();
  write();
}
