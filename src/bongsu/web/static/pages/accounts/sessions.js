// Where one is signed in, one's own password, and signing out.
import { present, signOut } from '../../access.js';
import { el } from '../../dom.js';
import { icon } from '../../icon.js';
import { ask, field, place, text } from '../alerts/form.js';
import { Listed } from './listed.js';

export class SessionsPanel extends Listed {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    super(context, { id: 'sessions', path: '/api/v1/sessions', key: 'sessions' });
    const { say } = context;
    this.panel.tools.append(
      el('button', { class: 'btn', type: 'button', onclick: () => this.password() }, say('accounts.password.own')),
      el('button', { class: 'btn', type: 'button', onclick: () => signOut() }, say('account.out')),
    );
  }

  row(one) {
    const { say } = this.context;
    return el(
      'li',
      { class: 'session' },
      el('span', { class: `st ${one.current ? 'ok' : 'info'}` }, icon(one.current ? 'ok' : 'info'), say(one.current ? 'accounts.here' : 'accounts.elsewhere')),
      el('div', { class: 'what_' }, el('b', {}, one.user), el('p', { class: 'meta' }, [one.address, one.agent].filter(Boolean).join(' · '))),
      el('span', { class: 'meta' }, say('accounts.seen', { at: this.moment(one.seen_at) })),
      one.current ? el('span') : this.button(say('accounts.end'), () => this.end(one), one.user),
    );
  }

  end(one) {
    const { root, say, rest } = this.context;
    ask({
      root, say, title: say('accounts.end'), about: say('accounts.end.about', { name: one.user }), fields: [], send: say('accounts.end'), danger: true,
      act: async () => {
        await rest.send('DELETE', `/api/v1/sessions/${encodeURIComponent(one.id)}`);
        await this.remote.load();
      },
    });
  }

  password() {
    const { root, say, rest } = this.context;
    const old = field({ label: say('accounts.password.old'), control: text({ type: 'password', autocomplete: 'current-password' }) });
    const fresh = field({ label: say('accounts.password.new'), hint: say('accounts.password.hint'), control: text({ type: 'password', autocomplete: 'new-password' }) });
    ask({
      root, say, title: say('accounts.password.own'), about: present().user?.name, fields: [old, fresh], send: say('accounts.save'),
      act: async () => {
        await rest.send('POST', '/api/v1/users/me/password', { old: old.control.value, new: fresh.control.value });
        await this.remote.load();
      },
      faults: (fault) => place(fault, { old, new: fresh }),
    });
  }
}
