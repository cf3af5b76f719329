// What is wrong now, by name, with the symbols it befalls; below it what was.
import { el, renew } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';

const SHOWN = 12;
const PAST = 8;
const HARD = ['missing_symbol', 'halt', 'gap', 'early_close', 'schema_break', 'clock_skew', 'stuck'];

export class FaultsPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.context = context;
    this.reader = reader;
    this.panel = new Panel({ id: 'data-faults', span: 'c7', title: say('data.faults'), say });
    this.list = el('ul', { class: 'dfaults' });
    this.past = el('ul', { class: 'dfaults past' });
    this.head = el('h3', { class: 'dh3' }, say('data.past'));
    this.panel.body.append(this.list, this.head, this.past);
    this.element = this.panel.element;
    this.shown = '';
  }

  draw() {
    const { reader } = this;
    reader.tell(this.panel);
    if (!reader.detail || reader.detail.feed.feed !== reader.name) return;
    const { say, format } = this.context;
    const { faults, past_faults: past } = reader.detail;
    const which = [...faults, ...past.slice(0, PAST)].map(({ fault, symbol, since }) => [fault, symbol, since]);
    const wanted = JSON.stringify([which, reader.slow]); // new ones at once, higher counts without haste
    if (wanted === this.shown) return;
    this.shown = wanted;
    const order = [...faults].sort((a, b) => Number(b.symbol === null) - Number(a.symbol === null) || Number(HARD.includes(b.fault)) - Number(HARD.includes(a.fault)) || b.count - a.count);
    this.panel.tell(faults.length ? say('data.faults.n', { n: format.number(faults.length) }) : say('data.faults.none'));
    const rows = order.slice(0, SHOWN).map((one) => this.row(one));
    if (order.length > SHOWN) rows.push(el('li', { class: 'meta' }, say('data.more', { n: format.number(order.length - SHOWN) })));
    renew(this.list, rows, 'fault');
    this.head.hidden = past.length === 0;
    renew(this.past, past.slice(0, PAST).map((one) => this.row(one)), 'fault');
  }

  row(one) {
    const { say, format } = this.context;
    const who = one.symbol === null ? el('span', { class: 'who' }, say('data.whole')) : el('button', { class: 'who link', type: 'button', onclick: () => this.reader.choose({ symbol: one.symbol }) }, one.symbol);
    const when = one.until ? `${format.second(one.since)} – ${format.second(one.until)}` : say('data.since', { time: format.second(one.since) });
    const state = HARD.includes(one.fault) ? 'crit' : 'warn';
    return el('li', { 'data-fault': `${one.fault} ${one.symbol ?? ''} ${one.since}` }, el('span', { class: `iss ${one.until ? 'info' : state}` }, icon(one.until ? 'info' : state), el('b', {}, say(/** @type {any} */ (`data.fault.${one.fault}`)))), who, el('span', { class: 'meta' }, [detail(one, say), when].filter(Boolean).join(' · ')));
  }

  close() {}
}

/** What a fault is about, where its name leaves that open. */
function detail(one, say) {
  if (one.fault === 'schema_break') return one.detail;
  if (one.fault === 'clock_skew') return say('data.skew', { n: (-Number(one.detail) / 1000).toFixed(1) });
  if (one.symbol === null || ['halt', 'missing_symbol'].includes(one.fault)) return '';
  return say('data.times', { n: one.count });
}
