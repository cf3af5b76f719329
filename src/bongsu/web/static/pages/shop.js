// The shop: what was sold today and where, hour by hour; what waits to be sent; what runs out.
import { el } from '../dom.js';
import { Tiles } from '../panels/tiles.js';
import { ChannelsPanel } from './shop/channels.js';
import { Headline } from './shop/headline.js';
import { HoursPanel } from './shop/hours.js';
import { Reader } from './shop/reader.js';
import { StatesPanel } from './shop/states.js';
import { StockPanel } from './shop/stock.js';
import { SPECS } from './shop/tiles.js';

/** @param {import('../mount.js').Context} context @returns {import('./index.js').Built} */
export function build(context) {
  const reader = new Reader(context);
  const tiles = new Tiles(context, SPECS.filter(({ unit }) => !context.format.hides(unit)));
  const headline = new Headline(context, reader);
  const panels = [new HoursPanel(context, reader), new ChannelsPanel(context, reader), new StatesPanel(context, reader), new StockPanel(context, reader)];
  const figures = el('div', {}, tiles.element, el('div', { class: 'grid' }, ...panels.map(({ element }) => element)));
  reader.listen((view) => {
    figures.hidden = view?.health === 'off';
  });
  return { elements: [headline.element, figures], parts: [reader, headline, tiles, ...panels] };
}
