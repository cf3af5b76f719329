// What was: alerts of a day, a week or a month, searched by their words.
import { STATES } from '../../alerts/severity.js';
import { against, labels, title } from '../../alerts/telling.js';
import { attribute, el, renew } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { Remote } from '../../remote.js';
import { standing } from './firing.js';
import { choice } from './form.js';
import { csv } from './spans.js';

const SPANS = ['24h', '7d', '30d'];
const PAGE = 100;
const MOST = 1_000;
const PATIENCE = 250;
const HEADS = ['fired', 'resolved', 'severity', 'phase', 'message', 'metric', 'labels', 'value', 'threshold', 'unit', 'rule', 'acknowledged_by', 'note'];

export class HistoryPanel {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    const { say, rest, asked } = context;
    this.always = true;
    this.context = context;
    this.panel = new Panel({ id: 'history', span: 'c12', title: say('alerts.history'), say });
    this.span = SPANS.includes(asked('span') ?? '') ? /** @type {string} */ (asked('span')) : '7d';
    this.limit = PAGE;
    this.search = el('input', { type: 'search', class: 'inp', placeholder: say('history.search'), 'aria-label': say('history.search'), value: asked('text') ?? '', oninput: () => this.typed() });
    this.severity = choice([['', say('history.severity')], ...['critical', 'error', 'warning', 'info'].map((one) => /** @type {[string, string]} */ ([one, say(`severity.${one}`)]))], asked('severity') ?? '', { 'aria-label': say('history.severity'), onchange: () => this.filter() });
    this.buttons = SPANS.map((span) => el('button', { type: 'button', 'data-span': span, onclick: () => this.choose(span) }, say(`span.${span}`)));
    this.save = el('button', { class: 'btn', type: 'button', onclick: () => this.download() }, say('history.csv'));
    this.more = el('button', { class: 'btn', type: 'button', hidden: true, onclick: () => this.extend() }, say('history.more'));
    this.body = el('tbody');
    const heads = ['when', 'what', 'value', 'lasted', 'who'].map((name) => el('th', { scope: 'col' }, say(`history.${name}`)));
    this.table = el('table', { class: 'past' }, el('caption', { class: 'hide' }, say('alerts.history')), el('thead', {}, el('tr', {}, ...heads)), this.body);
    this.panel.body.append(el('div', { class: 'filters' }, this.search, this.severity, el('div', { class: 'seg', role: 'group', 'aria-label': say('range') }, ...this.buttons), this.save), el('div', { class: 'sheet' }, this.table), this.more);
    this.element = this.panel.element;
    this.remote = new Remote({ rest, path: '', onChange: () => context.painter.wake() });
    this.version = -1;
    this.timer = 0;
    this.deaf = context.alerts.hear((_, change) => {
      if (change === 'resolved' || change === 'fired') this.load();
    });
    this.load();
  }

  load() {
    const ask = new URLSearchParams({ state: 'all', start: `-${this.span}`, limit: String(this.limit) });
    const words = this.search.value.trim();
    if (words) ask.set('text', words);
    this.remote.load(`/api/v1/alerts?${ask}`);
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.context.remember('text', this.search.value.trim() || null);
      this.limit = PAGE;
      this.load();
    }, PATIENCE);
  }

  filter() {
    this.context.remember('severity', this.severity.value || null);
    this.version = -1;
    this.context.painter.wake();
  }

  choose(span) {
    this.span = span;
    this.limit = PAGE;
    this.context.remember('span', span);
    this.load();
    this.context.painter.wake();
  }

  extend() {
    this.limit = Math.min(MOST, this.limit * 3);
    this.load();
  }

  focus() {
    this.search.focus();
  }

  chosen() {
    const all = this.remote.data?.alerts ?? [];
    const begun = (alert) => alert.fired_at ?? alert.pending_at;
    return all.filter(({ severity, phase }) => phase !== 'pending' && (this.severity.value === '' || severity === this.severity.value)).sort((a, b) => begun(b) - begun(a));
  }

  draw() {
    const { say } = this.context;
    const { data, state, error } = this.remote;
    for (const button of this.buttons) attribute(button, 'aria-pressed', String(button.dataset.span === this.span));
    this.panel.loading(data === null && state === 'loading');
    this.panel.failed(state === 'failed' ? { text: say('alerts.failed'), trace: error?.trace ?? '', retry: () => this.load() } : null);
    if (this.version === this.remote.version) return;
    this.version = this.remote.version;
    const rows = this.chosen();
    renew(this.body, rows.map((alert) => this.row(alert)), 'alert');
    this.table.hidden = rows.length === 0;
    this.panel.element.classList.toggle('bare', rows.length === 0 && data !== null);
    this.panel.body.dataset.empty = say(this.search.value.trim() || this.severity.value ? 'history.nothing' : 'history.none');
    this.more.hidden = (data?.alerts.length ?? 0) < this.limit || this.limit >= MOST;
    this.save.disabled = rows.length === 0;
    this.panel.tell(data === null ? '' : say('history.count', { n: rows.length }));
  }

  row(alert) {
    const { say, format, go } = this.context;
    const state = STATES[alert.severity];
    const begun = alert.fired_at ?? alert.pending_at;
    const end = alert.resolved_at;
    const lasted = end === null ? say('timeline.open') : format.duration(Math.max(0, (end - begun) / 1000));
    const name = title(this.context, alert);
    return el(
      'tr',
      { 'data-alert': alert.id },
      el('td', { class: 'w' }, el('time', { datetime: new Date(begun).toISOString() }, `${format.date(begun)} ${format.second(begun)}`)),
      el('td', { class: 'm' }, el('span', { class: `st ${state}${end === null ? '' : ' quiet'}` }, icon(state), say(`severity.${alert.severity}`)), go ? el('a', { href: `?page=alerts&alert=${encodeURIComponent(alert.id)}`, onclick: (event) => this.go(event, alert.id) }, name) : el('span', {}, name), el('small', {}, labels(alert))),
      el('td', { class: 'v' }, against(this.context, alert)),
      el('td', { class: 'd' }, lasted),
      el('td', { class: 'b' }, [standing(this.context, alert) || (alert.acknowledged_by ? say('alert.had', { by: alert.acknowledged_by }) : ''), alert.note].filter(Boolean).join(' · ')),
    );
  }

  go(event, id) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.context.go?.('alerts', { alert: id });
  }

  /** What is shown, as a file; times with the zone's distance, as spreadsheets read them. */
  download() {
    const { format } = this.context;
    const time = (at) => (at === null ? '' : new Date(at + format.ahead(at)).toISOString().replace('T', ' ').slice(0, 19));
    const url = URL.createObjectURL(new Blob([csv(this.chosen(), HEADS, time, this.context.language)], { type: 'text/csv;charset=utf-8' }));
    el('a', { href: url, download: `alerts-${this.span}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1_000);
  }

  close() {
    clearTimeout(this.timer);
    this.deaf();
    this.remote.close();
  }
}
