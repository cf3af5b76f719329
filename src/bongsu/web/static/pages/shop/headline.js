// The shop in a sentence: today against yesterday until now, or what keeps the figures from being read.
import { attribute, el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { ago } from '../../tile.js';

const HOUR = 3_600_000;

export class Headline {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    this.ages = true;
    this.always = true;
    this.context = context;
    this.reader = reader;
    this.sentence = el(context.heading, {});
    this.sub = el('p', { class: 'shopsub' });
    this.notes = el('ul', { class: 'what' });
    this.shown = '';
    this.empty = null;
    this.element = el('section', { class: 'hero shophero', 'aria-label': context.say('shop.title') }, el('div', { class: 'say' }, el('div', {}, this.sentence, this.sub, this.notes)), context.pill);
  }

  draw(ours) {
    const { view } = this.reader;
    const { say, session } = this.context;
    this.element.classList.toggle('stale', view?.health === 'failing');
    if (view === null) {
      write(this.sentence, say(this.reader.fault ? 'shop.fault' : 'shop.reading'));
      return;
    }
    if (view.health === 'off') {
      this.off();
      return;
    }
    write(this.sentence, this.said(view));
    const now = session.now(ours);
    const age = view.at === null ? '' : say('shop.asof', { age: ago(now - view.at, say) });
    write(this.sub, [this.compared(view), age].filter(Boolean).join(' · '));
    this.note(view);
  }

  said(view) {
    const { say, format } = this.context;
    if (view.at === null) return say(view.health === 'failing' ? 'shop.failing' : 'shop.reading');
    if (format.hides(view.currency)) return say('shop.sentence.orders', { orders: format.number(view.sales.orders) });
    return say('shop.sentence', { orders: format.number(view.sales.orders), revenue: format.text(view.sales.gross, view.currency) });
  }

  /** Today's money against yesterday's until the same time. */
  compared(view) {
    const { say, format } = this.context;
    const before = until(view, 'yesterday', format);
    if (!before) return '';
    const change = (view.sales.gross / before - 1) * 100;
    if (format.hides(view.currency)) return say(change < 0 ? 'shop.less.share' : 'shop.more.share', { change: format.plain(Math.abs(Number(change.toFixed(1)))) });
    return say(change < 0 ? 'shop.less' : 'shop.more', { change: format.plain(Math.abs(Number(change.toFixed(1)))), before: format.text(before, view.currency) });
  }

  note(view) {
    const { say, format } = this.context;
    const rows = troubles(view, this.context).map(({ state, title, detail }) => [state, title, detail]);
    if (view.health === 'slow') rows.push(['info', say('shop.slow', { n: format.plain(view.interval_seconds) }), '']);
    const unknown = Object.entries(view.unknown);
    if (unknown.length) rows.push(['info', say('shop.unknown', { n: format.number(unknown.reduce((all, [, n]) => all + n, 0)) }), unknown.map(([word]) => word).slice(0, 3).join(', ')]);
    const wanted = JSON.stringify(rows);
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.notes.replaceChildren(...rows.map(([state, title, detail]) => el('li', {}, el('span', { class: `iss ${state}` }, icon(state), el('b', {}, title), el('span', {}, detail)))));
  }

  /** No shop yet: what to do next. */
  off() {
    const { say } = this.context;
    write(this.sentence, say('shop.off'));
    if (this.empty) return;
    attribute(this.sub, 'hidden', '');
    const line = '"shop": {"url": "postgresql://user:password@127.0.0.1:5434/shop"}';
    this.empty = el('div', { class: 'panel' }, el('div', { class: 'empty' }, el('h3', {}, say('shop.off.title')), el('p', {}, say('shop.off.hint')), el('code', { class: 'line', tabindex: '0' }, line), el('p', {}, say('shop.off.check')), el('code', { class: 'line', tabindex: '0' }, 'bongsu shop check')));
    this.element.after(this.empty);
  }

  close() {}
}

/**
 * What needs somebody: a database that can't be read, a marketplace whose orders stay away.
 * @param {any} view @param {any} context @returns {import('../../alerts/issues.js').Issue[]}
 */
export function troubles(view, { say, format }) {
  /** @type {import('../../alerts/issues.js').Issue[]} */
  const found = [];
  if (view.health === 'failing') found.push({ id: 'shop', page: 'shop', state: 'unknown', title: say('shop.failing'), detail: view.reason, since: NaN, longer: false });
  const silent = Object.entries(view.pulses).filter(([, { missing }]) => missing !== null && missing >= 3);
  for (const [name, { missing, last_order_at: last }] of silent) {
    const detail = say('shop.silent.since', { time: format.minute(last), n: format.number(missing) });
    found.push({ id: `shop ${name}`, page: 'shop', state: 'warn', title: say('shop.silent', { name: nameOf(name, say) }), detail, since: NaN, longer: false });
  }
  return found;
}

/** Money of a past day until the present time of day: whole hours, and the running one by its share. */
export function until(view, day, format) {
  const hours = view.hours[day];
  if (!hours || view.at === null) return 0;
  const wall = view.at + format.ahead(view.at);
  const passed = (wall % (24 * HOUR)) / HOUR;
  return hours.reduce((sum, { gross }, hour) => sum + gross * Math.min(1, Math.max(0, passed - hour)), 0);
}

const NAMES = ['coupang', 'naver', '11st', 'own', 'gmarket', 'auction'];

/** A marketplace as people call it. @param {string} name @param {import('../../i18n.js').Say} say */
export function nameOf(name, say) {
  if (name === '') return say('shop.name.all');
  return NAMES.includes(name) ? say(/** @type {any} */ (`shop.name.${name}`)) : name;
}
