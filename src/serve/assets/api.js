/** Asking the server: JSON there and back, one thing at a time, ended when nobody waits for it any more. */
import { COMMON } from './words/common.js';

/** @typedef {import('./lang.js').Text} Text */
/** `file` names the argument where the mistake stands in one. @typedef {{file?: string, line: number, column: number, length: number, text: Text, help?: Text|null}} Mistake */

/** Questions without an answer yet, and whether leaving the page cut one short. */
let open = 0;
let cut = false;
addEventListener('pagehide', () => {
  cut = open > 0;
});
addEventListener('pageshow', (event) => {
  // Back by the browser's store of pages: what was cut short is asked again.
  if (event.persisted && cut) location.reload();
});

/** How often a busy server is asked again. */
const PATIENCE = 5;

/** @param {string} key @param {Record<string, string|number>} [values] @returns {Text} */
function both(key, values = {}) {
  const filled = (/** @type {string} */ text) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
  return { en: filled(COMMON[key][0]), zh: filled(COMMON[key][1]) };
}

/** Why the server did not do it. */
export class Failure extends Error {
  /**
   * @param {number} status
   * @param {Text} text
   * @param {Mistake[]} [mistakes] what is wrong in the scenario that was sent
   */
  constructor(status, text, mistakes = []) {
    super(text.en);
    this.status = status;
    this.text = text;
    this.mistakes = mistakes;
  }
}

/** Whether something ended because it was called off. @param {unknown} error */
export function calledOff(error) {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** What to tell about an error. @param {unknown} error @returns {Failure} */
export function asFailure(error) {
  return error instanceof Failure ? error : new Failure(0, both('noAnswer'));
}

/** One thing at a time: what begins ends what went before. Leaving the page ends it too. */
export class Errand {
  constructor() {
    /** @type {AbortController|null} */
    this.controller = null;
    addEventListener('pagehide', () => this.end());
  }

  /** @returns {AbortSignal} */
  begin() {
    this.end();
    this.controller = new AbortController();
    return this.controller.signal;
  }

  end() {
    this.controller?.abort();
    this.controller = null;
  }
}

/**
 * @param {number} seconds
 * @param {AbortSignal} signal
 */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    const stop = () => {
      clearTimeout(timer);
      reject(new DOMException('called off', 'AbortError'));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** @param {Response} response @returns {Promise<Failure>} */
async function failure(response) {
  try {
    const { error, mistakes } = await response.json();
    const help = mistakes?.[0]?.help;
    const text = help ? { en: `${error.en}: ${help.en}`, zh: `${error.zh}：${help.zh}` } : error;
    if (typeof error?.en === 'string') return new Failure(response.status, text, mistakes ?? []);
  } catch (error) {
    if (calledOff(error)) throw error;
  }
  return new Failure(response.status, both(response.status === 503 ? 'tooBusy' : 'oddAnswer'));
}

/**
 * @param {string} path
 * @param {RequestInit} request
 * @param {AbortSignal} signal
 * @param {(text: Text) => void} [waits] told while a busy server is waited for
 * @returns {Promise<Response>}
 */
async function ask(path, request, signal, waits) {
  open += 1;
  try {
    return await persist(path, request, signal, waits);
  } finally {
    open -= 1;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} request
 * @param {AbortSignal} signal
 * @param {((text: Text) => void)|undefined} waits
 * @returns {Promise<Response>}
 */
async function persist(path, request, signal, waits) {
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(path, { ...request, signal, credentials: 'omit' });
    if (response.ok) return response;
    if (response.status !== 503 || tries >= PATIENCE) throw await failure(response);
    const seconds = Math.min(Math.max(1, Number(response.headers.get('Retry-After')) || 1), 30);
    waits?.(both('busy', { seconds }));
    await pause(seconds, signal);
  }
}

/** @param {unknown} body */
const json = (body) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

/**
 * @param {string} path
 * @param {unknown} body
 * @param {AbortSignal} signal
 * @param {(text: Text) => void} [waits]
 * @returns {Promise<any>}
 */
export async function post(path, body, signal, waits) {
  return (await ask(path, json(body), signal, waits)).json();
}

/**
 * A file, and the name the server gives it.
 * @param {string} path
 * @param {unknown} body
 * @param {AbortSignal} signal
 */
export async function postForFile(path, body, signal) {
  const response = await ask(path, json(body), signal);
  const named = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '');
  return { blob: await response.blob(), name: named?.[1] ?? null };
}

/**
 * @param {string} path
 * @param {Blob} bytes
 * @param {AbortSignal} signal
 * @param {(text: Text) => void} [waits]
 * @returns {Promise<any>}
 */
export async function postBytes(path, bytes, signal, waits) {
  const request = { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: bytes };
  return (await ask(path, request, signal, waits)).json();
}

/** @param {string} path @param {AbortSignal} signal @returns {Promise<any>} */
export async function get(path, signal) {
  return (await ask(path, {}, signal)).json();
}

/** @param {string} path @param {AbortSignal} signal @returns {Promise<string>} */
export async function getText(path, signal) {
  return (await ask(path, {}, signal)).text();
}
