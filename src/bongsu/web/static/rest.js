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

export class Rest {
  /** @param {{base?: string, fetch?: typeof fetch}} options `base` is an origin or prefix, empty for the page's own */
  constructor({ base = '', fetch = (...a) => globalThis.fetch(...a) } = {}) {
    this.base = base.replace(/\/$/, '');
    this.fetch = fetch;
    this.running = 0;
    /** @type {Function[]} */
    this.waiting = [];
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
    return (await this.get(`/api/v1/query?${ask}`)).series;
  }

  /** @param {string} path @returns {Promise<any>} */
  async get(path) {
    await this.turn();
    this.running += 1;
    try {
      return await this.ask(path, {});
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
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
    try {
      response = await this.fetch(this.base + path, { ...request, signal, headers: { accept: 'application/json', ...headers } });
    } catch (fault) {
      throw new RestError(String(fault));
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
      if (response.status === 401) signIn();
      const { detail, title, trace_id: trace = '', hint = '' } = answer;
      throw new RestError(detail ?? title ?? response.statusText, { status: response.status, trace, hint, problem: answer });
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
