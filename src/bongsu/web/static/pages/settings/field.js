// One setting: its name and sentence, a control as its kind wants, where its value comes from, and what is wrong with it.
import { attribute, el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { faultsOf, shapeOf, typed, written } from './schema.js';

let numbered = 0;
const LENGTHS = 'bongsu-set-lengths';

/** Lengths of time that fields offer; one list a page. */
export function lengths() {
  return el('datalist', { id: LENGTHS }, ...['30s', '1m', '5m', '15m', '1h', '12h', '24h', '7d', '30d', '1y', '2y'].map((value) => el('option', { value })));
}

/** The words of a setting: its own label, else the beginning of its sentence. @param {import('../../i18n.js').Say} say @param {string} path @param {string} sentence */
export function labelOf(say, path, sentence) {
  try {
    return say(`set.l.${path}`);
  } catch {
    return sentence.split(/[.;:]/)[0] || path;
  }
}

export class SettingField {
  /** @param {import('../../mount.js').Context} context @param {import('./desk.js').Desk} desk @param {string} path */
  constructor(context, desk, path) {
    const { say, language } = context;
    this.context = context;
    this.desk = desk;
    this.path = path;
    this.shape = /** @type {import('./schema.js').Shape} */ (shapeOf(desk.schema, path));
    const id = `bongsu-s${(numbered += 1)}`;
    this.id = id;
    const sentence = this.shape.sentence[/** @type {'ko' | 'en'} */ (language)] ?? '';
    const label = labelOf(say, path, sentence);
    const more = sentence.replace(/\.$/, '') === label ? '' : sentence;
    this.control = this.make(id);
    this.origin = el('span', {});
    this.undo = el('button', { class: 'txt', type: 'button', hidden: true, onclick: () => this.back() });
    this.wrong = el('p', { class: 'err', id: `${id}e`, hidden: true });
    this.hint = el('p', { class: 'hint', id: `${id}h` }, ...(more ? [more, ' '] : []), el('code', {}, path));
    const boxed = this.shape.kind === 'switch' ? el('span', { class: 'switching' }, this.control, (this.word = el('span', {}))) : this.control;
    this.element = el(
      'div',
      { class: `srow ${this.shape.kind}`, 'data-path': path },
      el('div', { class: 'sname' }, el('label', { for: id }, label), this.hint),
      el('div', { class: 'sval' }, boxed, this.wrong, el('p', { class: 'from' }, this.origin, this.undo)),
    );
    this.update();
  }

  /** @param {string} id @returns {any} */
  make(id) {
    const { shape } = this;
    const given = { id, class: 'inp', autocomplete: 'off', spellcheck: 'false', 'aria-describedby': `${id}h` };
    const heard = { oninput: () => this.typed(), onchange: () => this.settle() };
    if (shape.kind === 'switch') return el('input', { id, type: 'checkbox', role: 'switch', class: 'tick', 'aria-describedby': `${id}h`, onchange: () => this.desk.set(this.path, this.control.checked) });
    if (shape.kind === 'choice') {
      const none = shape.optional ? [el('option', { value: '' }, this.context.say('set.none'))] : [];
      return el('select', { ...given, onchange: () => this.typed() }, ...none, ...shape.choices.map((value) => el('option', { value }, this.choice(value))));
    }
    if (shape.kind === 'lines') return el('textarea', { ...given, ...heard, rows: 2, placeholder: this.context.say('set.lines') });
    if (shape.kind === 'json') return el('textarea', { ...given, ...heard, class: 'inp code', rows: 6, wrap: 'off' });
    if (shape.kind === 'secret') return el('input', { ...given, ...heard, type: 'password', autocomplete: 'new-password' });
    const figures = shape.kind === 'number' || shape.kind === 'whole' ? { inputmode: 'decimal' } : {};
    return el('input', { ...given, ...heard, type: 'text', ...figures, list: shape.kind === 'length' ? LENGTHS : null });
  }

  choice(value) {
    try {
      return this.context.say(`set.v.${value}`);
    } catch {
      return value;
    }
  }

  typed() {
    const text = this.control.value;
    const untouched = this.shape.kind === 'secret' && text === '' && this.desk.value(this.path) !== null;
    if (untouched) return this.desk.undo(this.path);
    const read = typed(this.shape, text);
    if ('fault' in read) this.desk.unreadable(this.path, this.context.say('set.json.wrong', { fault: read.fault }));
    else this.desk.set(this.path, read.value);
  }

  /** What was typed stands as it was understood, once the field is left. */
  settle() {
    if (this.shape.kind !== 'secret' && !this.desk.unread.has(this.path)) this.fill();
  }

  fill() {
    const value = this.desk.value(this.path);
    if (this.shape.kind === 'switch') this.control.checked = value === true;
    else if (this.shape.kind === 'secret') this.control.value = this.desk.draft.has(this.path) && typeof value === 'string' ? value : '';
    else this.control.value = written(this.shape, value);
  }

  /** Takes the change back; or, where there is none, what the screen had set. */
  back() {
    const { desk, path } = this;
    if (desk.draft.has(path) || desk.reset.has(path) || desk.unread.has(path)) desk.undo(path);
    else desk.giveBack(path);
    this.fill();
    this.control.focus();
  }

  update() {
    const { desk, path, shape } = this;
    const { say } = this.context;
    const held = /** @type {any} */ (this.element.getRootNode()).activeElement === this.control;
    if (!held) this.fill();
    const fixed = desk.view.fixed.includes(path);
    const barred = desk.view.barred.includes(path);
    this.control.disabled = fixed || barred || desk.locked;
    const changed = desk.draft.has(path) || desk.reset.has(path) || desk.unread.has(path);
    this.element.classList.toggle('changed', changed);
    const source = desk.view.sources[path];
    write(this.origin, this.from(source, fixed, barred, changed));
    this.undo.hidden = this.control.disabled || !(changed || source === 'screen');
    write(this.undo, say(changed ? 'set.undo' : 'set.giveback'));
    if (this.word) write(this.word, say(this.control.checked ? 'set.on' : 'set.off'));
    if (shape.kind === 'secret') attribute(this.control, 'placeholder', say(this.hidden() ? 'set.secret.there' : desk.view.sealing ? 'set.secret.none' : 'set.secret.nokey'));
    this.mark();
  }

  hidden() {
    return this.desk.value(this.path) === '***';
  }

  from(source, fixed, barred, changed) {
    const { say } = this.context;
    const place = this.desk.view.origins[this.path] ?? '';
    if (barred) return say('set.barred');
    if (fixed) return say('set.fixed', { place: place.replace(/^environment /, '') });
    if (this.desk.reset.has(this.path)) return say('set.from.reset');
    if (changed) return say('set.from.changed');
    const waits = this.desk.view.restart.includes(this.path) ? ` · ${say('set.waits')}` : '';
    return (source === 'file' ? say('set.from.file', { place }) : say(`set.from.${source}`)) + waits;
  }

  mark() {
    const faults = faultsOf(this.desk.faults(), this.path);
    const words = faults.map(({ path, message }) => (path === this.path ? message : `${path.slice(this.path.length).replace(/^\./, '')}: ${message}`)).join('\n');
    write(this.wrong, words);
    this.wrong.hidden = words === '';
    attribute(this.control, 'aria-invalid', words ? 'true' : null);
    attribute(this.control, 'aria-describedby', words ? `${this.id}e ${this.id}h` : `${this.id}h`);
  }
}

/** A group of settings under one heading. */
export class GroupPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./desk.js').Desk} desk @param {import('./layout.js').Group} group @param {Node | null} [before] */
  constructor(context, desk, group, before = null) {
    const { say } = context;
    this.fields = group.paths.filter((path) => shapeOf(desk.schema, path)).map((path) => new SettingField(context, desk, path));
    const id = `bongsu-g-${group.name}`;
    this.element = el('section', { class: 'panel sgroup', id: `set-${group.name}`, 'aria-labelledby': id }, el('header', { class: 'ph' }, el('h2', { id }, say(`set.g.${group.name}`)), tools(context, group)), before, ...this.fields.map(({ element }) => element));
  }

  update() {
    for (const field of this.fields) field.update();
  }
}

/** The way to the rules, which stand on the page of alerts. @param {import('../../mount.js').Context} context @param {import('./layout.js').Group} group */
function tools({ say, go }, { extra }) {
  if (extra !== 'rules') return null;
  const lead = (/** @type {MouseEvent} */ event) => {
    if (!go || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go('alerts', { tab: 'rules' });
  };
  return el('div', { class: 'tools' }, el('a', { class: 'more', href: '?page=alerts&tab=rules', onclick: lead }, icon('bell'), say('set.rules')));
}
