// The six figures that say how the machine is: what each reads, judges and shows.
import { el } from '../dom.js';
import { read } from '../ring.js';
import { critical, freshness, Watch } from '../status.js';
import { Tile } from '../tile.js';
import { has, hole, join } from './joined.js';
import { sentenceOf } from './panel.js';
import { nameOf } from './processes.js';

/**
 * @typedef {{id: string, metric: string, unit: string, join: 'one' | 'sum' | 'max' | 'min', threshold?: string, least: number, points: boolean, only?: Record<string, string>, double?: boolean, title?: string, limit?: number, below?: boolean,
 *   note: (context: import('./panel.js').Context, reading: {at: import('../store.js').Series | null, value: number}) => string}} Spec
 *   `join`: how several series become one figure; `least`: smallest span of the sparkline; `points`: change is told in points, not per cent; `double`: critical from twice the threshold on, not half-way to 100 %;
 *   `below`: less than the threshold is worse, critical at twice its distance from 100 %; `only`: labels a series must have, `*` at the end of a value stands for any rest; `title` and `limit`: its own, where no words and no threshold of the settings are meant
 */

/**
 * @typedef {{spec: Spec, tile: Tile, watch: Watch | null, warn: number, points: {x: number, y: number}[], value: number,
 *   at: import('../store.js').Series | null, fresh: import('../status.js').Freshness, recalled: boolean}} Entry
 */

/** @type {Spec[]} */
export const SPECS = [
  { id: 'cpu', metric: 'cpu_usage', unit: '%', join: 'one', threshold: 'cpu_threshold_percent', least: 20, points: true, note: limit },
  { id: 'memory', metric: 'memory_usage', unit: '%', join: 'one', threshold: 'memory_threshold_percent', least: 10, points: true, note: limit },
  { id: 'disk', metric: 'disk_usage', unit: '%', join: 'max', threshold: 'disk_threshold_percent', least: 4, points: true, note: mount },
  { id: 'receive', metric: 'network_receive_bytes_per_second', unit: 'B/s', join: 'sum', least: 1000, points: false, note: transmit },
  { id: 'load', metric: 'load_1m', unit: '', join: 'one', least: 0.5, points: false, note: cores },
  { id: 'processes', metric: 'process_count', unit: '', join: 'one', least: 8, points: false, note: busiest },
];

export class Tiles {
  /** @param {import('./panel.js').Context} context @param {Spec[]} [specs] the machine's, where none are given */
  constructor(context, specs = SPECS) {
    const { say, session, language } = context;
    this.ages = true;
    this.context = context;
    this.era = session.era;
    /** @type {Entry[]} */
    this.entries = specs.map((spec) => {
      const tile = new Tile({ id: spec.id, title: spec.title ?? say(/** @type {any} */ (`tile.${spec.id}`)), sentence: sentenceOf(session.boot, spec.metric, language), say });
      session.follow(spec.metric);
      const warn = spec.limit ?? (spec.threshold ? session.boot.thresholds[spec.threshold] : undefined);
      const watch = warn === undefined ? null : new Watch({ warn, crit: spec.below ? 100 - 2 * (100 - warn) : spec.double ? 2 * warn : critical(warn), below: spec.below });
      return { spec, tile, watch, warn: warn ?? NaN, points: [], value: NaN, at: null, fresh: 'none', recalled: false };
    });
    this.element = el('section', { class: 'tiles', 'aria-label': say('tiles') }, ...this.entries.map(({ tile }) => tile.element));
  }

  /** The series of a figure: all of its metric, or those with certain labels. @param {Spec} spec */
  series({ metric, only }) {
    const all = this.context.session.store.of(metric);
    return only ? all.filter(({ labels }) => has(labels, only)) : all;
  }

  /**
   * Takes the newest values and judges them. Runs at each frame, drawn or not, so that states don't depend on what is
   * on the screen.
   */
  judge(now) {
    const { session } = this.context;
    if (session.era !== this.era) this.forget();
    for (const entry of this.entries) {
      const joined = join(this.series(entry.spec), entry.spec.join);
      entry.value = joined.value;
      entry.at = joined.at;
      entry.fresh = freshness(now - (joined.at?.at ?? -Infinity), joined.at?.cadence ?? 0, session.interval);
      // Without a connection nothing is fresh, however slow its usual pace.
      if (session.connection === 'off' && entry.fresh !== 'none') entry.fresh = 'stale';
      if (entry.watch && joined.at) entry.watch.take(joined.at.at, joined.value);
    }
  }

  /** Another time is looked at: what was judged of the one before says nothing of it. */
  forget() {
    this.era = this.context.session.era;
    for (const entry of this.entries) {
      if (entry.watch) entry.watch = new Watch(entry.watch.limits);
      entry.recalled = false;
    }
  }

  /** What is wrong, for the sentence. @returns {import('../alerts/issues.js').Issue[]} */
  issues() {
    const { say, format } = this.context;
    /** @type {import('../alerts/issues.js').Issue[]} */
    const found = [];
    const known = this.entries.flatMap(({ at, fresh }) => (at === null ? [] : { at, fresh }));
    if (known.length > 2 && known.every(({ fresh }) => fresh === 'stale')) {
      const since = Math.max(...known.map(({ at }) => at.at));
      return [{ id: 'cpu', state: 'unknown', title: say('issue.silent'), detail: '', since, longer: false }];
    }
    for (const { spec, watch, fresh, value, at, warn } of this.entries) {
      const title = say(`tile.${spec.id}`);
      if (at === null) continue;
      if (fresh === 'stale') {
        found.push({ id: spec.id, state: 'unknown', title: say('issue.late', { title }), detail: '', since: at.at, longer: false });
      } else if (watch && (watch.state === 'warn' || watch.state === 'crit')) {
        const limit = say('issue.limit', { limit: `${format.plain(warn)}${spec.unit}` });
        const detail = (spec.below ? value >= warn : value < warn) ? `${limit} · ${say('issue.easing')}` : limit;
        found.push({ id: spec.id, state: watch.state, title: say('issue.over', { title, value: format.text(value, spec.unit) }), detail, since: watch.since, longer: watch.longer, metric: spec.metric, labels: at.labels });
      }
    }
    return found;
  }

  draw(ours) {
    const { session } = this.context;
    const to = session.now(ours);
    const from = to - session.span;
    this.judge(to);
    for (const entry of this.entries) {
      const rings = this.series(entry.spec).filter(({ ring }) => ring !== null);
      this.course(entry, rings, from, to);
      entry.tile.show(this.reading(entry, to));
      entry.tile.spark.draw(entry.points, from, to, { threshold: entry.warn, least: entry.spec.least });
    }
  }

  course(entry, series, from, to) {
    const { session } = this.context;
    const chosen = entry.spec.join === 'max' || entry.spec.join === 'min' ? series.filter((one) => one === entry.at) : series;
    const widest = Math.max(0, ...chosen.map((one) => hole(session, one)));
    read(chosen.map(({ ring }) => ring), from, to, widest, entry.points);
    if (!entry.recalled && entry.watch && entry.watch.state !== 'unknown' && session.filling([entry.spec.metric]).state === 'ready') {
      entry.watch.recall(entry.points, from + 3 * session.step);
      entry.recalled = true;
    }
  }

  reading(entry, now) {
    const { context } = this;
    const { spec, value, at, fresh, watch } = entry;
    const split = spec.id === 'load' ? { figure: context.format.number(value, 2), unit: '' } : context.format.value(value, spec.unit);
    return {
      figure: split.figure,
      unit: spec.id === 'processes' && at ? context.say('unit.processes', { n: value }) : split.unit,
      full: context.format.full(value, spec.unit),
      state: watch?.state ?? null,
      fresh,
      age: now - (at?.at ?? NaN),
      note: spec.note(context, { at, value }),
      delta: this.delta(entry),
    };
  }

  delta({ spec, value, watch }) {
    // Last week's answer is of all series.
    if (spec.only) return null;
    const { session, format } = this.context;
    const before = session.lastWeek(spec.metric, spec.join);
    if (Number.isNaN(before) || Number.isNaN(value)) return null;
    const change = spec.points ? value - before : before === 0 ? NaN : (value / before - 1) * 100;
    if (Number.isNaN(change)) return null;
    return { up: change >= 0, text: `${format.plain(Math.abs(Number(change.toFixed(1))))}${spec.points ? '%p' : '%'}`, bad: (spec.below ? change < 0 : change > 0) && watch !== null };
  }

  close() {
    for (const { spec } of this.entries) this.context.session.unfollow(spec.metric);
  }
}

function limit({ session, say, format }, { at }) {
  const key = at?.metric.startsWith('memory') ? 'memory_threshold_percent' : 'cpu_threshold_percent';
  const value = session.boot.thresholds[key];
  return value === undefined ? '' : say('note.limit', { limit: `${format.plain(value)}%` });
}

function mount({ session, say, format }, { at }) {
  const value = session.boot.thresholds.disk_threshold_percent;
  const words = value === undefined ? '' : say('note.limit', { limit: `${format.plain(value)}%` });
  return at?.labels.mount ? [at.labels.mount, words].filter(Boolean).join(' · ') : words;
}

function transmit({ session, say, format }) {
  const { value } = join(session.store.of('network_transmit_bytes_per_second'), 'sum');
  return Number.isNaN(value) ? '' : say('note.transmit', { rate: format.text(value, 'B/s') });
}

function cores({ session, say }) {
  const n = session.store.of('cpu_core_usage').length;
  return n ? say('note.cores', { n }) : '';
}

function busiest({ session, say, format }) {
  const top = session.store.of('process_cpu_usage').filter(({ at }) => session.store.at - at < 60_000);
  if (top.length === 0) return '';
  const first = top.reduce((a, b) => (b.value > a.value ? b : a));
  return say('note.busiest', { name: nameOf(first.labels.process, say), share: format.text(first.value, '%') });
}
