// A viewer that hears nothing of the owner any more: what is away, and how old everything on the screen is.

const METRIC = 'bongsu_view_behind_seconds';
/** Less than this many seconds is nobody's worry. */
const LEAST = 2;

/**
 * @param {{connection: string, store: import('./store.js').Store}} session
 * @returns {{cause: string, seconds: number} | null} null where all is well, or where the connection itself is what is wrong
 */
export function behind({ connection, store }) {
  if (connection !== 'live') return null;
  const cut = store.of(METRIC).find(({ value }) => value >= LEAST);
  return cut ? { cause: cut.labels.cause, seconds: cut.value } : null;
}
