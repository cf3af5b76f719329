// How the channels do, with a test message through each.
import { el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { Remote } from '../../remote.js';

const SIGNS = { ok: 'ok', failing: 'crit', off: 'warn', unused: 'unknown' };

export class Channels {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    const { say, rest } = context;
    this.context = context;
    this.panel = new Panel({ id: 'set-channels', span: 'c12', title: say('set.g.channels'), say });
    this.list = el('ul', { class: 'schannels' });
    this.panel.body.append(this.list);
    this.element = this.panel.element;
    /** What came of tests, by channel. @type {Map<string, {ok: boolean | null, words: string}>} */
    this.tried = new Map();
    this.remote = new Remote({ rest, path: '/api/v1/channels', onChange: () => this.show() });
    this.panel.loading(true);
    this.remote.load();
  }

  /** A change of settings may have made channels, or taken some away. */
  update() {
    if (performance.now() - this.remote.askedAt > 2_000) this.remote.load();
  }

  show() {
    const { say } = this.context;
    const { data, state, error } = this.remote;
    this.panel.loading(false);
    this.panel.failed(state === 'failed' ? { text: say('set.channels.failed'), trace: error?.trace ?? '', retry: () => this.remote.load() } : null);
    const all = data?.channels ?? [];
    this.panel.tell(data === null ? '' : all.length ? say('set.channels.count', { n: all.length }) : say('set.channels.none'));
    this.list.replaceChildren(...all.map((one) => this.row(one)));
  }

  row({ name, state, last_error: error }) {
    const { say } = this.context;
    const sign = SIGNS[state] ?? 'unknown';
    const tried = this.tried.get(name);
    const busy = tried?.ok === null;
    const words = tried ? tried.words : error;
    return el(
      'li',
      { 'data-channel': name },
      el('span', { class: `st ${sign}` }, icon(sign), say(`set.channel.${state in SIGNS ? state : 'unused'}`)),
      el('b', {}, name),
      el('p', { class: `said ${tried && !busy ? (tried.ok ? 'ok' : 'crit') : ''}`, role: 'status' }, tried && !busy ? icon(tried.ok ? 'ok' : 'crit') : null, words ?? ''),
      el('button', { class: 'btn', type: 'button', disabled: busy, 'aria-label': say('set.test.of', { name }), onclick: () => this.test(name) }, say(busy ? 'set.testing' : 'set.test')),
    );
  }

  async test(name) {
    const { rest, say } = this.context;
    this.tried.set(name, { ok: null, words: '' });
    this.show();
    try {
      const { ok, receipt, error } = await rest.send('POST', `/api/v1/channels/${encodeURIComponent(name)}/test`, {});
      this.tried.set(name, { ok, words: ok ? [say('set.test.ok'), receipt].filter(Boolean).join(' ') : error || say('set.test.failed') });
    } catch (fault) {
      this.tried.set(name, { ok: false, words: fault.message || say('set.test.failed') });
    }
    this.show();
    const again = /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-channel="${CSS.escape(name)}"] button`));
    if (again) again.focus({ preventScroll: true });
    write(this.panel.sub, this.panel.sub.textContent ?? '');
  }

  close() {
    this.remote.close();
  }
}
