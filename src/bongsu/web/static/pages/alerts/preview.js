// What a rule would say of the newest values: each series against the threshold.
import { attribute, el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { labelText, Panel, unitOf } from '../../panels/panel.js';

const PATIENCE = 350;
const EVERY = 5_000;
const MOST = 8;

export class Preview {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    const { say } = context;
    this.context = context;
    this.panel = new Panel({ id: 'preview', span: 'c12', title: say('preview'), say });
    this.list = el('ul', { class: 'preview' });
    this.panel.body.append(this.list);
    this.element = this.panel.element;
    /** @type {Record<string, any> | null} */
    this.rule = null;
    this.timer = 0;
    this.askedAt = 0;
    this.turn = 0;
    this.gone = false;
    this.panel.tell(say('preview.type'));
  }

  /** @param {Record<string, any> | null} rule null while it can't be read */
  try(rule) {
    this.rule = rule;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PATIENCE);
  }

  draw() {
    if (this.rule && this.askedAt > 0 && performance.now() - this.askedAt > EVERY) this.ask();
  }

  async ask() {
    const { rest, say } = this.context;
    const turn = (this.turn += 1);
    const { rule } = this;
    this.askedAt = performance.now();
    if (rule === null) {
      this.list.replaceChildren();
      this.panel.tell(say('preview.type'));
      return;
    }
    try {
      const { series } = await rest.send('POST', '/api/v1/rules/preview', { rule });
      if (turn === this.turn && !this.gone) this.show(rule, series);
    } catch (fault) {
      if (turn !== this.turn || this.gone) return;
      this.list.replaceChildren();
      const [first] = fault.problem?.faults ?? [];
      const wrong = first ? `${say('preview.wrong')}: ${first.path}, ${first.reason}` : say('preview.wrong');
      this.panel.tell(fault.status === 422 || fault.status === 400 ? wrong : say('preview.failed'));
    }
  }

  show(rule, series) {
    const { say, format, session } = this.context;
    const unit = rule.kind === 'threshold' ? unitOf(session.boot, rule.metric) : rule.change === 'percent' ? '%' : '';
    const met = series.filter(({ condition }) => condition);
    this.panel.tell(series.length === 0 ? say('preview.none') : say('preview.count', { met: met.length, n: series.length }));
    const over = rule.op === '>' || rule.op === '>=';
    const sorted = [...series].sort((a, b) => Number(b.condition) - Number(a.condition) || (over ? (b.value ?? 0) - (a.value ?? 0) : (a.value ?? 0) - (b.value ?? 0)));
    const most = Math.max(Math.abs(rule.value ?? 0) * 1.25, ...series.map(({ value }) => Math.abs(value ?? 0)), 1e-9);
    const rows = sorted.slice(0, MOST).map(({ labels, value, condition }) => {
      const fill = el('i');
      fill.style.width = `${Math.min(100, (Math.abs(value ?? 0) / most) * 100).toFixed(1)}%`;
      const mark = el('u', { hidden: rule.value === undefined || rule.value < 0 });
      mark.style.left = `${Math.min(100, ((rule.value ?? 0) / most) * 100).toFixed(1)}%`;
      const sign = el('span', { class: `st ${condition ? 'warn' : 'ok'}` }, icon(condition ? 'warn' : 'ok'), say(condition ? 'preview.met' : 'preview.unmet'));
      return el('li', { class: condition ? 'warn' : '' }, el('span', { class: 'nm', title: labelText(labels) }, labelText(labels) || say('preview.whole')), el('span', { class: 'meter' }, fill, mark), el('b', {}, value === null || value === undefined ? '–' : format.text(value, unit)), sign);
    });
    if (sorted.length > MOST) rows.push(el('li', { class: 'rest' }, say('own.rest', { n: sorted.length - MOST })));
    this.list.replaceChildren(...rows);
    attribute(this.list, 'data-met', String(met.length));
    write(this.panel.heading, say('preview'));
  }

  close() {
    this.gone = true;
    clearTimeout(this.timer);
  }
}
