// What the page says first: one sentence, what is wrong (worst first), and how many fires burn. Pure.
import { RANK } from './status.js';

/** @typedef {{id: string, state: import('./status.js').State, title: string, detail: string, since: number, longer: boolean}} Issue */
/** @typedef {{key: string, values: Record<string, number>, state: import('./status.js').State, fires: number, issues: Issue[]}} Verdict */

/**
 * @param {{connection: import('./live.js').Connection, any: boolean, issues: Issue[]}} seen
 *   `any`: whether any value has arrived yet
 * @returns {Verdict}
 */
export function verdict({ connection, any, issues }) {
  // Without a connection everything is late: that is one thing to say, not one a tile.
  const told = connection === 'live' ? issues : issues.filter(({ state }) => state !== 'unknown');
  const sorted = [...told].sort((a, b) => RANK[b.state] - RANK[a.state] || a.since - b.since || a.id.localeCompare(b.id));
  if (connection === 'off') return { key: 'say.off', values: {}, state: 'crit', fires: 5, issues: sorted };
  if (connection === 'again') return { key: 'say.again', values: {}, state: 'warn', fires: 3, issues: sorted };
  if (!any) return { key: 'say.waiting', values: {}, state: 'unknown', fires: 0, issues: [] };
  if (sorted.length === 0) return { key: 'say.calm', values: {}, state: 'ok', fires: 1, issues: [] };
  const worst = sorted[0].state;
  const fires = { crit: 4, error: 4, warn: 3, unknown: 2, info: 2, ok: 1 }[worst];
  return { key: 'say.issues', values: { n: sorted.length }, state: worst, fires, issues: sorted };
}
