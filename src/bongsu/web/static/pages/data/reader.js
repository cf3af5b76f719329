// Reads the feeds over REST: scores, faults and the page of symbols more than twice a second, so that an event is seen in the score within
// one; which symbols stand where, the strips of minutes and the rest of a chosen symbol change every three seconds, under nobody's finger.
import { Reading } from '../../reading.js';

const SLOWLY = 3_000;
export const PAGE = 50;
export const WINDOWS = ['1m', '5m', '1h', '1d'];

export class Reader extends Reading {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    super(context, { fault: 'data.fault', every: 400, afterFault: 10_000 });
    /** @type {any[] | null} */
    this.feeds = null;
    /** @type {any} */
    this.detail = null;
    /** @type {any} */
    this.one = null;
    /** Rises when symbols may change their places. */
    this.slow = 0;
    this.readAt = 0;
    this.search = '';
    this.offset = 0;
    this.window = WINDOWS[0];
    this.asked();
  }

  /** What the address says. */
  asked() {
    const { asked } = this.context;
    this.name = asked('feed') ?? '';
    this.symbol = asked('symbol') ?? '';
    const window = asked('window') ?? '';
    /** @type {string} */
    this.window = WINDOWS.includes(window) ? window : '1m';
    this.read();
  }

  /** @param {Record<string, string>} changes of `name`, `symbol`, `window` */
  choose(changes) {
    if (changes.name !== undefined && changes.name !== this.name) Object.assign(this, { symbol: '', one: null, offset: 0, detail: null });
    if (changes.symbol !== undefined && changes.symbol !== this.symbol) this.one = null;
    Object.assign(this, changes);
    const { remember } = this.context;
    remember('feed', this.name || null);
    remember('symbol', this.symbol || null);
    remember('window', this.window === '1m' ? null : this.window);
    this.read();
  }

  /** @param {string} search @param {number} offset */
  find(search, offset) {
    this.search = search;
    this.offset = offset;
    this.read();
  }

  /** The feed that is shown. */
  get feed() {
    return this.feeds?.find(({ feed }) => feed === this.name) ?? this.feeds?.[0] ?? null;
  }

  /** @param {boolean} [full] whether symbols are read with their strips, and may change their places */
  async fetched(full = true) {
    const { rest } = this.context;
    const overview = rest.get(`/api/v1/quality?window=${this.window}`);
    const [{ feeds }, read] = await Promise.all([overview, this.name ? this.inFull(this.name, full) : null]);
    const feed = feeds.find(({ feed }) => feed === this.name) ?? feeds[0];
    const { detail, one } = read && feed?.feed === this.name ? read : feed ? await this.inFull(feed.feed, full) : { detail: null, one: null };
    if (detail && !full) detail.heat = this.detail?.heat;
    return { feeds, detail, one, name: feed?.feed ?? '', ...(full ? { readAt: performance.now(), slow: this.slow + 1 } : {}) };
  }

  /** A feed with its page of symbols, and the symbol that was chosen; null for what isn't there. @param {string} name @param {boolean} heat */
  async inFull(name, heat) {
    const { rest } = this.context;
    const path = `/api/v1/quality/${encodeURIComponent(name)}`;
    const ask = new URLSearchParams({ window: this.window, limit: String(PAGE), offset: String(this.offset) });
    if (heat) ask.set('heat', 'true');
    if (this.search) ask.set('search', this.search);
    const gone = (fault) => {
      if (fault.status === 404) return null;
      throw fault;
    };
    const [detail, one] = await Promise.all([rest.get(`${path}?${ask}`).catch(gone), this.symbol ? rest.get(`${path}/${encodeURIComponent(this.symbol)}`).catch(gone) : null]);
    return { detail, one };
  }

  next() {
    this.read(this.fault !== null || performance.now() - this.readAt >= SLOWLY);
  }
}

/** A share as people read a score. @param {number | null | undefined} value @param {import('../../format.js').Format} format */
export function points(value, format) {
  return value === null || value === undefined ? '–' : format.number(Math.floor(value * 1000) / 10, 1);
}

/** How bad a score is: the steps of the heat map. @param {number | null | undefined} value */
export function step(value) {
  if (value === null || value === undefined) return -1;
  return [0.99, 0.95, 0.9, 0.8].findIndex((least) => value >= least) + 1 || 5;
}

/** The words of a state that colour alone must not tell. @param {number | null | undefined} value */
export function tint(value) {
  const level = step(value);
  return level < 0 ? 'unknown' : level <= 2 ? 'ok' : level <= 3 ? 'warn' : 'crit';
}
