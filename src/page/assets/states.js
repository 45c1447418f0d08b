/** The state diagram with the ways that both ends have gone up to the present step; and the same in words. */
import { byId, make } from './dom.js';
import { Model } from './model.js';
import { LONG, drawn } from './plots.js';
import { draw } from './sheet.js';
import { word } from './words.js';

/** Ends that are told apart in the diagram. */
const ENDS = ['end0', 'end1'];
/** Pixels of a digit in a mark. */
const DIGIT = 7.2;

/**
 * Writes the numbers of the steps that took a way, each end's in its own shape, side by side.
 * @param {Element} way @param {number[][]} numbers of each end
 */
function mark(way, numbers) {
  const [x, y] = (way.getAttribute('data-mark') ?? '0 0').split(' ').map(Number);
  const texts = numbers.map((steps) => steps.join(','));
  const widths = texts.map((text) => (text ? Math.max(16, text.length * DIGIT + 8) : 0));
  const gap = widths.every((width) => width > 0) ? 3 : 0;
  let left = x - (widths.reduce((sum, width) => sum + width, 0) + gap) / 2;
  texts.forEach((text, end) => {
    if (!text) return;
    const [width, radius] = [widths[end], end === 0 ? 8 : 1];
    const number = draw('text', { class: 'number step', x: left + width / 2, y: y + 4, 'text-anchor': 'middle' }, text);
    way.append(draw('rect', { class: `mark step ${ENDS[end]}`, x: left, y: y - 8, width, height: 16, rx: radius }), number);
    left += width + gap;
  });
}

/** @param {Model} model */
export function showStates(model) {
  const pane = /** @type {HTMLDetailsElement} */ (byId('states'));
  const [box, words] = [byId('states-drawing'), byId('states-words')];
  /** What is drawn: its language, and how far each end has come. */
  let shown = '';
  let lang = '';
  /** @type {Map<string, Element>} */
  let ways = new Map();
  /** @type {Map<string, Element[]>} */
  let states = new Map();

  const prepare = () => {
    const svg = drawn(model, model.document.state_diagram[model.lang]);
    box.replaceChildren(svg);
    ways = new Map([...svg.querySelectorAll('[data-way]')].map((way) => [way.getAttribute('data-way') ?? '', way]));
    states = new Map();
    for (const state of svg.querySelectorAll('[data-state]')) {
      const name = state.getAttribute('data-state') ?? '';
      states.set(name, [...(states.get(name) ?? []), state]);
    }
  };

  /** The states that each end has passed up to now. */
  const passed = () =>
    model.run.walked.map((/** @type {any} */ [who, start, steps]) => {
      const gone = steps.filter((/** @type {any} */ [step]) => step <= model.step);
      return { who, states: [start, ...gone.map((/** @type {any} */ [, to]) => to)] };
    });

  const light = (/** @type {{who: string, states: string[]}[]} */ ends) => {
    for (const way of ways.values()) way.classList.remove('lit', 'both', ...ENDS);
    for (const way of ways.values()) for (const old of way.querySelectorAll('.step')) old.remove();
    for (const state of [...states.values()].flat()) state.classList.remove('passed', 'last0', 'last1');
    ends.slice(0, ENDS.length).forEach(({ states: names }, end) => {
      names.forEach((name, at) => {
        for (const state of states.get(name) ?? []) {
          state.classList.add('passed');
          if (at === names.length - 1) state.classList.add(`last${end}`);
        }
        const way = ways.get(`${names[at - 1]}>${name}`);
        if (!way) return;
        const other = ENDS[1 - end];
        const both = way.classList.contains(other) || way.classList.contains('both');
        way.classList.remove(...ENDS);
        way.classList.add('lit', both ? 'both' : ENDS[end]);
      });
    });
    for (const [id, way] of ways) {
      const taken = ends.slice(0, ENDS.length).map(({ states: names }) => names.flatMap((name, at) => (at > 0 && `${names[at - 1]}>${name}` === id ? [at] : [])));
      if (taken.some((steps) => steps.length)) mark(way, taken);
    }
  };

  const write = () => {
    byId('states-pane').hidden = model.run.walked.length === 0;
    if (!pane.open) return;
    const ends = passed();
    const now = `${model.branch} ${model.lang} ${ends.map((/** @type {any} */ end) => end.states.length)}`;
    if (now === shown) return;
    shown = now;
    if (lang !== model.lang) prepare();
    lang = model.lang;
    light(ends);
    const line = (/** @type {any} */ end, /** @type {number} */ at) =>
      make('p', { class: ENDS[at] ?? '' }, make('strong', {}, end.who), ` ${end.states.join(' → ')}`);
    const none = make('p', { class: 'muted' }, word(model.lang, 'noStates'));
    words.replaceChildren(...(ends.length ? ends.map(line) : [none]));
  };
  pane.addEventListener('toggle', write);
  model.listen((what) => {
    if (what.document) shown = '';
    if (what.step || what.branch || what.lang) write();
  });
  pane.open = model.document.branches[0].frames.length < LONG;
  write();
}
