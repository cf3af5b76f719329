// What is kept quiet, why, by whom and until when.
import { el, renew } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { Remote } from '../../remote.js';
import { Acting, myName } from './acting.js';
import { ask } from './form.js';

export class SilencesPanel {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    const { say, rest, alerts } = context;
    this.always = true;
    this.context = context;
    this.acting = new Acting(context, () => this.remote.load());
    this.panel = new Panel({ id: 'silences', span: 'c12', title: say('alerts.silences'), say });
    this.make = el('button', { class: 'btn pri', type: 'button', onclick: () => this.acting.silence(null) }, say('silence.new'));
    this.list = el('ul', { class: 'rules' });
    this.empty = el('div', { class: 'empty', hidden: true }, el('h3', {}, say('silences.none')), el('p', {}, say('silences.none.next')));
    this.panel.tools.append(this.make);
    this.panel.body.append(this.list, this.empty);
    this.element = this.panel.element;
    this.remote = new Remote({ rest, path: '/api/v1/silences', onChange: () => context.painter.wake(), every: 30_000 });
    this.deaf = alerts.hear((_, change) => {
      if (change === 'silenced' || change === 'unsilenced') this.remote.load();
    });
    this.remote.load();
    this.drawn = '';
    this.ages = true;
  }

  draw() {
    const { say, alerts } = this.context;
    this.remote.refresh();
    const { data, state, error } = this.remote;
    this.panel.loading(data === null && state === 'loading');
    this.panel.failed(state === 'failed' ? { text: say('silences.failed'), trace: error?.trace ?? '', retry: () => this.remote.load() } : null);
    const wanted = `${this.remote.version} ${alerts.version}`;
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    const now = data?.at ?? 0;
    const all = (data?.silences ?? []).filter(({ ended_at }) => ended_at === null || ended_at === undefined);
    const active = all.filter((one) => force(one, now));
    renew(this.list, [...active, ...all.filter((one) => !force(one, now))].map((one) => this.row(one, force(one, now))), 'silence');
    this.empty.hidden = all.length > 0 || data === null;
    this.panel.tell(data === null ? '' : say('silences.count', { n: active.length, later: all.length - active.length }));
  }

  row(one, active) {
    const { say, alerts } = this.context;
    const quieted = alerts.all().filter(({ silenced_by }) => silenced_by === one.id).length;
    return el(
      'li',
      { class: active ? '' : 'off', 'data-silence': one.id },
      el('span', { class: `st ${active ? 'info' : 'unknown'}` }, icon(active ? 'pause' : 'unknown'), say(active ? 'silence.active' : 'silence.later')),
      el('div', { class: 'what_' }, el('b', {}, matched(one)), el('p', { class: 'meta' }, [one.reason, one.by].filter(Boolean).join(' · '))),
      el('span', { class: 'meta span_' }, this.span(one)),
      el('span', { class: 'meta src' }, quieted ? say('silence.quiets', { n: quieted }) : ''),
      el('button', { class: 'btn', type: 'button', onclick: () => this.end(one) }, say('silence.end.now')),
    );
  }

  span(one) {
    const { say, format } = this.context;
    const at = (moment) => `${format.date(moment)} ${format.minute(moment)}`;
    if (!one.repeats) return say('silence.span', { from: at(one.starts_at), to: at(one.ends_at) });
    const known = ['daily', 'weekday', 'weekend'].includes(one.repeats) ? say(`repeats.${one.repeats}`) : one.repeats;
    return [known, `${format.minute(one.starts_at)}–${format.minute(one.ends_at)}`, one.until ? say('silence.last', { day: format.date(one.until) }) : ''].filter(Boolean).join(' ');
  }

  end(one) {
    const { root, say, rest } = this.context;
    ask({
      root, say, title: say('silence.end.now'), about: matched(one), fields: [], send: say('silence.end.now'),
      act: async () => {
        await rest.send('DELETE', `/api/v1/silences/${encodeURIComponent(one.id)}?by=${encodeURIComponent(myName())}`);
        await this.remote.load();
      },
    });
  }

  close() {
    this.deaf();
    this.remote.close();
  }
}

/** @param {{matchers: Record<string, string>}} silence */
function matched({ matchers }) {
  return Object.entries(matchers).map(([name, value]) => `${name}=${value}`).join(', ');
}

/** Whether it keeps quiet now: as the server says, else by its times. */
function force(one, now) {
  return one.in_force ?? (one.starts_at <= now && now < one.ends_at);
}
