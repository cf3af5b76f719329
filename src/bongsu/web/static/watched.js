// Over how long a share was watched, where that is less than its window.

const UNITS = { h: 3_600_000, d: 86_400_000 };
const SIZES = [86_400_000, 3_600_000, 60_000, 1_000];
const NAMES = { ko: ['일', '시간', '분', '초'], en: [' d', ' h', ' min', ' s'] };
/** Watched for at least this share of a window: it is told as the window. */
const WHOLE = 0.95;

/**
 * What is said of a share that was watched for only a part of its window; null where it stands for all of it, or isn't known.
 * @param {{watched_ms?: Record<string, number>, watched_since?: number | null}} one @param {string} window `24h`, `30d`
 * @param {import('./format.js').Format} format @returns {{time: string, since: string} | null}
 */
export function watched({ watched_ms: known, watched_since: since }, window, format) {
  const ms = known?.[window] ?? Infinity;
  if (ms >= WHOLE * parseInt(window) * UNITS[window.slice(-1)]) return null;
  return { time: span(ms, format), since: since ? format.moment(since, Infinity) : '' };
}

/** A length of time in one unit, rounded down, never off by half: from two days on in days. @param {number} ms @param {import('./format.js').Format} format */
export function span(ms, format) {
  const found = SIZES.findIndex((size) => ms >= 2 * size);
  const place = found < 0 ? SIZES.length - 1 : found;
  return `${format.number(Math.floor(ms / SIZES[place]))}${NAMES[format.language][place]}`;
}
