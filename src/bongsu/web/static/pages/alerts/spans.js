// Alerts on a line of time: rows of bars. Pure.
import { order, rank, said } from '../../alerts/severity.js';
import { keyOf } from '../../store.js';

/** @typedef {import('../../alerts/severity.js').Alert} Alert */
/** @typedef {{from: number, to: number, open: boolean, alert: Alert}} Bar */
/** @typedef {{key: string, alert: Alert, bars: Bar[], total: number}} Row `alert` is the newest of the trouble, `total` how long it lasted within the span */

/**
 * One row a trouble (what has the same fingerprint), its bars in order; those that are open first, worst first, then the latest.
 * @param {Alert[]} alerts @param {number} from @param {number} to UTC ms
 * @returns {Row[]}
 */
export function rows(alerts, from, to) {
  /** @type {Map<string, Row>} */
  const found = new Map();
  for (const alert of [...alerts].sort((a, b) => begun(a) - begun(b))) {
    const start = begun(alert);
    const end = alert.resolved_at ?? to;
    if (alert.fired_at === null || end < from || start > to) continue;
    const key = alert.fingerprint || `${alert.metric}\u0001${keyOf(alert.labels ?? {})}`;
    const bar = { from: Math.max(from, start), to: Math.min(to, end), open: alert.resolved_at === null, alert };
    const row = found.get(key) ?? { key, alert, bars: [], total: 0 };
    row.alert = alert;
    row.bars.push(bar);
    row.total += bar.to - bar.from;
    found.set(key, row);
  }
  const last = (row) => row.bars[row.bars.length - 1];
  return [...found.values()].sort((a, b) => Number(last(b).open) - Number(last(a).open) || (last(a).open ? order(a.alert, b.alert) : last(b).to - last(a).to || rank(b.alert.severity) - rank(a.alert.severity)));
}

function begun(alert) {
  return alert.fired_at ?? alert.pending_at;
}

/** Lengths of time as the server writes and reads them: `90s`, `5m`, `24h`. @param {string} text @returns {number} ms, NaN where it can't be read */
export function lengthOf(text) {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  return match ? Number(match[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2]] : NaN;
}

/** Alerts as a table for other programs. @param {Alert[]} alerts @param {string[]} heads @param {(at: number | null) => string} time @param {string} language */
export function csv(alerts, heads, time, language) {
  const cell = (value) => {
    const text = String(value ?? '');
    // A cell that begins like a formula would be one in a spreadsheet: messages and labels come from outside.
    const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = alerts.map((one) =>
    [time(one.fired_at ?? one.pending_at), time(one.resolved_at), one.severity, one.phase, said(one, language), one.metric, Object.entries(one.labels ?? {}).map(([name, value]) => `${name}=${value}`).join(' '), one.value, one.threshold, one.unit, one.rule, one.acknowledged_by, one.note].map(cell).join(','),
  );
  return `\ufeff${[heads.map(cell).join(','), ...lines].join('\r\n')}\r\n`;
}
