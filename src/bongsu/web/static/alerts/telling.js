// An alert in words: value against threshold, labels, who has it.
import { said } from './severity.js';
import { labelText, titleOf, unitOf } from '../panels/panel.js';

/** @typedef {import('./severity.js').Alert} Alert */
/** @typedef {Pick<import('../panels/panel.js').Context, 'session' | 'say' | 'format' | 'language'>} Words */

/** @param {Words} context @param {Alert} alert @param {number | null} value */
export function amount({ session, format }, alert, value) {
  if (value === null) return '–';
  return format.text(value, alert.unit || unitOf(session.boot, alert.metric));
}

/** A threshold as people write it: `80%`, not `80.0%`. @param {Words} context @param {Alert} alert */
export function limit(context, alert) {
  const { session, format } = context;
  if (alert.threshold === null) return '';
  const unit = alert.unit || unitOf(session.boot, alert.metric);
  return unit === '%' ? `${format.plain(alert.threshold)}%` : amount(context, alert, alert.threshold);
}

/** What it says of itself; an alert without a message is named by its metric. @param {Words} context @param {Alert} alert */
export function title({ session, language }, alert) {
  return said(alert, language) || (alert.metric ? titleOf(session.boot, alert.metric, language) : alert.rule || alert.id);
}

/** `CPU 사용률 97.0% (기준 80%)`, as much of it as there is. @param {Words} context @param {Alert} alert */
export function against(context, alert) {
  const { session, say, language } = context;
  const metric = alert.metric ? titleOf(session.boot, alert.metric, language) : '';
  if (alert.no_data) return [metric, say('alert.nodata')].filter(Boolean).join(' ');
  if (alert.value === null) return metric;
  const value = `${metric} ${amount(context, alert, alert.value)}`.trim();
  return alert.threshold === null ? value : say('alert.against', { value, limit: limit(context, alert) });
}

/** @param {Alert} alert */
export function labels(alert) {
  return labelText(alert.labels ?? {});
}

/** As an issue of the sentence. @param {Words} context @param {Alert} alert */
export function issue(context, alert) {
  const { say } = context;
  const bound = alert.threshold === null ? '' : say('issue.limit', { limit: limit(context, alert) });
  const value = alert.value === null ? '' : amount(context, alert, alert.value);
  return { title: title(context, alert), detail: [labels(alert), value, bound].filter(Boolean).join(' · ') };
}
