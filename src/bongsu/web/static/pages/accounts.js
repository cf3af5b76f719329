// Accounts: one's own password and sessions; for those who administer also everybody's, and tokens of programs.
import { present } from '../access.js';
import { el } from '../dom.js';
import { SessionsPanel } from './accounts/sessions.js';
import { TokensPanel } from './accounts/tokens.js';
import { UsersPanel } from './accounts/users.js';

/** @param {import('../mount.js').Context} context @returns {import('./index.js').Built} */
export function build(context) {
  const { say } = context;
  const who = present();
  const title = el(context.heading, { class: 'account-title' }, say('accounts.title'));
  if (who.open || who.user === null) {
    const next = el('div', { class: 'empty' }, el('h3', {}, say('accounts.none')), el('p', {}, say('accounts.none.next')), el('code', { class: 'line', tabindex: '0' }, 'bongsu user add NAME'));
    return { elements: [title, el('section', { class: 'panel c12' }, el('div', { class: 'body' }, next))], parts: [] };
  }
  const panels = [new SessionsPanel(context), ...(who.user.role === 'admin' ? [new UsersPanel(context), new TokensPanel(context)] : [])];
  return { elements: [title, el('div', { class: 'grid' }, ...panels.map(({ element }) => element))], parts: panels };
}
