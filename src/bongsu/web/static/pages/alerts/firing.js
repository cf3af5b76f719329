// What is open now, worst first: value against threshold, since when, who has it, and what can be done.
import { calling, quiet, STATES } from '../../alerts/severity.js';
import { amount, labels, limit as limitOf, title } from '../../alerts/telling.js';
import { arrange, attribute, el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel, titleOf } from '../../panels/panel.js';
import { Acting } from './acting.js';
import { Detail } from './detail.js';

const PAGE = 30;

/** @typedef {import('../../alerts/severity.js').Alert} Alert */

export class FiringPanel {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    const { say, alerts } = context;
    this.ages = true;
    this.always = true;
    this.context = context;
    this.acting = new Acting(context, () => this.detail?.load());
    this.panel = new Panel({ id: 'firing', span: 'c12', title: say('alerts.firing'), say });
    this.list = el('ul', { class: 'alerts' });
    this.more = el('button', { class: 'btn', type: 'button', hidden: true, onclick: () => this.extend() });
    this.empty = el('div', { class: 'empty', hidden: true });
    this.panel.body.append(this.list, this.more, this.empty);
    this.element = this.panel.element;
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    this.most = PAGE;
    this.version = -1;
    this.first = true;
    this.away = false;
    /** @type {string | null} */
    this.opened = context.asked('alert');
    /** @type {Detail | null} */
    this.detail = null;
    this.deaf = alerts.hear((alert) => {
      if (alert.id === this.opened) this.detail?.load();
    });
  }

  draw(ours) {
    const { alerts, say, session } = this.context;
    const now = session.skew.server(ours);
    const away = session.connection === 'again' || session.connection === 'off';
    if (alerts.version !== this.version || away !== this.away) this.arrange();
    if (away) this.panel.tell(session.store.at > 0 ? say('again.last', { time: this.context.format.second(session.store.at) }) : say('again.never'));
    this.away = away;
    for (const row of this.rows.values()) row.age(now);
    this.detail?.draw();
    this.panel.loading(alerts.state === 'loading');
    this.panel.failed(alerts.state === 'failed' ? { text: say('alerts.failed'), trace: alerts.error?.trace ?? '', retry: () => alerts.load() } : null);
  }

  arrange() {
    const { alerts, say } = this.context;
    this.version = alerts.version;
    const all = alerts.all();
    const shown = all.slice(0, this.most);
    const opened = all.find(({ id }) => id === this.opened);
    if (opened && !shown.includes(opened)) shown.push(opened);
    const ids = new Set(shown.map(({ id }) => id));
    for (const id of this.rows.keys()) if (!ids.has(id)) this.rows.delete(id);
    const elements = shown.map((alert) => {
      let row = this.rows.get(alert.id);
      if (!row) this.rows.set(alert.id, (row = new Row(this.context, alert, { acting: this.acting, flip: (id) => this.flip(id), fresh: !this.first })));
      row.show(alert);
      return row.element;
    });
    this.lay(elements);
    this.more.hidden = all.length <= shown.length;
    write(this.more, say('own.more', { n: all.length - shown.length }));
    this.panel.tell(alerts.state === 'ready' ? say('alerts.count', { waiting: alerts.calling, had: all.length - alerts.calling }) : '');
    this.nothing(all.length === 0);
    if (this.opened && this.detail === null && this.rows.has(this.opened)) this.unfold(this.opened);
    if (this.opened && !this.rows.has(this.opened) && alerts.state === 'ready') this.past(this.opened);
    if (alerts.state === 'ready') this.first = false;
  }

  /** Rows in a new order; what has the focus keeps it. @param {HTMLElement[]} elements */
  lay(elements) {
    const focused = /** @type {HTMLElement | null} */ (/** @type {Document | ShadowRoot} */ (this.list.getRootNode()).activeElement);
    const held = focused !== null && this.list.contains(focused);
    arrange(this.list, elements);
    if (held && focused.isConnected) focused.focus({ preventScroll: true });
  }

  nothing(on) {
    const { alerts, say } = this.context;
    this.empty.hidden = !on || alerts.state === 'loading' || alerts.state === 'failed' || this.past_ !== undefined;
    if (this.empty.hidden) return;
    const key = alerts.state === 'ready' ? 'alerts.calm' : `alerts.${alerts.state}`;
    this.empty.replaceChildren(el('h3', {}, alerts.state === 'ready' ? icon('ok') : null, say(key)), el('p', {}, say(`${key}.next`)));
  }

  extend() {
    this.most += PAGE;
    this.arrange();
  }

  /** @param {string} id */
  flip(id) {
    const closing = this.opened === id;
    this.fold();
    if (!closing) this.unfold(id);
    this.context.remember('alert', closing ? null : id);
  }

  unfold(id) {
    this.opened = id;
    const row = this.rows.get(id);
    if (!row) return;
    this.detail = new Detail(this.context, id, this.acting);
    row.unfold(this.detail.element);
    this.detail.load();
  }

  fold() {
    if (this.opened) this.rows.get(this.opened)?.fold();
    this.detail?.close();
    this.detail = null;
    this.opened = null;
    this.past_?.remove();
    this.past_ = undefined;
  }

  /** An address may lead to an alert that is over: it is shown above the open ones. */
  past(id) {
    if (this.past_ !== undefined) return;
    this.detail?.close();
    this.detail = new Detail(this.context, id, this.acting, true);
    this.past_ = el('div', { class: 'past' }, this.detail.element);
    this.panel.body.prepend(this.past_);
    this.empty.hidden = true;
    this.detail.load();
  }

  /** The one that is open, else the worst that waits for somebody: what a key acts on. */
  current() {
    const all = this.context.alerts.all();
    return all.find(({ id }) => id === this.opened) ?? all.find(calling) ?? null;
  }

  acknowledge() {
    const alert = this.current();
    if (alert && alert.phase === 'firing') this.acting.acknowledge(alert);
  }

  close() {
    this.deaf();
    this.detail?.close();
  }
}

class Row {
  /** @param {import('../../mount.js').Context} context @param {Alert} alert @param {{acting: Acting, flip: (id: string) => void, fresh: boolean}} options */
  constructor(context, alert, { acting, flip, fresh }) {
    const { say } = context;
    this.context = context;
    this.alert = alert;
    this.sign = el('span', { class: 'st' });
    this.name = el('button', { class: 'name', type: 'button', 'aria-expanded': 'false', onclick: () => flip(alert.id) });
    this.meta = el('p', { class: 'meta' });
    this.value = el('b', {});
    this.limit = el('span', {});
    this.lasts = el('b', {});
    this.since = el('time', {});
    this.ack = el('button', { class: 'btn', type: 'button' });
    this.ack.addEventListener('click', () => {
      if (this.alert.phase === 'acknowledged') acting.unacknowledge(this.alert).catch((fault) => reportError(fault));
      else acting.acknowledge(this.alert);
    });
    const mute = el('button', { class: 'btn', type: 'button', onclick: () => acting.silence(this.alert) }, say('act.silence.short'));
    this.under = el('div', { class: 'under', hidden: true });
    this.element = el(
      'li',
      { class: fresh ? 'al new' : 'al', 'data-alert': alert.id },
      el('div', { class: 'row' }, this.sign, el('div', { class: 'what_' }, this.name, this.meta), el('p', { class: 'val' }, this.value, this.limit), el('p', { class: 'dur' }, this.lasts, this.since), el('div', { class: 'acts' }, this.ack, mute)),
      this.under,
    );
    this.shown = '';
    this.aged = '';
  }

  /** @param {Alert} alert */
  show(alert) {
    const { context } = this;
    const { say, session, language } = context;
    this.alert = alert;
    const meta = [labels(alert), alert.metric && alert.message ? titleOf(session.boot, alert.metric, language) : '', standing(context, alert), alert.note && `“${alert.note}”`].filter(Boolean).join(' · ');
    const value = alert.no_data ? say('alert.nodata') : alert.value === null ? '' : amount(context, alert, alert.value);
    const limit = alert.threshold === null || alert.no_data ? '' : say('issue.limit', { limit: limitOf(context, alert) });
    const wanted = JSON.stringify([alert.severity, alert.phase, alert.message, meta, value, limit, alert.flapping, quiet(alert)]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    const state = STATES[alert.severity];
    this.element.classList.remove('crit', 'error', 'warn', 'info', 'calm');
    this.element.classList.add(state);
    this.element.classList.toggle('calm', !calling(alert));
    this.sign.className = `st ${state}`;
    this.sign.replaceChildren(icon(state), say(`severity.${alert.severity}`));
    write(this.name, title(context, alert));
    write(this.meta, meta);
    write(this.value, value);
    write(this.limit, limit);
    const had = alert.phase === 'acknowledged';
    write(this.ack, say(had ? 'act.unacknowledge' : 'act.acknowledge'));
    this.ack.classList.toggle('pri', calling(alert) && (alert.severity === 'critical' || alert.severity === 'error'));
  }

  /** How long it has lasted, by the server's clock. */
  age(now) {
    const { say, format } = this.context;
    const begun = this.alert.fired_at ?? this.alert.pending_at;
    const seconds = Math.max(0, Math.floor((now - begun) / 1000));
    const words = say('issue.lasts', { time: format.duration(seconds < 60 ? seconds : Math.floor(seconds / 60) * 60) });
    if (words === this.aged) return;
    this.aged = words;
    write(this.lasts, words);
    write(this.since, say('alert.since', { time: now - begun > 20 * 3_600_000 ? `${format.date(begun)} ${format.minute(begun)}` : format.minute(begun) }));
    attribute(this.since, 'datetime', new Date(begun).toISOString());
  }

  /** @param {HTMLElement} detail */
  unfold(detail) {
    this.under.replaceChildren(detail);
    this.under.hidden = false;
    attribute(this.name, 'aria-expanded', 'true');
  }

  fold() {
    this.under.hidden = true;
    this.under.replaceChildren();
    attribute(this.name, 'aria-expanded', 'false');
  }
}

/** Who has it, or why it is quiet. @param {import('../../mount.js').Context} context @param {Alert} alert */
export function standing({ say, format }, alert) {
  const words = [];
  if (alert.silenced_by) words.push(say('alert.silenced'));
  if (alert.inhibited_by) words.push(say('alert.inhibited'));
  if (alert.flapping) words.push(say('alert.flapping'));
  if (alert.phase === 'acknowledged') {
    const who = alert.acknowledged_by ? say('alert.had', { by: alert.acknowledged_by }) : say('alert.had.nobody');
    words.push(alert.acknowledged_until ? `${who} (${say('alert.until', { time: format.minute(alert.acknowledged_until) })})` : who);
  }
  return words.join(' · ');
}
