// From what the server says of a thing to a shape, a colour and words. Pure.

/** As the server orders them, mildest first: a state's place is the value of the `…_state` metrics. */
export const STATES = ['up', 'pending', 'maintenance', 'rate_limited', 'degraded', 'config_error', 'auth_failed', 'down'];

/** @type {Record<string, 'ok' | 'info' | 'unknown' | 'warn' | 'crit'>} */
export const SIGN = {
  up: 'ok', pending: 'unknown', maintenance: 'info', rate_limited: 'info', degraded: 'warn', config_error: 'warn', auth_failed: 'crit', down: 'crit',
};

/** Ranges of the strips, each with the length of one of its 90 bars. */
export const BARS = 90;
export const STRIPS = { '24h': 16 * 60_000, '7d': 112 * 60_000, '30d': 8 * 3_600_000, '90d': 24 * 3_600_000 };

/** From how many days left a certificate or a key is told, and from how many it is critical. */
const WARN_DAYS = 14;
const CRITICAL_DAYS = 3;

/**
 * The worst state of each bar, oldest first; null where nothing is known.
 * @param {[number, number][]} points @param {number} step ms @param {number} now @returns {(string | null)[]}
 */
export function bars(points, step, now) {
  const found = new Array(BARS).fill(null);
  const last = Math.floor(now / step);
  for (const [at, value] of points) {
    const place = BARS - 1 - (last - Math.floor(at / step));
    if (place >= 0 && place < BARS) found[place] = STATES[Math.round(value)] ?? null;
  }
  return found;
}

/** Whether what is known of a thing is older than it should be. @param {any} one @param {number} now */
export function stale(one, now) {
  if (one.checked_at === null) return false;
  const due = Math.max(one.next_at ?? 0, one.checked_at + one.interval_ms);
  return now - due > 2 * one.interval_ms;
}

/** @param {number | null | undefined} days @returns {'' | 'warn' | 'crit'} */
export function ending(days) {
  if (days === null || days === undefined || days > WARN_DAYS) return '';
  return days <= CRITICAL_DAYS ? 'crit' : 'warn';
}

/** How many need somebody. @param {any[]} all */
export function troubled(all) {
  return all.filter(({ state }) => SIGN[state] === 'crit' || SIGN[state] === 'warn');
}
