// The alerts that are open now: the server's list, kept true by what the live socket tells.
import { calling, open, order, rank, said, STATES } from './severity.js';

/** @typedef {import('./severity.js').Alert} Alert */

/** The list is asked for again this often, whatever the socket told. */
const AGAIN = 5 * 60_000;
/** Frames kept while the list is on its way. */
const MEANWHILE = 1_000;
/** Alerts that are over, kept for the charts they concern. */
const OVER = 300;
const OVER_SINCE = '-24h';

export class Book {
  /**
   * @param {{rest: Pick<import('../rest.js').Rest, 'get'>, absent?: boolean, onChange?: () => void, onFired?: (alert: Alert) => void}} options
   *   `absent`: whether the server is known to have no alerts; `onFired` is told of alerts that begin while the screen is open
   */
  constructor({ rest, absent = false, onChange = () => {}, onFired = () => {} }) {
    this.rest = rest;
    this.onChange = onChange;
    this.onFired = onFired;
    /** @type {Map<string, Alert>} */
    this.known = new Map();
    /** `absent`: this server has no alerts. @type {'loading' | 'ready' | 'failed' | 'absent'} */
    this.state = absent ? 'absent' : 'loading';
    /** @type {import('../rest.js').RestError | null} */
    this.error = null;
    /** Rises with each change. */
    this.version = 0;
    this.loadedAt = -Infinity;
    this.loading = 0;
    /** @type {Alert[]} */
    this.meanwhile = [];
    /** Those that are over, of the last day; null until a chart asks for them. @type {Map<string, Alert> | null} */
    this.over = null;
    /** @type {Set<(alert: Alert, change: string) => void>} */
    this.ears = new Set();
  }

  /** Asks for the whole list; what the socket tells meanwhile is put on top of it. */
  async load() {
    if (this.state === 'absent') return;
    const turn = (this.loading += 1);
    this.meanwhile = [];
    try {
      const { alerts } = await this.rest.get('/api/v1/alerts?state=open&limit=500');
      if (turn !== this.loading) return;
      this.known = new Map(alerts.map((alert) => [alert.id, alert]));
      this.state = 'ready';
      this.error = null;
      this.loadedAt = performance.now();
      for (const alert of this.meanwhile) this.put(alert);
    } catch (fault) {
      if (turn !== this.loading) return;
      this.state = fault.status === 404 ? 'absent' : 'failed';
      this.error = fault;
    }
    this.meanwhile = [];
    this.changed();
  }

  /** Once in a while, so that nothing that was missed stays wrong for long. */
  refresh() {
    if (this.state !== 'absent' && performance.now() - this.loadedAt > AGAIN) {
      this.loadedAt = performance.now();
      this.load();
    }
  }

  /** @param {{change: string, alert: Alert}} frame a live frame `{"t": "alert", …}` */
  take({ change, alert }) {
    if (!alert || typeof alert.id !== 'string') return;
    const fresh = change === 'fired' && !this.known.has(alert.id);
    this.put(alert);
    if (this.meanwhile.length < MEANWHILE) this.meanwhile.push(alert);
    if (this.state === 'absent') this.state = 'ready';
    if (fresh) this.onFired(alert);
    for (const ear of this.ears) ear(alert, change);
    this.changed();
  }

  /** An answer to a command tells the alert as it stands now. @param {Alert} alert */
  put(alert) {
    if (open(alert)) this.known.set(alert.id, alert);
    else this.known.delete(alert.id);
    if (this.over === null || alert.phase !== 'resolved') return;
    this.over.set(alert.id, alert);
    if (this.over.size > OVER) this.over.delete([...this.over.keys()][0]);
  }

  changed() {
    this.version += 1;
    this.onChange();
  }

  /** Hears each live change until what is returned is called. @param {(alert: Alert, change: string) => void} ear */
  hear(ear) {
    this.ears.add(ear);
    return () => this.ears.delete(ear);
  }

  /** Open ones, worst first. */
  all() {
    return [...this.known.values()].sort(order);
  }

  /**
   * When alerts of these metrics were open, for a chart.
   * @param {string[]} metrics @param {number} now @param {string} language @returns {import('../chart.js').Band[]}
   */
  bands(metrics, now, language) {
    if (this.over === null && this.state === 'ready') this.recall();
    const found = [];
    // The worst is painted last, over the others.
    const all = [...(this.over?.values() ?? []), ...this.known.values()].filter(({ fired_at: at, metric }) => at !== null && metrics.includes(metric));
    for (const alert of all.sort((a, b) => rank(a.severity) - rank(b.severity))) {
      found.push({ from: alert.fired_at ?? alert.pending_at, to: alert.resolved_at ?? now, state: STATES[alert.severity], title: said(alert, language) });
    }
    return found;
  }

  /** Asks for what is over, once. */
  async recall() {
    this.over = new Map();
    try {
      const { alerts } = await this.rest.get(`/api/v1/alerts?state=resolved&start=${OVER_SINCE}&limit=${OVER}`);
      for (const alert of alerts) this.over.set(alert.id, alert);
      this.changed();
    } catch {
      // Charts without the marks of what is over are still right: the live frames go on.
    }
  }

  /** How many wait for somebody. */
  get calling() {
    let count = 0;
    for (const alert of this.known.values()) if (calling(alert)) count += 1;
    return count;
  }
}
