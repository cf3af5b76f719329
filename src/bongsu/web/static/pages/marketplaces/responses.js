// How long the marketplaces take to answer, a line each.
import { hole } from '../../panels/joined.js';

const METRIC = 'marketplace_response_ms';
/** In the order of their line styles. */
const TITLES = { coupang: 'market.coupang', naver: 'market.naver', '11st': 'market.11st' };

/** The slowest of them as a figure. @type {import('../../panels/tiles.js').Spec} */
export const RESPONSE = {
  id: 'market', metric: METRIC, unit: 'ms', join: 'max', least: 100, points: false,
  note: ({ say }, { at }) => (at === null ? '' : TITLES[at.labels.marketplace] ? say(TITLES[at.labels.marketplace]) : at.labels.marketplace),
};

/** @param {import('../../mount.js').Context} context @returns {import('../../panels/graph.js').Graph} */
export function responses({ session, say, format }) {
  const named = (name) => (name in TITLES ? say(TITLES[name]) : name);
  const names = Object.keys(TITLES);
  const styleOf = (name) => (names.indexOf(name) + 1 || names.length + 1);
  const series = () => session.store.of(METRIC).filter(({ ring }) => ring).sort((a, b) => (a.labels.marketplace < b.labels.marketplace ? -1 : 1));
  return {
    id: 'responses', span: 'c12', unit: 'ms', metrics: [METRIC],
    legend: names.map((name) => ({ name: named(name), style: styleOf(name) })),
    lines: () => series().map((one) => ({ id: `${METRIC}-${one.labels.marketplace}`, name: named(one.labels.marketplace), style: styleOf(one.labels.marketplace), rings: one.ring ? [one.ring] : [], hole: Math.max(hole(session, one), 200_000) })),
    tell: () => series().map(({ labels, value }) => `${named(labels.marketplace)} ${format.text(value, 'ms')}`).join(' · '),
  };
}
