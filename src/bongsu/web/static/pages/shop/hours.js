// Money by hour (orders, where money is hidden): finished hours, the running one with what is expected of it, and yesterday behind.
import { el, svg, write } from '../../dom.js';
import { Panel } from '../../panels/panel.js';
import { levels } from '../../axis.js';
import { icon } from '../../icon.js';

const WIDE = 720;
const NARROW = 360;
const HEIGHT = 232;
const LEFT = 52;
const FOOT = 24;
const TOP = 10;
const GAP = 0.28;
const HOUR = 3_600_000;

export class HoursPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.context = context;
    this.reader = reader;
    const title = say(context.format.money ? 'shop.hours' : 'shop.hours.orders');
    this.panel = new Panel({ id: 'shop-hours', span: 'c8', title, say });
    const key = el('ul', { class: 'key' }, el('li', {}, el('i', { class: 'box past' }), say('shop.today')), el('li', { class: 'opt' }, el('i', { class: 'box next' }), say('shop.expected')), el('li', {}, el('i', { class: 'sw ghost' }), say('shop.yesterday')));
    this.switch = el('button', { class: 'ib', type: 'button', 'aria-pressed': 'false', title: say('table.show'), 'aria-label': say('table.show'), onclick: () => this.turn() }, icon('table'));
    this.panel.tools.append(key, this.switch);
    this.plot = el('div', { class: 'hours', role: 'img' });
    this.sheet = el('div', { class: 'sheet', hidden: true, tabindex: '0', role: 'region', 'aria-label': say('table.of', { title }) });
    this.panel.body.append(this.plot, this.sheet);
    this.panel.body.classList.add('hourbody');
    this.element = this.panel.element;
    this.shown = '';
    this.tabled = false;
  }

  /** What an hour is measured by. */
  height({ gross, orders }) {
    return this.context.format.money ? gross : orders;
  }

  /** That in words. @param {{gross: number, orders: number}} hour @param {any} view */
  told({ gross, orders }, view) {
    const { say, format } = this.context;
    return format.money ? format.text(gross, view.currency) : say('shop.count', { n: format.number(orders) });
  }

  turn() {
    this.tabled = !this.tabled;
    const words = this.context.say(this.tabled ? 'table.hide' : 'table.show');
    this.switch.setAttribute('aria-pressed', String(this.tabled));
    this.switch.setAttribute('aria-label', (this.switch.title = words));
    this.switch.replaceChildren(icon(this.tabled ? 'chart' : 'table'));
    this.plot.hidden = this.tabled;
    this.sheet.hidden = !this.tabled;
  }

  draw() {
    const { view } = this.reader;
    this.reader.tell(this.panel);
    if (!view) return;
    const { say, format } = this.context;
    const none = !view.hours.today;
    this.element.classList.toggle('bare', none);
    this.panel.body.dataset.empty = say('shop.hours.none');
    const narrow = this.panel.body.clientWidth < 480; // a plot behind its table has no width
    const wanted = JSON.stringify([view.hours, view.at && Math.floor(view.at / 60_000), narrow]);
    if (none || wanted === this.shown) return;
    this.shown = wanted;
    const hour = Math.floor(((view.at + format.ahead(view.at)) % (24 * HOUR)) / HOUR);
    const share = ((view.at + format.ahead(view.at)) % HOUR) / HOUR;
    const best = view.hours.today.reduce((top, one, i) => (this.height(one) > this.height(view.hours.today[top]) ? i : top), 0);
    const text = say('shop.hours.said', { hour: format.number(hour), now: this.told(view.hours.today[hour], view), best: format.number(best), most: this.told(view.hours.today[best], view) });
    this.panel.tell(text);
    this.plot.setAttribute('aria-label', text);
    this.plot.replaceChildren(this.picture(view, hour, share, narrow));
    this.sheet.replaceChildren(this.table(view));
  }

  picture(view, hour, share, narrow) {
    const { format } = this.context;
    const [today, yesterday] = [view.hours.today, view.hours.yesterday ?? []].map((day) => day.map((one) => ({ ...one, size: this.height(one) })));
    const forecast = share > 0.1 ? today[hour].size / share : 0;
    const most = Math.max(1, forecast, ...today.map(({ size }) => size), ...yesterday.map(({ size }) => size));
    const steps = levels(0, most);
    const top = steps[steps.length - 1];
    const y = (value) => HEIGHT - FOOT - (value / top) * (HEIGHT - FOOT - TOP);
    const width = narrow ? NARROW : WIDE;
    const slot = (width - LEFT) / 24;
    const x = (i) => LEFT + i * slot;
    const parts = steps.map((value) => svg('g', {}, svg('line', { class: value ? 'gl' : 'base', x1: LEFT, x2: width, y1: y(value), y2: y(value) }), text(LEFT - 8, y(value) + 4, tick(value, format), 'end')));
    today.forEach(({ gross, orders, size }, i) => {
      if (i > hour) return;
      const bar = svg('rect', { class: i === hour ? 'now' : 'past', x: x(i) + (slot * GAP) / 2, width: slot * (1 - GAP), y: y(size), height: Math.max(0, y(0) - y(size)), rx: 2 });
      const title = [hourText(i, this.context), format.money ? `${format.full(gross, view.currency)} ·` : '', this.context.say('shop.count', { n: format.number(orders) })];
      bar.append(svg('title', {}, document.createTextNode(title.filter(Boolean).join(' '))));
      parts.push(bar);
    });
    if (forecast > today[hour].size) parts.push(svg('rect', { class: 'next', x: x(hour) + (slot * GAP) / 2, width: slot * (1 - GAP), y: y(forecast), height: y(today[hour].size) - y(forecast), rx: 2 }));
    if (yesterday.length) parts.push(svg('path', { class: 'ghost', d: yesterday.map(({ size }, i) => `${i ? 'L' : 'M'}${(x(i) + slot / 2).toFixed(1)} ${y(size).toFixed(1)}`).join('') }));
    for (let i = 0; i < 24; i += narrow ? 6 : 3) parts.push(text(x(i) + slot / 2, HEIGHT - 6, hourText(i, this.context), 'middle'));
    return svg('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, 'aria-hidden': 'true' }, ...parts);
  }

  table(view) {
    const { say } = this.context;
    const cell = (day, i) => (view.hours[day] ? this.told(view.hours[day][i], view) : '–');
    const rows = view.hours.today.map((_, i) => el('tr', {}, el('th', { scope: 'row' }, hourText(i, this.context)), el('td', {}, cell('today', i)), el('td', {}, cell('yesterday', i)), el('td', {}, cell('last_week', i))));
    return el('table', {}, el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, say('shop.hour')), el('th', { scope: 'col' }, say('shop.today')), el('th', { scope: 'col' }, say('shop.yesterday')), el('th', { scope: 'col' }, say('shop.lastweek')))), el('tbody', {}, ...rows));
  }

  close() {}
}

function tick(value, format) {
  const { figure, unit } = format.short(value);
  return `${figure}${unit}`;
}

/** @param {number} x @param {number} y @param {string} words @param {string} anchor */
function text(x, y, words, anchor) {
  const element = svg('text', { x, y, 'text-anchor': anchor });
  write(element, words);
  return element;
}

function hourText(hour, { language }) {
  return language === 'ko' ? `${hour}시` : `${String(hour).padStart(2, '0')}:00`;
}
