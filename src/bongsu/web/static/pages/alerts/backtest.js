// What a rule would have said: the very state machine over history, drawn over the values it saw.
import { LineChart } from '../../chart.js';
import { attribute, el } from '../../dom.js';
import { tick } from '../../panels/graph.js';
import { labelText, Panel, unitOf } from '../../panels/panel.js';
import { Ring } from '../../ring.js';

const SPANS = ['24h', '7d', '30d'];
const LISTED = 6;

export class Backtest {
  /** @param {import('../../mount.js').Context} context @param {() => {rule: Record<string, any>, faults: Record<string, string>}} read */
  constructor(context, read) {
    const { say, palette, hover, format } = context;
    this.context = context;
    this.read = read;
    this.span = '7d';
    this.unit = '';
    this.panel = new Panel({ id: 'backtest', span: 'c12', title: say('backtest'), say });
    this.buttons = SPANS.map((span) => el('button', { type: 'button', 'data-span': span, onclick: () => this.choose(span) }, say(`span.${span}`)));
    this.run = el('button', { class: 'btn', type: 'button', onclick: () => this.ask() }, say('backtest.run'));
    this.chart = new LineChart({ palette, hover, format, label: (value) => format.text(value, this.unit), tick: (value) => tick(format, value, this.unit) });
    this.hours = el('div', { class: 'hours', role: 'img', hidden: true });
    this.list = el('ol', { class: 'log' });
    this.plot = el('div', { class: 'plotbox', hidden: true }, this.chart.element);
    this.panel.body.append(el('div', { class: 'filters' }, el('div', { class: 'seg', role: 'group', 'aria-label': say('range') }, ...this.buttons), this.run), this.plot, this.hours, this.list);
    this.element = this.panel.element;
    this.panel.tell(say('backtest.what'));
    this.turn = 0;
    this.mark();
    this.theme = null;
  }

  mark() {
    for (const button of this.buttons) attribute(button, 'aria-pressed', String(button.dataset.span === this.span));
  }

  choose(span) {
    this.span = span;
    this.mark();
    if (!this.plot.hidden) this.ask();
  }

  async ask() {
    const { rest, say } = this.context;
    const { rule, faults } = this.read();
    if (Object.keys(faults).length > 0) {
      this.panel.tell(say('preview.type'));
      return;
    }
    const turn = (this.turn += 1);
    this.run.disabled = true;
    this.panel.tell(say('backtest.running'));
    try {
      const seen = await rest.send('POST', '/api/v1/rules/backtest', { rule, start: `-${this.span}` });
      if (turn === this.turn) this.show(rule, seen);
    } catch (fault) {
      if (turn === this.turn) this.panel.tell([say('backtest.failed'), fault.message].filter(Boolean).join(' '));
    } finally {
      this.run.disabled = false;
    }
  }

  show(rule, seen) {
    const { say, format, session } = this.context;
    this.unit = rule.kind === 'threshold' ? unitOf(session.boot, rule.metric) : '';
    const points = seen.points ?? [];
    const words = seen.count === 0 ? say('backtest.never', { span: say(`span.${this.span}`) }) : say('backtest.seen', { span: say(`span.${this.span}`), n: seen.count, total: format.duration(seen.total_ms / 1000), messages: seen.messages });
    this.panel.tell(words);
    this.plot.hidden = points.length < 2;
    if (points.length >= 2) this.curve(rule, seen, points);
    this.byHour(seen.by_hour ?? []);
    const rows = (seen.fired ?? []).slice(-LISTED).reverse().map(({ labels, from, to, worst }) => {
      const lasted = format.duration(Math.max(0, ((to ?? session.now()) - from) / 1000));
      return el('li', {}, el('time', {}, `${format.date(from)} ${format.minute(from)}`), el('span', {}, [labelText(labels ?? {}), lasted, worst === null || worst === undefined ? '' : say('backtest.worst', { value: format.text(worst, this.unit) })].filter(Boolean).join(' · ')));
    });
    this.list.replaceChildren(...rows);
    attribute(this.chart.element, 'aria-label', words);
  }

  curve(rule, seen, points) {
    const { session } = this.context;
    const from = points[0][0];
    const to = Math.max(points[points.length - 1][0], from + 60_000);
    const step = Math.max(1_000, Math.min(...points.slice(1).map(([at], i) => at - points[i][0]).filter((gap) => gap > 0)));
    const ring = new Ring(step, Math.ceil((to - from) / step) + 2);
    for (const [at, value] of points) if (value !== null) ring.add(at, value);
    const bands = (seen.fired ?? []).map((one) => ({ from: one.from, to: one.to ?? session.now(), state: 'crit' }));
    requestAnimationFrame(() => {
      if (this.plot.hidden || !this.plot.isConnected) return;
      this.chart.draw({ lines: [{ id: 'backtest', name: rule.metric, style: 'main', rings: [ring], hole: step * 3 }], from, to, min: Math.min(0, ...points.map(([, value]) => value ?? 0)), max: null, threshold: seen.threshold ?? rule.value ?? NaN, bands });
    });
  }

  /** Messages by hour of the day: when would somebody have been woken? */
  byHour(counts) {
    const { say } = this.context;
    const sum = counts.reduce((a, b) => a + b, 0);
    this.hours.hidden = sum === 0;
    if (sum === 0) return;
    const most = Math.max(...counts);
    const top = counts.indexOf(most);
    this.hours.setAttribute('aria-label', say('backtest.hours', { hour: top, n: most }));
    this.hours.replaceChildren(
      el('p', { class: 'calmly' }, say('backtest.hours', { hour: top, n: most })),
      el('div', { class: 'bars24' }, ...counts.map((n, hour) => {
        const bar = el('i', { class: n === most ? 'top' : '', title: say('backtest.hour', { hour, n }) });
        bar.style.height = `${n === 0 ? 1 : Math.max(8, (n / most) * 100)}%`;
        return bar;
      })),
      el('div', { class: 'axis24', 'aria-hidden': 'true' }, ...[0, 6, 12, 18, 23].map((hour) => el('span', {}, say('backtest.at', { hour })))),
    );
  }

  draw() {
    const colours = this.context.palette.get('series-1');
    if (this.theme !== null && this.theme !== colours && !this.plot.hidden) this.chart.again();
    this.theme = colours;
  }

  close() {
    this.turn += 1;
    this.chart.close();
  }
}
