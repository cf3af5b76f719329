// Over how long a share was watched, where that is less than the window it stands for. Pure but for the words.

/** The windows, ms. */
export const WINDOWS = { '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000, '90d': 7_776_000_000 };
/** Watched for at least this share of a window: it is told as the window. */
const WHOLE = 0.95;

/**
 * Words for a share that was watched for only a part of its window; null where it stands for all of it, or isn't known.
 * @param {{watched_ms?: Record<string, number>, watched_since?: number | null}} one @param {string} window
 * @param {{say: import('./i18n.js').Say, format: import('./format.js').Format}} context
 * @returns {{text: string, title: string} | null}
 */
export function watched({ watched_ms: known = {}, watched_since: since }, window, { say, format }) {
  const ms = known[window];
  if (ms === undefined || ms >= WHOLE * WINDOWS[window]) return null;
  const time = format.span(ms);
  const title = since ? say('watched.title', { time, since: `${format.date(since)} ${format.minute(since)}` }) : '';
  return { text: say('watched.over', { time }), title };
}
