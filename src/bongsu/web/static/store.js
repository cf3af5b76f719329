// The newest value of every series, and the recent points of those that are shown.
import { Ring } from './ring.js';

/** One metric with one set of labels. */
export class Series {
  /** @param {string} metric @param {Record<string, string>} labels @param {string} topic */
  constructor(metric, labels, topic) {
    this.metric = metric;
    this.labels = labels;
    this.topic = topic;
    this.value = NaN;
    /** When the newest value was measured (UTC ms by the server's clock). */
    this.at = -Infinity;
    /** Usual distance between two samples in ms; 0 until two have been seen. */
    this.cadence = 0;
    /** @type {Ring | null} */
    this.ring = null;
  }
}

/** A snapshot with fewer entries than this is complete. */
const FRAME_LIMIT = 5_000;
/** Series that no chart shows and that fell silent are forgotten after this long. */
const SILENCE = 15 * 60_000;

export class Store {
  /** @param {{step: number, slots: number, limit?: number}} options */
  constructor({ step, slots, limit = 50_000 }) {
    this.step = step;
    this.slots = slots;
    this.limit = limit;
    /** Rises when series appear or vanish. */
    this.version = 0;
    /** Series that were not taken because there were too many. */
    this.refused = 0;
    /** Time of the newest sample, and how many samples have come. */
    this.at = -Infinity;
    this.taken = 0;
    /** @type {Map<string, Map<string, Series>>} */
    this.metrics = new Map();
    /** @type {Map<string, Series[]>} series in the order of the topic's last frame: frames repeat their order */
    this.orders = new Map();
    /** @type {Map<string, {count: number, most: number}>} metrics whose points are kept */
    this.followed = new Map();
    this.counted = { version: -1, size: 0 };
  }

  /** Takes a snapshot or an update; returns how many values were new. @param {any} frame */
  take(frame) {
    const order = this.orders.get(frame.topic) ?? [];
    this.orders.set(frame.topic, order);
    const items = frame.metrics;
    let fresh = 0;
    for (let i = 0; i < items.length; i += 1) {
      const item = items[i];
      /** @type {Series | null | undefined} */
      let series = order[i];
      if (series === undefined || series.metric !== item.metric || !same(series.labels, item.labels)) {
        series = this.intern(item.metric, item.labels, frame.topic);
        if (series === null) continue;
        order[i] = series;
        series.topic = frame.topic;
      }
      if (this.put(series, item.at, item.value)) fresh += 1;
    }
    if (frame.t === 'snapshot') this.prune(frame.topic, order, items.length);
    this.taken += fresh;
    return fresh;
  }

  /** A snapshot replaces its topic: series that aren't in it are gone, but those whose course is shown stay as a memory. */
  prune(topic, order, length) {
    order.length = Math.min(order.length, length);
    if (length >= FRAME_LIMIT) return;
    const present = new Set(order);
    for (const family of this.metrics.values()) {
      for (const [key, series] of family) {
        if (series.topic === topic && series.ring === null && !present.has(series)) this.forget(family, key);
      }
    }
  }

  forget(family, key) {
    const { metric } = family.get(key);
    family.delete(key);
    if (family.size === 0) this.metrics.delete(metric);
    this.version += 1;
  }

  put(series, at, value) {
    if (!(at > series.at) || value === null) return false;
    if (series.at > 0) {
      const gap = at - series.at;
      series.cadence = series.cadence === 0 ? gap : series.cadence + (Math.min(gap, series.cadence * 4) - series.cadence) / 4;
    }
    series.at = at;
    series.value = value;
    if (at > this.at) this.at = at;
    if (series.ring !== null) series.ring.add(at, value);
    return true;
  }

  /** The series, new or known; null once the limit is reached. */
  intern(metric, labels = {}, topic = '') {
    let family = this.metrics.get(metric);
    const key = keyOf(labels);
    const known = family?.get(key);
    if (known) return known;
    if (this.size >= this.limit) {
      this.refused += 1;
      return null;
    }
    if (!family) this.metrics.set(metric, (family = new Map()));
    const series = new Series(metric, labels, topic);
    family.set(key, series);
    this.version += 1;
    this.give(series);
    return series;
  }

  /** Number of series. */
  get size() {
    if (this.counted.version !== this.version) {
      let size = 0;
      for (const family of this.metrics.values()) size += family.size;
      this.counted = { version: this.version, size };
    }
    return this.counted.size;
  }

  /** All series of a metric, in the order first seen. @param {string} metric @returns {Series[]} */
  of(metric) {
    const family = this.metrics.get(metric);
    return family ? [...family.values()] : [];
  }

  /** The metric's series without labels, or its only one. @param {string} metric */
  one(metric) {
    const family = this.metrics.get(metric);
    return family?.get('') ?? family?.values().next().value ?? null;
  }

  /**
   * Keeps points of a metric's series from now on, also of those that appear later.
   * @param {string} metric @param {number} most series with points at most
   */
  follow(metric, most = 64) {
    const followed = this.followed.get(metric) ?? { count: 0, most };
    followed.count += 1;
    followed.most = Math.max(followed.most, most);
    this.followed.set(metric, followed);
    for (const series of this.of(metric)) this.give(series);
  }

  /** Undoes one `follow`. @param {string} metric */
  unfollow(metric) {
    const followed = this.followed.get(metric);
    if (!followed) return;
    followed.count -= 1;
    if (followed.count > 0) return;
    this.followed.delete(metric);
    for (const series of this.of(metric)) series.ring = null;
  }

  give(series) {
    const followed = this.followed.get(series.metric);
    if (!followed || series.ring !== null) return;
    let given = 0;
    for (const sister of this.of(series.metric)) if (sister.ring !== null) given += 1;
    if (given >= followed.most) return;
    series.ring = new Ring(this.step, this.slots);
    if (series.at > 0) series.ring.add(series.at, series.value);
  }

  /** Another range: all rings start anew, to be back-filled. @param {number} step @param {number} slots */
  resize(step, slots) {
    this.step = step;
    this.slots = slots;
    for (const family of this.metrics.values()) {
      for (const series of family.values()) {
        if (series.ring === null) continue;
        series.ring = new Ring(step, slots);
        if (series.at > 0) series.ring.add(series.at, series.value);
      }
    }
  }

  /** Another time is looked at: nothing is known of it yet. */
  empty() {
    for (const family of this.metrics.values()) {
      for (const series of family.values()) {
        series.at = -Infinity;
        series.value = NaN;
        if (series.ring !== null) series.ring = new Ring(this.step, this.slots);
      }
    }
  }

  /**
   * Merges an answer of `/api/v1/query` into the rings of followed metrics.
   * @param {{metric: string, labels: Record<string, string>, points: [number, number][]}[]} answer
   * @param {number} interval usual distance of samples in ms
   * @param {string} topic
   * @param {number} until the time that is looked at, where it isn't the present: the last point before it is the series' value
   */
  merge(answer, interval, topic = '', until = NaN) {
    for (const one of answer) {
      const series = this.intern(one.metric, one.labels, topic);
      if (series === null || series.ring === null) continue;
      const { ring } = series;
      const running = Math.floor(series.at / ring.step) * ring.step;
      let before = NaN;
      for (const [at, value] of one.points) {
        if (value === null) continue;
        if (at - before > 0 && (ring.spacing === 0 || at - before < ring.spacing)) ring.spacing = at - before;
        before = at;
        // The running step also gets live samples: history's average stands for those that came before them.
        const span = at >= running && series.at > 0 ? series.at - at + interval : ring.step;
        ring.fill(at, value, Math.max(1, Math.min(ring.step, span) / interval));
        if (at <= until) [series.at, series.value] = [Math.min(until, at + ring.step), value];
      }
    }
  }

  /** Forgets series that fell silent: at once where no course is kept, else when it has run out. @param {number} now by the server's clock */
  sweep(now) {
    for (const family of this.metrics.values()) {
      for (const [key, series] of family) {
        const memory = series.ring === null ? 0 : series.ring.step * series.ring.slots;
        if (now - Math.max(series.at, series.ring?.newest() ?? -Infinity) > Math.max(SILENCE, memory)) this.forget(family, key);
      }
    }
    this.orders.clear();
  }
}

/** A label set in one spelling. @param {Record<string, string>} labels */
export function keyOf(labels) {
  const names = Object.keys(labels);
  if (names.length === 0) return '';
  if (names.length > 1) names.sort();
  let key = '';
  for (const name of names) key += `${name}\u0000${labels[name]}\u0000`;
  return key;
}

function same(a, b) {
  if (a === b) return true;
  let left = 0;
  for (const name in a) {
    if (b === undefined || a[name] !== b[name]) return false;
    left += 1;
  }
  for (const _ in b) left -= 1;
  return left === 0;
}
