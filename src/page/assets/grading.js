/** What a learner answered, held against what the engine found: the same rules as everywhere else in the product. */

/** TCP's flags as people also call them. */
const FLAGS = [['syn', 's'], ['ack', 'a'], ['fin', 'f'], ['psh', 'p'], ['rst', 'r'], ['urg', 'u'], ['ece', 'e'], ['cwr', 'c']];

/** Units of time as people write them, longer ones before their ends, in nanoseconds. @type {[string, number][]} */
const UNITS = [
  ['毫秒', 1e6], ['微秒', 1e3], ['纳秒', 1], ['秒钟', 1e9], ['秒', 1e9], ['分钟', 60e9], ['分', 60e9], ['小时', 3600e9], ['时', 3600e9],
  ['天', 86400e9], ['milliseconds', 1e6], ['millisecond', 1e6], ['microseconds', 1e3], ['microsecond', 1e3], ['msec', 1e6],
  ['seconds', 1e9], ['second', 1e9], ['secs', 1e9], ['sec', 1e9], ['minutes', 60e9], ['minute', 60e9], ['hours', 3600e9],
  ['hour', 3600e9], ['min', 60e9], ['ms', 1e6], ['us', 1e3], ['µs', 1e3], ['μs', 1e3], ['ns', 1], ['s', 1e9], ['h', 3600e9],
];

/** How far a rounded time may be from the true one. */
const ROUNDING = 0.05;

/** The letter of a choice. @param {number} place */
export function letterOf(place) {
  return String.fromCharCode(65 + place);
}

/** Full-width letters, digits and signs, as Chinese keyboards write them, made narrow. @param {string} typed */
function narrow(typed) {
  const made = typed.replace(/[\uff01-\uff5e]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0));
  return made.replaceAll('\u3000', ' ').replaceAll('。', '.');
}

/** Without case, spaces, and what joins words. @param {string} text */
function canonicalWord(text) {
  return text.replace(/[\s,，_-]/g, '').toLowerCase();
}

/** Digits without separators and leading noughts; anything else as it is. @param {string} text */
function canonicalNumber(text) {
  const plain = text.replace(/[\s,，_]/g, '').toLowerCase();
  return /^\d+$/.test(plain) ? plain.replace(/^0+(?=\d)/, '') : plain;
}

/** The letters of a set of flags, sorted. @param {string} text */
function canonicalFlags(text) {
  const named = FLAGS.reduce((rest, [name, letter]) => rest.replaceAll(name, letter), text.toLowerCase());
  return [...named.replace(/[\s,，+/|、]/g, '')].sort().join('');
}

/**
 * Whether it is that time, with or without its unit, or that time rounded to the digits typed.
 * @param {string} typed
 * @param {number} right nanoseconds
 */
function sameTime(typed, right) {
  const text = typed.replace(/[\s_]/g, '').toLowerCase();
  const [unit, scale] = UNITS.find(([name]) => text.endsWith(name)) ?? ['', 1e9];
  const digits = text.slice(0, text.length - unit.length);
  if (!/^(\d+\.?\d*|\.\d+)$/.test(digits)) return false;
  const behind = digits.split('.')[1]?.length ?? 0;
  const off = Math.abs(Number(digits) * scale - right);
  return off < 0.5 || (off <= (scale * 10 ** -behind) / 2 && off <= right * ROUNDING);
}

/**
 * Whether the answer is right.
 * @param {{kind: string, answers: string[], time_ns: number|null}} question
 * @param {string} given
 */
export function isRight(question, given) {
  const typed = narrow(given);
  if (typed.trim() === '') return false;
  const same = (/** @type {(text: string) => string} */ canonical) => question.answers.some((one) => canonical(narrow(one)) === canonical(typed));
  switch (question.kind) {
    case 'time':
      return sameTime(typed, question.time_ns ?? NaN);
    case 'flags':
      return same(canonicalFlags);
    case 'number':
      return same(canonicalNumber);
    case 'order':
      return same((text) => text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase());
    default:
      return same(canonicalWord);
  }
}
