// One screen's data: the live socket, the store it fills, and history that fills what the socket could not.
import { barred, learn, signIn } from './access.js';
import { Live } from './live.js';
import { Rest } from './rest.js';
import { Skew } from './skew.js';
import { Store } from './store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;

/** What can be chosen: the span shown and the step of a point, so that about 700 to 1,000 points make a line. */
export const RANGES = {
  '15m': { span: 15 * MINUTE, step: 1_000 },
  '1h': { span: HOUR, step: 5_000 },
  '6h': { span: 6 * HOUR, step: 30_000 },
  '24h': { span: 24 * HOUR, step: 2 * MINUTE },
  '7d': { span: WEEK, step: 10 * MINUTE },
};
export const FIRST_RANGE = '15m';

/** Steps kept beyond the shown span, so that a chart's left end is never bare. */
const SPARE = 8;
/** Answers that come within this many ms are drawn together. */
const TOGETHER = 120;
const SWEEP_EVERY = 5 * MINUTE;
const LAST_WEEK_EVERY = 10 * MINUTE;

/** @typedef {{state: 'loading' | 'ready' | 'failed', error: Error | null}} Filling */

export class Session {
  /**
   * @param {{liveUrl: string, restUrl?: string, boot: any, range?: string, topics?: string[], onChange?: () => void,
   *   onState?: (state: string, detail: object) => void, onRestart?: () => void, onEvent?: (frame: any) => void, onMissed?: () => void}} options
   *   `onEvent` gets frames other than values: alerts, checks, marks; `onMissed` is called when some of them were lost
   */
  constructor({ liveUrl, restUrl = '', boot, range = FIRST_RANGE, topics, onChange = () => {}, onState = () => {}, onRestart, onEvent = () => {}, onMissed = () => {} }) {
    this.boot = boot;
    this.onEvent = onEvent;
    this.onChange = onChange;
    this.onState = onState;
    this.range = RANGES[range] ? range : FIRST_RANGE;
    this.rest = new Rest({ base: restUrl });
    this.skew = new Skew();
    this.store = new Store({ step: this.step, slots: this.slots });
    /** @type {import('./live.js').Connection} */
    this.connection = 'connecting';
    this.connectionDetail = { attempt: 0, retryAt: 0 };
    /** Server time at which the picture was stopped, NaN while it runs. */
    this.pausedAt = NaN;
    /** Whether an earlier time is looked at, not one at which the picture was stopped. */
    this.past = false;
    /** Rises when another time is looked at: what was judged before says nothing of it. */
    this.era = 0;
    /** Values that came since the picture was stopped. */
    this.waiting = 0;
    /** @type {Map<string, Filling>} */
    this.fillings = new Map();
    /** @type {Map<string, {at: number, value: number, pending: boolean}>} */
    this.weeks = new Map();
    this.swept = performance.now();
    this.fillTimer = 0;
    /** Answers of history so far. */
    this.fills = 0;
    this.live = new Live({
      url: liveUrl,
      topics,
      interval: 1000,
      onFrame: (frame) => this.take(frame),
      onState: (state, detail) => this.connected(state, detail),
      onMissed: () => {
        this.refill();
        onMissed();
      },
      onRestart,
    });
    this.comeBack = () => {
      if (!document.hidden) this.live.retry();
    };
    globalThis.addEventListener?.('online', this.comeBack);
    document.addEventListener('visibilitychange', this.comeBack);
  }

  get span() {
    return RANGES[this.range].span;
  }

  get step() {
    return RANGES[this.range].step;
  }

  get slots() {
    return Math.ceil(this.span / this.step) + SPARE;
  }

  /** Usual distance of samples in ms. */
  get interval() {
    return Math.max(1000, this.boot.update_interval_seconds * 1000);
  }

  get paused() {
    return !Number.isNaN(this.pausedAt);
  }

  /** The server's time now, or the moment at which the picture was stopped. @param {number} ours */
  now(ours = Date.now()) {
    return this.paused ? this.pausedAt : this.skew.server(ours);
  }

  start() {
    this.live.start();
    return this;
  }

  take(frame) {
    if (frame.t !== 'snapshot' && frame.t !== 'update') {
      this.onEvent(frame);
      return;
    }
    if (this.paused) {
      // A stopped picture stays as it is, also when it is drawn again in another theme; resuming asks for everything.
      this.waiting += frame.metrics.length;
      this.onChange();
      return;
    }
    const ours = Date.now();
    if (frame.t === 'update') this.skew.observe(frame.at, ours);
    this.store.take(frame);
    if (performance.now() - this.swept > SWEEP_EVERY) {
      this.swept = performance.now();
      this.store.sweep(this.skew.server(ours));
    }
    this.onChange();
  }

  connected(state, detail) {
    this.connection = state;
    this.connectionDetail = detail;
    this.onState(state, detail);
    this.onChange();
    // A refused handshake looks to a page like a server that is away: ask which it is.
    if (state !== 'live' && detail.attempt > 0) learn(this.rest.base).then(() => barred() && signIn());
  }

  /** Shows a metric's course: keeps its points and fills them in from history. @param {string} metric @param {number} [most] */
  follow(metric, most) {
    this.store.follow(metric, most);
    if (!this.fillings.has(metric)) this.fill(metric);
  }

  /** @param {string} metric */
  unfollow(metric) {
    this.store.unfollow(metric);
    if (!this.store.followed.has(metric)) this.fillings.delete(metric);
  }

  /** Asks history for a metric's points over the range. @param {string} metric */
  async fill(metric) {
    /** @type {Filling} */
    const filling = { state: 'loading', error: null };
    this.fillings.set(metric, filling);
    const end = this.now() + 1000;
    const start = Math.floor((end - this.span) / this.step - SPARE / 2) * this.step;
    try {
      const answer = await this.rest.query(metric, { start, end: Math.ceil(end), step: this.step });
      if (this.fillings.get(metric) !== filling) return;
      this.store.merge(answer, this.interval, '', this.past ? this.pausedAt : NaN);
      filling.state = 'ready';
    } catch (fault) {
      if (this.fillings.get(metric) !== filling) return;
      filling.state = 'failed';
      filling.error = fault;
    }
    this.filled();
  }

  /** Several metrics are asked for at once: what came is drawn together, not one answer at a time. */
  filled() {
    this.fills += 1;
    clearTimeout(this.fillTimer);
    const waiting = [...this.fillings.values()].some(({ state }) => state === 'loading');
    if (waiting) this.fillTimer = setTimeout(() => this.onChange(), TOGETHER);
    else this.onChange();
  }

  /** Asks again for everything shown: after a gap, a restart of the server, a failure. */
  refill() {
    for (const metric of this.fillings.keys()) this.fill(metric);
  }

  /** @param {string[]} metrics @returns {Filling} the worst of several */
  filling(metrics) {
    const all = metrics.map((metric) => this.fillings.get(metric)).filter((one) => one !== undefined);
    return (
      all.find(({ state }) => state === 'failed') ??
      all.find(({ state }) => state === 'loading') ??
      all[0] ?? { state: 'ready', error: null }
    );
  }

  /** @param {string} range a key of RANGES */
  choose(range) {
    if (!RANGES[range] || range === this.range) return;
    this.range = range;
    this.store.resize(this.step, this.slots);
    this.refill();
    this.onChange();
  }

  pause() {
    if (this.paused) return;
    this.pausedAt = this.skew.server(Date.now());
    this.waiting = 0;
    this.onChange();
  }

  resume() {
    if (!this.paused) return;
    this.pausedAt = NaN;
    if (this.past) {
      this.past = false;
      this.era += 1;
      this.store.empty();
    }
    this.live.refresh();
    this.refill();
    this.onChange();
  }

  /** Half a range further back (-1) or ahead (1); where the present is reached the picture is live again. @param {-1 | 1} way */
  pan(way) {
    const live = this.skew.server(Date.now());
    const at = this.now() + (way * this.span) / 2;
    if (at < live) this.look(at);
    else this.resume();
  }

  /** Looks at the range that ends at an earlier time: every value is of then, or unknown. @param {number} at UTC ms */
  look(at) {
    this.pausedAt = at;
    this.past = true;
    this.era += 1;
    this.waiting = 0;
    this.store.empty();
    this.refill();
    this.onChange();
  }

  /**
   * The average over the hour of a week ago that ends at this time of day, NaN while unknown or where history
   * doesn't reach back; `agg` joins several series (sum of interfaces, worst of mounts).
   * @param {string} metric @param {'one' | 'sum' | 'max'} join
   */
  lastWeek(metric, join = 'one') {
    const now = this.past ? this.pausedAt : this.skew.server(Date.now());
    const known = this.weeks.get(metric);
    const near = known !== undefined && Math.abs(now - known.at) < LAST_WEEK_EVERY;
    if (known && (known.pending || near)) return near ? known.value : NaN;
    const asked = { at: now, value: known && Math.abs(now - known.at) < 2 * LAST_WEEK_EVERY ? known.value : NaN, pending: true };
    this.weeks.set(metric, asked);
    const end = Math.floor((now - WEEK) / MINUTE) * MINUTE;
    this.rest
      .query(metric, { start: end - HOUR, end, step: HOUR, agg: 'avg' })
      .then((answer) => {
        asked.value = joined(answer, join);
        this.onChange();
      })
      // A comparison that can't be had leaves its line empty; the next try is in ten minutes.
      .catch(() => {})
      .finally(() => {
        asked.pending = false;
      });
    return asked.value;
  }

  close() {
    globalThis.removeEventListener?.('online', this.comeBack);
    document.removeEventListener('visibilitychange', this.comeBack);
    clearTimeout(this.fillTimer);
    this.live.close();
    this.rest.close();
  }
}

function joined(answer, join) {
  const means = answer
    .filter(({ points }) => points.length > 0)
    .map(({ points }) => points.reduce((sum, [, value]) => sum + value, 0) / points.length);
  if (means.length === 0) return NaN;
  if (join === 'sum') return means.reduce((sum, mean) => sum + mean, 0);
  return join === 'max' ? Math.max(...means) : means[0];
}
