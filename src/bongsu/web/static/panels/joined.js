// Several series of one metric as one figure or one line.

/** A mount or an interface that is silent for this long says nothing any more. */
const GONE = 60_000;

/**
 * One figure out of several series, and the series whose time counts.
 * @param {import('../store.js').Series[]} known @param {'one' | 'sum' | 'max' | 'min'} how
 * @returns {{value: number, at: import('../store.js').Series | null}}
 */
export function join(known, how) {
  const all = known.filter(({ at }) => at > 0);
  if (all.length === 0) return { value: NaN, at: null };
  const newest = all.reduce((a, b) => (b.at > a.at ? b : a));
  if (how === 'one') return { value: (all.find(({ labels }) => Object.keys(labels).length === 0) ?? newest).value, at: newest };
  const present = all.filter(({ at }) => newest.at - at < GONE);
  if (how === 'sum') return { value: present.reduce((sum, { value }) => sum + value, 0), at: newest };
  const worst = present.reduce((a, b) => ((how === 'min' ? b.value < a.value : b.value > a.value) ? b : a));
  return { value: worst.value, at: worst };
}

/**
 * The widest hole that doesn't break a line: a few steps, or a few samples of a slow series.
 * @param {import('../session.js').Session} session @param {Pick<import('../store.js').Series, 'ring' | 'cadence'>} series
 */
export function hole(session, series) {
  return Math.max(3 * session.step, 3 * series.cadence, 3 * (series.ring?.spacing ?? 0), 3 * session.interval);
}

/** Whether a series has these labels; `*` at the end of a value stands for any rest. @param {Record<string, string>} labels @param {Record<string, string>} wanted */
export function has(labels, wanted) {
  return Object.entries(wanted).every(([name, value]) => (value.endsWith('*') ? (labels[name] ?? '').startsWith(value.slice(0, -1)) : labels[name] === value));
}
