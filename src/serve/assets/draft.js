/** What a learner writes is kept in this browser, and nowhere else. */

const NOW = 'wirewalk.draft';
const BEFORE = 'wirewalk.draft.before';

/** @returns {string|null} */
export const draft = () => localStorage.getItem(NOW);

/** What stood there before something else was taken in its place. @returns {string|null} */
export const draftBefore = () => localStorage.getItem(BEFORE);

/** @param {string} text */
export function keepDraft(text) {
  try {
    localStorage.setItem(NOW, text);
  } catch {
    // A full store loses nothing that is on the page.
  }
}

/** Keeps what stands there, unless it is nothing or the same as what comes. @param {string} text @param {string} next */
export function setAside(text, next) {
  if (text.trim() === '' || text === next) return;
  try {
    localStorage.setItem(BEFORE, text);
  } catch {
    // As above.
  }
}
