/** The form of everything that can be set differently: the scenario's knobs, the profile, the seed. */
import { byId, make } from '/assets/page/dom.js';
import { lang } from './lang.js';
import { holding } from './wishes.js';

/** @typedef {import('./walkway.js').Walkway} Walkway */
/** @typedef {{name: string, label: string, help: string, value: string, input: HTMLInputElement|HTMLSelectElement}} Field */

/** @param {string[]} words @param {string} value */
function select(words, value) {
  const options = words.map((word) => make('option', { value: word, selected: word === value }, word));
  return /** @type {HTMLSelectElement} */ (make('select', {}, ...options));
}

/** @param {Record<string, string|number|boolean>} attributes */
const input = (attributes) => /** @type {HTMLInputElement} */ (make('input', { autocomplete: 'off', required: true, ...attributes }));

/** What a knob may be, as a form has it. @param {any} knob @param {string} value */
function control(knob, value) {
  if (knob.kind === 'choice') return select(knob.choice, value);
  if (knob.kind === 'integer') return input({ type: 'number', min: knob.min, max: knob.max, step: 1, value });
  return input({ type: 'text', maxlength: 24, pattern: ' *[0-9.]+ *(ns|us|ms|s|min|h|d) *', value });
}

/** @param {any} knob @param {(key: string, values?: Record<string, string|number>) => string} say */
function range(knob, say) {
  return knob.kind === 'choice' ? '' : say('range', { min: knob.min, max: knob.max });
}

/**
 * @param {Walkway} walkway
 * @param {(key: string, values?: Record<string, string|number>) => string} say
 */
export function knobForm(walkway, say) {
  const form = /** @type {HTMLFormElement} */ (byId('knobs'));
  /** @type {Field[]} */
  let fields = [];

  const read = () => {
    const { model } = walkway;
    if (!model) return [];
    const doc = model.document;
    const { set, seed } = holding(walkway.wishes, model.branch);
    const knobs = doc.knobs.map((/** @type {any} */ knob) => {
      const value = set[knob.name] ?? knob.value;
      const help = `${knob.means[lang()]}${range(knob, say)}`;
      return { name: knob.name, label: knob.name, help, value, input: control(knob, value) };
    });
    const profile = set.profile ?? doc.profile;
    const chance = String(seed ?? doc.seed);
    return [
      ...knobs,
      { name: 'profile', label: say('profile'), help: say('profileHelp'), value: profile, input: select(['linux', 'rfc9293'], profile) },
      { name: 'seed', label: say('seed'), help: say('seedHelp'), value: chance, input: input({ type: 'number', min: 0, step: 1, value: chance }) },
    ];
  };

  const row = (/** @type {Field} */ field) => {
    const id = `knob-${field.name}`;
    field.input.id = id;
    field.input.name = field.name;
    field.input.setAttribute('aria-describedby', `${id}-help`);
    const mark = () => place.classList.toggle('changed', field.input.value.trim() !== field.value);
    const place = make(
      'div',
      { class: 'field-row' },
      make('label', { for: id }, field.label),
      field.input,
      make('p', { class: 'help', id: `${id}-help` }, field.help),
    );
    field.input.addEventListener('input', mark);
    return place;
  };

  const write = () => {
    const { model } = walkway;
    if (!model) return;
    fields = read();
    const name = input({ type: 'text', id: 'knob-name', maxlength: 60, required: false });
    const named = make(
      'div',
      { class: 'field-row' },
      make('label', { for: 'knob-name' }, say('branchName')),
      name,
      make('p', { class: 'help' }, say('branchNameHelp')),
    );
    const from = make('p', { class: 'muted' }, say('knobsFrom', { title: model.run.title[lang()], number: model.branch + 1 }));
    const note = make('p', { id: 'knobs-note', class: 'note', role: 'status' });
    const anew = make('button', { type: 'button', id: 'knobs-anew' }, say('runAnew'));
    anew.addEventListener('click', () => form.reportValidity() && runAnew());
    const buttons = make('div', { class: 'actions' }, make('button', { class: 'main', id: 'knobs-branch' }, say('runBranch')), anew);
    form.replaceChildren(from, make('div', { class: 'fields' }, ...fields.map(row), named), buttons, note);
  };

  /** What stands otherwise than in the branch one is in. */
  const changes = () => {
    /** @type {Record<string, string>} */
    const set = {};
    /** @type {number|undefined} */
    let seed;
    for (const field of fields) {
      const value = field.input.value.trim();
      if (value === field.value) continue;
      if (field.name === 'seed') seed = Number(value);
      else set[field.name] = value;
    }
    return { set, seed, any: seed !== undefined || Object.keys(set).length > 0 };
  };

  const runAnew = () => {
    const { set, seed } = changes();
    const held = holding(walkway.wishes, walkway.model?.branch ?? 0);
    const chance = seed ?? held.seed;
    void walkway.run({ set: { ...held.set, ...set }, ...(chance === undefined ? {} : { seed: chance }), branches: [] }, { branch: 0, step: 0 });
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { set, seed, any } = changes();
    if (!any) {
      byId('knobs-note').textContent = say('nothingChanged');
      return;
    }
    const name = /** @type {HTMLInputElement} */ (byId('knob-name')).value.trim();
    const wish = { parent: walkway.model?.branch ?? 0, ...(Object.keys(set).length ? { set } : {}) };
    void walkway.grow({ ...wish, ...(seed === undefined ? {} : { seed }), ...(name ? { name } : {}) });
  });
  walkway.keepWritten(write);
}
