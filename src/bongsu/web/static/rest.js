// Asking the server over REST: few requests at a time, each with a deadline, errors with the server's own words.
import { learn, present, signIn } from './access.js';

/** What went wrong with a request: `detail`, `hint` and `trace` come from the problem document, where there is one. */
export class RestError extends Error {
  /** @param {string} message @param {{status?: number, trace?: string, hint?: string, problem?: any}} [more] `problem`: the whole document */
  constructor(message, { status = 0, trace = '', hint = '', problem = {} } = {}) {
    super(message);
    this.status = status;
    this.trace = trace;
    this.hint = hint;
    this.problem = problem;
  }
}

const AT_ONCE = 4;
/** Requests that wait at most; more are refused, as when a server doesn't answer for a long time. */
const WAITING = 256;
const DEADLINE = 10_000;

/** What a command carries, so that no other site's page can give one with our cookie. @returns {Record<string, string>} */
function mark() {
  const { csrf } = present();
  return csrf ? { 'x-csrf-token': csrf } : {};
}

/** A body as what it says; an empty one is an empty object, undefined where it is no JSON (a proxy's page). @param {string} body @returns {any} */
function parsed(body) {
  try {
    return body === '' ? {} : JSON.parse(body);
  } catch {
    return undefined;
  }
}

export class Rest {
  /** @param {{base?: string, fetch?: typeof fetch}} options `base` is an origin or prefix, empty for the page's own */
  constructor({ base = '', fetch = (...a) => globalThis.fetch(...a) } = {}) {
    this.base = base.replace(/\/$/, '');
    this.fetch = fetch;
    this.running = 0;
    /** @type {Function[]} */
    this.waiting = [];
    /** Readings under way, but for history's: lists, which decide how tall a page is. */
    this.lists = 0;
    /** @type {(() => void)[]} */
    this.settling = [];
    this.stop = new AbortController();
  }

  /**
   * Points of all series of a metric.
   * @param {string} metric
   * @param {{start: number, end: number, step: number, agg?: string, labels?: Record<string, string>}} range times and step in ms
   * @returns {Promise<{metric: string, labels: Record<string, string>, points: [number, number][]}[]>}
   */
  async query(metric, { start, end, step, agg = 'avg', labels = {} }) {
    const ask = new URLSearchParams({ metric, start: String(start), end: String(end), step: `${step}ms`, agg });
    for (const [name, value] of Object.entries(labels)) ask.set(`label.${name}`, value);
    return (await this.read(`/api/v1/query?${ask}`)).series;
  }

  /** @param {string} path @returns {Promise<any>} */
  async get(path) {
    this.lists += 1;
    try {
      return await this.read(path);
    } finally {
      this.lists -= 1;
      // What is asked for because of an answer has begun by then.
      if (this.lists === 0) setTimeout(() => this.still());
    }
  }

  /** @param {string} path @returns {Promise<any>} */
  async read(path) {
    await this.turn();
    this.running += 1;
    try {
      return await this.ask(path, {});
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }

  /** Resolves once nothing but history is being read. @returns {Promise<void>} */
  settled() {
    if (this.lists === 0) return Promise.resolve();
    return new Promise((go) => this.settling.push(go));
  }

  still() {
    if (this.lists === 0) for (const go of this.settling.splice(0)) go();
  }

  /**
   * A command: never queued behind readings, and not repeated by itself.
   * @param {'POST' | 'PUT' | 'DELETE'} method @param {string} path @param {unknown} [body] @returns {Promise<any>}
   */
  async send(method, path, body) {
    const request = () => this.ask(path, body === undefined ? { method, headers: mark() } : { method, headers: { ...mark(), 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const { csrf } = present();
    try {
      return await request();
    } catch (fault) {
      // Signed in anew in another tab: the token is another one now. What was refused so was not done.
      if (!(fault instanceof RestError) || fault.status !== 403 || (await learn(this.base)).csrf === csrf) throw fault;
      return request();
    }
  }

  /** @param {string} path @param {{method?: string, headers?: Record<string, string>, body?: string}} request */
  async ask(path, { headers = {}, ...request }) {
    const signal = AbortSignal.any([this.stop.signal, AbortSignal.timeout(DEADLINE)]);
    let response;
    let body;
    try {
      response = await this.fetch(this.base + path, { ...request, signal, headers: { accept: 'application/json', ...headers } });
      body = await response.text();
    } catch (fault) {
      // A body that breaks off is no answer.
      throw new RestError(String(fault));
    }
    const answer = parsed(body);
    if (response.ok && answer === undefined) throw new RestError('the answer is no JSON', { status: response.status });
    if (!response.ok) {
      if (response.status === 401) signIn();
      const { detail, title, trace_id: trace = '', hint = '' } = answer ?? {};
      throw new RestError(detail ?? title ?? response.statusText, { status: response.status, trace, hint, problem: answer ?? {} });
    }
    return answer;
  }

  async turn() {
    if (this.waiting.length >= WAITING) throw new RestError('too many requests are waiting for the server');
    if (this.running >= AT_ONCE) await new Promise((go) => this.waiting.push(go));
  }

  close() {
    this.stop.abort();
  }
}
