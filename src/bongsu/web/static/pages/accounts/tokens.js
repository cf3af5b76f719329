// Tokens of programs: made (their text is shown this once), listed, revoked.
import { el } from '../../dom.js';
import { icon } from '../../icon.js';
import { ask, choice, field, place, text } from '../alerts/form.js';
import { Listed } from './listed.js';

const SCOPES = ['read', 'write', 'ingest', 'admin'];
const DAY = 86_400_000;
const DAYS = [30, 90, 365];

export class TokensPanel extends Listed {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    super(context, { id: 'tokens', path: '/api/v1/tokens', key: 'tokens' });
    const { say } = context;
    this.fresh = el('div', { class: 'fresh', role: 'status' });
    this.panel.tools.append(el('button', { class: 'btn pri', type: 'button', onclick: () => this.add() }, say('accounts.token.new')));
    this.panel.body.prepend(this.fresh);
  }

  row(one) {
    const { say, session } = this.context;
    const over = one.expires_at !== null && one.expires_at <= session.skew.server(Date.now());
    return el(
      'li',
      { class: over ? 'token off' : 'token', 'data-token': one.id },
      el('span', { class: `st ${over ? 'unknown' : 'ok'}` }, icon(over ? 'unknown' : 'ok'), say(over ? 'accounts.over' : 'accounts.active')),
      el('div', { class: 'what_' }, el('b', {}, one.name), el('p', { class: 'meta' }, `${one.scopes.join(', ')} · ${say('accounts.used', { at: this.moment(one.last_used_at) })}`)),
      el('span', { class: 'meta' }, one.expires_at === null ? say('accounts.never') : say('accounts.until', { at: this.moment(one.expires_at) })),
      this.button(say('accounts.revoke'), () => this.revoke(one), one.name),
    );
  }

  add() {
    const { root, say, rest, session } = this.context;
    const name = field({ label: say('accounts.token.name'), control: text({ maxlength: '64' }) });
    const scope = field({ label: say('accounts.token.scope'), control: choice(SCOPES.map((one) => /** @type {[string, string]} */ ([one, say(`accounts.scope.${one}`)])), 'read') });
    const lasts = field({ label: say('accounts.token.lasts'), control: choice([...DAYS.map((n) => /** @type {[string, string]} */ ([String(n), say('accounts.days', { n })])), ['', say('accounts.never')]], '90') });
    ask({
      root, say, title: say('accounts.token.new'), fields: [name, scope, lasts], send: say('accounts.save'),
      act: async () => {
        const days = Number(lasts.control.value);
        const made = await rest.send('POST', '/api/v1/tokens', { name: name.control.value, scopes: [scope.control.value], expires_at: days ? Math.round(session.skew.server(Date.now())) + days * DAY : null });
        this.fresh.replaceChildren(el('p', {}, say('accounts.token.once')), el('code', { class: 'line', tabindex: '0' }, made.token));
        await this.remote.load();
      },
      faults: (fault) => place(fault, { name, scopes: scope, expires_at: lasts }),
    });
  }

  revoke(one) {
    const { root, say, rest } = this.context;
    ask({
      root, say, title: say('accounts.revoke'), about: say('accounts.revoke.about', { name: one.name }), fields: [], send: say('accounts.revoke'), danger: true,
      act: async () => {
        await rest.send('DELETE', `/api/v1/tokens/${encodeURIComponent(one.id)}`);
        await this.remote.load();
      },
    });
  }
}
