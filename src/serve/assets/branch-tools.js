/** Beside each branch that a learner made: a name for it, and a way to be rid of it. */
import { byId, make } from '/assets/page/dom.js';
import { offspring } from './wishes.js';

/** @typedef {import('./walkway.js').Walkway} Walkway */

/**
 * @param {() => Walkway} walkway
 * @param {(key: string, values?: Record<string, string|number>) => string} say
 * @returns {(branch: number) => Node[]}
 */
export function branchTools(walkway, say) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('naming'));
  const input = /** @type {HTMLInputElement} */ (byId('naming-name'));
  let named = 0;
  const finish = () => {
    dialog.close();
    void walkway()
      .rename(named, input.value.trim())
      .then(() => walkway().focusOn(named));
  };
  byId('naming-form').addEventListener('submit', (event) => {
    event.preventDefault();
    finish();
  });
  byId('naming-cancel').addEventListener('click', () => dialog.close());
  return (branch) => {
    const wish = walkway().wishes.branches[branch - 1];
    if (!wish) return [];
    const title = walkway().model?.document.branches[branch]?.title;
    const called = wish.name ?? String(branch + 1);
    const rename = make('button', { type: 'button', class: 'small', 'aria-label': say('rename', { called }), title: say('rename', { called }) }, '✎');
    rename.addEventListener('click', () => {
      named = branch;
      input.value = wish.name ?? '';
      input.placeholder = title?.[walkway().model?.lang ?? 'en'] ?? '';
      dialog.showModal();
      input.select();
    });
    const more = offspring(walkway().wishes, branch);
    const words = more ? say('removeAll', { called, more }) : say('remove', { called });
    const remove = make('button', { type: 'button', class: 'small', 'aria-label': words, title: words }, '×');
    remove.addEventListener('click', () => void walkway().remove(branch));
    return [rename, remove];
  };
}
