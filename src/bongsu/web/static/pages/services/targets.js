// Targets whose Prometheus metrics are read: which can't be reached, and what came of the others. Nothing where there are none.
import { el } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { ago } from '../../tile.js';

export class TargetsPanel {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    const { say } = context;
    this.context = context;
    this.ages = true;
    this.panel = new Panel({ id: 'service-targets', span: 'c12', title: say('services.targets'), say });
    this.rows = el('tbody');
    const heads = [say('services.target'), say('services.target.took'), say('services.target.samples'), say('services.target.refused'), say('services.target.age')];
    this.panel.body.append(el('div', { class: 'sheet', tabindex: '0', role: 'group', 'aria-label': say('services.targets') }, el('table', { class: 'services' }, el('thead', {}, el('tr', {}, ...heads.map((text) => el('th', { scope: 'col' }, text)))), this.rows)));
    this.panel.element.hidden = true;
    // What is hidden itself is never drawn, and would not hear of the first target.
    this.element = el('div', { class: 'c12' }, this.panel.element);
    this.shown = '';
  }

  draw(ours) {
    const { session, say, format } = this.context;
    const { store } = session;
    const now = session.now(ours);
    const of = (metric, target) => store.of(metric).find(({ labels }) => labels.target === target)?.value ?? NaN;
    const targets = store.of('scrape_up').map(({ labels, value, at }) => ({ name: labels.target, up: value === 1, at })).sort((a, b) => Number(a.up) - Number(b.up) || (a.name < b.name ? -1 : 1));
    this.panel.element.hidden = targets.length === 0;
    const cells = targets.map(({ name, up, at }) => [name, up, format.text(of('scrape_duration_ms', name), 'ms'), format.number(of('scrape_samples', name)), format.number(of('scrape_refused_total', name)), ago(now - at, say)]);
    const wanted = JSON.stringify(cells);
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.panel.tell(say('services.targets.sub', { up: targets.filter(({ up }) => up).length, n: targets.length }));
    this.rows.replaceChildren(...cells.map(([name, up, ...figures]) =>
      el(
        'tr', { class: up ? '' : 'crit' },
        el('th', { scope: 'row' }, el('span', { class: 'pn' }, icon(up ? 'ok' : 'crit'), el('b', { title: name }, name), up ? null : el('span', {}, say('services.target.down')))),
        ...figures.map((text) => el('td', {}, text)),
      )));
  }

  close() {}
}
