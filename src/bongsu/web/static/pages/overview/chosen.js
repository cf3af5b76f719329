// Own charts from the settings (`panels`): any metric as a line or as a tile, drawn as all others are.
// Comes only where the settings ask for any.
import { GraphPanel } from '../../panels/graph.js';
import { has, hole, join } from '../../panels/joined.js';
import { labelText, titleOf, unitOf } from '../../panels/panel.js';
import { Tiles } from '../../panels/tiles.js';
import { build as overview } from '../overview.js';

const LINES = 6;

/** @typedef {{metric: string, chart: 'line' | 'tile', title: Record<string, string>, labels: Record<string, string>, aggregation: 'each' | 'sum' | 'max', threshold: number | null, unit: string}} Wish as settings tell it */

/** The overview with them. @param {import('../../mount.js').Context} context @returns {import('../index.js').Built} */
export function build(context) {
  return overview(context, chosen(context));
}

/** @param {import('../../mount.js').Context} context @returns {{tiles: Tiles[], graphs: GraphPanel[]}} */
export function chosen(context) {
  /** @type {Wish[]} */
  const wishes = context.session.boot.panels ?? [];
  const lines = wishes.filter(({ chart }) => chart === 'line');
  const specs = wishes.flatMap((wish, i) => (wish.chart === 'tile' ? [spec(context, wish, i)] : []));
  return {
    tiles: specs.length ? [new Tiles(context, specs)] : [],
    graphs: lines.map((wish, i) => new GraphPanel(context, graph(context, wish, wishes.indexOf(wish), i === lines.length - 1 && i % 2 === 0 ? 'c12' : 'c6'))),
  };
}

/** In the language shown, else in the other, else what the catalogue calls the metric. */
function named({ session, language }, { title, metric }) {
  return title[language] ?? Object.values(title)[0] ?? titleOf(session.boot, metric, language);
}

/** @returns {import('../../panels/tiles.js').Spec} */
function spec(context, wish, i) {
  const { session } = context;
  const unit = wish.unit || unitOf(session.boot, wish.metric);
  return {
    id: `own-${i + 1}`, title: named(context, wish), metric: wish.metric, unit, join: wish.aggregation === 'each' ? 'one' : wish.aggregation,
    limit: wish.threshold ?? undefined, double: true, least: 1, points: unit === '%', only: Object.keys(wish.labels).length ? wish.labels : undefined,
    note: ({ format, say }, { at }) => [wish.aggregation === 'max' && at ? labelText(at.labels) : '', wish.threshold === null ? '' : say('note.limit', { limit: format.text(wish.threshold, unit) })].filter(Boolean).join(' · '),
  };
}

/** @returns {import('../../panels/graph.js').Graph} */
function graph(context, wish, i, span) {
  const { session, say, format } = context;
  const { metric, labels, aggregation, threshold } = wish;
  const unit = wish.unit || unitOf(session.boot, metric);
  const title = named(context, wish);
  const known = () => session.store.of(metric).filter((series) => has(series.labels, labels));
  const shown = () => {
    const all = known().filter(({ ring }) => ring !== null).sort((a, b) => b.value - a.value);
    return aggregation === 'max' ? all.slice(0, 1) : aggregation === 'sum' ? all : all.slice(0, LINES).sort((a, b) => (labelText(a.labels) < labelText(b.labels) ? -1 : 1));
  };
  return {
    id: `own-${i + 1}`, title, span, unit, metrics: [metric], most: LINES, legend: [],
    threshold: threshold === null ? undefined : () => threshold,
    lines: () => {
      const all = shown();
      if (aggregation !== 'sum') return all.map((series, n) => ({ id: all.length === 1 ? metric : labelText(series.labels), name: labelText(series.labels) || title, style: all.length === 1 ? 'main' : n + 1, rings: [/** @type {any} */ (series.ring)], hole: hole(session, series) }));
      return all.length ? [{ id: metric, name: title, style: 'main', rings: all.map(({ ring }) => /** @type {any} */ (ring)), hole: Math.max(...all.map((series) => hole(session, series))) }] : [];
    },
    tell: () => {
      const { value, at } = join(known(), aggregation === 'sum' ? 'sum' : 'max');
      if (Number.isNaN(value)) return '';
      const now = format.text(value, unit);
      const name = aggregation !== 'sum' && at ? labelText(at.labels) : '';
      return name ? `${name} ${now}` : say('graph.last', { now });
    },
  };
}
