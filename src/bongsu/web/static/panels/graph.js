// A panel with one line chart: its key, its summary, its table.
import { same } from '../anomalies.js';
import { LineChart, swatch } from '../chart.js';
import { attribute, el } from '../dom.js';
import { icon } from '../icon.js';
import { wordsOf } from '../marks.js';
import { Panel, sentenceOf } from './panel.js';

const ROWS = 13;
const COLUMNS = 6;
const SUMMARY_EVERY = 10_000;

/**
 * @typedef {{id: string, title?: string, span: string, unit: string, metrics: string[], most?: number, follow?: number, min?: number, max?: number | null, binary?: boolean, scale?: number,
 *   threshold?: () => number, lines: () => import('../chart.js').Line[], legend: {name: string, style: 'main' | 'thin' | number}[],
 *   tell: (drawn: import('../chart.js').Drawn[]) => string}} Graph
 */

export class GraphPanel {
  /** @param {import('./panel.js').Context} context @param {Graph} graph */
  constructor(context, graph) {
    this.context = context;
    this.graph = graph;
    const { say, session, format, language } = context;
    this.title = graph.title ?? say(/** @type {any} */ (`panel.${graph.id}`));
    this.panel = new Panel({ id: graph.id, span: graph.span, title: this.title, sentence: sentenceOf(session.boot, graph.metrics[0], language), say });
    this.chart = new LineChart({
      palette: context.palette, hover: context.hover, format, most: graph.most,
      label: (value) => this.told(value),
      strange: say('anomaly'),
      expected: (lower, upper) => say('anomaly.expected', { lower: lower === null ? '' : this.told(lower), upper: upper === null ? '' : this.told(upper) }),
      tick: (value) => tick(format, value * (graph.scale ?? 1), graph.unit),
    });
    this.table = el('div', { class: 'sheet', hidden: true, tabindex: '0', role: 'region', 'aria-label': say('table.of', { title: this.title }) });
    this.switch = el('button', { class: 'ib', type: 'button', 'aria-pressed': 'false', title: say('table.show'), 'aria-label': say('table.show'), onclick: () => this.flip() }, icon('table'));
    this.panel.tools.append(this.key(), this.switch);
    this.chart.element.setAttribute('aria-label', this.title);
    this.panel.body.classList.add('chart');
    this.panel.body.append(this.chart.element, this.table);
    this.element = this.panel.element;
    this.summarised = -Infinity;
    this.marked = '';
    for (const metric of graph.metrics) session.follow(metric, graph.follow ?? 64);
  }

  /** Nothing moves by less than half a pixel: longer ranges are drawn less often. */
  get every() {
    return Math.min(5_000, Math.max(0, this.context.session.span / 1_600 - 600));
  }

  /** A value of its lines in words; `scale` is what figures are multiplied by. @param {number} value */
  told(value) {
    const { unit, binary, scale = 1 } = this.graph;
    return this.context.format.text(value * scale, unit, { binary });
  }

  /** Frames of other topics and other panels' history don't redraw this chart. */
  changed() {
    const wanted = this.mark();
    return wanted !== this.marked;
  }

  mark() {
    const { session } = this.context;
    let newest = 0;
    for (const metric of this.graph.metrics) for (const { at } of session.store.of(metric)) if (at > newest) newest = at;
    return `${newest} ${session.fills} ${session.connection} ${session.range} ${this.context.alerts?.version ?? 0} ${this.context.marks?.version ?? 0}`;
  }

  key() {
    const list = el('ul', { class: 'key' });
    for (const { name, style } of this.graph.legend) list.append(el('li', {}, swatch(style), name));
    if (this.graph.threshold) list.append(el('li', { class: 'opt' }, el('i', { class: 'k thr' }), this.context.say('threshold')));
    return list;
  }

  draw(ours) {
    const { graph, context } = this;
    const { session } = context;
    this.marked = this.mark();
    const to = session.now(ours);
    const filling = session.filling(graph.metrics);
    if (this.chart.view === null && filling.state === 'loading' && session.store.at < 0) {
      // Sentence and tiles first: there is nothing to draw yet.
      this.panel.loading(true);
      return;
    }
    const lines = graph.lines();
    this.chart.draw({
      lines, from: to - session.span, to, min: graph.min ?? 0, max: graph.max ?? null, threshold: graph.threshold?.() ?? NaN,
      bands: context.alerts?.bands(graph.metrics, to, context.language) ?? [],
      strange: this.strange(lines, to - session.span),
      expected: this.expected(lines, to),
      marks: context.marks?.within(to - session.span, to, (mark) => wordsOf(mark, context.say, context.language)) ?? [],
    });
    const any = this.chart.drawn.some(({ points }) => points.length > 0);
    this.panel.loading(!any && filling.state === 'loading');
    this.panel.element.classList.toggle('bare', !any && filling.state !== 'loading');
    this.panel.body.dataset.empty = context.say(session.connection === 'off' ? 'empty.off' : 'empty.data');
    this.panel.failed(filling.state === 'failed' ? this.trouble(filling) : null);
    this.panel.tell(any ? graph.tell(this.chart.drawn) : '');
    if (session.store.at > 0 && performance.now() - this.summarised > SUMMARY_EVERY) {
      this.summarised = performance.now();
      attribute(this.chart.element, 'aria-label', `${this.title}. ${any ? graph.tell(this.chart.drawn) : context.say('empty.data')}`);
      if (!this.table.hidden) this.fillTable();
    }
  }

  /** Readings out of the ordinary: those of the lines' own series, where the lines say which these are. */
  strange(lines, from) {
    const found = this.context.anomalies?.of(this.graph.metrics, from) ?? [];
    const own = lines.flatMap(({ of }) => of ?? []);
    return own.length ? found.filter((one) => own.some((of) => same(of, one))) : found;
  }

  /** What was expected of the line that matters, while the chart is pointed at; only where that line is one series. */
  expected(lines, to) {
    const { anomalies, hover, session } = this.context;
    const lead = lines.find(({ style }) => style === 'main') ?? (lines.length === 1 ? lines[0] : null);
    if (!anomalies || hover.source !== this.chart || !lead) return [];
    if (lead.of) return anomalies.expected(lead.of.metric, to - session.span, to, lead.of.labels);
    return session.store.of(lead.id).length === 1 ? anomalies.expected(lead.id, to - session.span, to) : [];
  }

  trouble({ error }) {
    const { say, session } = this.context;
    return {
      text: say('history.failed'),
      trace: error.trace ?? '',
      retry: () => this.graph.metrics.forEach((metric) => session.fill(metric)),
    };
  }

  flip() {
    const { say } = this.context;
    const shown = this.table.hidden;
    this.table.hidden = !shown;
    this.chart.element.hidden = shown;
    const words = say(shown ? 'table.hide' : 'table.show');
    this.switch.setAttribute('aria-pressed', String(shown));
    this.switch.setAttribute('aria-label', (this.switch.title = words));
    this.switch.replaceChildren(icon(shown ? 'chart' : 'table'));
    if (shown) this.fillTable();
    else this.chart.again();
  }

  /** The newest instant first; each row the last value before it. */
  fillTable() {
    const { format, say } = this.context;
    const { view, drawn } = this.chart;
    if (!view) return;
    const lines = drawn.slice(0, COLUMNS);
    const head = el('tr', {}, el('th', { scope: 'col' }, say('table.time')), ...lines.map(({ line }) => el('th', { scope: 'col' }, line.name)));
    const rows = [];
    const step = (view.to - view.from) / (ROWS - 1);
    for (let row = 0; row < ROWS; row += 1) {
      const at = view.to - row * step;
      const cells = lines.map(({ points }) => el('td', {}, this.told(before(points, at, step))));
      rows.push(el('tr', {}, el('th', { scope: 'row' }, format.moment(at, view.to - view.from)), ...cells));
    }
    this.table.replaceChildren(el('table', {}, el('caption', { class: 'hide' }, this.title), el('thead', {}, head), el('tbody', {}, ...rows)));
  }

  close() {
    for (const metric of this.graph.metrics) this.context.session.unfollow(metric);
    this.chart.close();
  }
}

/** The axis' words: short, without decimals that say nothing. */
export function tick(format, value, unit) {
  if (value === 0) return unit === '%' ? '0%' : '0';
  if (unit === '%') return `${format.plain(value)}%`;
  const split = format.value(value, unit);
  const figure = split.figure.replace(/\.0$/, '');
  return unit === 'B/s' ? `${figure} ${split.unit.replace('/s', '')}` : `${figure}${split.unit}`;
}

function before(points, at, reach) {
  for (let i = points.length - 1; i >= 0; i -= 1) {
    const { x, y } = points[i];
    if (x <= at && !Number.isNaN(y)) return at - x <= reach ? y : NaN;
  }
  return NaN;
}

/** The highest point of a drawn line. @param {{x: number, y: number}[]} points */
export function figures(points) {
  let top = -Infinity;
  let topAt = NaN;
  for (const { x, y } of points) {
    if (y >= top) {
      top = y;
      topAt = x;
    }
  }
  return { top, topAt };
}
