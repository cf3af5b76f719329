// The keys, on demand.
import { el } from './dom.js';

const KEYS = ['?', 'Space', 't', 'Esc'];

/** Shows the list of keys until it is closed. @param {Element} root @param {import('./i18n.js').Say} say */
export function help(root, say) {
  if (root.querySelector('dialog[open]')) return;
  const list = el('dl');
  for (const key of KEYS) list.append(el('dt', {}, el('kbd', {}, key)), el('dd', {}, say(`key.${key}`)));
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
