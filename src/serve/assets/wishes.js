/**
 * What was asked of a run: how the first one is set, and which branches grow from it. Kept in the address, so that a link
 * brings back all of it; nothing is kept on the server.
 */

/** @typedef {{parent: number, drop?: string, set?: Record<string, string>, seed?: number, name?: string}} Wish */
/** @typedef {{set: Record<string, string>, seed?: number, branches: Wish[]}} Wishes */

/** Branches beside the first run that a walk keeps. */
export const MOST = 15;
/** Characters of a name or a value that comes in a link. */
const LONGEST = 120;

/** @returns {Wishes} */
export const nothing = () => ({ set: {}, branches: [] });

/** @param {string|null} text @param {number} [most] */
function whole(text, most = Number.MAX_SAFE_INTEGER) {
  return text !== null && /^\d{1,16}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

/** @param {URLSearchParams} from @returns {Record<string, string>} */
function settings(from) {
  /** @type {Record<string, string>} */
  const set = {};
  for (const [key, value] of from) {
    if (key.startsWith('set.') && value.length <= LONGEST) set[key.slice(4)] = value;
  }
  return set;
}

/**
 * The wishes of an address; what it garbles is left out.
 * @param {string} search
 * @returns {Wishes}
 */
export function readWishes(search) {
  const from = new URLSearchParams(search);
  const wishes = { ...nothing(), set: settings(from) };
  const seed = whole(from.get('seed'));
  if (seed !== undefined) wishes.seed = seed;
  for (const text of from.getAll('branch').slice(0, MOST)) {
    const parts = new URLSearchParams(text);
    const parent = whole(parts.get('from') ?? '0', wishes.branches.length);
    if (parent === undefined) break;
    wishes.branches.push({ parent, ...change(parts) });
  }
  return wishes;
}

/** @param {URLSearchParams} parts @returns {Omit<Wish, 'parent'>} */
function change(parts) {
  /** @type {Omit<Wish, 'parent'>} */
  const wish = {};
  const [drop, name, seed, set] = [parts.get('drop'), parts.get('name'), whole(parts.get('seed')), settings(parts)];
  if (drop) wish.drop = drop.slice(0, LONGEST);
  if (name) wish.name = name.slice(0, LONGEST);
  if (seed !== undefined) wish.seed = seed;
  if (Object.keys(set).length) wish.set = set;
  return wish;
}

/** @param {URLSearchParams} to @param {{set?: Record<string, string>, seed?: number}} from */
function put(to, { set = {}, seed }) {
  if (seed !== undefined) to.set('seed', String(seed));
  for (const [key, value] of Object.entries(set)) to.set(`set.${key}`, value);
}

/**
 * The address of the wishes: empty, or from its question mark on.
 * @param {Wishes} wishes
 */
export function writeWishes(wishes) {
  const to = new URLSearchParams();
  put(to, wishes);
  for (const wish of wishes.branches) {
    const parts = new URLSearchParams();
    if (wish.parent > 0) parts.set('from', String(wish.parent));
    if (wish.drop) parts.set('drop', wish.drop);
    if (wish.name) parts.set('name', wish.name);
    put(parts, wish);
    to.append('branch', parts.toString());
  }
  const text = to.toString();
  return text && `?${text}`;
}

/**
 * Without a branch and all that grew from it; with the new number of each branch that stays.
 * @param {Wishes} wishes
 * @param {number} branch from 1
 * @returns {{wishes: Wishes, numbers: Map<number, number>}}
 */
export function without(wishes, branch) {
  /** @type {Map<number, number>} */
  const numbers = new Map([[0, 0]]);
  /** @type {Wish[]} */
  const kept = [];
  wishes.branches.forEach((wish, place) => {
    const parent = numbers.get(wish.parent);
    if (place + 1 === branch || parent === undefined) return;
    kept.push({ ...wish, parent });
    numbers.set(place + 1, kept.length);
  });
  return { wishes: { ...wishes, branches: kept }, numbers };
}

/**
 * How many branches would go with it, itself not counted.
 * @param {Wishes} wishes
 * @param {number} branch
 */
export function offspring(wishes, branch) {
  return wishes.branches.length - without(wishes, branch).wishes.branches.length - 1;
}

/**
 * What holds in a branch: what it sets and what those set that it grew from, and everything that is lost on request.
 * @param {Wishes} wishes
 * @param {number} branch
 * @returns {{set: Record<string, string>, seed?: number, drop: string[]}}
 */
export function holding(wishes, branch) {
  /** @type {Wish[]} */
  const line = [];
  for (let at = branch; at > 0; at = wishes.branches[at - 1].parent) line.unshift(wishes.branches[at - 1]);
  /** @type {{set: Record<string, string>, seed?: number, drop: string[]}} */
  const all = { set: { ...wishes.set }, seed: wishes.seed, drop: [] };
  for (const wish of line) {
    Object.assign(all.set, wish.set);
    all.seed = wish.seed ?? all.seed;
    if (wish.drop) all.drop.push(wish.drop);
  }
  return all;
}
