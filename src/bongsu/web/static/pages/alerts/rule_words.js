// A rule in words, and what a form's texts mean. Pure.
import { labelText, titleOf, unitOf } from '../../panels/panel.js';
import { pairsOf } from './acting.js';
import { lengthOf } from './spans.js';

/** @typedef {Record<string, any>} Rule as REST has it */
/** @typedef {Pick<import('../../panels/panel.js').Context, 'session' | 'say' | 'format' | 'language'>} Words */

export const KINDS = ['threshold', 'change', 'no_data', 'anomaly'];
export const OPS = ['>', '>=', '<', '<=', '==', '!='];
export const AGGREGATIONS = ['last', 'avg', 'min', 'max', 'sum', 'count', 'rate'];

/** `CPU 사용률 > 80%, 5분 동안`. @param {Words} context @param {Rule} rule */
export function condition(context, rule) {
  const { say, format, session, language } = context;
  const unit = unitOf(session.boot, rule.metric);
  const of = labelText(rule.labels ?? {});
  const metric = [titleOf(session.boot, rule.metric, language), of && `(${of})`].filter(Boolean).join(' ');
  const lasts = lengthOf(rule.for ?? '0s') > 0 ? say('rule.says.for', { time: length(format, rule.for) }) : '';
  if (rule.kind === 'no_data') return say('rule.says.no_data', { metric, time: length(format, rule.no_data_after ?? '5m') });
  const measured = rule.kind === 'anomaly' ? '' : rule.kind === 'change' && rule.change === 'percent' ? '%' : unit;
  const limit = `${rule.op} ${measured === '' || measured === '%' ? format.plain(rule.value) + measured : format.text(rule.value, measured)}`;
  const what = {
    change: say('rule.says.change', { metric, window: length(format, rule.window ?? '60s') }),
    anomaly: say('rule.says.anomaly', { metric }),
  }[rule.kind] ?? (rule.aggregation && rule.aggregation !== 'last' ? say('rule.says.over', { metric, aggregation: say(`aggregation.${rule.aggregation}`), window: length(format, rule.window ?? '60s') }) : metric);
  return [`${what} ${limit}`, lasts].filter(Boolean).join(', ');
}

/** @param {import('../../format.js').Format} format @param {string} text */
function length(format, text) {
  const ms = lengthOf(text);
  return Number.isNaN(ms) ? text : ms < 1_000 ? `${ms} ms` : format.duration(ms / 1000);
}

/**
 * The rule that the texts of a form mean, and what can already be told to be wrong with them, by field.
 * @param {Record<string, string | boolean>} typed @param {import('../../i18n.js').Say} say
 * @returns {{rule: Rule, faults: Record<string, string>}}
 */
export function ruleOf(typed, say) {
  /** @type {Record<string, string>} */
  const faults = {};
  const text = (name) => String(typed[name] ?? '').trim();
  const number = (name) => {
    const value = Number(text(name).replace(/[,%\s]/g, ''));
    if (text(name) === '' || Number.isNaN(value)) faults[name] = say('rule.wrong.number');
    return value;
  };
  const list = (name) => text(name).split(',').map((one) => one.trim()).filter(Boolean);
  /** @type {Rule} */
  const rule = {
    name: text('name'), enabled: typed.enabled !== false, kind: text('kind') || 'threshold', metric: text('metric'), aggregation: text('aggregation') || 'last', severity: text('severity') || 'warning',
    message: text('message'), when: text('when'), no_data: text('no_data') || 'ignore', op: text('op') || '>',
  };
  if (text('id')) rule.id = text('id');
  if (rule.metric === '') faults.metric = say('rule.wrong.metric');
  if (rule.kind !== 'no_data') rule.value = number('value');
  if (text('clear') !== '' && rule.kind !== 'no_data') rule.clear = number('clear');
  for (const name of ['for', 'window', 'keep_firing', 'no_data_after']) {
    if (text(name) === '') continue;
    if (Number.isNaN(lengthOf(text(name)))) faults[name] = say('rule.wrong.length');
    rule[name] = text(name);
  }
  if (rule.kind === 'change') rule.change = text('change') || 'absolute';
  const labels = pairsOf(text('labels'));
  if (labels === null) faults.labels = say('silence.matchers.wrong');
  else rule.labels = labels;
  if (text('each') === 'one') rule.by = [];
  else if (text('each') === 'by') rule.by = list('by');
  rule.channels = list('channels');
  rule.group_by = list('group_by');
  if (text('escalation')) rule.escalation = text('escalation');
  return { rule, faults };
}

/** Keys that a form decides; what else a rule has is left as it is. */
const DECIDED = [
  'id', 'name', 'enabled', 'kind', 'metric', 'labels', 'by', 'aggregation', 'window', 'change', 'op', 'value', 'clear', 'for', 'keep_firing', 'no_data', 'no_data_after', 'severity', 'message', 'when',
  'channels', 'escalation', 'group_by',
];

/** What an answer says of a rule besides itself. */
const TOLD = ['source', 'names'];

/** The known rule with what the form says of it: keys that no field stands for are kept. @param {Rule | null} known @param {Rule} said */
export function laid(known, said) {
  const rest = Object.entries(known ?? {}).filter(([key]) => !DECIDED.includes(key) && !TOLD.includes(key));
  return { ...Object.fromEntries(rest), ...said };
}

/** The rule's name as its reader says it: Bongsu's own names are known in every language. @param {Rule} rule @param {string} language */
export function nameOf({ id, name, names }, language) {
  return names?.[language] ?? (name || id);
}

/** What a form shows of a rule. @param {Rule} rule @param {string} language @returns {Record<string, string | boolean>} */
export function typedOf(rule, language) {
  const pairs = Object.entries(rule.labels ?? {}).map(([name, value]) => (/[,"]/.test(value) ? `${name}="${value.replaceAll('"', '\\"')}"` : `${name}=${value}`));
  const number = (value) => (value === null || value === undefined ? '' : String(value));
  return {
    id: rule.id ?? '', name: rule.names?.[language] ?? rule.name ?? '', enabled: rule.enabled !== false, kind: rule.kind ?? 'threshold', metric: rule.metric ?? '', labels: pairs.join(', '),
    each: rule.by === undefined || rule.by === null ? '' : rule.by.length ? 'by' : 'one', by: (rule.by ?? []).join(', '), aggregation: rule.aggregation ?? 'last', window: rule.window ?? '',
    op: rule.op ?? '>', value: number(rule.value), clear: rule.clear === rule.value ? '' : number(rule.clear), for: rule.for ?? '1m', keep_firing: rule.keep_firing ?? '', no_data: rule.no_data ?? 'ignore',
    no_data_after: rule.no_data_after ?? '', severity: rule.severity ?? 'warning', message: rule.message ?? '', when: rule.when ?? '', channels: (rule.channels ?? []).join(', '),
    escalation: rule.escalation ?? '', group_by: (rule.group_by ?? []).join(', '), change: rule.change ?? 'absolute',
  };
}

/** Keys whose values differ, in the order of the newer one. @param {Rule} before @param {Rule} after @returns {[string, string, string][]} */
export function difference(before, after) {
  const words = (value) => (value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value));
  const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])].filter((key) => !TOLD.includes(key));
  return keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key])).map((key) => [key, words(before[key]), words(after[key])]);
}
