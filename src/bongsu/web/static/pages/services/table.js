// Every service in a row: the failing ones first, then the slowest.
import { el } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { watched } from '../../watched.js';

const SPANS = ['24h', '7d', '30d'];

export class TablePanel {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.context = context;
    this.reader = reader;
    this.panel = new Panel({ id: 'services', span: 'c12', title: say('services.title'), say });
    const heads = [say('services.name'), say('services.rate'), say('services.errorrate'), say('services.warnings'), 'p50', 'p95', 'p99', ...SPANS.map((span) => say('services.available', { span: say(/** @type {any} */ (`services.span.${span}`)) }))];
    this.rows = el('tbody');
    this.panel.body.append(el('div', { class: 'sheet', tabindex: '0', role: 'group', 'aria-label': say('services.title') }, el('table', { class: 'services' }, el('thead', {}, el('tr', {}, ...heads.map((text) => el('th', { scope: 'col' }, text)))), this.rows)));
    this.element = this.panel.element;
    this.version = -1;
  }

  draw() {
    this.reader.tell(this.panel);
    const { services, version } = this.reader;
    if (services === null || version === this.version) return;
    this.version = version;
    const { say } = this.context;
    this.element.classList.toggle('bare', services.length === 0);
    this.panel.body.dataset.empty = say('services.none');
    this.panel.tell(say('services.how'));
    this.rows.replaceChildren(...services.map((one) => this.row(one)));
  }

  row(one) {
    const { service, requests_per_second: rate, error_rate: errors, warnings, latency } = one;
    const { format, session } = this.context;
    const { error_rate_threshold_percent: most = Infinity, latency_threshold_ms: slow = Infinity } = session.boot.thresholds;
    const bad = errors !== null && errors > most;
    const late = latency.p95 !== null && latency.p95 > slow;
    const state = bad ? 'crit' : late ? 'warn' : '';
    const time = (value) => (value === null ? '–' : format.text(value, 'ms'));
    return el(
      'tr',
      { class: state },
      el('th', { scope: 'row' }, el('span', { class: 'pn' }, state ? icon(state) : icon('ok'), el('b', { title: service }, service))),
      el('td', {}, format.text(rate, '1/s')),
      el('td', { class: bad ? 'bad' : '' }, errors === null ? '–' : format.text(errors, '%')),
      el('td', {}, format.number(warnings)),
      el('td', {}, time(latency.p50)),
      el('td', { class: late ? 'bad' : '' }, time(latency.p95)),
      el('td', {}, time(latency.p99)),
      ...SPANS.map((span) => this.available(one, span)),
    );
  }

  /** The share over a span; where it was watched for less, over how long. */
  available(one, span) {
    const { format, say } = this.context;
    if (!(span in one.availability)) return el('td', {}, '–');
    const part = watched(one, span, format);
    return el('td', part ? { class: 'part', title: say('services.over.title', part) } : {}, `${format.number(one.availability[span], 2)}%`, part && el('small', {}, say('services.over', part)));
  }

  close() {}
}
