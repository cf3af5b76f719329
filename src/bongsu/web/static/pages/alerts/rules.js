// The rules: what is watched for, in words; switched on and off, changed, made.
import { STATES } from '../../alerts/severity.js';
import { attribute, el, renew } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { Remote } from '../../remote.js';
import { myName } from './acting.js';
import { condition, nameOf } from './rule_words.js';

export class RulesPanel {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    const { say, rest } = context;
    this.always = true;
    this.context = context;
    this.panel = new Panel({ id: 'rules', span: 'c12', title: say('alerts.rules'), say });
    this.search = el('input', { type: 'search', class: 'inp', placeholder: say('rules.search'), 'aria-label': say('rules.search'), oninput: () => this.again() });
    this.make = el('button', { class: 'btn pri', type: 'button', onclick: () => this.edit('new') }, say('rules.new'));
    this.list = el('ul', { class: 'rules' });
    this.empty = el('div', { class: 'empty', hidden: true });
    this.panel.body.append(el('div', { class: 'filters' }, this.search, this.make), this.list, this.empty);
    this.element = this.panel.element;
    this.remote = new Remote({ rest, path: '/api/v1/rules', onChange: () => context.painter.wake() });
    this.remote.load();
    this.drawn = '';
    this.fault = '';
  }

  again() {
    this.drawn = '';
    this.context.painter.wake();
  }

  edit(rule) {
    const { go, remember } = this.context;
    if (go) go('alerts', { tab: 'rules', rule });
    else remember('rule', rule);
  }

  focus() {
    this.search.focus();
  }

  draw() {
    const { say, alerts, language } = this.context;
    const { data, state, error } = this.remote;
    this.panel.loading(data === null && state === 'loading');
    this.panel.failed(state === 'failed' || this.fault ? { text: this.fault || say('rules.failed'), trace: error?.trace ?? '', retry: () => this.remote.load() } : null);
    const wanted = `${this.remote.version} ${alerts.version}`;
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    const words = this.search.value.trim().toLowerCase();
    const all = data?.rules ?? [];
    const firing = new Map();
    for (const alert of alerts.all()) firing.set(alert.rule, (firing.get(alert.rule) ?? 0) + 1);
    const shown = all.filter((rule) => words === '' || [nameOf(rule, language), rule.id, rule.metric, rule.message].some((text) => String(text ?? '').toLowerCase().includes(words)));
    shown.sort((a, b) => (firing.get(b.id) ?? 0) - (firing.get(a.id) ?? 0));
    renew(this.list, shown.map((rule) => this.row(rule, firing.get(rule.id) ?? 0)), 'rule');
    this.panel.tell(data === null ? '' : say('rules.count', { n: all.length, on: all.filter(({ enabled }) => enabled !== false).length }));
    this.empty.hidden = shown.length > 0 || state === 'loading' || state === 'failed';
    const key = state === 'absent' ? 'rules.absent' : all.length ? 'rules.nothing' : 'rules.none';
    this.empty.replaceChildren(el('h3', {}, say(key)), el('p', {}, say(`${key}.next`)));
    this.make.disabled = state === 'absent';
  }

  row(rule, firing) {
    const { say, language } = this.context;
    const state = STATES[rule.severity] ?? 'warn';
    const on = rule.enabled !== false;
    const settled = rule.source === 'settings' || rule.source === 'thresholds';
    const toggle = el('button', { class: 'switch', type: 'button', role: 'switch', 'aria-checked': String(on), 'aria-label': say('rule.on', { name: nameOf(rule, language) }), onclick: (event) => this.flip(rule.id, event.currentTarget) }, el('i'));
    const name = el('a', { class: 'name', href: `?page=alerts&tab=rules&rule=${encodeURIComponent(rule.id)}`, onclick: (event) => this.open(event, rule.id) }, nameOf(rule, language));
    return el(
      'li',
      { class: on ? '' : 'off', 'data-rule': rule.id },
      toggle,
      el('div', { class: 'what_' }, name, el('p', { class: 'meta' }, condition(this.context, rule))),
      el('span', { class: `st quiet ${state}` }, icon(state), say(`severity.${rule.severity}`)),
      el('span', { class: 'meta src' }, settled ? say(`source.${rule.source}`) : ''),
      firing ? el('b', { class: `firing ${state}` }, say('rule.firing', { n: firing })) : el('span', { class: 'firing meta' }, on ? say('rule.calm') : say('rule.off')),
    );
  }

  open(event, id) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.edit(id);
  }

  async flip(id, toggle) {
    const { rest } = this.context;
    const rule = this.remote.data?.rules.find((one) => one.id === id);
    if (!rule) return;
    const { source, names, ...body } = rule;
    toggle.disabled = true;
    this.fault = '';
    try {
      await rest.send('PUT', `/api/v1/rules/${encodeURIComponent(rule.id)}?by=${encodeURIComponent(myName())}`, { ...body, enabled: rule.enabled === false });
      attribute(toggle, 'aria-checked', String(rule.enabled === false));
    } catch (fault) {
      this.fault = [fault.message, fault.hint].filter(Boolean).join('. ');
    }
    toggle.disabled = false;
    await this.remote.load();
  }

  close() {
    this.remote.close();
  }
}
