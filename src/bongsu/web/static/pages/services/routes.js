// The routes that fail most, then the slowest, of all services.
import { el } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';

const ROWS = 6;

export class RoutesPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.context = context;
    this.reader = reader;
    this.panel = new Panel({ id: 'service-routes', span: 'c5', title: say('services.routes'), say });
    this.rows = el('ul', { class: 'trows routes' });
    this.panel.body.append(el('div', { class: 'thead r4' }, el('span', {}, say('services.route')), el('span', { class: 'n' }, say('services.requests')), el('span', { class: 'n' }, say('services.errorrate')), el('span', { class: 'n' }, 'p95')), this.rows);
    this.element = this.panel.element;
    this.version = -1;
  }

  draw() {
    this.reader.tell(this.panel);
    const { services, version } = this.reader;
    if (services === null || version === this.version) return;
    this.version = version;
    const { say, format } = this.context;
    const all = services.flatMap(({ service, routes }) => routes.map((route) => ({ ...route, service })));
    all.sort((a, b) => (b.error_rate ?? 0) - (a.error_rate ?? 0) || Number(a.part ?? false) - Number(b.part ?? false) || (b.latency.p95 ?? 0) - (a.latency.p95 ?? 0));
    this.element.classList.toggle('bare', all.length === 0);
    this.panel.body.dataset.empty = say('services.quiet');
    this.panel.tell(all.length ? say('services.minute') : '');
    this.rows.replaceChildren(...all.slice(0, ROWS).map(({ service, route, requests, errors, error_rate: rate, latency }) =>
      el(
        'li',
        { class: `r4${errors > 0 ? ' crit' : ''}` },
        el('span', { class: 'pname' }, el('span', { class: 'pn' }, errors > 0 ? icon('crit') : null, el('b', { title: route }, route || service)), el('span', { class: 'meta' }, service)),
        el('span', { class: 'n' }, format.number(requests)),
        el('span', { class: `n${errors > 0 ? ' bad' : ''}` }, rate === null ? '–' : format.text(rate, '%')),
        el('span', { class: 'n' }, latency.p95 === null ? '–' : format.text(latency.p95, 'ms')),
      ),
    ));
  }

  close() {}
}
