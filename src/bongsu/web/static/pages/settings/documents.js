// Lists and objects as JSON, one document at a time, each fault at its path.
import { attribute, el, write } from '../../dom.js';
import { changesOf, faultsOf, same, shapeOf } from './schema.js';
import { DOCUMENTS } from './layout.js';

export class Documents {
  /** @param {import('../../mount.js').Context} context @param {import('./desk.js').Desk} desk */
  constructor(context, desk) {
    const { say } = context;
    this.context = context;
    this.desk = desk;
    const asked = context.asked('of') ?? '';
    this.name = DOCUMENTS.includes(asked) ? asked : DOCUMENTS[0];
    this.select = el('select', { class: 'inp', id: 'bongsu-set-document', onchange: () => this.turn() }, ...DOCUMENTS.map((name) => el('option', { value: name }, say(`set.s.${name}`))));
    this.select.value = this.name;
    this.sentence = el('p', { class: 'hint', id: 'bongsu-set-sentence' });
    this.text = el('textarea', { class: 'inp code', rows: 22, wrap: 'off', spellcheck: 'false', autocomplete: 'off', 'aria-describedby': 'bongsu-set-sentence bongsu-set-wrong', 'aria-label': say('set.document'), oninput: () => this.typed() });
    this.wrong = el('ul', { class: 'wrongs', id: 'bongsu-set-wrong', role: 'alert' });
    this.tidy = el('button', { class: 'btn', type: 'button', onclick: () => this.order() }, say('set.tidy'));
    this.undo = el('button', { class: 'btn', type: 'button', onclick: () => this.back() }, say('set.undo'));
    this.element = el(
      'section',
      { class: 'panel sgroup', id: 'set-lists', 'aria-labelledby': 'bongsu-g-lists' },
      el('header', { class: 'ph' }, el('h2', { id: 'bongsu-g-lists' }, say('set.g.lists'))),
      el('div', { class: 'filters' }, el('label', { class: 'hide', for: 'bongsu-set-document' }, say('set.document')), this.select, this.tidy, this.undo),
      this.sentence, this.text, this.wrong,
    );
    /** What the text was made from: rewritten only where that changes and nobody types. */
    this.shown = /** @type {any} */ (undefined);
    this.update();
  }

  turn() {
    this.name = this.select.value;
    this.context.remember('of', this.name === DOCUMENTS[0] ? null : this.name);
    this.shown = undefined;
    this.update();
  }

  get leaves() {
    return Object.keys(this.desk.view.sources).filter((path) => path === this.name || path.startsWith(`${this.name}.`));
  }

  /** The document with what is about to be changed of it. */
  current() {
    const { desk, name } = this;
    const all = structuredClone(desk.view.settings);
    for (const [path, value] of desk.draft) {
      if (path !== name && !path.startsWith(`${name}.`)) continue;
      const keys = path.split('.');
      const last = /** @type {string} */ (keys.pop());
      const holder = keys.reduce((node, key) => (node[key] ??= {}), all);
      holder[last] = value;
    }
    return all[name];
  }

  typed() {
    const { desk, name } = this;
    let after;
    try {
      after = JSON.parse(this.text.value);
    } catch (fault) {
      desk.unreadable(name, this.context.say('set.json.wrong', { fault: /** @type {Error} */ (fault).message }));
      return;
    }
    desk.unread.delete(name);
    const changes = changesOf(name, Object.keys(desk.view.sources), desk.view.settings[name], after);
    for (const path of [...desk.draft.keys()]) if ((path === name || path.startsWith(`${name}.`)) && !(path in changes)) desk.draft.delete(path);
    if (Object.keys(changes).length === 0) desk.undo(name);
    for (const [path, value] of Object.entries(changes)) desk.set(path, value);
    this.shown = structuredClone(after);
  }

  order() {
    try {
      this.text.value = JSON.stringify(JSON.parse(this.text.value), null, 2);
    } catch {
      this.typed(); // says where it can't be read
    }
  }

  back() {
    for (const path of this.leaves) this.desk.undo(path);
    this.desk.undo(this.name);
    for (const path of [...this.desk.draft.keys()]) if (path.startsWith(`${this.name}.`)) this.desk.undo(path);
    this.shown = undefined;
    this.update();
  }

  update() {
    const { desk, name } = this;
    const { language } = this.context;
    const told = shapeOf(desk.schema, name)?.sentence[/** @type {'ko' | 'en'} */ (language)] ?? '';
    write(this.sentence, told);
    const unread = desk.unread.has(name);
    const current = this.current();
    if (!unread && !same(current, this.shown)) {
      this.shown = current;
      this.text.value = JSON.stringify(current, null, 2);
    }
    const fixed = this.leaves.length > 0 && this.leaves.every((path) => desk.view.fixed.includes(path));
    this.text.disabled = desk.locked || fixed;
    const touched = unread || [...desk.draft.keys()].some((path) => path === name || path.startsWith(`${name}.`));
    this.undo.hidden = !touched;
    this.tidy.hidden = this.text.disabled;
    const faults = faultsOf(desk.faults(), name);
    attribute(this.text, 'aria-invalid', faults.length ? 'true' : null);
    const rows = faults.map(({ path, message }) => `${path}\n${message}`).join('\n\n');
    if (this.wrong.dataset.rows !== rows) {
      this.wrong.dataset.rows = rows;
      this.wrong.replaceChildren(...faults.map(({ path, message }) => el('li', {}, el('code', {}, path), ' ', message)));
    }
  }
}
