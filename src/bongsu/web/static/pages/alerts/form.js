// Fields of forms: a label, a control, a hint, and beside it what is wrong.
import { attribute, el } from '../../dom.js';

let numbered = 0;

/**
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {any} control
 * @property {(text: string) => void} fault says what is wrong; '' takes it away
 */

/**
 * @param {{label: string, control: HTMLElement, hint?: string, wide?: boolean, name?: string}} options
 * @returns {Field}
 */
export function field({ label, control, hint = '', wide = false, name = '' }) {
  const id = `bongsu-f${(numbered += 1)}`;
  control.id = id;
  const wrong = el('p', { class: 'err', id: `${id}e`, hidden: true });
  const element = el('div', { class: wide ? 'field wide' : 'field', 'data-field': name || null }, el('label', { for: id }, label), control, wrong, hint ? el('p', { class: 'hint', id: `${id}h` }, hint) : null);
  const described = (faulty) => [faulty ? `${id}e` : '', hint ? `${id}h` : ''].filter(Boolean).join(' ') || null;
  attribute(control, 'aria-describedby', described(false));
  return {
    element, control,
    fault(text) {
      wrong.textContent = text;
      wrong.hidden = text === '';
      attribute(control, 'aria-invalid', text ? 'true' : null);
      attribute(control, 'aria-describedby', described(text !== ''));
    },
  };
}

/** @param {Record<string, any>} attributes */
export function text(attributes = {}) {
  return el('input', { type: 'text', class: 'inp', autocomplete: 'off', spellcheck: 'false', ...attributes });
}

/** @param {[string, string][]} choices pairs of value and words @param {string} chosen @param {Record<string, any>} [attributes] */
export function choice(choices, chosen, attributes = {}) {
  const select = el('select', { class: 'inp', ...attributes }, ...choices.map(([value, words]) => el('option', { value }, words)));
  select.value = chosen;
  return select;
}

/**
 * A dialog with a form: resolves when it was sent, stays open while what was sent is refused.
 * @param {{root: HTMLElement, say: import('../../i18n.js').Say, title: string, about?: Node | string, fields: Field[], send: string, danger?: boolean,
 *   act: () => Promise<void>, faults?: (fault: any) => boolean}} options
 *   `act` sends it; `faults` tells fields what is wrong with them, true if it found a place for everything
 */
export function ask({ root, say, title, about, fields, send, danger = false, act, faults }) {
  const wrong = el('p', { class: 'err', role: 'alert', hidden: true });
  const submit = el('button', { class: danger ? 'btn danger' : 'btn pri', type: 'submit' }, send);
  const cancel = el('button', { class: 'btn', type: 'button', onclick: () => dialog.close() }, say('cancel'));
  const id = `bongsu-d${(numbered += 1)}`;
  const form = el('form', { novalidate: true }, el('h2', { id }, title), about ? el('p', { class: 'about' }, about) : null, ...fields.map(({ element }) => element), wrong, el('div', { class: 'acts' }, submit, cancel));
  /** @type {HTMLDialogElement} */
  const dialog = el('dialog', { class: 'ask', 'aria-labelledby': id }, form);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    wrong.hidden = true;
    for (const one of fields) one.fault('');
    try {
      await act();
      dialog.close();
    } catch (fault) {
      if (!faults?.(fault)) {
        wrong.textContent = [fault.message, fault.hint].filter(Boolean).join('. ');
        wrong.hidden = false;
      }
    } finally {
      submit.disabled = false;
    }
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove());
  root.append(dialog);
  dialog.showModal();
  (fields[0]?.control ?? submit).focus();
  return dialog;
}

/** Puts the faults of a refused body beside their fields; true if each found its place. @param {any} fault @param {Record<string, Field>} fields */
export function place(fault, fields) {
  const found = fault.problem?.faults;
  if (!Array.isArray(found) || found.length === 0) return false;
  let all = true;
  for (const { path, reason } of found) {
    const key = String(path).replace(/^rule\./, '').split('.')[0];
    if (fields[key]) fields[key].fault(`${path}: ${reason}`);
    else all = false;
  }
  return all;
}
