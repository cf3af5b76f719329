// What Bongsu says of itself: its cost, and how fast a reading reaches this screen.
import { el, write } from '../dom.js';
import { Panel, sentenceOf, titleOf, unitOf, labelText } from './panel.js';

const PREFIX = 'bongsu_';

export class BongsuPanel {
  /** @param {import('./panel.js').Context & {delay: () => number}} context */
  constructor(context) {
    const { say } = context;
    this.context = context;
    this.panel = new Panel({ id: 'bongsu', span: 'c12', title: say('panel.bongsu'), say });
    /** @type {[string, () => string][]} */
    const figures = [
      ['screen', () => milliseconds(context, context.delay())],
      ['series', () => this.latest('bongsu_gate_series', '')],
      ['samples', () => this.rate('bongsu_gate_admitted_total')],
      ['clients', () => this.latest('bongsu_live_clients', '')],
      ['cpu', () => this.latest('bongsu_process_cpu_usage', '%')],
      ['memory', () => this.latest('bongsu_process_memory_bytes', 'B')],
    ];
    this.figures = figures.map(([id, read]) => ({ value: el('dd'), id, read }));
    this.body = el('tbody');
    this.details = el('details', {}, el('summary', {}, say('bongsu.all')), el('div', { class: 'sheet' }, el('table', {}, el('caption', { class: 'hide' }, say('panel.bongsu')), this.body)));
    this.panel.body.append(
      el('dl', { class: 'strip' }, ...this.figures.map(({ id, value }) => el('div', {}, el('dt', { title: say(`bongsu.${id}.long`) }, say(`bongsu.${id}`)), value))),
      this.details,
    );
    this.element = this.panel.element;
    this.panel.tell(say('bongsu.sub', { version: context.session.boot.version }));
    this.counters = new Map();
    this.every = 900;
  }

  draw() {
    for (const { value, read } of this.figures) write(value, read());
    if (this.details.open) this.list();
  }

  latest(metric, unit) {
    const { session, format } = this.context;
    const all = session.store.of(metric);
    if (all.length === 0) return '–';
    return format.text(all.reduce((sum, { value }) => sum + value, 0), unit, { binary: true });
  }

  /** Increase of a counter a second, between two drawings. */
  rate(metric) {
    const { session, format, say } = this.context;
    const all = session.store.of(metric);
    if (all.length === 0) return '–';
    const value = all.reduce((sum, one) => sum + one.value, 0);
    const at = Math.max(...all.map((one) => one.at));
    const before = this.counters.get(metric);
    if (!before || at > before.at) {
      const rate = before && value >= before.value ? ((value - before.value) / (at - before.at)) * 1000 : NaN;
      this.counters.set(metric, { value, at, rate });
    }
    const { rate } = this.counters.get(metric);
    return Number.isNaN(rate) ? '–' : say('rate', { n: format.number(rate) });
  }

  list() {
    const { session, format, language } = this.context;
    const rows = [];
    for (const [metric, family] of [...session.store.metrics].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!metric.startsWith(PREFIX)) continue;
      for (const { labels, value } of family.values()) {
        const name = [titleOf(session.boot, metric, language), labelText(labels)].filter(Boolean).join(' · ');
        rows.push(el('tr', {}, el('th', { scope: 'row', title: sentenceOf(session.boot, metric, language) || metric }, name), el('td', {}, format.text(value, unitOf(session.boot, metric), { binary: true }))));
      }
    }
    this.body.replaceChildren(...rows);
  }

  close() {}
}

function milliseconds({ format }, delay) {
  return Number.isNaN(delay) ? '–' : format.text(delay, 'ms');
}
