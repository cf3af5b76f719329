// The open alerts on the overview, worst first: what, since when, who has it. Everything else is on the alerts page.
import { calling, STATES } from '../alerts/severity.js';
import { against, labels, title } from '../alerts/telling.js';
import { el, renew } from '../dom.js';
import { icon } from '../icon.js';
import { Panel } from './panel.js';

const MOST = 5;

export class AlertsPanel {
  /** @param {import('../mount.js').Context} context */
  constructor(context) {
    const { say, go } = context;
    this.ages = true;
    this.always = true;
    this.context = context;
    this.panel = new Panel({ id: 'alerts', span: 'c4', title: say('panel.alerts'), say });
    this.list = el('ol', { class: 'tl' });
    this.panel.body.append(this.list);
    if (go) this.panel.tools.append(el('a', { class: 'more', href: '?page=alerts', onclick: (event) => this.go(event, {}) }, say('alerts.all')));
    this.element = this.panel.element;
    this.shown = '';
  }

  draw(ours) {
    const { alerts, say, session } = this.context;
    const all = alerts.all();
    const now = session.skew.server(ours);
    this.panel.loading(alerts.state === 'loading');
    this.panel.element.classList.toggle('bare', all.length === 0 && alerts.state !== 'loading');
    this.panel.body.dataset.empty = say(alerts.state === 'ready' ? 'alerts.none' : alerts.state === 'absent' ? 'alerts.absent' : 'alerts.unknown');
    this.panel.failed(alerts.state === 'failed' ? { text: say('alerts.failed'), trace: alerts.error?.trace ?? '', retry: () => alerts.load() } : null);
    const waiting = alerts.calling;
    this.panel.tell(alerts.state === 'ready' ? say('alerts.count', { waiting, had: all.length - waiting }) : '');
    this.write(all, now);
  }

  write(all, now) {
    const { say, format } = this.context;
    const rows = all.slice(0, MOST).map((alert) => {
      const since = alert.fired_at ?? alert.pending_at;
      const lasts = say('issue.lasts', { time: format.duration(Math.floor((now - since) / 60_000) * 60 || Math.max(0, Math.floor((now - since) / 1000))) });
      return { alert, at: format.minute(since), meta: [against(this.context, alert), labels(alert), lasts, this.standing(alert)].filter(Boolean).join(' · ') };
    });
    const wanted = JSON.stringify([rows.map(({ alert, at, meta }) => [alert.id, alert.severity, alert.message, at, meta]), all.length]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    const items = rows.map(({ alert, at, meta }) => this.row(alert, at, meta));
    if (all.length > MOST) items.push(el('li', { class: 'rest' }, el('span', {}), el('span', {}), el('p', { class: 'meta' }, say('alerts.rest', { n: all.length - MOST }))));
    renew(this.list, items, 'alert');
  }

  row(alert, at, meta) {
    const { say, go } = this.context;
    const state = STATES[alert.severity];
    const word = el('b', { class: 'w' }, say(`severity.${alert.severity}`));
    const name = go ? el('a', { href: `?page=alerts&alert=${encodeURIComponent(alert.id)}`, onclick: (event) => this.go(event, { alert: alert.id }) }, title(this.context, alert)) : title(this.context, alert);
    return el('li', { class: `${state}${calling(alert) ? '' : ' acked'}`, 'data-alert': alert.id }, el('time', {}, at), el('span', { class: 'nd' }, icon(state)), el('div', {}, el('p', {}, word, name), el('p', { class: 'meta' }, meta)));
  }

  /** Why it waits for nobody, empty where it does wait. */
  standing(alert) {
    const { say } = this.context;
    if (alert.silenced_by) return say('alert.silenced');
    if (alert.inhibited_by) return say('alert.inhibited');
    if (alert.phase !== 'acknowledged') return '';
    return alert.acknowledged_by ? say('alert.had', { by: alert.acknowledged_by }) : say('alert.had.nobody');
  }

  go(event, asked) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.context.go?.('alerts', asked);
  }

  close() {}
}
