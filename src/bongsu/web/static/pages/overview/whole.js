// The overview where more than this machine is watched: the shop, its marketplaces, feeds and services first, the machine beside them.
// Each part is the one of its own page; comes only where there is anything of them.
import { el } from '../../dom.js';
import { AlertsPanel } from '../../panels/alerts.js';
import { graphs } from '../../panels/graphs.js';
import { Hero } from '../../panels/hero.js';
import { OwnPanel } from '../../panels/own.js';
import { SPECS as MACHINE, Tiles } from '../../panels/tiles.js';
import { BriefReader } from '../data/brief.js';
import { FeedsPanel, issues as feedIssues } from '../data/feeds.js';
import { watched } from '../index.js';
import { issues as marketIssues } from '../marketplaces/issues.js';
import { Reader as MarketReader } from '../marketplaces/reader.js';
import { RESPONSE } from '../marketplaces/responses.js';
import { RowsPanel } from '../marketplaces/rows.js';
import { Reader as ServiceReader } from '../services/reader.js';
import { TablePanel } from '../services/table.js';
import { SPECS as SERVICES } from '../services/tiles.js';
import { ChannelsPanel } from '../shop/channels.js';
import { troubles } from '../shop/headline.js';
import { HoursPanel } from '../shop/hours.js';
import { Reader as ShopReader } from '../shop/reader.js';
import { StatesPanel } from '../shop/states.js';
import { StockPanel } from '../shop/stock.js';
import { SPECS as SHOP } from '../shop/tiles.js';
import { chosen } from './chosen.js';

const TILES = 6;

/** @typedef {{panels: import('../index.js').Part[], readers: import('../index.js').Part[], issues: () => import('../../alerts/issues.js').Issue[]}} Section */

/** @type {Section} */
const NONE = { panels: [], readers: [], issues: () => [] };
/** @type {import('../../panels/tiles.js').Spec} */
const COVERAGE = { id: 'coverage', metric: 'feed_coverage', unit: '%', join: 'min', threshold: 'data_coverage_threshold_percent', below: true, least: 4, points: true, note: (_, { at }) => at?.labels.feed ?? '' };

/** @param {import('../../mount.js').Context} context @returns {import('../index.js').Built} */
export function build(context) {
  const parts = watched(context.session.boot);
  const own = chosen(context);
  const found = (name, open) => (parts.includes(name) ? open(context) : NONE);
  const [sold, markets, fed, served] = [found('shop', shop), found('marketplaces', marketplaces), found('data', feeds), found('services', services)];
  const tiles = new Tiles(context, specs(parts).filter(({ unit }) => !context.format.hides(unit)).slice(0, TILES));
  const hero = new Hero({ ...context, tiles, panned: false }, [sold, markets, fed].map(({ issues }) => issues));
  const [cpu] = graphs(context, ['cpu'], { span: markets === NONE ? 'c8' : fed === NONE ? 'c12' : 'c6' });
  const alerts = new AlertsPanel(context);
  // Each row of twelve columns is full: the alerts stand beside the marketplaces, or beside the machine where there are none.
  const panels = [
    ...sold.panels.slice(0, 2), ...(markets === NONE ? [cpu] : markets.panels), alerts, ...sold.panels.slice(2),
    ...fed.panels, ...(markets === NONE ? [] : [cpu]), ...served.panels, ...own.graphs, new OwnPanel(context),
  ];
  return {
    elements: [hero.element, tiles.element, ...own.tiles.map(({ element }) => element), el('div', { class: 'grid' }, ...panels.map(({ element }) => element))],
    parts: [...[sold, markets, fed, served].flatMap(({ readers }) => readers), hero, tiles, ...own.tiles, ...panels],
    steady: 2 + own.tiles.length,
    ranged: true,
  };
}

/** The figures that say most about what is watched, those first that matter most. @param {string[]} parts */
function specs(parts) {
  const named = (all, ...ids) => all.filter(({ id }) => ids.includes(id));
  const wanted = {
    shop: named(SHOP, 'revenue', 'orders'),
    marketplaces: [RESPONSE],
    services: named(SERVICES, 'latency'),
    data: [COVERAGE],
  };
  return [...Object.entries(wanted).flatMap(([part, all]) => (parts.includes(part) ? all : [])), ...MACHINE];
}

/** @param {import('../../mount.js').Context} context @returns {Section} */
function shop(context) {
  const reader = new ShopReader(context);
  const panels = [new HoursPanel(context, reader), new ChannelsPanel(context, reader), new StatesPanel(context, reader), new StockPanel(context, reader)];
  return { panels, readers: [reader], issues: () => (reader.view ? troubles(reader.view, context) : []) };
}

/** @param {import('../../mount.js').Context} context @returns {Section} */
function marketplaces(context) {
  const reader = new MarketReader(context);
  const kind = ['marketplace', 'connection', 'check'].find((one) => context.session.boot.watches.includes(`${one}s`)) ?? 'marketplace';
  return { panels: [new RowsPanel(context, reader, kind, 'c8')], readers: [reader], issues: () => marketIssues(context, reader) };
}

/** @param {import('../../mount.js').Context} context @returns {Section} */
function feeds(context) {
  const reader = new BriefReader(context);
  return { panels: [new FeedsPanel(context, reader, watched(context.session.boot).includes('marketplaces') ? 'c6' : 'c12')], readers: [reader], issues: () => feedIssues(context, reader) };
}

/** @param {import('../../mount.js').Context} context @returns {Section} */
function services(context) {
  const reader = new ServiceReader(context);
  return { panels: [new TablePanel(context, reader)], readers: [reader], issues: () => [] };
}
