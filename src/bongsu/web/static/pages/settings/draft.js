// What is about to be changed: the difference, when it holds, what it would do; a note, and save.
import { el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { field, text } from '../alerts/form.js';

export class DraftPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./desk.js').Desk} desk */
  constructor(context, desk) {
    const { say } = context;
    this.context = context;
    this.desk = desk;
    this.panel = new Panel({ id: 'draft', span: 'c4', title: say('set.draft'), say });
    this.rows = el('div', {});
    this.effects = el('ul', { class: 'effects' });
    this.stale = el('div', { class: 'stale', hidden: true, role: 'alert' }, el('p', {}), el('button', { class: 'btn', type: 'button', onclick: () => desk.goOn() }, say('set.stale.go')));
    this.wrong = el('p', { class: 'err', role: 'alert', hidden: true });
    this.note = field({ label: say('set.note'), control: text({ maxlength: 500, placeholder: say('set.note.hint') }), wide: true });
    this.save = el('button', { class: 'btn pri', type: 'submit' }, say('set.save'));
    this.drop = el('button', { class: 'btn', type: 'button', onclick: () => desk.undo() }, say('set.drop'));
    this.said = el('p', { class: 'calmly', role: 'status' });
    this.form = el('form', { novalidate: true, hidden: true }, this.note.element, this.wrong, el('div', { class: 'acts' }, this.save, this.drop));
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.keep();
    });
    this.panel.body.append(this.stale, this.rows, this.effects, this.form, this.said);
    this.element = this.panel.element;
    this.bartext = el('span', {});
    this.bar = el('div', { class: 'sbar', hidden: true }, this.bartext, el('button', { class: 'btn pri', type: 'button', onclick: () => this.show() }, say('set.review')));
    this.drawn = '';
    desk.listen(() => this.update());
    this.update();
  }

  show() {
    this.element.scrollIntoView({ block: 'start' });
    this.note.control.focus({ preventScroll: true });
  }

  update() {
    const { desk } = this;
    const { say } = this.context;
    const touched = desk.touched;
    this.element.hidden = desk.view === null; // it comes with the forms: nothing that stands already is moved by them
    if (touched) write(this.said, '');
    this.form.hidden = !touched;
    this.bar.hidden = !touched;
    write(this.bartext, touched ? say('set.count', { n: desk.count }) : '');
    this.panel.tell(touched ? this.when() : say('set.draft.none'));
    this.stale.hidden = !desk.stale;
    write(/** @type {Node} */ (this.stale.firstChild), desk.stale ? say('set.stale', { version: desk.view.version }) : '');
    write(this.wrong, desk.refused);
    this.wrong.hidden = desk.refused === '' || !touched;
    this.save.disabled = !desk.ready;
    this.list();
  }

  when() {
    const { desk } = this;
    const { say } = this.context;
    if (desk.trying) return say('set.trying');
    const wrong = desk.unread.size + (desk.preview?.faults.length ?? 0);
    if (wrong) return say('set.wrong', { n: wrong });
    if (desk.preview?.diff.length === 0) return say('set.same');
    const later = desk.preview?.diff.filter(({ applies }) => applies === 'restart').length ?? 0;
    return later === 0 ? say('set.applies.now') : say(later === desk.preview?.diff.length ? 'set.applies.restart' : 'set.applies.some', { n: later });
  }

  /** Redrawn only where it says something else, so that what is read doesn't jump. */
  list() {
    const { desk } = this;
    const faults = [...desk.unread].map(([path, message]) => ({ path, message })).concat(desk.preview?.faults ?? []);
    const wanted = JSON.stringify([desk.touched, faults, desk.preview?.diff, desk.preview?.effects]);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    const wrong = faults.map(({ path, message }) => el('li', { class: 'crit' }, icon('crit'), el('span', {}, el('code', {}, path), ' ', message)));
    this.rows.replaceChildren(...(wrong.length ? [el('ul', { class: 'effects' }, ...wrong)] : []), lines(this.context, desk.preview?.diff ?? []));
    this.effects.replaceChildren(...(desk.preview?.effects ?? []).map((one) => el('li', { 'data-kind': one.kind }, icon('info'), el('span', {}, one.text))));
  }

  async keep() {
    const { desk } = this;
    const { say } = this.context;
    if (!desk.ready) return;
    const kept = await desk.save(this.note.control.value.trim());
    if (!kept) return;
    this.note.control.value = '';
    write(this.said, say(desk.view.restart.length ? 'set.saved.later' : 'set.saved', { n: desk.view.restart.length }));
  }

  draw() {}

  close() {}
}

const LONG = 60;

/** Differences as before → after, a line each; what is long is folded. @param {import('../../mount.js').Context} context @param {import('./desk.js').Difference[]} diff */
export function lines({ say }, diff) {
  return el(
    'dl',
    { class: 'sdiff' },
    ...diff.flatMap((one) => [
      el('dt', {}, one.path, one.applies === 'restart' ? el('small', {}, say('set.waits')) : null),
      el('dd', {}, ...compared(say, one.before, one.after)),
    ]),
  );
}

function compared(say, before, after) {
  const [from, to] = [word(say, before), word(say, after)];
  if (from === to) return [el('span', { class: 'to' }, say('set.replaced'))];
  if (from.length + to.length <= LONG) return [el('del', {}, from), el('span', { class: 'arrow', 'aria-hidden': 'true' }, '→'), el('ins', {}, to)];
  return [el('details', {}, el('summary', {}, say('set.long')), el('pre', { tabindex: '0' }, el('del', {}, block(before)), '\n', el('ins', {}, block(after))))];
}

function word(say, value) {
  if (value === null || value === '') return say('set.none');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function block(value) {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
