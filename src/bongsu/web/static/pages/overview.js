// What matters now, over everything watched: sentence, tiles, open alerts, and the charts that say most.
import { el } from '../dom.js';
import { AlertsPanel } from '../panels/alerts.js';
import { DisksPanel } from '../panels/disks.js';
import { graphs } from '../panels/graphs.js';
import { Hero } from '../panels/hero.js';
import { OwnPanel } from '../panels/own.js';
import { ProcessesPanel } from '../panels/processes.js';
import { Tiles } from '../panels/tiles.js';

/**
 * @param {import('../mount.js').Context} context @param {{tiles: Tiles[], graphs: import('../panels/graph.js').GraphPanel[]}} [own] charts from the settings
 * @returns {import('./index.js').Built}
 */
export function build(context, own = { tiles: [], graphs: [] }) {
  const tiles = new Tiles(context);
  const hero = new Hero({ ...context, tiles });
  const [cpu, ...others] = graphs(context, ['cpu', 'memory', 'network', 'disk-io']);
  const panels = [cpu, new AlertsPanel(context), ...others, ...own.graphs, new ProcessesPanel(context), new DisksPanel(context), new OwnPanel(context)];
  return {
    elements: [hero.element, tiles.element, ...own.tiles.map(({ element }) => element), el('div', { class: 'grid' }, ...panels.map(({ element }) => element))],
    parts: [hero, tiles, ...own.tiles, ...panels],
    steady: Infinity,
    ranged: true,
    panned: true,
  };
}
