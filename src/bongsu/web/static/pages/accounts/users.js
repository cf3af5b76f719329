// Everybody's accounts: made, changed, disabled, removed.
import { el } from '../../dom.js';
import { icon } from '../../icon.js';
import { ask, choice, field, place, text } from '../alerts/form.js';
import { Listed } from './listed.js';

const ROLES = ['viewer', 'operator', 'admin'];

export class UsersPanel extends Listed {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    super(context, { id: 'users', path: '/api/v1/users', key: 'users' });
    this.panel.tools.append(el('button', { class: 'btn pri', type: 'button', onclick: () => this.add() }, context.say('accounts.user.new')));
  }

  row(one) {
    const { say } = this.context;
    return el(
      'li',
      { class: one.disabled ? 'user off' : 'user', 'data-user': one.name },
      el('span', { class: `st ${one.disabled ? 'unknown' : 'ok'}` }, icon(one.disabled ? 'unknown' : 'ok'), say(one.disabled ? 'accounts.disabled' : 'accounts.active')),
      el('div', { class: 'what_' }, el('b', {}, one.name), el('p', { class: 'meta' }, say('accounts.signed_in', { at: this.moment(one.signed_in_at) }))),
      el('span', { class: 'meta' }, say(`accounts.role.${one.role}`)),
      el(
        'div',
        { class: 'acts' },
        this.button(say('accounts.change'), () => this.change(one), one.name),
        this.button(say(one.disabled ? 'accounts.enable' : 'accounts.disable'), () => this.turn(one), one.name),
        this.button(say('accounts.remove'), () => this.remove(one), one.name),
      ),
    );
  }

  roles(chosen) {
    const { say } = this.context;
    return field({ label: say('accounts.role'), hint: say('accounts.role.hint'), control: choice(ROLES.map((role) => [role, say(`accounts.role.${role}`)]), chosen) });
  }

  add() {
    const { say } = this.context;
    const name = field({ label: say('accounts.name'), control: text({ autocapitalize: 'none', maxlength: '64' }) });
    const password = this.password();
    const role = this.roles('viewer');
    this.ask({
      title: say('accounts.user.new'), fields: [name, password, role],
      act: () => this.context.rest.send('POST', '/api/v1/users', { name: name.control.value, password: password.control.value, role: role.control.value }),
      places: { name, password, role },
    });
  }

  change(one) {
    const { say } = this.context;
    const role = this.roles(one.role);
    const password = this.password(say('accounts.password.keep'));
    this.ask({
      title: say('accounts.change'), about: one.name, fields: [role, password],
      act: () => this.send(one, { role: role.control.value, ...(password.control.value ? { password: password.control.value } : {}) }),
      places: { role, password },
    });
  }

  turn(one) {
    const { say } = this.context;
    const word = say(one.disabled ? 'accounts.enable' : 'accounts.disable');
    this.ask({ title: word, about: one.name, fields: [], send: word, act: () => this.send(one, { disabled: !one.disabled }) });
  }

  remove(one) {
    const { say, rest } = this.context;
    this.ask({ title: say('accounts.remove'), about: say('accounts.remove.about', { name: one.name }), fields: [], send: say('accounts.remove'), danger: true, act: () => rest.send('DELETE', `/api/v1/users/${encodeURIComponent(one.name)}`) });
  }

  password(hint = '') {
    const { say } = this.context;
    return field({ label: say('accounts.password.new'), hint: [say('accounts.password.hint'), hint].filter(Boolean).join(' '), control: text({ type: 'password', autocomplete: 'new-password' }) });
  }

  send(one, body) {
    return this.context.rest.send('PUT', `/api/v1/users/${encodeURIComponent(one.name)}`, body);
  }

  /** @param {{title: string, about?: string, fields: any[], act: () => Promise<any>, places?: Record<string, any>, send?: string, danger?: boolean}} wish */
  ask({ title, about, fields, act, places = {}, send, danger = false }) {
    const { root, say } = this.context;
    ask({
      root, say, title, about, fields, danger, send: send ?? say('accounts.save'),
      act: async () => {
        await act();
        await this.remote.load();
      },
      faults: (fault) => place(fault, places),
    });
  }
}
