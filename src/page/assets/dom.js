/** Small helpers around the document tree. Text is only ever set as text, never as markup. */

/**
 * The element of that id; it has to be there.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id}`);
  return found;
}

/**
 * A new element.
 * @param {string} tag
 * @param {Record<string, string|number|boolean>} [attributes] false leaves one out, true gives an empty one
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Scrolls a box, never the page, so that something inside is seen. Done once for a frame, when everything is written:
 * reading places in between would lay the page out again and again.
 * @param {Element} box
 * @param {() => Element|undefined} inside
 * @param {number} room pixels kept around it
 */
export function keepInSight(box, inside, room) {
  requestAnimationFrame(() => {
    const seen = inside();
    if (!seen) return;
    const [outer, inner] = [box.getBoundingClientRect(), seen.getBoundingClientRect()];
    const margin = Math.min(room, outer.height / 4);
    if (inner.bottom > outer.bottom - margin) box.scrollTop += inner.bottom - outer.bottom + margin;
    else if (inner.top < outer.top + margin) box.scrollTop += inner.top - outer.top - margin;
  });
}

/**
 * How many of the sorted numbers are at most `limit`.
 * @param {number[]} sorted
 * @param {number} limit
 */
export function countUpTo(sorted, limit) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
