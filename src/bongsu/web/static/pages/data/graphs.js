// The feed that is shown over time: its score, its delay, its coverage.

import { hole } from '../../panels/joined.js';
import { points } from './reader.js';

const RANKS = [['0.5', 'main'], ['0.95', 2], ['0.99', 3]];

/** One series of a metric. */
function series(session, metric, labels, name, style) {
  const wanted = Object.entries(labels);
  const found = session.store.of(metric).filter((one) => wanted.every(([key, value]) => one.labels[key] === value) && Object.keys(one.labels).length === wanted.length);
  return found.filter(({ ring }) => ring !== null).slice(0, 1).map((one) => ({ id: `${metric} ${name}`, name, style, rings: [one.ring], hole: hole(session, one), of: { metric, labels: one.labels } }));
}

/** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader @returns {import('../../panels/graph.js').Graph} */
export function quality({ session, say, format }, reader) {
  return {
    id: 'data-quality', span: 'c4', unit: '', scale: 100, min: 0, max: 1, follow: 8, metrics: ['feed_quality'],
    legend: [{ name: say('data.quality'), style: 'main' }],
    lines: () => series(session, 'feed_quality', { feed: reader.name }, say('data.quality'), 'main'),
    tell: () => (reader.feed?.quality == null ? '' : say('graph.last', { now: points(reader.feed.quality, format) })),
  };
}

/** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader @returns {import('../../panels/graph.js').Graph} */
export function delay({ session, say, format }, reader) {
  return {
    id: 'data-delay', span: 'c4', unit: 's', metrics: ['feed_delay_seconds'],
    legend: RANKS.map(([rank, style]) => ({ name: say(/** @type {any} */ (`data.rank.${rank}`)), style: /** @type {any} */ (style) })),
    lines: () => RANKS.flatMap(([rank, style]) => series(session, 'feed_delay_seconds', { feed: reader.name, quantile: rank }, say(/** @type {any} */ (`data.rank.${rank}`)), style)),
    tell: () => {
      const now = reader.feed?.delay;
      return now ? say('data.delay.now', { p50: format.text(now['0.5'] * 1000, 'ms'), p99: format.text(now['0.99'] * 1000, 'ms'), limit: format.text(reader.feed.delay_limit_ms / 1000, 's') }) : '';
    },
  };
}

/** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader @returns {import('../../panels/graph.js').Graph} */
export function coverage({ session, say, format }, reader) {
  return {
    id: 'data-coverage', span: 'c4', unit: '%', min: 0, max: 100, metrics: ['feed_coverage'],
    legend: [{ name: say('data.coverage'), style: 'main' }],
    lines: () => series(session, 'feed_coverage', { feed: reader.name }, say('data.coverage'), 'main'),
    tell: () => (reader.feed?.coverage == null ? '' : say('graph.last', { now: format.text(reader.feed.coverage, '%') })),
  };
}
