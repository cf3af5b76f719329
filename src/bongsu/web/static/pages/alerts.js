// The alerts: what fires now and what can be done about it; what was; what is watched for; what is kept quiet; who is told.
import { el } from '../dom.js';
import { ChannelsPanel, NoticesPanel } from './alerts/channels.js';
import { FiringPanel } from './alerts/firing.js';
import { AlertsHero, tabOf } from './alerts/hero.js';
import { HistoryPanel } from './alerts/history.js';
import { RuleForm } from './alerts/rule_form.js';
import { RulesPanel } from './alerts/rules.js';
import { SilencesPanel } from './alerts/silences.js';
import { TimelinePanel } from './alerts/timeline.js';

/** @param {import('../mount.js').Context} context @returns {import('./index.js').Built} */
export function build(context) {
  const tab = tabOf(context.asked('tab'));
  const turn = (/** @type {string} */ name) => context.go?.('alerts', name === 'now' ? {} : { tab: name });
  const hero = new AlertsHero(context, tab, turn);
  const { parts, keys } = TABS[tab](context);
  const shown = parts.map(({ element }) => element);
  const frame = shown.length === 1 && shown[0].classList.contains('grid') ? shown : [el('div', { class: 'grid' }, ...shown)];
  const search = keys['/'] ? keys : { ...keys, '/': { says: 'key.search', run: () => turn('history') } };
  return { elements: [hero.element, ...frame], parts: [hero, ...parts], keys: search };
}

/** @typedef {{parts: import('./index.js').Part[], keys: Record<string, import('./index.js').Key>}} Tab */

/** @type {Record<string, (context: import('../mount.js').Context) => Tab>} */
const TABS = {
  now(context) {
    const firing = new FiringPanel(context);
    return { parts: [firing, new TimelinePanel(context)], keys: { a: { says: 'key.acknowledge', run: () => firing.acknowledge() } } };
  },
  history(context) {
    const history = new HistoryPanel(context);
    return { parts: [history], keys: { '/': { says: 'key.search', run: () => history.focus() } } };
  },
  rules(context) {
    const rule = context.asked('rule');
    /** @type {Tab} */
    const form = { parts: [], keys: {} };
    if (rule) return { ...form, parts: [new RuleForm(context, rule)] };
    const rules = new RulesPanel(context);
    return { parts: [rules], keys: { '/': { says: 'key.search', run: () => rules.focus() } } };
  },
  silences: (context) => ({ parts: [new SilencesPanel(context)], keys: {} }),
  channels: (context) => ({ parts: [new ChannelsPanel(context), new NoticesPanel(context)], keys: {} }),
};
