// Where messages go: each channel's state, a test, and what could not be delivered.
import { el, renew } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { Remote } from '../../remote.js';
import { ago } from '../../tile.js';

const SIGNS = { ok: 'ok', failing: 'crit', off: 'warn', unused: 'unknown' };
const RANKS = { failing: 0, off: 1, unused: 3, ok: 2 };

export class ChannelsPanel {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    const { say, rest } = context;
    this.always = true;
    this.ages = true;
    this.every = 1_000;
    this.context = context;
    this.panel = new Panel({ id: 'channels', span: 'c12', title: say('alerts.channels'), say });
    this.list = el('ul', { class: 'rules' });
    this.empty = el('div', { class: 'empty', hidden: true });
    this.panel.body.append(this.list, this.empty);
    this.element = this.panel.element;
    this.remote = new Remote({ rest, path: '/api/v1/channels', onChange: () => context.painter.wake(), every: 15_000 });
    this.remote.load();
    /** @type {Map<string, {ok: boolean, words: string}>} */
    this.tried = new Map();
    /** @type {Set<string>} */
    this.trying = new Set();
    this.drawn = '';
  }

  draw(ours) {
    const { say, session } = this.context;
    this.remote.refresh();
    const { data, state, error } = this.remote;
    this.panel.loading(data === null && state === 'loading');
    this.panel.failed(state === 'failed' ? { text: say('channels.failed'), trace: error?.trace ?? '', retry: () => this.remote.load() } : null);
    const all = [...(data?.channels ?? [])].sort((a, b) => RANKS[a.state] - RANKS[b.state] || (a.name < b.name ? -1 : 1));
    const now = session.skew.server(ours);
    const rows = all.map((one) => ({ ...one, sent: one.last_sent_at ? say('channel.sent', { ago: ago(now - one.last_sent_at, say) }) : say('channel.never') }));
    const wanted = JSON.stringify([rows, state, [...this.tried], [...this.trying]]);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    renew(this.list, rows.map((one) => this.row(one)), 'channel');
    this.empty.hidden = all.length > 0 || data === null && state !== 'absent';
    if (!this.empty.hidden) this.empty.replaceChildren(el('h3', {}, say('channels.none')), el('p', {}, say('channels.none.next')), el('code', { class: 'line', tabindex: '0' }, 'SLACK_WEBHOOK_URL=https://hooks.slack.com/services/…\nTELEGRAM_BOT_TOKEN=…\nTELEGRAM_CHAT_ID=…'));
    const failing = all.filter((one) => one.state === 'failing').length;
    this.panel.tell(data === null ? '' : failing ? say('channels.failing', { n: failing, all: all.length }) : say('channels.count', { n: all.length }));
  }

  row(one) {
    const { say } = this.context;
    const sign = SIGNS[one.state] ?? 'unknown';
    const tried = this.tried.get(one.name);
    const queue = [one.waiting ? say('channel.waiting', { n: one.waiting }) : '', one.dead ? say('channel.dead', { n: one.dead }) : ''].filter(Boolean).join(' · ');
    const trying = this.trying.has(one.name);
    return el(
      'li',
      { class: 'channel', 'data-channel': one.name },
      el('span', { class: `st ${sign}` }, icon(sign), say(`channel.${one.state}`)),
      el('div', { class: 'what_' }, el('b', {}, one.name), el('p', { class: 'meta' }, [one.sent, one.last_error === tried?.words ? '' : one.last_error].filter(Boolean).join(' · '))),
      el('span', { class: 'meta src' }, queue),
      el('p', { class: `tried ${tried ? (tried.ok ? 'ok' : 'crit') : ''}`, role: 'status' }, tried ? icon(tried.ok ? 'ok' : 'crit') : null, tried?.words ?? ''),
      el('button', { class: 'btn', type: 'button', disabled: trying, 'data-test': one.name, onclick: () => this.test(one.name) }, say(trying ? 'channel.testing' : 'channel.test')),
    );
  }

  async test(name) {
    const { rest, say, painter } = this.context;
    this.trying.add(name);
    this.tried.delete(name);
    painter.wake();
    try {
      const { ok, receipt, error } = await rest.send('POST', `/api/v1/channels/${encodeURIComponent(name)}/test`, {});
      this.tried.set(name, { ok, words: ok ? [say('channel.test.ok'), receipt].filter(Boolean).join(' ') : error || say('channel.test.failed') });
    } catch (fault) {
      this.tried.set(name, { ok: false, words: fault.message || say('channel.test.failed') });
    }
    this.trying.delete(name);
    await this.remote.load();
    painter.wake();
  }

  close() {
    this.remote.close();
  }
}

export class NoticesPanel {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    const { say, rest } = context;
    this.always = true;
    this.ages = true;
    this.every = 1_000;
    this.context = context;
    this.panel = new Panel({ id: 'notices', span: 'c12', title: say('notices'), say });
    this.list = el('ul', { class: 'rules' });
    this.panel.body.append(this.list);
    this.element = this.panel.element;
    this.waiting = new Remote({ rest, path: '/api/v1/notifications?state=waiting&limit=100', onChange: () => context.painter.wake(), every: 10_000 });
    this.dead = new Remote({ rest, path: '/api/v1/notifications?state=dead&limit=100', onChange: () => context.painter.wake(), every: 10_000 });
    this.load();
    this.drawn = '';
    /** @type {Map<string, string>} */
    this.faults = new Map();
  }

  load() {
    this.waiting.load();
    this.dead.load();
  }

  draw() {
    const { say } = this.context;
    this.waiting.refresh();
    this.dead.refresh();
    const failed = [this.waiting, this.dead].find(({ state }) => state === 'failed');
    this.panel.failed(failed ? { text: say('notices.failed'), trace: failed.error?.trace ?? '', retry: () => this.load() } : null);
    const dead = this.dead.data?.notifications ?? [];
    const waiting = this.waiting.data?.notifications ?? [];
    const wanted = JSON.stringify([dead, waiting, [...this.faults], this.dead.state]);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    renew(this.list, [...dead, ...waiting].map((one) => this.row(one)), 'notice');
    this.panel.element.classList.toggle('bare', dead.length + waiting.length === 0 && this.dead.state !== 'loading');
    this.panel.body.dataset.empty = say('notices.none');
    this.panel.tell(dead.length + waiting.length ? say('notices.count', { dead: dead.length, waiting: waiting.length }) : '');
  }

  row(one) {
    const { say, format } = this.context;
    const dead = one.state === 'dead';
    const sign = dead ? 'crit' : 'info';
    const next = one.next_at ? say('notice.next', { time: format.second(one.next_at) }) : '';
    return el(
      'li',
      { class: 'channel', 'data-notice': one.id },
      el('span', { class: `st ${sign}` }, icon(sign), say(`delivery.${one.state}`)),
      el('div', { class: 'what_' }, el('b', {}, [one.channel, say(`notice.${one.kind}`)].join(' · ')), el('p', { class: 'meta' }, [`${format.date(one.at)} ${format.second(one.at)}`, say('delivery.tries', { n: one.attempts }), one.error, next].filter(Boolean).join(' · '))),
      el('span', { class: 'meta src' }, one.alerts ? say('notice.alerts', { n: one.alerts }) : ''),
      el('p', { class: 'tried crit', role: 'status' }, this.faults.get(one.id) ?? ''),
      dead ? el('button', { class: 'btn', type: 'button', onclick: () => this.again(one.id) }, icon('retry'), say('notice.again')) : null,
    );
  }

  async again(id) {
    const { rest } = this.context;
    this.faults.delete(id);
    try {
      await rest.send('POST', `/api/v1/notifications/${encodeURIComponent(id)}/resend`, {});
    } catch (fault) {
      this.faults.set(id, fault.message);
    }
    this.load();
  }

  close() {
    this.waiting.close();
    this.dead.close();
  }
}
