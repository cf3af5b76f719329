// Everything that users push or collect themselves: each metric gets a figure and a course, with no further code.
import { el, write } from '../dom.js';
import { icon } from '../icon.js';
import { read } from '../ring.js';
import { Spark } from '../spark.js';
import { ago } from '../tile.js';
import { freshness } from '../status.js';
import { hole } from './joined.js';
import { labelText, Panel, sentenceOf, titleOf, unitOf } from './panel.js';

const PAGE = 12;
const ROWS = 4;
/** Series of a metric whose course is kept: which of them are highest changes. */
const SERIES = 8;

export class OwnPanel {
  /** @param {import('./panel.js').Context & {origin: string, learn: () => void}} context */
  constructor(context) {
    const { say } = context;
    this.ages = true;
    this.context = context;
    this.panel = new Panel({ id: 'own', span: 'c12', title: say('panel.own'), say });
    this.grid = el('div', { class: 'cards' });
    this.more = el('button', { class: 'btn', type: 'button', hidden: true, onclick: () => this.extend() });
    this.panel.body.append(this.grid, this.more);
    this.panel.tools.append(el('a', { class: 'more', href: `${context.origin}/docs` }, say('own.how')));
    this.element = this.panel.element;
    this.most = PAGE;
    this.total = 0;
    this.version = -1;
    /** @type {Map<string, Card>} */
    this.cards = new Map();
    this.hint = null;
  }

  draw(ours) {
    const { session, say } = this.context;
    if (session.store.version !== this.version) this.arrange();
    for (const card of this.cards.values()) card.draw(ours);
    if (this.cards.size > 0) this.panel.tell(say('own.count', { n: this.total }));
  }

  arrange() {
    const { session, say } = this.context;
    this.version = session.store.version;
    const names = ownMetrics(session.store).sort();
    this.total = names.length;
    const shown = names.slice(0, this.most);
    for (const [name, card] of this.cards) {
      if (!shown.includes(name)) {
        card.close();
        this.cards.delete(name);
      }
    }
    for (const name of shown) if (!this.cards.has(name)) this.cards.set(name, new Card(this.context, name));
    this.grid.replaceChildren(...shown.flatMap((name) => this.cards.get(name)?.element ?? []));
    this.more.hidden = names.length <= shown.length;
    write(this.more, say('own.more', { n: names.length - shown.length }));
    this.empty(names.length === 0);
    if (names.some((name) => !(name in session.boot.catalogue))) this.context.learn();
  }

  extend() {
    this.most += PAGE;
    this.arrange();
    this.draw(Date.now());
  }

  /** Nothing yet: says what to do next, with a line that works. */
  empty(on) {
    const { say, origin } = this.context;
    if (!on) {
      this.hint?.remove();
      this.hint = null;
      return;
    }
    if (this.hint) return;
    this.panel.tell('');
    const command = `curl -H 'content-type: application/json' -d '[{"metric":"orders_open","value":12}]' ${origin}/api/v1/samples`;
    const label = document.createTextNode(say('copy'));
    const copy = el('button', { class: 'btn', type: 'button' }, icon('copy'));
    copy.append(label);
    copy.addEventListener('click', () => {
      navigator.clipboard?.writeText(command).then(
        () => write(label, say('copied')),
        () => {},
      );
    });
    this.hint = el('div', { class: 'empty' }, el('h3', {}, say('own.empty')), el('p', {}, say('own.hint')), el('code', { class: 'line', tabindex: '0' }, command), navigator.clipboard ? el('div', { class: 'acts' }, copy) : null);
    this.panel.body.append(this.hint);
  }

  close() {
    for (const card of this.cards.values()) card.close();
  }
}

/** What the parts of Bongsu tell, by topic: it has pages of its own. A user's metric may join a topic, under another name. */
const OURS = { checks: /^(marketplace|check|connection)_/, services: /^service_/, feeds: /^feed_/, shop: /^shop_/, alerts: /^anomaly_/ };

/** Names of the metrics that no other panel shows. @param {import('../store.js').Store} store */
export function ownMetrics(store) {
  const names = [];
  for (const [name, family] of store.metrics) {
    const topic = family.values().next().value?.topic ?? '';
    if (topic !== 'system' && topic !== '' && !OURS[topic]?.test(name)) names.push(name);
  }
  return names;
}

class Card {
  constructor(context, metric) {
    const { session, language } = context;
    this.context = context;
    this.metric = metric;
    this.unit = unitOf(session.boot, metric);
    this.value = el('b', { class: 'num' });
    this.age = el('time');
    this.spark = new Spark();
    this.list = el('ul', { class: 'labels' });
    this.points = [];
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    this.rest = el('li', { class: 'rest' });
    const title = titleOf(session.boot, metric, language);
    const sentence = sentenceOf(session.boot, metric, language);
    this.element = el(
      'article',
      { class: 'card', 'data-metric': metric },
      el('header', {}, el('h3', { title: sentence ? `${metric}: ${sentence}` : metric }, title), this.age),
      el('div', { class: 'two' }, this.value, this.spark.element),
      this.list,
    );
    session.follow(metric, SERIES);
  }

  draw(ours) {
    const { session, format, say } = this.context;
    const all = session.store.of(this.metric);
    // Few series keep their places; of many the highest are shown.
    all.sort(all.length > ROWS ? (a, b) => b.value - a.value : (a, b) => (labelText(a.labels) < labelText(b.labels) ? -1 : 1));
    if (all.length === 0) return;
    const to = session.now(ours);
    const first = all.length === 1 ? all[0] : (all.find(({ ring }) => ring !== null) ?? all[0]);
    const newest = all.reduce((a, b) => (b.at > a.at ? b : a));
    const fresh = freshness(to - newest.at, newest.cadence, session.interval);
    this.element.className = `card ${fresh}`;
    write(this.value, all.length === 1 ? format.text(first.value, this.unit) : say('own.series', { n: all.length }));
    this.value.title = all.length === 1 ? format.full(first.value, this.unit) : '';
    write(this.age, ago(to - newest.at, say));
    this.spark.element.hidden = all.length > 1;
    if (all.length === 1 && first.ring) {
      read([first.ring], to - session.span, to, hole(session, first), this.points);
      this.spark.draw(this.points, to - session.span, to);
    }
    this.label(all.length > 1 ? all : [], to);
  }

  /** Several series: a row each with its own course, the highest first. */
  label(all, to) {
    const { format, say, session } = this.context;
    const shown = all.slice(0, ROWS);
    const elements = shown.map((series) => {
      const name = labelText(series.labels);
      let row = this.rows.get(name);
      if (!row) this.rows.set(name, (row = new Row(name)));
      row.draw(series, format.text(series.value, this.unit), to - session.span, to, hole(session, series));
      return row.element;
    });
    for (const name of this.rows.keys()) if (!shown.some(({ labels }) => labelText(labels) === name)) this.rows.delete(name);
    if (all.length > ROWS) {
      write(this.rest, say('own.rest', { n: all.length - ROWS }));
      elements.push(this.rest);
    }
    const { children } = this.list;
    if (elements.length !== children.length || elements.some((element, i) => children[i] !== element)) this.list.replaceChildren(...elements);
  }

  close() {
    this.context.session.unfollow(this.metric);
  }
}

/** One labelled series in a card. */
class Row {
  constructor(name) {
    this.value = el('b');
    this.spark = new Spark();
    this.points = [];
    this.element = el('li', {}, el('span', { title: name }, name), this.spark.element, this.value);
  }

  draw(series, text, from, to, widest) {
    write(this.value, text);
    if (series.ring) read([series.ring], from, to, widest, this.points);
    this.spark.draw(this.points, from, to);
  }
}
