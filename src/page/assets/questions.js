/** Questions on the way: asked at the step before the answer is shown; the engine has read the answers off the trace. */
import { byId, make } from './dom.js';
import { Model } from './model.js';
import { word } from './words.js';

/**
 * An answer as it is compared: case, spaces and separators do not matter; of flags neither does the order.
 * @param {string} text
 * @param {boolean} letters
 */
export function canonical(text, letters) {
  const kept = [...text.toLowerCase().replace(/[\s,_]/g, '')];
  return (letters ? kept.sort() : kept).join('');
}

/** @param {Model} model */
export function askQuestions(model) {
  const pane = byId('questions');
  /** What was answered, by branch, question and what is right there: all of it may change. @type {Map<string, {typed: string, right: boolean}>} */
  const given = new Map();
  const key = (/** @type {any} */ question) => [model.run.name, model.document.texts.get(question.ask, 'en', false), question.answers[0]].join('\n');
  const isRight = (/** @type {any} */ question, /** @type {string} */ typed) =>
    question.answers.some((/** @type {string} */ right) => canonical(right, question.letters) === canonical(typed, question.letters));

  const verdict = (/** @type {any} */ question, /** @type {boolean} */ right) => {
    const words = right ? `✓ ${word(model.lang, 'right')}` : `✗ ${word(model.lang, 'wrong')} ${question.answers[0]}`;
    return make('p', { class: right ? 'good' : 'bad', role: 'status' }, words);
  };

  const score = () => {
    const answers = [...given.values()];
    const right = answers.filter((answer) => answer.right).length;
    return make('p', { class: 'muted' }, `${word(model.lang, 'score')} ${right} / ${answers.length}`);
  };

  const form = (/** @type {any} */ question, /** @type {number} */ number) => {
    const input = /** @type {HTMLInputElement} */ (make('input', { type: 'text', id: `answer-${number}`, autocomplete: 'off', maxlength: 80 }));
    const box = make(
      'form',
      { class: 'question' },
      make('p', { class: 'ask' }, `${word(model.lang, 'question')}: ${model.text(question.ask)}`),
      make('label', { for: `answer-${number}` }, word(model.lang, 'answer')),
      ' ',
      input,
      ' ',
      make('button', {}, word(model.lang, 'check')),
    );
    box.addEventListener('submit', (event) => {
      event.preventDefault();
      if (input.value.trim() === '') return;
      given.set(key(question), { typed: input.value, right: isRight(question, input.value) });
      write();
    });
    return box;
  };

  const write = () => {
    /** @type {HTMLElement[]} */
    const shown = [];
    model.run.questions.forEach((/** @type {any} */ question, /** @type {number} */ number) => {
      const answer = given.get(key(question));
      // Before its answer is shown, which is the step before; the very first step shows its answer at once.
      const due = question.step === model.step + 1 || (question.step === 0 && model.step === 0);
      if (!due && !(answer && question.step === model.step)) return;
      if (!answer) shown.push(form(question, number));
      else shown.push(make('div', { class: 'question' }, make('p', { class: 'ask' }, model.text(question.ask)), verdict(question, answer.right), score()));
    });
    pane.replaceChildren(...shown);
  };
  model.listen((what) => {
    if (what.step || what.branch || what.lang) write();
  });
  write();
}
