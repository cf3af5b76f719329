// Data quality: how each feed does, which symbols are missing, late, wrong or strange, and one symbol in full.
import { el } from '../dom.js';
import { GraphPanel } from '../panels/graph.js';
import { DetailPanel } from './data/detail.js';
import { FaultsPanel } from './data/faults.js';
import { coverage, delay, quality } from './data/graphs.js';
import { Headline } from './data/headline.js';
import { Reader } from './data/reader.js';
import { ScoresPanel } from './data/scores.js';
import { SymbolsPanel } from './data/symbols.js';

/** @param {import('../mount.js').Context} context @returns {import('./index.js').Built} */
export function build(context) {
  const reader = new Reader(context);
  const headline = new Headline(context, reader);
  const graphs = [quality, delay, coverage].map((graph) => new GraphPanel(context, graph(context, reader)));
  const symbols = new SymbolsPanel(context, reader);
  const panels = [new ScoresPanel(context, reader), new FaultsPanel(context, reader), ...graphs, new DetailPanel(context, reader), symbols];
  const figures = el('div', { class: 'grid' }, ...panels.map(({ element }) => element));
  reader.listen(() => {
    figures.hidden = reader.feeds !== null && reader.feeds.length === 0;
  });
  return {
    elements: [headline.element, figures],
    parts: [reader, headline, ...panels],
    ranged: true,
    keys: { '/': { says: 'data.search', run: () => symbols.search.focus() } },
    asked: () => reader.asked(),
  };
}
