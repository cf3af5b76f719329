// Where orders come from: each marketplace with today's orders, money and how it compares with what is expected of it.
import { el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { nameOf } from './headline.js';

const MISSING = 3;

export class ChannelsPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.context = context;
    this.reader = reader;
    this.panel = new Panel({ id: 'shop-channels', span: 'c4', title: say('shop.channels'), say });
    this.rows = el('ul', { class: 'channels' });
    this.panel.body.append(this.rows);
    this.element = this.panel.element;
    this.shown = '';
  }

  draw() {
    const { view } = this.reader;
    this.reader.tell(this.panel);
    if (!view) return;
    const { say, format } = this.context;
    const wanted = JSON.stringify([view.marketplaces, view.pulses, view.currency]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    const names = Object.keys(view.marketplaces).sort((a, b) => silence(view, b) - silence(view, a) || view.marketplaces[b].gross - view.marketplaces[a].gross);
    this.panel.tell(say('shop.channels.sub', { n: format.number(view.sales.orders), cancelled: format.number(view.sales.cancelled) }));
    this.rows.replaceChildren(...names.map((name) => this.row(view, name)));
  }

  row(view, name) {
    const { say, format } = this.context;
    const { orders, gross, net, refunded } = view.marketplaces[name];
    const { expected_per_minute: expected, per_minute: pace, last_order_at: last } = view.pulses[name] ?? {};
    const silent = silence(view, name) >= MISSING;
    const detail = silent
      ? say('shop.silent.since', { time: format.minute(last), n: format.number(view.pulses[name].missing) })
      : pace === undefined || pace === null || expected === null || expected === undefined
        ? ''
        : say('shop.pace', { now: format.plain(Number(pace.toFixed(2))), usual: format.plain(Number(expected.toFixed(2))) });
    const told = !format.hides(view.currency);
    const money = told ? el('span', { class: 'n', title: format.full(gross, view.currency) }) : null;
    if (money) write(money, format.text(gross, view.currency));
    return el(
      'li',
      { class: silent ? 'warn' : '' },
      el('b', { class: 'pn' }, silent ? icon('warn') : null, el('span', {}, nameOf(name, say))),
      el('b', { class: 'n' }, say('shop.count', { n: format.number(orders) })),
      el('span', { class: 'meta' }, [detail, refunded > 0 && told ? say('shop.note.net', { net: format.text(net, view.currency) }) : ''].filter(Boolean).join(' · ')),
      money,
    );
  }

  close() {}
}

function silence(view, name) {
  const missing = view.pulses[name]?.missing ?? 0;
  return missing >= MISSING ? missing : 0;
}
