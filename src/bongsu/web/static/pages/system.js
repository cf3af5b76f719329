// The machine: sentence, tiles, charts, what it is connected to, processes, disks, what users push, and Bongsu itself.
import { el } from '../dom.js';
import { BongsuPanel } from '../panels/bongsu.js';
import { DisksPanel } from '../panels/disks.js';
import { graphs } from '../panels/graphs.js';
import { Hero } from '../panels/hero.js';
import { LinksPanel } from '../panels/links.js';
import { OwnPanel } from '../panels/own.js';
import { ProcessesPanel } from '../panels/processes.js';
import { Tiles } from '../panels/tiles.js';

/** @param {import('../mount.js').Context} context @returns {import('./index.js').Built} */
export function build(context) {
  const tiles = new Tiles(context);
  const hero = new Hero({ ...context, tiles });
  const panels = [...graphs(context), new LinksPanel(context), new ProcessesPanel(context), new DisksPanel(context), new OwnPanel(context), new BongsuPanel(context)];
  return {
    elements: [hero.element, tiles.element, el('div', { class: 'grid' }, ...panels.map(({ element }) => element))],
    parts: [hero, tiles, ...panels],
    steady: Infinity,
    ranged: true,
    panned: true,
  };
}
