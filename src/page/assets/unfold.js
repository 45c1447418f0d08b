/** Gives everything in a document its name again: on its way it is written briefly, in tables and tuples. */

/** @typedef {import('./words.js').Lang} Lang */
/** @typedef {string|[string, string]} Value one way to say it, or relative and absolute */

/** What becomes of a frame, by its number. */
const FATES = ['arrives', 'lost', 'dropped', 'under way'];
/** Stands for a number in a pattern. */
const HOLE = '\u007f';

/** Nanoseconds as seconds with three digits. @param {number} ns */
export function seconds(ns) {
  return `${Math.floor(ns / 1e9)}.${String(Math.floor(ns / 1e6) % 1000).padStart(3, '0')}`;
}

/** Every text of a document: patterns, and what fills their holes. */
export class Texts {
  /** @param {{patterns: (string|[string, string])[], all: any[]}} raw */
  constructor(raw) {
    this.patterns = raw.patterns;
    this.all = raw.all;
  }

  /**
   * @param {number} place
   * @param {Lang} lang
   * @param {boolean} absolute whether numbers are as on the wire
   * @returns {string}
   */
  get(place, lang, absolute) {
    const entry = this.all[place];
    if (typeof entry === 'number') return this.pattern(entry, lang);
    const [pattern, relative, other] = entry;
    if (typeof relative === 'number') return this.pattern(absolute ? relative : pattern, lang);
    const numbers = (absolute ? other ?? relative : relative).split(' ');
    let at = 0;
    return this.pattern(pattern, lang).replaceAll(HOLE, () => numbers[at++]);
  }

  /** @param {number} place @param {Lang} lang */
  pattern(place, lang) {
    const both = this.patterns[place];
    return typeof both === 'string' ? both : both[lang === 'zh' ? 1 : 0];
  }
}

/** Variables of endpoints at their moments, each told as what changed since another. */
class Moments {
  /** @param {[number, number|null, [number, Value|null][]][]} told @param {string[]} names */
  constructor(told, names) {
    this.told = told;
    this.names = names;
    /** @type {Map<number, Map<string, Value>>} */
    this.known = new Map();
  }

  /** The endpoint of a moment. @param {number} place */
  endpoint(place) {
    return this.told[place][0];
  }

  /** All variables at a moment, by name. @param {number} place @returns {Map<string, Value>} */
  get(place) {
    const known = this.known.get(place);
    if (known) return known;
    const [, from, changes] = this.told[place];
    const values = new Map(from === null ? [] : this.get(from));
    for (const [name, value] of changes) {
      if (value === null) values.delete(this.names[name]);
      else values.set(this.names[name], value);
    }
    if (this.known.size > 2000) this.known.clear();
    this.known.set(place, values);
    return values;
  }
}

/** Headers like others but for some runs of octets. @param {any} doc @param {[number, string]} head */
function octets(doc, [like, runs]) {
  let hex = doc.heads[like];
  for (const run of runs.split(' ').slice(1)) {
    const at = 2 * parseInt(run.slice(0, 2), 16);
    hex = hex.slice(0, at) + run.slice(2) + hex.slice(at + run.length - 2);
  }
  return hex;
}

/** One frame; its layers are put together when somebody looks. */
class Frame {
  /** @param {any} doc @param {any[]} raw @param {number} number @param {string} pattern @param {number} at */
  constructor(doc, raw, number, pattern, at) {
    const [step, from, to, label, fate, length, head, tail, layers, headers, came] = raw;
    this.step = step;
    this.from = from;
    this.to = to;
    this.label = label;
    this.length = length;
    this.number = number;
    this.pattern = pattern;
    this.at_ns = at;
    this.time = seconds(at);
    this.fate = FATES[fate];
    this.hex = octets(doc, head) + doc.octets[tail];
    this.doc = doc;
    this.like = layers;
    /** How many of its layers are headers around each other, from the outermost. */
    this.headers = headers;
    /** The number of the frame that was passed on as it, and what was rewritten; null for one that was not passed on. */
    this.came = came;
  }

  /** What it has in common with other frames: they differ in values only. */
  get form() {
    const places = this.like.map((/** @type {any} */ like) => (typeof like === 'number' ? like : like[0]));
    return `${this.length} ${this.hex.length} ${places.join(' ')}`;
  }

  /** Its layers with all their fields. */
  get layers() {
    return this.like.map((/** @type {any} */ like) => {
      const [place, but] = typeof like === 'number' ? [like, []] : like;
      const layer = this.doc.layers[place];
      const fields = [...layer.fields];
      for (const [at, value, meaning] of but) {
        const [name, first, last, bits, , , cite] = fields[at];
        fields[at] = [name, first, last, bits, value, meaning, cite];
      }
      return { ...layer, fields };
    });
  }
}

/** @param {any} raw @param {any[]} raw_step */
function step(raw, [at_ns, host, record, frame, story, lead, states, values, queues, calls, hidden]) {
  return {
    at_ns,
    time: seconds(at_ns),
    host,
    record,
    frame,
    story: story.map((/** @type {number} */ place) => raw.sentences[place]),
    lead,
    states: raw.states[states],
    values,
    queues: raw.queues[queues],
    calls: raw.calls[calls],
    hidden,
  };
}

/** A branch with what it shares with its parent. @param {any} raw @param {any} branch @param {any} parent */
function whole(raw, branch, parent) {
  const [steps, frames] = branch.shared;
  const own = branch.steps.map((/** @type {any[]} */ one) => step(raw, one));
  const all = parent ? [...parent.steps.slice(0, steps), ...own] : own;
  const name = (/** @type {number|null} */ host) => (host === null ? '*' : raw.hosts[host].name);
  /** @type {Map<string, number>} */
  const same = new Map();
  const frame = (/** @type {any[]} */ one, /** @type {number} */ place) => {
    const way = `${name(one[1])} > ${name(one[2])}`;
    same.set(way, (same.get(way) ?? 0) + 1);
    return new Frame(raw, one, place + 1, `${way} #${same.get(way)}`, all[one[0]]?.at_ns ?? 0);
  };
  const told = [...(parent ? parent.told.slice(0, frames) : []), ...branch.frames];
  const endpoints = branch.endpoints.map((/** @type {any[]} */ [host, local, remote]) => ({ host, local, remote }));
  return { ...branch, steps: all, told, frames: told.map(frame), endpoints };
}

/**
 * The document with names: `branches[].steps[]`, `branches[].frames[]`, `texts.get(…)`, `moments.get(…)`.
 * @param {any} raw as it was read; one that has its names already is given back
 * @returns {any}
 */
export function unfold(raw) {
  if (raw.texts instanceof Texts) return raw;
  /** @type {any[]} */
  const branches = [];
  for (const branch of raw.branches) {
    branches.push(whole(raw, branch, branch.parent === null ? undefined : branches[branch.parent]));
  }
  return { ...raw, branches, texts: new Texts(raw.texts), moments: new Moments(raw.values, raw.names) };
}
