/** The connections of a capture as a table: both ends, their states, what is remarkable; found by typing, walked by a button. */
import { byId, make } from '/assets/page/dom.js';
import { inLang, lang } from './lang.js';

/** @typedef {(key: string, values?: Record<string, string|number>) => string} Say */

/** Rows shown at once. */
const PAGE = 100;
/** What may be remarkable about either direction: what was sent again, and the rest. */
const REPEATED = ['retransmissions', 'fast', 'timeouts', 'spurious'];
const REMARKS = ['out_of_order', 'duplicate_acks', 'zero_windows', 'windows_filled', 'window_probes', 'keepalives', 'resets', 'uncaptured'];

/** @param {number} n */
const grouped = (n) => n.toLocaleString('en');

/** @param {Say} say @param {any} connection @returns {string[]} */
function remarks(say, { protocol, handshake, ending, syns, after, ends }) {
  /** @type {string[]} */
  const found = [];
  const unanswered = ending === 'no-answer';
  // What the ending tells already is not told twice.
  if (protocol === 'tcp' && handshake === 'unseen') found.push(say('handshake-unseen'));
  if (protocol === 'tcp' && handshake === 'part' && !unanswered && ending !== 'refused') found.push(say('handshake-part'));
  if (after) found.push(say('after', { n: after }));
  if (unanswered) found.push(say('no-answer', { n: syns }));
  if (ending === 'refused' || ending === 'reset') found.push(say(ending === 'refused' ? 'refused' : 'reset'));
  for (const remark of [...(unanswered ? [] : REPEATED), ...REMARKS]) {
    const [one, other] = [ends[0][remark] ?? 0, ends[1][remark] ?? 0];
    const told = remark === 'resets' && one + other === 1 && (ending === 'refused' || ending === 'reset');
    if (one + other > 0 && !told) found.push(`${say(remark)} ${grouped(one)} →${lang() === 'zh' ? '、' : ', '}${grouped(other)} ←`);
  }
  return found;
}

/** @param {any} connection */
function states({ protocol, ends }) {
  if (protocol === 'udp') return 'UDP';
  return ends.map((/** @type {any} */ end) => (end.state ? `${end.state}${end.certainty === 'inferred' ? '?' : ''}` : '–')).join(' / ');
}

export class Connections {
  /** @param {Say} say @param {(number: number|null) => void} walk `null` for all together */
  constructor(say, walk) {
    this.say = say;
    this.walk = walk;
    /** @type {any} */
    this.survey = null;
    this.most = PAGE;
    this.search = /** @type {HTMLInputElement} */ (byId('connection-search'));
    this.search.addEventListener('input', () => {
      this.most = PAGE;
      this.write();
    });
    inLang(() => this.write());
  }

  /** @param {any} survey */
  show(survey) {
    this.survey = survey;
    this.search.value = '';
    this.most = PAGE;
    this.write();
  }

  /** What else the capture holds. */
  sum() {
    const { say, survey } = this;
    const seconds = survey.first_ns === null ? 0 : (survey.last_ns - survey.first_ns) / 1e9;
    const parts = [say('sum', { packets: grouped(survey.packets), octets: grouped(survey.octets), seconds: seconds.toFixed(3) })];
    const also = (/** @type {string} */ key, /** @type {number} */ n) => n > 0 && parts.push(say(key, { n: grouped(n) }));
    also('others', survey.others);
    also('hops', survey.hops);
    also('cutShort', survey.cut_short);
    also('vlan', survey.vlan);
    also('links', survey.unreadable_links);
    also('beyond', survey.beyond);
    return parts;
  }

  /** @param {any} connection */
  row(connection) {
    const { say } = this;
    const { number, ends, began_ns, latest_ns } = connection;
    const button = make('button', { type: 'button', id: `connection-${number}`, 'aria-label': say('walkOne', { n: number }) }, say('walk'));
    button.addEventListener('click', () => this.walk(number));
    const noted = remarks(say, connection);
    const cell = (/** @type {string} */ head, /** @type {(Node|string)[]} */ ...inside) => make('td', { 'data-head': head }, ...inside);
    const began = (began_ns - (this.survey.first_ns ?? 0)) / 1e9;
    return make(
      'tr',
      { 'data-connection': number },
      make('th', { scope: 'row' }, String(number)),
      cell(say('ends'), make('code', {}, ends[0].address), ' → ', make('code', {}, ends[1].address)),
      cell(say('states'), states(connection)),
      cell(say('octets'), `${grouped(ends[0].octets)} → ${grouped(ends[1].octets)} ←`),
      cell(say('began'), say('seconds', { n: began.toFixed(3) })),
      cell(say('lasted'), say('seconds', { n: ((latest_ns - began_ns) / 1e9).toFixed(3) })),
      cell(say('remarks'), noted.length ? noted.join(lang() === 'zh' ? '；' : '; ') : make('span', { class: 'muted' }, say('quietRemark'))),
      make('td', {}, button),
    );
  }

  /** Those that match what was typed. */
  matching() {
    const wanted = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (wanted.length === 0) return this.survey.connections;
    return this.survey.connections.filter((/** @type {any} */ one) => {
      const { ends, protocol, number } = one;
      const text = [number, protocol, ends[0].address, ends[1].address, states(one), ...remarks(this.say, one)].join(' ').toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
  }

  write() {
    const { say, survey } = this;
    const place = byId('connections');
    byId('found').hidden = !survey;
    if (!survey) return;
    byId('capture-sum').replaceChildren(...this.sum().map((words) => make('li', {}, words)));
    const all = survey.connections;
    const found = this.matching();
    byId('connection-finder').hidden = all.length < 6;
    byId('connection-count').textContent = found.length === all.length ? '' : say('found', { n: found.length, all: all.length });
    if (found.length === 0) {
      place.replaceChildren(make('p', { class: 'muted' }, say(all.length ? 'noMatch' : 'none')));
      return;
    }
    const heads = ['number', 'ends', 'states', 'octets', 'began', 'lasted', 'remarks'].map((key) => make('th', { scope: 'col' }, say(key)));
    const head = make('thead', {}, make('tr', {}, ...heads, make('td')));
    const rows = found.slice(0, this.most).map((/** @type {any} */ one) => this.row(one));
    const table = make('table', { class: 'connections' }, make('caption', { class: 'quiet' }, say('inferredMeans')), head, make('tbody', {}, ...rows));
    place.replaceChildren(table, ...this.below(found.length));
  }

  /** @param {number} found */
  below(found) {
    /** @type {HTMLElement[]} */
    const below = [];
    const rest = found - this.most;
    if (rest > 0) {
      const more = make('button', { type: 'button' }, this.say('more', { n: Math.min(rest, PAGE) }));
      more.addEventListener('click', () => {
        this.most += PAGE;
        this.write();
      });
      below.push(more);
    }
    if (this.survey.connections.length > 1) {
      const all = make('button', { type: 'button', id: 'connection-all' }, this.say('walkAll'));
      all.addEventListener('click', () => this.walk(null));
      below.push(all);
    }
    return below.length ? [make('div', { class: 'actions' }, ...below)] : [];
  }
}
