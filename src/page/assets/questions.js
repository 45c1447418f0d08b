/** Questions on the way: asked before the step that shows the answer, which the engine has read off the trace. A step
 * forward waits until the question is answered or skipped; whoever jumps is not held. */
import { byId, make } from './dom.js';
import { isRight, letterOf } from './grading.js';
import { Model } from './model.js';
import { word } from './words.js';

/** @typedef {{typed: string, right: boolean, skipped: boolean}} Given */

/** What the learner said to the questions. */
class Answers {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** By branch, question and what is right there: all of it may change. @type {Map<string, Given>} */
    this.given = new Map();
  }

  /** @param {any} question */
  key(question) {
    return [this.model.run.name, this.model.document.texts.get(question.ask, 'en', false), question.answers[0]].join('\n');
  }

  /** @param {any} question */
  get(question) {
    return this.given.get(this.key(question));
  }

  /** @param {any} question @param {string} typed */
  answer(question, typed) {
    this.given.set(this.key(question), { typed, right: isRight(question, typed), skipped: false });
  }

  /** @param {any} question */
  skip(question) {
    this.given.set(this.key(question), { typed: '', right: false, skipped: true });
  }

  /** How many are right, of how many answered, and how many were skipped. */
  score() {
    const all = [...this.given.values()];
    const count = (/** @type {(one: Given) => boolean} */ fits) => all.filter(fits).length;
    return { right: count((one) => one.right), answered: count((one) => !one.skipped), skipped: count((one) => one.skipped) };
  }
}

/** @param {Model} model */
export function askQuestions(model) {
  const pane = byId('questions');
  const asking = /** @type {HTMLInputElement} */ (byId('asking'));
  const answers = new Answers(model);
  const say = (/** @type {string} */ key) => word(model.lang, key);
  const open = (/** @type {number} */ step) =>
    asking.checked ? model.run.questions.filter((/** @type {any} */ one) => one.step === step && !answers.get(one)) : [];

  const score = () => {
    const { right, answered, skipped } = answers.score();
    const rest = skipped ? ` · ${say('skipped')} ${skipped}` : '';
    return make('p', { class: 'score' }, `${say('score')} ${right} / ${answered}${rest}`);
  };

  const onward = () => {
    write();
    const next = /** @type {HTMLElement|null} */ (pane.querySelector('form input, #question-on'));
    next?.focus();
  };

  /** What there is to choose from: to be marked, or to be clicked in its order. */
  const offers = (/** @type {any} */ question, /** @type {number} */ number) =>
    question.options.map((/** @type {any} */ option, /** @type {number} */ place) => {
      const words = `${letterOf(place)}  ${model.text(option)}`;
      if (question.kind === 'order') {
        const rank = make('span', { class: 'rank' });
        return make('li', {}, make('button', { type: 'button', class: 'pick', value: letterOf(place), 'aria-pressed': 'false' }, words, rank));
      }
      const mark = make('input', { type: 'radio', name: `answer-${number}`, value: letterOf(place) });
      return make('li', {}, make('label', {}, mark, ' ', words));
    });

  /** What is clicked is written, and what is written is marked with its place. @param {HTMLElement} box @param {HTMLInputElement} input */
  const putInOrder = (box, input) => {
    const picks = /** @type {HTMLButtonElement[]} */ ([...box.querySelectorAll('.pick')]);
    const written = () => {
      const letters = [...input.value.toUpperCase()].filter((letter) => picks.some((pick) => pick.value === letter));
      return [...new Set(letters)];
    };
    const mark = () => {
      const order = written();
      for (const pick of picks) {
        const place = order.indexOf(pick.value);
        pick.setAttribute('aria-pressed', String(place >= 0));
        const rank = pick.querySelector('.rank');
        if (rank) rank.textContent = place < 0 ? '' : ` · ${place + 1}`;
      }
    };
    for (const pick of picks) {
      pick.addEventListener('click', () => {
        const order = written();
        const next = order.includes(pick.value) ? order.filter((letter) => letter !== pick.value) : [...order, pick.value];
        input.value = next.join(' ');
        mark();
      });
    }
    input.addEventListener('input', mark);
  };

  const form = (/** @type {any} */ question, /** @type {number} */ number) => {
    const typing = question.kind !== 'choice';
    const input = /** @type {HTMLInputElement} */ (make('input', { type: 'text', id: `answer-${number}`, autocomplete: 'off', maxlength: 80 }));
    const skip = make('button', { type: 'button', class: 'question-skip' }, say('skip'));
    const ask = make('p', { class: 'ask', id: `ask-${number}` }, `${say('question')}: ${model.text(question.ask)}`);
    const box = make('form', { class: 'question' }, ask);
    if (question.options.length) {
      // The marks of a choice belong together, and the question is what they are called.
      const role = question.kind === 'choice' ? 'radiogroup' : 'group';
      const list = make('ul', { class: 'offers', role: 'list' }, ...offers(question, number));
      box.append(make('div', { role, 'aria-labelledby': `ask-${number}` }, list));
    }
    if (typing) box.append(make('label', { for: `answer-${number}` }, say(question.kind === 'order' ? 'order' : 'answer')), ' ', input, ' ');
    if (question.kind === 'order') putInOrder(box, input);
    box.append(make('button', {}, say('check')), ' ', skip);
    box.addEventListener('submit', (event) => {
      event.preventDefault();
      const marked = /** @type {HTMLInputElement|null} */ (box.querySelector('input:checked'));
      const typed = typing ? input.value : (marked?.value ?? '');
      if (typed.trim() === '') return;
      answers.answer(question, typed);
      onward();
    });
    skip.addEventListener('click', () => {
      answers.skip(question);
      if (open(model.step + 1).length > 0 || question.step === model.step || model.step === model.last) onward();
      else model.advance();
    });
    return box;
  };

  /** The lines in their right order: letters alone say little once the lines are gone. @param {any} question */
  const inOrder = (question) => {
    const lines = question.answers[0].split(' ').map((/** @type {string} */ letter) => {
      const option = question.options[letter.charCodeAt(0) - 65];
      return make('li', {}, `${letter}  ${option === undefined ? '' : model.text(option)}`);
    });
    return [make('p', {}, say('rightOrder')), make('ol', { class: 'offers', role: 'list' }, ...lines)];
  };

  /** The record that proves the answer, why it happened, and the way there; or the run that shows it. @param {any} question */
  const proof = (question) => {
    const { what, why, cite, step, change } = question.proof;
    const box = make('div', { class: 'proof' });
    if (change !== null) {
      const run = `wirewalk run ${model.document.scenario} ${change}`;
      box.append(make('p', {}, say('shownBy'), ' ', make('code', {}, run)));
    }
    if (what === null) return box;
    box.append(make('p', {}, model.text(what)));
    const because = model.text(why);
    if (because || cite) box.append(make('p', { class: 'because' }, because, ...(cite ? [' ', make('cite', {}, cite)] : [])));
    // The next step is where one is led anyway.
    if (step !== null && step !== model.step && step !== model.step + 1) {
      const see = make('button', { type: 'button', class: 'see-step' }, `${say('seeStep')} ${step + 1} ${say('seeStepEnd')}`.trim());
      see.addEventListener('click', () => {
        model.go(step);
        byId('step-next').focus();
      });
      box.append(see);
    }
    return box;
  };

  const verdict = (/** @type {any} */ question, /** @type {Given} */ given) => {
    const words = given.right ? `✓ ${say('right')}` : `✗ ${say('wrong')} ${model.text(question.right)}`;
    const box = make('div', { class: 'question' }, make('p', { class: 'ask' }, model.text(question.ask)));
    box.append(make('p', { class: given.right ? 'good' : 'bad', role: 'status' }, words));
    if (!given.right) box.append(make('p', { class: 'yours' }, `${say('yours')} ${given.typed}`));
    if (question.kind === 'order') box.append(...inOrder(question));
    if (!given.right) box.append(proof(question));
    box.append(score());
    if (question.step === model.step + 1 && question.step <= model.last && open(question.step).length === 0) {
      const on = make('button', { type: 'button', id: 'question-on' }, say('goOn'));
      on.addEventListener('click', () => {
        model.advance();
        byId('step-next').focus();
      });
      box.append(on);
    }
    return box;
  };

  const write = () => {
    const { questions } = model.run;
    byId('asking-label').hidden = questions.length === 0;
    /** @type {HTMLElement[]} */
    const shown = [];
    questions.forEach((/** @type {any} */ question, /** @type {number} */ number) => {
      const given = answers.get(question);
      // The very first step shows its answer at once.
      const due = question.step === model.step + 1 || (question.step === 0 && model.step === 0);
      if (given && !given.skipped && (due || question.step === model.step)) shown.push(verdict(question, given));
      else if (!given && due && asking.checked) shown.push(form(question, number));
    });
    if (questions.length && model.step === model.last && answers.given.size && shown.length === 0) {
      shown.push(make('div', { class: 'question', role: 'status' }, score()));
    }
    // Nothing is written where nothing stands and nothing comes: most steps.
    if (shown.length || pane.hasChildNodes()) pane.replaceChildren(...shown);
  };

  model.hold((to) => {
    if (open(to).length === 0) return false;
    const input = /** @type {HTMLElement|null} */ (pane.querySelector('form input'));
    if (!pane.querySelector('.held')) input?.closest('form')?.prepend(make('p', { class: 'held', role: 'status' }, say('answerFirst')));
    input?.focus();
    return true;
  });
  asking.addEventListener('change', write);
  model.listen((what) => {
    if (what.questions !== undefined) asking.checked = what.questions;
    if (what.step || what.branch || what.lang || what.questions !== undefined) write();
  });
  write();
}
