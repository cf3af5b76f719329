// Latency by service and time: a row a service, a cell a step, good melts into the card.
import { el, svg, write } from '../../dom.js';
import { Panel } from '../../panels/panel.js';

const CELLS = 60;
const ROWS = 12;
const CELL = 10;
const ROW = 26;
const EVERY = 10_000;
/** A cell's heat by its share of the threshold. */
const STEPS = [0.5, 0.8, 1, 2];

export class HeatPanel {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    const { say } = context;
    this.context = context;
    this.always = true;
    this.panel = new Panel({ id: 'service-heat', span: 'c7', title: say('services.heat'), say });
    this.limit = context.session.boot.thresholds.latency_threshold_ms ?? 100;
    const keys = [say('services.heat.below', { n: this.limit * STEPS[0] }), ...STEPS.map((share) => say('services.heat.from', { n: this.limit * share }))];
    this.rows = el('div', { class: 'heat', role: 'img' });
    this.panel.body.append(this.rows, el('ul', { class: 'key heatkey' }, ...keys.map((text, i) => el('li', {}, el('i', { class: `box h${i}` }), text))));
    this.element = this.panel.element;
    this.asked = -Infinity;
    this.range = '';
    this.gone = false;
    this.fault = null;
    this.loaded = false;
  }

  draw() {
    const { session, say } = this.context;
    this.panel.loading(!this.loaded && this.fault === null);
    this.panel.failed(this.fault ? { text: say('services.fault'), trace: this.fault.trace ?? '', retry: () => this.ask() } : null);
    if (session.paused && session.range === this.range) return;
    if (performance.now() - this.asked >= EVERY || session.range !== this.range) this.ask();
  }

  async ask() {
    const { session, rest } = this.context;
    this.asked = performance.now();
    this.range = session.range;
    const step = Math.max(1_000, Math.ceil(session.span / CELLS / 1_000) * 1_000);
    const end = Math.floor(session.now() / step) * step + step;
    const start = end - CELLS * step;
    try {
      const ask = new URLSearchParams({ metric: 'service_latency_ms', 'label.quantile': '0.95', start: String(start), end: String(end), step: `${step}ms`, agg: 'max' });
      const { series } = await rest.get(`/api/v1/query?${ask}`);
      if (this.gone) return;
      this.fault = null;
      this.loaded = true;
      this.show(series, start, step);
    } catch (fault) {
      this.fault = fault;
    }
    if (!this.gone) this.context.painter.wake();
  }

  show(series, start, step) {
    const { say, format } = this.context;
    const rows = series.map(({ labels, points }) => ({ name: labels.service, points, worst: points.reduce((top, [, ms]) => Math.max(top, ms), 0) })).sort((a, b) => b.worst - a.worst);
    this.element.classList.toggle('bare', rows.length === 0);
    this.panel.body.dataset.empty = say('services.quiet');
    const said = rows.length ? say('services.heat.worst', { name: rows[0].name, ms: format.text(rows[0].worst, 'ms') }) : '';
    this.panel.tell(said);
    this.rows.setAttribute('aria-label', said || say('services.heat'));
    this.rows.replaceChildren(...rows.slice(0, ROWS).map((row) => this.row(row, start, step)), rows.length ? this.axis(start, step) : '');
  }

  row({ name, points, worst }, start, step) {
    const { format } = this.context;
    const label = el('b', { title: name });
    write(label, name);
    const cells = points.map(([at, ms]) => {
      const cell = svg('rect', { class: `h${heat(ms / this.limit)}`, x: ((at - start) / step) * CELL, width: CELL - 1, y: 2, height: ROW - 4, rx: 1.5 });
      cell.append(svg('title', {}, document.createTextNode(`${format.minute(at)} ${format.text(ms, 'ms')}`)));
      return cell;
    });
    return el('div', { class: 'hrow' }, label, svg('svg', { viewBox: `0 0 ${CELLS * CELL} ${ROW}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, ...cells), el('span', { class: 'n' }, format.text(worst, 'ms')));
  }

  axis(start, step) {
    const { format } = this.context;
    return el('div', { class: 'hrow haxis' }, el('span'), el('span', { class: 'hticks' }, ...[0, 0.25, 0.5, 0.75].map((share) => el('span', {}, format.minute(start + share * CELLS * step)))), el('span'));
  }

  close() {
    this.gone = true;
  }
}

/** @param {number} share of the threshold */
export function heat(share) {
  return STEPS.filter((step) => share >= step).length;
}
