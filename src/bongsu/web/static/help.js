// The keys, on demand.
import { el } from './dom.js';

/**
 * Shows the list of keys until it is closed.
 * @param {Element} root @param {import('./i18n.js').Say} say
 * @param {[string, string][]} keys pairs of what is pressed (`g a` is two keys after each other) and what that does
 */
export function help(root, say, keys) {
  if (root.querySelector('dialog[open]')) return;
  const list = el('dl');
  for (const [key, does] of keys) list.append(el('dt', {}, ...key.split(' ').map((one) => el('kbd', {}, one))), el('dd', {}, does));
  const close = el('button', { class: 'btn pri', autofocus: true, type: 'button', onclick: () => dialog.close() }, say('close'));
  const title = el('h2', { id: 'bongsu-help' }, say('help'));
  /** @type {HTMLDialogElement} */
  const dialog = el('dialog', { class: 'help', 'aria-labelledby': 'bongsu-help' }, title, list, close);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove());
  root.append(dialog);
  dialog.showModal();
}
