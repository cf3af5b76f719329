// Reads how everything stands over REST: every few seconds, and at once when the live socket tells of a change.
import { Reading } from '../../reading.js';
import { BARS, STRIPS } from './states.js';

const STRIPS_EVERY = 60_000;
const KINDS = ['marketplace', 'connection', 'check'];

export class Reader extends Reading {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    super(context, { fault: 'market.fault', every: 10_000 });
    /** @type {any[] | null} */
    this.all = null;
    const asked = context.asked('strip');
    this.strip = asked !== null && asked in STRIPS ? asked : '24h';
    /** The states of each series over the strip's range, by kind and name. @type {Map<string, [number, number][]>} */
    this.past = new Map();
    this.pastAt = -Infinity;
    /** Why the strips' history couldn't be had. @type {import('../../rest.js').RestError | null} */
    this.lost = null;
    this.deaf = context.hear('check', () => this.read());
    this.read();
  }

  /** Whether there is anything to show. @returns {{empty: boolean}} */
  get seen() {
    return { empty: this.all !== null && this.all.length === 0 };
  }

  /** @param {string} kind */
  of(kind) {
    return (this.all ?? []).filter((one) => one.kind === kind);
  }

  /** Shows another range. @param {string} strip */
  choose(strip) {
    this.strip = strip;
    this.context.remember('strip', strip === '24h' ? null : strip);
    this.past = new Map();
    this.pastAt = -Infinity;
    this.version += 1;
    this.read();
  }

  /** How things stand waits for no history: their rows have their places before the page is seen, the bars theirs within. */
  async fetched() {
    const { rest } = this.context;
    const [{ checks }, { connections }] = await Promise.all([rest.get('/api/v1/checks'), rest.get('/api/v1/connections')]);
    const all = [...checks, ...connections];
    const due = all.length > 0 && performance.now() - this.pastAt > STRIPS_EVERY;
    if (due) this.recall(all);
    return { all, fault: this.lost };
  }

  /** Asks how things stood; what comes after another range was chosen is dropped. @param {any[]} all */
  async recall(all) {
    const { strip } = this;
    const found = await this.recalled(all).then((past) => ({ ...past, lost: null }), (lost) => ({ lost }));
    if (this.gone || strip !== this.strip) return;
    Object.assign(this, found);
    this.fault = this.lost;
    this.version += 1;
    this.context.painter.wake();
  }

  /** The states of the strips: the worst of each bar. @param {any[]} all */
  async recalled(all) {
    const { rest, session } = this.context;
    const step = STRIPS[this.strip];
    const end = session.now();
    const past = new Map(this.past);
    const kinds = KINDS.filter((kind) => all.some((one) => one.kind === kind));
    const found = await Promise.all(kinds.map((kind) => rest.query(`${kind}_state`, { start: end - BARS * step, end: end + 1, step, agg: 'max' })));
    kinds.forEach((kind, i) => {
      for (const { labels, points } of found[i]) past.set(`${kind} ${labels[kind]}`, points);
    });
    return { past, pastAt: performance.now() };
  }

  close() {
    super.close();
    this.deaf();
  }
}
