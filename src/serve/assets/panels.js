/** Buttons that open a panel each, one at a time. */
import { byId } from '/assets/page/dom.js';

/** Every button with `aria-controls` inside. @param {HTMLElement} place */
export function panels(place) {
  const buttons = [...place.querySelectorAll('button[aria-controls]')];
  const put = (/** @type {Element} */ button, /** @type {boolean} */ open) => {
    button.setAttribute('aria-expanded', String(open));
    byId(button.getAttribute('aria-controls') ?? '').hidden = !open;
  };
  for (const button of buttons) {
    put(button, false);
    button.addEventListener('click', () => {
      const open = button.getAttribute('aria-expanded') !== 'true';
      for (const other of buttons) put(other, other === button && open);
    });
  }
  // Escape closes what is open, and the focus goes back to its button.
  addEventListener('keydown', (event) => {
    const open = buttons.find((button) => button.getAttribute('aria-expanded') === 'true');
    if (event.key !== 'Escape' || !(open instanceof HTMLElement)) return;
    const panel = byId(open.getAttribute('aria-controls') ?? '');
    if (!panel.contains(document.activeElement)) return;
    put(open, false);
    open.focus();
  });
}
