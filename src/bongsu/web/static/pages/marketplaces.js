// Marketplaces, connections and checks: how each stands, how it stood, and what to do about it.
import { el } from '../dom.js';
import { GraphPanel } from '../panels/graph.js';
import { Headline } from './marketplaces/headline.js';
import { Reader } from './marketplaces/reader.js';
import { responses } from './marketplaces/responses.js';
import { RowsPanel } from './marketplaces/rows.js';

/** @param {import('../mount.js').Context} context @returns {import('./index.js').Built} */
export function build(context) {
  const reader = new Reader(context);
  const headline = new Headline(context, reader);
  const rows = ['marketplace', 'connection', 'check'].map((kind) => new RowsPanel(context, reader, kind));
  const chart = new GraphPanel(context, responses(context));
  const figures = el('div', { class: 'grid' }, rows[0].element, chart.element, rows[1].element, rows[2].element);
  reader.listen(({ empty }) => {
    figures.hidden = empty;
  });
  return { elements: [headline.element, figures], parts: [reader, headline, ...rows, chart], ranged: true };
}
