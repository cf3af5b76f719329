// The stock: what runs out first at its sales of thirty days, and what is low already.
import { el } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { lasting } from './tiles.js';

const ROWS = 6;
const SOON = 3;
const WEEK = 7;

export class StockPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.context = context;
    this.reader = reader;
    this.panel = new Panel({ id: 'shop-stock', span: 'c7', title: say('shop.stock'), say });
    this.rows = el('ul', { class: 'trows stockrows' });
    this.panel.body.append(
      el('div', { class: 'thead s4' }, el('span', {}, say('shop.product')), el('span', { class: 'n' }, say('shop.left')), el('span', {}, say('shop.lasts')), el('span', { class: 'n' })),
      this.rows,
    );
    this.element = this.panel.element;
    this.shown = '';
  }

  draw() {
    const { view } = this.reader;
    this.reader.tell(this.panel);
    if (!view) return;
    const { say, format } = this.context;
    const { stock } = view;
    this.element.classList.toggle('bare', stock === null);
    this.panel.body.dataset.empty = say('shop.stock.none');
    const wanted = JSON.stringify([stock, view.low, view.running_out]);
    if (stock === null || wanted === this.shown) return;
    this.shown = wanted;
    const value = stock.value === null || format.hides(view.currency) ? '' : say('shop.stock.value', { value: format.text(stock.value, view.currency) });
    this.panel.tell([say('shop.stock.sub', { n: format.number(stock.products), low: format.number(stock.low), out: format.number(stock.sold_out) }), value].filter(Boolean).join(' · '));
    this.rows.replaceChildren(...chosen(view).map((product) => this.row(product)));
  }

  row({ sku, name, stock, safety, days_left: days }) {
    const { say, format } = this.context;
    const state = stock <= 0 ? 'crit' : days !== null && days < SOON ? 'warn' : safety !== null ? 'info' : '';
    const fill = el('i');
    fill.style.width = `${days === null ? 0 : Math.min(100, (days / (2 * WEEK)) * 100).toFixed(0)}%`;
    return el(
      'li',
      { class: `s4 ${state === 'warn' || state === 'crit' ? state : ''}` },
      el('span', { class: 'pname' }, el('span', { class: 'pn' }, state === 'warn' || state === 'crit' ? icon(state) : null, el('b', { title: name }, name || sku)), el('span', { class: 'meta' }, sku)),
      el('span', { class: 'q n' }, el('b', {}, say('shop.pieces', { n: format.number(stock) }))),
      el('span', { class: 'eta' }, days === null ? null : el('span', { class: 'meter' }, fill), el('span', {}, stock <= 0 ? say('shop.soldout') : days === null ? say('shop.belowsafety', { n: format.number(safety ?? 0) }) : lasting(days, this.context))),
      el('span', { class: 'n when' }, stock <= 0 ? say('shop.state.out') : safety === null ? '' : say('shop.state.low')),
    );
  }

  close() {}
}

/** What runs out within a week first, then what is low, then the rest; each product once. */
export function chosen(view) {
  const soon = view.running_out.filter(({ days_left: days }) => days !== null && days < WEEK);
  const rows = [];
  const known = new Set();
  for (const product of [...soon, ...view.low.filter(({ stock }) => stock > 0), ...view.low, ...view.running_out]) {
    if (known.has(product.sku)) continue;
    known.add(product.sku);
    rows.push(product);
  }
  return rows.slice(0, ROWS);
}
