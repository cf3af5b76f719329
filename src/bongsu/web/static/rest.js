// Asking history over REST: few requests at a time, each with a deadline, errors with the server's own words.

/** What went wrong with a request: `detail` and `trace` come from the problem document, where there is one. */
export class RestError extends Error {
  constructor(message, { status = 0, trace = '' } = {}) {
    super(message);
    this.status = status;
    this.trace = trace;
  }
}

const AT_ONCE = 4;
/** Requests that wait at most; more are refused, as when a server doesn't answer for a long time. */
const WAITING = 256;
const DEADLINE = 10_000;

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

  /** @param {string} path */
  async get(path) {
    await this.turn();
    this.running += 1;
    try {
      return await this.read(path);
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }

  async read(path) {
    const signal = AbortSignal.any([this.stop.signal, AbortSignal.timeout(DEADLINE)]);
    let response;
    try {
      response = await this.fetch(this.base + path, { signal, headers: { accept: 'application/json' } });
    } catch (fault) {
      throw new RestError(String(fault));
    }
    const body = await response.json().catch(() => ({}));
    if (!response.ok) {
      throw new RestError(body.detail ?? body.title ?? response.statusText, { status: response.status, trace: body.trace_id ?? '' });
    }
    return body;
  }

  async turn() {
    if (this.waiting.length >= WAITING) throw new RestError('too many requests are waiting for the server');
    if (this.running >= AT_ONCE) await new Promise((go) => this.waiting.push(go));
  }

  close() {
    this.stop.abort();
  }
}
