/** What a learner may take along: the run for other tools, the pictures, the walk as one file. */
import { byId, make } from '/assets/page/dom.js';
import { asFailure, calledOff, Errand, postForFile } from './api.js';
import { lang, pick } from './lang.js';

/** @typedef {import('./walkway.js').Walkway} Walkway */
/** @typedef {{id: string, format: string, label: string, help: string, of?: string[], theme?: string, after?: string}} Kind */

/** @type {Kind[]} */
const KINDS = [
  { id: 'pcapng', format: 'pcapng', label: 'pcapng', help: 'pcapngHelp' },
  { id: 'html', format: 'html', label: 'HTML', help: 'htmlHelp' },
  { id: 'python', format: 'python', label: 'Python', help: 'pythonHelp', after: 'pythonAfter' },
  { id: 'svg', format: 'svg', label: 'SVG', help: 'svgHelp', theme: 'light', of: ['sequence', 'states', 'plot', 'queues', 'sequence-time'] },
  { id: 'svg-dark', format: 'svg', label: 'SVG', help: 'svgDarkHelp', theme: 'dark', of: ['sequence', 'states', 'plot', 'queues', 'sequence-time'] },
  { id: 'json', format: 'json', label: 'JSON', help: 'jsonHelp' },
  { id: 'csv', format: 'csv', label: 'CSV', help: 'csvHelp' },
  { id: 'mermaid', format: 'mermaid', label: 'Mermaid', help: 'mermaidHelp', of: ['sequence', 'states'] },
  { id: 'dot', format: 'dot', label: 'DOT', help: 'dotHelp', of: ['topology', 'states', 'wait-for'] },
];

/** @type {Record<string, string>} */
const ENDINGS = { mermaid: 'mmd', python: 'tar.gz' };

/** Gives a file to the browser. @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = /** @type {HTMLAnchorElement} */ (make('a', { href: url, download: name }));
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * @param {Walkway} walkway
 * @param {(key: string, values?: Record<string, string|number>) => string} say
 */
export function downloads(walkway, say) {
  const place = byId('downloads');
  const errand = new Errand();
  const note = make('p', { class: 'note', role: 'status' });

  const fetchOne = async (/** @type {Kind} */ kind, /** @type {string|undefined} */ of) => {
    const { model } = walkway;
    if (!model) return;
    note.textContent = say('writing', { what: kind.label });
    try {
      const { format, theme } = kind;
      const wish = { ...walkway.request(), branch: model.branch, format, lang: lang(), ...(of ? { of } : {}), ...(theme ? { theme } : {}) };
      const { blob, name } = await postForFile('/api/export', wish, errand.begin());
      const fallback = `${model.document.scenario || 'wirewalk'}.${ENDINGS[format] ?? format}`;
      save(blob, name ?? fallback);
      const said = { name: name ?? fallback, octets: blob.size.toLocaleString(lang()) };
      note.textContent = [say('written', said), ...(kind.after ? [say(kind.after, said)] : [])].join(' ');
    } catch (error) {
      if (calledOff(error)) return;
      const { text, mistakes } = asFailure(error);
      // Why, where the scenario itself stands in the way.
      const why = mistakes[0]?.help;
      note.textContent = why ? say('refused', { what: pick(text), why: pick(why) }) : pick(text);
    }
  };

  const row = (/** @type {Kind} */ kind) => {
    const button = make('button', { type: 'button', id: `download-${kind.id}`, 'aria-describedby': `download-${kind.id}-help` }, kind.label);
    const options = (kind.of ?? []).map((of) => make('option', { value: of }, say(`of-${of}`)));
    const select = /** @type {HTMLSelectElement} */ (make('select', { 'aria-label': say('ofLabel', { what: kind.label }) }, ...options));
    button.addEventListener('click', () => void fetchOne(kind, kind.of ? select.value : undefined));
    const help = make('span', { class: 'help', id: `download-${kind.id}-help` }, say(kind.help));
    return make('li', {}, button, make('span', { class: 'what' }, help, ...(kind.of ? [select] : [])));
  };

  const write = () => {
    const { model } = walkway;
    if (!model) return;
    const about = say('downloadsOf', { number: model.branch + 1, title: model.run.title[lang()] });
    place.replaceChildren(make('p', { class: 'muted' }, about), make('ul', { class: 'kinds' }, ...KINDS.map(row)), note);
  };
  walkway.keepWritten(write);
}
