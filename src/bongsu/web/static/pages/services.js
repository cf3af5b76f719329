// The services: how many requests they answer, how fast, and how many go wrong; ours among them.
import { el } from '../dom.js';
import { GraphPanel } from '../panels/graph.js';
import { Tiles } from '../panels/tiles.js';
import { Controls } from './services/controls.js';
import { errors, throughput } from './services/graphs.js';
import { HeatPanel } from './services/heat.js';
import { Reader } from './services/reader.js';
import { RoutesPanel } from './services/routes.js';
import { TablePanel } from './services/table.js';
import { TargetsPanel } from './services/targets.js';
import { SPECS } from './services/tiles.js';

/** @param {import('../mount.js').Context} context @returns {import('./index.js').Built} */
export function build(context) {
  const reader = new Reader(context);
  const controls = new Controls(context, reader);
  const tiles = new Tiles(context, SPECS);
  const panels = [new TablePanel(context, reader), new HeatPanel(context), new RoutesPanel(context, reader), new GraphPanel(context, throughput(context)), new GraphPanel(context, errors(context)), new TargetsPanel(context)];
  return { elements: [controls.element, tiles.element, el('div', { class: 'grid' }, ...panels.map(({ element }) => element))], parts: [reader, controls, tiles, ...panels], ranged: true };
}
