// All feeds in a row each, worst first: what the overview shows of them, and what it calls wrong.
import { el, renew } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { points, tint } from './reader.js';

const MOST = 6;
/** So many feeds have room for their dimensions. */
const FEW = 2;
const DIMENSIONS = ['completeness', 'accuracy', 'timeliness', 'consistency'];
const GOOD = 0.999;
/** From which tint on a feed with a fault is called wrong. */
const WRONG = { warn: 'warn', crit: 'crit' };

export class FeedsPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./brief.js').BriefReader} reader @param {string} [span] */
  constructor(context, reader, span = 'c6') {
    const { say, go } = context;
    this.context = context;
    this.reader = reader;
    this.panel = new Panel({ id: 'feeds', span, title: say('data.title'), say });
    this.rows = el('ul', { class: 'feedrows' });
    this.panel.body.append(this.rows);
    if (go) this.panel.tools.append(el('a', { class: 'more', href: '?page=data', onclick: (event) => this.go(event, {}) }, say('alerts.all')));
    this.element = this.panel.element;
    this.shown = '';
  }

  draw() {
    const { reader } = this;
    reader.tell(this.panel);
    if (reader.feeds === null) return;
    const { say, format } = this.context;
    const feeds = [...reader.feeds].sort((a, b) => (a.quality ?? 2) - (b.quality ?? 2));
    this.element.classList.toggle('bare', feeds.length === 0);
    this.panel.body.dataset.empty = say('data.none');
    const wanted = JSON.stringify(feeds.map((one) => [one.feed, one.title, one.state, ...['quality', ...DIMENSIONS].map((name) => points(one[name], format)), one.faults, one.seen, one.expected, Math.round(one.events_per_second)]));
    if (wanted === this.shown) return;
    this.shown = wanted;
    const [worst] = feeds;
    this.panel.tell(worst && worst.quality !== null ? say('data.feeds', { n: feeds.length, feed: worst.title, quality: points(worst.quality, format) }) : '');
    const items = feeds.slice(0, MOST).map((feed) => this.row(feed, feeds.length <= FEW));
    if (feeds.length > MOST) items.push(el('li', { class: 'meta' }, say('data.more', { n: format.number(feeds.length - MOST) })));
    renew(this.rows, items, 'feed');
  }

  row(feed, roomy) {
    const { say, format, go } = this.context;
    const colour = tint(feed.quality);
    const meta = [wrong(feed, say), say('data.sub.events', { n: format.number(feed.events_per_second) }), say('data.sub.symbols', { seen: format.number(feed.seen), all: format.number(feed.expected) })];
    const bar = el('i');
    bar.style.width = `${Math.max(0, Math.min(100, (feed.quality ?? 0) * 100))}%`;
    const name = go ? el('a', { href: `?${new URLSearchParams({ page: 'data', feed: feed.feed })}`, onclick: (event) => this.go(event, { feed: feed.feed }) }, feed.title) : feed.title;
    return el(
      'li', { 'data-tint': colour, 'data-feed': feed.feed },
      el('b', { class: 'pn' }, icon(colour === 'unknown' ? 'unknown' : colour), el('span', {}, name)),
      el('span', { class: 'meter' }, bar), el('b', { class: 'n' }, points(feed.quality, format)),
      el('span', { class: 'meta' }, meta.filter(Boolean).join(' · ')),
      roomy ? el('dl', {}, ...DIMENSIONS.map((name) => el('div', {}, el('dt', {}, say(/** @type {any} */ (`data.${name}`))), el('dd', { 'data-tint': tint(feed[name]) }, points(feed[name], format))))) : null,
    );
  }

  go(event, asked) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.context.go?.('data', asked);
  }

  close() {}
}

/** The faults of a feed by name, or its worst dimension. */
function wrong(feed, say) {
  const names = Object.keys(feed.faults).map((name) => say(/** @type {any} */ (`data.fault.${name}`)));
  if (names.length) return names.slice(0, 3).join(', ');
  return feed.worst && feed.quality !== null && feed.quality < GOOD ? say('data.sub.worst', { worst: say(/** @type {any} */ (`data.${feed.worst}`)) }) : '';
}

/**
 * Feeds with a fault and a score that shows it.
 * @param {import('../../mount.js').Context} context @param {import('./brief.js').BriefReader} reader
 * @returns {import('../../alerts/issues.js').Issue[]}
 */
export function issues({ say, format }, reader) {
  return (reader.feeds ?? []).flatMap((feed) => {
    const state = WRONG[tint(feed.quality)];
    if (!state) return [];
    return { id: `feed ${feed.feed}`, page: 'data', state, title: say('data.issue', { feed: feed.title, quality: points(feed.quality, format) }), detail: wrong(feed, say), since: NaN, longer: false };
  });
}
