// One list of what needs somebody: the tiles' own findings and the open alerts, each trouble once. Pure.
import { keyOf } from '../store.js';
import { RANK } from '../status.js';
import { calling, open, STATES } from './severity.js';

/**
 * @typedef {import('../sentence.js').Issue & {metric?: string, labels?: Record<string, string>, alert?: string, page?: string}} Issue
 *   `metric` and `labels` say what was judged; `alert` is the id of the alert it leads to, `page` the page that tells more
 */

/**
 * A tile over its threshold and the alert of the same series are one trouble: the tile's words stand (they tick), with the
 * worse of both states; where somebody has the alert or it is muted, the tile's finding waits for nobody either.
 * @param {Issue[]} issues of the tiles @param {import('./severity.js').Alert[]} alerts
 * @param {(alert: import('./severity.js').Alert) => {title: string, detail: string}} words
 * @returns {Issue[]}
 */
export function together(issues, alerts, words) {
  const of = (metric, labels) => `${metric}\u0001${keyOf(labels ?? {})}`;
  const opened = alerts.filter(open);
  const byMetric = new Map(opened.filter(({ metric }) => metric !== '').map((alert) => [of(alert.metric, alert.labels), alert]));
  /** @type {Set<string>} */
  const told = new Set();
  const found = [];
  for (const issue of issues) {
    const alert = issue.metric && issue.state !== 'unknown' ? byMetric.get(of(issue.metric, issue.labels)) : undefined;
    if (alert === undefined) found.push(issue);
    else if (calling(alert)) {
      told.add(alert.id);
      const state = /** @type {import('../status.js').State} */ (STATES[alert.severity]);
      found.push({ ...issue, state: RANK[state] > RANK[issue.state] ? state : issue.state });
    }
  }
  for (const alert of opened) {
    if (!calling(alert) || told.has(alert.id)) continue;
    const state = /** @type {import('../status.js').State} */ (STATES[alert.severity]);
    found.push({ id: `alert ${alert.id}`, alert: alert.id, state, ...words(alert), since: alert.fired_at ?? alert.pending_at, longer: false });
  }
  return found;
}
