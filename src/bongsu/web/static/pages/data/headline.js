// The feeds in a sentence; which one is shown, and over which time.
import { attribute, el, write } from '../../dom.js';
import { points, WINDOWS } from './reader.js';

export class Headline {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.context = context;
    this.reader = reader;
    this.always = true;
    this.sentence = el(context.heading, {});
    this.sub = el('p', { class: 'datasub' });
    this.names = el('select', { class: 'dinp', 'aria-label': say('data.feed'), onchange: () => reader.choose({ name: this.names.value }) });
    this.windows = WINDOWS.map((window) => el('button', { type: 'button', onclick: () => reader.choose({ window }) }, say(/** @type {any} */ (`data.window.${window}`))));
    this.controls = el('div', { class: 'ctl datactl' }, this.names, el('div', { class: 'seg', role: 'group', 'aria-label': say('data.window') }, ...this.windows), context.pill);
    this.element = el('section', { class: 'hero datahero', 'aria-label': say('data.title') }, el('div', { class: 'say' }, el('div', {}, this.sentence, this.sub)), this.controls);
    this.empty = null;
    this.listed = '';
  }

  draw() {
    const { say, format } = this.context;
    const { feeds, feed, window } = this.reader;
    this.windows.forEach((button, i) => attribute(button, 'aria-pressed', String(WINDOWS[i] === window)));
    if (feeds === null) {
      write(this.sentence, say(this.reader.fault ? 'data.fault' : 'data.reading'));
      return;
    }
    if (!feed) {
      this.none();
      return;
    }
    this.empty?.remove();
    this.empty = null;
    this.names.hidden = feeds.length < 2;
    const wanted = feeds.map(({ feed, title }) => `${feed} ${title}`).join('\n');
    if (wanted !== this.listed) {
      this.listed = wanted;
      this.names.replaceChildren(...feeds.map(({ feed, title }) => el('option', { value: feed }, title)));
    }
    if (this.names.value !== feed.feed) this.names.value = feed.feed;
    const faults = Object.keys(feed.faults).length;
    write(this.sentence, feed.state === 'closed' && feed.quality === null ? say('data.closed', { feed: feed.title }) : faults ? say('data.faulty', { n: faults, feed: feed.title }) : say('data.calm', { feed: feed.title }));
    const parts = [say('data.sub.quality', { quality: points(feed.quality, format) })];
    if (feed.worst && feed.quality < 0.999) parts.push(say('data.sub.worst', { worst: say(/** @type {any} */ (`data.${feed.worst}`)) }));
    parts.push(say('data.sub.events', { n: format.number(feed.events_per_second) }), say('data.sub.symbols', { seen: format.number(feed.seen), all: format.number(feed.expected) }));
    write(this.sub, parts.join(' · '));
  }

  /** No feed yet: what to do next. */
  none() {
    const { say, origin } = this.context;
    write(this.sentence, say('data.none'));
    write(this.sub, '');
    this.controls.hidden = true;
    if (this.empty) return;
    const line = `curl -X POST ${origin}/api/v1/events -H 'Content-Type: application/json' -d '[{"feed": "krx", "symbol": "005930", "at": '$(date +%s%3N)', "seq": 1, "fields": {"price": 71200, "size": 10}}]'`;
    this.empty = el('div', { class: 'panel' }, el('div', { class: 'empty' }, el('h3', {}, say('data.none.title')), el('p', {}, say('data.none.hint')), el('code', { class: 'line', tabindex: '0' }, line), el('p', {}, say('data.none.replay')), el('code', { class: 'line', tabindex: '0' }, 'bongsu replay quotes.csv --feed krx --speed 10x')));
    this.element.after(this.empty);
  }

  close() {
    this.empty?.remove();
  }
}
