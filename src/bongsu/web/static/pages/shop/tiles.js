// The shop's six figures.

const MOST_LEFT = 365;

/** @type {import('../../panels/tiles.js').Spec[]} */
export const SPECS = [
  { id: 'revenue', metric: 'shop_revenue_today', unit: 'KRW', join: 'sum', least: 1000, points: false, note: net },
  { id: 'orders', metric: 'shop_orders_today', unit: '', join: 'sum', least: 4, points: false, note: pace },
  { id: 'customers', metric: 'shop_customers_today', unit: '', join: 'sum', least: 4, points: false, note: none },
  { id: 'basket', metric: 'shop_average_order_value', unit: 'KRW', join: 'one', least: 1000, points: false, note: cancelled },
  { id: 'unshipped', metric: 'shop_orders_unshipped', unit: '', join: 'max', least: 4, points: false, note: late },
  { id: 'low', metric: 'shop_products_low', unit: '', join: 'one', least: 4, points: false, note: out },
];

const one = ({ session }, metric, labels = {}) =>
  session.store.of(metric).find((series) => Object.entries(labels).every(([name, value]) => series.labels[name] === value))?.value ?? NaN;
const sum = ({ session }, metric) => session.store.of(metric).reduce((all, { value }) => all + value, 0);

function none() {
  return '';
}

function net({ session, say, format }) {
  const series = session.store.of('shop_net_revenue_today');
  return series.length ? say('shop.note.net', { net: format.text(sum({ session }, 'shop_net_revenue_today'), unit(session)) }) : '';
}

function pace({ session, say, format }) {
  return session.store.of('shop_orders_per_minute').length ? say('shop.note.pace', { n: format.plain(sum({ session }, 'shop_orders_per_minute')) }) : '';
}

function cancelled({ session, say, format }) {
  const rate = one({ session }, 'shop_cancel_rate');
  return Number.isNaN(rate) ? '' : say('shop.note.cancelled', { rate: format.text(rate, '%') });
}

function late({ session, say, format }) {
  const n = one({ session }, 'shop_orders_unshipped', { over: '24h' });
  return Number.isNaN(n) ? '' : say('shop.note.late', { n: format.number(n) });
}

function out({ session, say, format }) {
  const n = one({ session }, 'shop_products_sold_out');
  return Number.isNaN(n) ? '' : say('shop.note.out', { n: format.number(n) });
}

/** The shop's currency. */
export function unit(session) {
  return session.boot.catalogue.shop_revenue_today?.unit ?? 'KRW';
}

/** Days in words; a year stands for "long". @param {number | null} days @param {any} context */
export function lasting(days, { say, format }) {
  if (days === null) return '';
  if (days < 1) return say('shop.hoursleft', { n: format.number(Math.max(1, Math.round(days * 24))) });
  return days >= MOST_LEFT ? say('shop.long') : say('shop.days', { n: format.plain(days) });
}
