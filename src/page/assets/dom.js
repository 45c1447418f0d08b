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
 * @param {number} room pixels kept around it
 * @param {() => {top: number, bottom: number, height: number}|null} measure where it stands inside the box, and how high the box is
 */
export function scrollInto(box, room, measure) {
  requestAnimationFrame(() => {
    const place = measure();
    if (!place) return;
    const margin = Math.min(room, place.height / 4);
    const top = box.scrollTop;
    if (place.bottom > top + place.height - margin) box.scrollTop = place.bottom - place.height + margin;
    else if (place.top < top + margin) box.scrollTop = place.top - margin;
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

/**
 * A paragraph whose lines were broken where it was written: Chinese goes on without a space.
 * @param {string} text
 */
export function unwrapped(text) {
  return text.trim().replace(/([\u3000-\u9fff\uff00-\uffef])\s*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])/g, '$1').replace(/\s+/g, ' ');
}
