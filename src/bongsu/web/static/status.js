// From a value to a state. Pure: nothing here knows the screen or the clock.

/** @typedef {'ok' | 'info' | 'warn' | 'error' | 'crit' | 'unknown'} State */
/** @typedef {'fresh' | 'dim' | 'stale' | 'none'} Freshness */

export const RANK = { ok: 0, info: 1, unknown: 2, warn: 3, error: 4, crit: 5 };

/** A value must be over for this long before it counts, and under for this long before it stops. */
const HOLD = 5_000;
/** A sample is taken to stand for at most this long. */
const UNSEEN_INTERVAL = 10_000;

/**
 * Where "critical" begins for a share of something finite: half-way from the threshold to full.
 * @param {number} threshold per cent
 */
export function critical(threshold) {
  return threshold + (100 - threshold) / 2;
}

/** @param {number} value @param {{warn?: number, crit?: number, below?: boolean}} limits `below`: what is less is worse @returns {State} */
export function judge(value, { warn, crit, below = false }) {
  if (Number.isNaN(value)) return 'unknown';
  if (below) return crit !== undefined && value < crit ? 'crit' : warn !== undefined && value < warn ? 'warn' : 'ok';
  if (crit !== undefined && value >= crit) return 'crit';
  if (warn !== undefined && value >= warn) return 'warn';
  return 'ok';
}

/**
 * The state of one value over time: a spike of a second neither raises nor clears it.
 * At first each value counts at once, so that whoever opens the page in a fault sees it.
 */
export class Watch {
  /** @param {{warn?: number, crit?: number, below?: boolean}} limits */
  constructor(limits) {
    this.limits = limits;
    /** @type {State} */
    this.state = 'unknown';
    /** Since when the state is worse than ok (UTC ms). */
    this.since = NaN;
    /** Whether it may have begun earlier than anything shown tells. */
    this.longer = false;
    /** @type {State} */
    this.coming = 'unknown';
    this.comingSince = NaN;
    this.at = -Infinity;
    this.first = NaN;
  }

  /** @param {number} at @param {number} value @returns {State} */
  take(at, value) {
    if (!(at > this.at)) return this.state;
    this.at = at;
    const now = judge(value, this.limits);
    if (this.state === 'unknown') this.first = at;
    if (at - this.first < HOLD) return this.become(now, at);
    if (now === this.state) {
      this.coming = now;
      return this.state;
    }
    if (now !== this.coming) {
      // From warning towards critical and back again is one episode: only the direction matters.
      const sameWay = RANK[now] > RANK[this.state] === RANK[this.coming] > RANK[this.state] && this.coming !== this.state;
      this.coming = now;
      if (!sameWay) this.comingSince = at;
    }
    return at - this.comingSince >= HOLD ? this.become(now, this.comingSince) : this.state;
  }

  become(state, at) {
    if (state === 'ok' || state === 'unknown') {
      this.since = NaN;
      this.longer = false;
    } else if (Number.isNaN(this.since)) this.since = at;
    this.state = state;
    this.coming = state;
    return state;
  }

  /**
   * Moves the beginning of a fault back to where back-filled points say it began.
   * @param {{x: number, y: number}[]} points @param {number} beginning points up to here are the first that could be known
   */
  recall(points, beginning) {
    if (this.state !== 'warn' && this.state !== 'crit') return;
    for (let i = points.length - 1; i >= 0; i -= 1) {
      if (Number.isNaN(points[i].y) || judge(points[i].y, this.limits) === 'ok') return;
      if (points[i].x < this.since) this.since = points[i].x;
    }
    this.longer = points.length > 0 && points[0].x <= beginning;
  }
}

/**
 * How old a value may be: fresh up to two intervals, dimmed up to five, then late.
 * @param {number} age ms @param {number} interval usual distance of samples in ms, 0 while unknown
 * @param {number} least the shortest interval that anything has
 * @returns {Freshness}
 */
export function freshness(age, interval, least = 1_000) {
  if (!Number.isFinite(age)) return 'none';
  const usual = interval > 0 ? Math.max(interval, least) : Math.max(UNSEEN_INTERVAL, least);
  if (age <= 2 * usual) return 'fresh';
  return age <= 5 * usual ? 'dim' : 'stale';
}
