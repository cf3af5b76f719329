// One rule: a sentence to fill in, everything else folded away; beside it what it would say now, and what it would have said.
import { el } from '../../dom.js';
import { Panel, unitOf } from '../../panels/panel.js';
import { Remote } from '../../remote.js';
import { myName } from './acting.js';
import { Backtest } from './backtest.js';
import { ask, choice, field, place, text } from './form.js';
import { Preview } from './preview.js';
import { AGGREGATIONS, condition, KINDS, laid, OPS, ruleOf, typedOf } from './rule_words.js';
import { Versions } from './versions.js';

const LENGTHS = ['0s', '30s', '1m', '5m', '10m', '30m', '1h'];

export class RuleForm {
  /** @param {import('../../mount.js').Context} context @param {string} id the rule's, or `new` */
  constructor(context, id) {
    const { say, rest } = context;
    this.always = true;
    this.ages = true;
    this.context = context;
    this.id = id;
    this.fresh = id === 'new';
    /** The rule as the server has it. @type {Record<string, any> | null} */
    this.known = null;
    this.panel = new Panel({ id: 'rule', span: 'c7', title: say(this.fresh ? 'rule.new' : 'rule.edit'), say });
    this.panel.tools.append(el('a', { class: 'more', href: '?page=alerts&tab=rules', onclick: (event) => this.back(event) }, say('rule.back')));
    this.enabled = el('input', { type: 'checkbox', checked: true });
    this.folded = el('details');
    /** @type {Record<string, import('./form.js').Field>} */
    this.fields = this.make();
    this.sentence = el('p', { class: 'reads', 'aria-live': 'off' });
    this.wrong = el('p', { class: 'err', role: 'alert', hidden: true });
    this.send = el('button', { class: 'btn pri', type: 'submit' }, say('rule.save'));
    this.said = el('span', { class: 'calmly', role: 'status' });
    this.remove = el('button', { class: 'btn danger', type: 'button', hidden: this.fresh, onclick: () => this.delete() }, say('rule.delete'));
    this.source = el('p', { class: 'hint', hidden: true });
    this.form = this.frame();
    this.panel.body.append(this.form);
    this.preview = new Preview(context);
    this.backtest = new Backtest(context, () => this.read());
    this.versions = new Versions(context, id, () => this.reload());
    const beside = [this.preview, this.backtest, ...(this.fresh ? [] : [this.versions])];
    this.element = el('div', { class: 'grid' }, this.panel.element, el('div', { class: 'c5 stack_' }, ...beside.map(({ element }) => element)));
    /** @type {Remote<any>} */
    this.remote = new Remote({ rest, path: `/api/v1/rules/${encodeURIComponent(id)}`, onChange: () => this.arrived() });
    if (this.fresh) this.fill(typedOf({ metric: context.asked('metric') ?? '' }));
    else this.remote.load();
  }

  make() {
    const { say, session } = this.context;
    const names = [...new Set([...Object.keys(session.boot.catalogue), ...session.store.metrics.keys()])].sort();
    this.metrics = el('datalist', { id: 'bongsu-metrics' }, ...names.map((name) => el('option', { value: name })));
    this.lengths = el('datalist', { id: 'bongsu-lengths' }, ...LENGTHS.map((value) => el('option', { value })));
    const one = (name, control, more = {}) => field({ label: say(`rule.${name}`), control, name, ...more });
    const of = (name, all) => choice(all.map((value) => /** @type {[string, string]} */ ([value, say(`${name}.${value || 'none'}`)])), all[0]);
    const length = () => text({ list: 'bongsu-lengths', size: 6, placeholder: '5m' });
    return {
      metric: one('metric', text({ list: 'bongsu-metrics', placeholder: 'cpu_usage' })),
      op: one('op', of('op', OPS)),
      value: one('value', text({ inputmode: 'decimal', size: 8 })),
      for: one('for', length(), { hint: say('rule.for.hint') }),
      severity: one('severity', choice(['info', 'warning', 'error', 'critical'].map((value) => /** @type {[string, string]} */ ([value, say(`severity.${value}`)])), 'warning')),
      name: one('name', text({ maxlength: 200 }), { wide: true }),
      message: one('message', text({ maxlength: 1000, placeholder: '{labels.mount} {value}{unit}' }), { wide: true, hint: say('rule.message.hint') }),
      kind: one('kind', of('kind', KINDS)),
      labels: one('labels', text({ placeholder: 'mount=/data*' }), { hint: say('rule.labels.hint') }),
      each: one('each', of('each', ['', 'one', 'by'])),
      by: one('by', text({ placeholder: 'host' })),
      aggregation: one('aggregation', of('aggregation', AGGREGATIONS)),
      window: one('window', length()),
      change: one('change', of('change', ['absolute', 'percent'])),
      clear: one('clear', text({ inputmode: 'decimal', size: 8 }), { hint: say('rule.clear.hint') }),
      keep_firing: one('keep_firing', length()),
      no_data: one('no_data', of('no_data', ['ignore', 'fire', 'resolve'])),
      no_data_after: one('no_data_after', length()),
      when: one('when', text({ placeholder: 'weekday 09:00-18:00 Asia/Seoul' }), { wide: true, hint: say('rule.when.hint') }),
      channels: one('channels', text({ placeholder: 'slack, email' }), { hint: say('rule.channels.hint') }),
      escalation: one('escalation', text({})),
      group_by: one('group_by', text({ placeholder: 'host' })),
      id: one('id', text({ maxlength: 64, placeholder: 'cpu-high' }), { hint: say('rule.id.hint') }),
    };
  }

  frame() {
    const { say } = this.context;
    const f = this.fields;
    const simple = el('div', { class: 'fields simple' }, f.metric.element, f.op.element, f.value.element, f.for.element, f.severity.element);
    const rest = ['kind', 'aggregation', 'window', 'change', 'labels', 'each', 'by', 'clear', 'keep_firing', 'no_data', 'no_data_after', 'when', 'channels', 'escalation', 'group_by', 'id'];
    this.folded.append(el('summary', {}, say('rule.more')), el('div', { class: 'fields' }, ...rest.map((name) => f[name].element)));
    const form = el(
      'form',
      { class: 'rule', novalidate: true },
      this.metrics ?? null, this.lengths ?? null, this.source, simple, this.sentence, el('div', { class: 'fields' }, f.name.element, f.message.element), this.folded,
      el('label', { class: 'check' }, this.enabled, say('rule.enabled')),
      this.wrong, el('div', { class: 'acts' }, this.send, this.remove, this.said),
    );
    form.addEventListener('input', () => this.typed());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.save();
    });
    return form;
  }

  fill(typed) {
    for (const [name, { control }] of Object.entries(this.fields)) control.value = String(typed[name] ?? '');
    this.enabled.checked = typed.enabled !== false;
    this.fields.id.element.hidden = !this.fresh;
    this.typed();
  }

  read() {
    const typed = Object.fromEntries(Object.entries(this.fields).map(([name, { control }]) => [name, control.value]));
    const { rule, faults } = ruleOf({ ...typed, enabled: this.enabled.checked }, this.context.say);
    return { rule: laid(this.known, rule), faults };
  }

  /** What is typed is read back as a sentence and tried against the newest values. */
  typed() {
    const { session, say } = this.context;
    const { rule, faults } = this.read();
    const silent = rule.kind === 'no_data';
    for (const name of ['op', 'value', 'clear', 'aggregation', 'window']) this.fields[name].element.hidden = silent;
    this.fields.change.element.hidden = rule.kind !== 'change';
    this.fields.by.element.hidden = this.fields.each.control.value !== 'by';
    const unit = unitOf(session.boot, rule.metric);
    const label = this.fields.value.element.querySelector('label');
    if (label) label.textContent = unit ? `${say('rule.value')} (${unit})` : say('rule.value');
    const right = Object.keys(faults).length === 0;
    this.sentence.textContent = right ? say('rule.reads', { condition: condition(this.context, rule), severity: say(`severity.${rule.severity}`) }) : '';
    this.preview.try(right ? rule : null);
    this.said.textContent = '';
  }

  arrived() {
    const { say, painter } = this.context;
    const { data, state } = this.remote;
    const rule = data?.rule ?? data;
    if (rule) {
      this.known = rule;
      this.fill(typedOf(rule, this.context.language));
      const settled = rule.source === 'settings' || rule.source === 'thresholds';
      this.source.hidden = !settled;
      this.remove.hidden = settled;
      this.source.textContent = settled ? say(`source.${rule.source}.hint`) : '';
      this.panel.tell(rule.id ?? '');
    } else if (state !== 'loading') {
      this.form.replaceChildren(el('p', {}, say(state === 'absent' ? 'rule.gone' : 'rules.failed')));
    }
    painter.wake();
  }

  /** What is kept may differ from what was typed (an id, defaults, another source). */
  reload() {
    this.remote.load();
    this.versions.load();
  }

  draw() {
    this.panel.loading(!this.fresh && this.remote.state === 'loading' && this.remote.data === null);
    this.preview.draw();
    this.backtest.draw();
    if (!this.fresh) this.versions.draw();
  }

  async save() {
    const { rest, say, go } = this.context;
    const { rule, faults } = this.read();
    this.wrong.hidden = true;
    for (const [name, one] of Object.entries(this.fields)) one.fault(faults[name] ?? '');
    if (Object.keys(faults).length > 0) return this.show();
    this.send.disabled = true;
    try {
      const path = `/api/v1/rules${this.fresh ? '' : `/${encodeURIComponent(this.id)}`}`;
      const answer = await rest.send(this.fresh ? 'POST' : 'PUT', `${path}?by=${encodeURIComponent(myName())}`, this.fresh ? rule : { ...rule, id: this.id });
      this.said.textContent = say('rule.saved');
      const id = answer.rule?.id ?? answer.id ?? rule.id;
      if (this.fresh && id) go?.('alerts', { tab: 'rules', rule: id });
      else this.reload();
    } catch (fault) {
      if (!place(fault, this.fields)) {
        this.wrong.textContent = [fault.message, fault.problem?.faults ? '' : fault.hint].filter(Boolean).join('. ');
        this.wrong.hidden = false;
      }
      this.show();
    } finally {
      this.send.disabled = false;
    }
  }

  /** The first field that is wrong, unfolded and focused. */
  show() {
    const first = Object.values(this.fields).find(({ control }) => control.getAttribute('aria-invalid') === 'true');
    if (!first) return;
    if (this.folded.contains(first.element)) this.folded.open = true;
    first.control.focus();
  }

  delete() {
    const { root, say, rest, go } = this.context;
    ask({
      root, say, title: say('rule.delete'), about: say('rule.delete.about'), fields: [], send: say('rule.delete'), danger: true,
      act: async () => {
        await rest.send('DELETE', `/api/v1/rules/${encodeURIComponent(this.id)}?by=${encodeURIComponent(myName())}`);
        go?.('alerts', { tab: 'rules' });
      },
    });
  }

  back(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.context.go?.('alerts', { tab: 'rules' });
  }

  close() {
    this.remote.close();
    this.preview.close();
    this.backtest.close();
    this.versions.close();
  }
}
