// Orders by state: one bar for all, a row for each state, by marketplace in its title.
import { el } from '../../dom.js';
import { Panel } from '../../panels/panel.js';
import { nameOf } from './headline.js';

const STATES = ['pending', 'processing', 'completed', 'cancelled', 'returned', 'exchanged', 'unknown'];

export class StatesPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.context = context;
    this.reader = reader;
    this.panel = new Panel({ id: 'shop-states', span: 'c5', title: say('shop.states'), say });
    this.bar = el('div', { class: 'stack', 'aria-hidden': 'true' });
    this.rows = el('tbody');
    this.head = el('tr');
    this.panel.body.append(this.bar, el('div', { class: 'sheet', tabindex: '0', role: 'group', 'aria-label': say('shop.states') }, el('table', { class: 'states' }, el('thead', {}, this.head), this.rows)));
    this.element = this.panel.element;
    this.shown = '';
  }

  draw() {
    const { view } = this.reader;
    this.reader.tell(this.panel);
    if (!view) return;
    const { say, format } = this.context;
    const wanted = JSON.stringify([view.states, view.waiting]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    const markets = Object.keys(view.states);
    const count = (state) => markets.reduce((sum, name) => sum + (view.states[name][state] ?? 0), 0);
    const all = STATES.reduce((sum, state) => sum + count(state), 0);
    const waiting = view.waiting;
    this.panel.tell(waiting ? say('shop.waiting', { n: format.number(waiting.all), late: format.number(waiting.over_a_day) }) : '');
    this.bar.replaceChildren(...STATES.filter((state) => count(state) > 0).map((state) => {
      const part = el('i', { class: state });
      part.style.flexGrow = String(count(state));
      return part;
    }));
    this.head.replaceChildren(el('th', { scope: 'col' }, say('shop.state')), ...markets.map((name) => el('th', { scope: 'col' }, nameOf(name, say))), el('th', { scope: 'col' }, say('shop.all')), el('th', { scope: 'col' }, say('shop.share')));
    this.rows.replaceChildren(...STATES.filter((state) => state !== 'unknown' || count(state) > 0).map((state) =>
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, el('span', { class: 'pn' }, el('i', { class: `box ${state}` }), say(/** @type {any} */ (`shop.state.${state}`)))),
        ...markets.map((name) => el('td', {}, format.number(view.states[name][state] ?? 0))),
        el('td', {}, el('b', {}, format.number(count(state)))),
        el('td', {}, all ? format.text((100 * count(state)) / all, '%') : '–'),
      ),
    ));
  }

  close() {}
}
