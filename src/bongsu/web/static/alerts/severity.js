// What an alert is, in the words and shapes of the screens. Pure.

/** @typedef {'info' | 'warning' | 'error' | 'critical'} Severity */
/**
 * An alert as the server tells it; times are UTC ms or null. Messages, labels, names and notes are untrusted text.
 * @typedef {{id: string, fingerprint: string, source: 'rule' | 'pushed', severity: Severity, phase: 'pending' | 'firing' | 'acknowledged' | 'resolved',
 *   message: string, messages?: Record<string, string>, rule: string, metric: string, labels: Record<string, string>, value: number | null, threshold: number | null, unit: string,
 *   pending_at: number, fired_at: number | null, acknowledged_at: number | null, acknowledged_by: string, acknowledged_until: number | null,
 *   note: string, resolved_at: number | null, seen_at: number, no_data: boolean, flapping: boolean, silenced_by: string, inhibited_by: string}} Alert
 */

/** From the least to the worst. @type {Severity[]} */
export const SEVERITIES = ['info', 'warning', 'error', 'critical'];

/** The state whose colour and shape a severity has. */
export const STATES = { info: 'info', warning: 'warn', error: 'error', critical: 'crit' };

/** @param {Severity} severity */
export function rank(severity) {
  return SEVERITIES.indexOf(severity);
}

/** @param {Alert} alert */
export function open(alert) {
  return alert.phase === 'firing' || alert.phase === 'acknowledged';
}

/** Whether nobody is told of it for now: silenced, or muted by another alert. @param {Alert} alert */
export function quiet(alert) {
  return alert.silenced_by !== '' || alert.inhibited_by !== '';
}

/** Whether somebody must look: it fires, nobody has it, and nothing mutes it. @param {Alert} alert */
export function calling(alert) {
  return alert.phase === 'firing' && !quiet(alert);
}

/** Worst first: what calls, then what somebody has, then what is quiet; within these by severity, the longest first. @param {Alert} a @param {Alert} b */
export function order(a, b) {
  return (
    standing(a) - standing(b) || rank(b.severity) - rank(a.severity) || (a.fired_at ?? a.pending_at) - (b.fired_at ?? b.pending_at) || (a.id < b.id ? -1 : 1)
  );
}

function standing(alert) {
  if (quiet(alert)) return 2;
  return alert.phase === 'acknowledged' ? 1 : 0;
}

/** Its message in a language, where it is known in it. @param {Alert} alert @param {string} language */
export function said({ message, messages }, language) {
  return messages?.[language] ?? message;
}
