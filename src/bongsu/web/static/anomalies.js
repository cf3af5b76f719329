// Readings out of the ordinary: the server's list, kept up by marks of the live socket, and the band expected.

/**
 * @typedef {{metric: string, labels: Record<string, string>, at: number, value: number | null, score: number,
 *   lower: number | null, upper: number | null}} Anomaly
 * @typedef {[number, number | null, number | null, number | null, number | null]} Expected time, value, lower, upper, score
 */

/** @typedef {{metric: string, labels: Record<string, string>}} One a series */

/** Whether both are the same series. @param {One} a @param {One} b */
export function same(a, b) {
  const names = Object.keys(a.labels);
  return a.metric === b.metric && names.length === Object.keys(b.labels).length && names.every((name) => a.labels[name] === b.labels[name]);
}

/** Anomalies kept for the charts; the oldest go first. */
const MOST = 1_000;
/** A band is asked for again after this long, ms. */
const AGAIN = 20_000;
const POINTS = 300;
const SHORTEST = 5_000;
const HOUR = 3_600_000;
/** So far back at least, hours. */
const LEAST = 24;

export class Anomalies {
  /** @param {{rest: Pick<import('./rest.js').Rest, 'get'>, onChange?: () => void, now?: () => number}} options */
  constructor({ rest, onChange = () => {}, now = () => performance.now() }) {
    this.rest = rest;
    this.onChange = onChange;
    this.now = now;
    /** @type {Anomaly[] | null} null until a chart asks */
    this.list = null;
    /** So far back charts look, hours. */
    this.hours = LEAST;
    /** @type {Map<string, {askedAt: number, points: Expected[]}>} bands by metric and span */
    this.bands = new Map();
  }

  /** @param {any} frame a live frame `{"t": "mark", "kind": "anomaly", …}` */
  take({ kind, metric, labels, moment, value, score, lower, upper }) {
    if (kind !== 'anomaly' || this.list === null) return;
    this.list.push({ metric, labels, at: moment, value, score, lower, upper });
    if (this.list.length > MOST) this.list.splice(0, this.list.length - MOST);
    this.onChange();
  }

  /** Those of some metrics since an instant. @param {string[]} metrics @param {number} from @returns {Anomaly[]} */
  of(metrics, from) {
    if (this.list === null) this.recall();
    return (this.list ?? []).filter((one) => one.at >= from && metrics.includes(one.metric));
  }

  /** Charts look so far back, ms: what isn't known of it is asked for. @param {number} span */
  reach(span) {
    const hours = Math.ceil(span / HOUR);
    if (hours <= this.hours) return;
    this.hours = hours;
    if (this.list !== null) this.recall();
  }

  /** Asks for those that charts can show; what the socket tells meanwhile stays behind them. */
  async recall() {
    const { hours } = this;
    const begun = this.list ?? [];
    this.list = begun;
    const known = begun.length;
    try {
      const { anomalies } = await this.rest.get(`/api/v1/anomalies?start=-${hours}h&limit=${MOST}`);
      if (hours !== this.hours) return;
      this.list = [...anomalies.reverse(), ...this.list.slice(known)];
      this.onChange();
    } catch {
      // Charts without these marks are still right: the live frames go on.
    }
  }

  /**
   * What was expected of a metric's one series, or of the one with exactly these labels; what is known at once, and newer after a while.
   * @param {string} metric @param {number} from @param {number} to @param {Record<string, string> | null} [labels] @returns {Expected[]}
   */
  expected(metric, from, to, labels = null) {
    const key = `${metric} ${JSON.stringify(labels)} ${to - from}`;
    const known = this.bands.get(key);
    if (!known || this.now() - known.askedAt > AGAIN) this.ask(key, { metric, labels }, from, to);
    return known?.points ?? [];
  }

  async ask(key, { metric, labels }, from, to) {
    const before = this.bands.get(key)?.points ?? [];
    this.bands.clear(); // of the chart pointed at only
    const entry = { askedAt: this.now(), points: before };
    this.bands.set(key, entry);
    const step = Math.max(SHORTEST, Math.ceil((to - from) / POINTS / 1_000) * 1_000);
    const query = new URLSearchParams({ metric, start: String(Math.round(from)), end: String(Math.round(to)), step: `${step}ms` });
    for (const [name, value] of Object.entries(labels ?? {})) query.set(`label.${name}`, value);
    if (labels) query.set('limit', '1');
    try {
      const { series } = await this.rest.get(`/api/v1/anomalies/band?${query}`);
      const found = labels ? series.find((/** @type {One} */ one) => same(one, { metric, labels })) : series.length === 1 && series[0];
      if (found) entry.points = found.points;
      this.onChange();
    } catch {
      // The chart stays without the band.
    }
  }
}
