// One alert in full: its steps, the messages that told of it, and where to look.
import { open, STATES } from '../../alerts/severity.js';
import { against, labels, title } from '../../alerts/telling.js';
import { el } from '../../dom.js';
import { icon } from '../../icon.js';
import { Remote } from '../../remote.js';

const STEPS = 40;
/** Metrics that the system page draws, and where. */
const PANELS = { cpu_usage: 'cpu', cpu_core_usage: 'cpu', memory_usage: 'memory', swap_usage: 'memory', disk_usage: 'disk', load_1m: 'load', load_5m: 'load', load_15m: 'load' };

export class Detail {
  /** @param {import('../../mount.js').Context} context @param {string} id @param {import('./acting.js').Acting} acting @param {boolean} alone whether it stands without its row */
  constructor(context, id, acting, alone = false) {
    this.context = context;
    this.acting = acting;
    this.alone = alone;
    this.element = el('div', { class: 'detail loading' });
    this.remote = new Remote({ rest: context.rest, path: `/api/v1/alerts/${encodeURIComponent(id)}`, onChange: () => context.painter.wake() });
    this.version = -1;
  }

  load() {
    this.remote.load();
  }

  draw() {
    if (this.remote.version === this.version) return;
    this.version = this.remote.version;
    const { say } = this.context;
    const { data, state, error } = this.remote;
    this.element.classList.remove('loading');
    if (data === null) {
      this.element.replaceChildren(el('p', { class: 'calmly' }, say(state === 'absent' ? 'alert.gone' : 'alerts.failed'), error?.trace ? el('code', {}, error.trace) : null));
      return;
    }
    this.element.replaceChildren(this.alone ? this.head(data.alert) : '', el('div', { class: 'cols' }, this.steps(data.steps ?? []), this.deliveries(data.deliveries ?? [])), this.foot(data.alert));
  }

  head(alert) {
    const { say, format } = this.context;
    const state = STATES[alert.severity];
    const over = alert.resolved_at ? say('alert.over', { time: `${format.day(alert.resolved_at)} ${format.minute(alert.resolved_at)}` }) : '';
    return el('p', { class: 'head' }, el('span', { class: `st ${state}` }, icon(state), say(`severity.${alert.severity}`)), el('b', {}, title(this.context, alert)), el('span', { class: 'meta' }, [against(this.context, alert), labels(alert), over].filter(Boolean).join(' · ')));
  }

  steps(all) {
    const { say, format } = this.context;
    const told = all.filter(({ change }, i) => change !== 'updated' || all[i + 1]?.change !== 'updated');
    const items = told.slice(-STEPS).map(({ change, at, by, note }) =>
      el('li', {}, el('time', { datetime: new Date(at).toISOString() }, `${format.date(at)} ${format.second(at)}`), el('span', {}, [say(`change.${change}`), by, note && `“${note}”`].filter(Boolean).join(' · '))),
    );
    return el('section', {}, el('h3', {}, say('alert.steps')), items.length ? el('ol', { class: 'log' }, ...items) : el('p', { class: 'calmly' }, say('alert.steps.none')));
  }

  deliveries(all) {
    const { say, format } = this.context;
    const told = all.filter(({ change }, i) => change !== 'updated' || all[i + 1]?.change !== 'updated');
    const items = told.slice(-STEPS).map((one) => {
      const sign = { sent: 'ok', waiting: 'info', dead: 'crit', dropped: 'unknown' }[one.state] ?? 'unknown';
      const words = [one.channel_used && one.channel_used !== one.channel ? `${one.channel} → ${one.channel_used}` : one.channel, say(`notice.${one.kind}`), say(`delivery.${one.state}`), one.attempts > 1 ? say('delivery.tries', { n: one.attempts }) : '', one.error].filter(Boolean);
      return el('li', { class: sign }, el('time', {}, `${format.date(one.at)} ${format.second(one.at)}`), el('span', {}, icon(sign), words.join(' · ')));
    });
    return el('section', {}, el('h3', {}, say('alert.deliveries')), items.length ? el('ol', { class: 'log' }, ...items) : el('p', { class: 'calmly' }, say('alert.deliveries.none')));
  }

  foot(alert) {
    const { say, go } = this.context;
    const panel = PANELS[alert.metric];
    const chart = panel && go ? el('button', { class: 'btn', type: 'button', onclick: () => go('system', { panel }) }, icon('chart'), say('alert.chart')) : null;
    const rule = alert.rule && go ? el('button', { class: 'btn', type: 'button', onclick: () => go('alerts', { tab: 'rules', rule: alert.rule }) }, say('alert.rule')) : null;
    const resolve = open(alert) ? el('button', { class: 'btn', type: 'button', onclick: () => this.acting.resolve(alert) }, icon('ok'), say('act.resolve')) : null;
    return el('div', { class: 'acts' }, chart, rule, resolve);
  }

  close() {
    this.remote.close();
  }
}
