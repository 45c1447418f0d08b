/** The branches: what was changed in each, and where it parts. */
import { byId, make } from './dom.js';
import { Model } from './model.js';
import { word } from './words.js';

/**
 * @param {Model} model
 * @param {(branch: number) => Node[]} tools what stands beside a branch's button
 */
export function listBranches(model, tools) {
  const list = byId('branches');
  const which = /** @type {HTMLSelectElement} */ (byId('beside-which'));
  const write = () => {
    const { lang } = model;
    const { branches } = model.document;
    byId('branching').hidden = branches.length < 2;
    const buttons = branches.map((/** @type {any} */ branch, /** @type {number} */ number) => {
      const at = branch.parts_at;
      const parts = at === null ? word(lang, 'same') : `${word(lang, 'partsAt')} ${at + 1} ${word(lang, 'partsEnd')}`.trim();
      const where = branch.parent === null ? '' : ` · ${parts}`;
      const pressed = number === model.branch ? 'true' : 'false';
      const button = make(
        'button',
        { type: 'button', 'data-branch': number, 'aria-pressed': pressed },
        `${number + 1}. ${branch.title[lang]}`,
        make('small', {}, where),
      );
      return make('span', { class: 'branch' }, button, ...tools(number));
    });
    list.replaceChildren(...buttons);
    const others = branches.map((/** @type {any} */ branch, /** @type {number} */ number) =>
      make('option', { value: number, selected: number === model.other }, `${number + 1}. ${branch.title[lang]}`),
    );
    which.replaceChildren(...others.filter((/** @type {any} */ _, /** @type {number} */ number) => number !== model.branch));
  };
  list.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('[data-branch]') : null;
    if (!(button instanceof HTMLElement)) return;
    model.enter(Number(button.dataset.branch));
    // The list was written anew: the focus stays where it was.
    /** @type {HTMLElement|null} */ (list.querySelector(`[data-branch="${model.branch}"]`))?.focus();
  });
  // Before the diagram hears of it, which stands in a module further on.
  which.addEventListener('change', () => {
    model.chosen = Number(which.value);
  });
  model.listen((what) => {
    if (what.branch || what.lang) write();
  });
  write();
}
