// Reads how everything stands over REST: every few seconds, and at once when the live socket tells of a change.
import { el } from '../../dom.js';
import { BARS, STRIPS } from './states.js';

const EVERY = 10_000;
const STRIPS_EVERY = 60_000;
const KINDS = ['marketplace', 'connection', 'check'];

export class Reader {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    this.context = context;
    this.element = el('i', { hidden: true });
    this.always = true;
    /** @type {any[] | null} */
    this.all = null;
    /** @type {import('../../rest.js').RestError | null} */
    this.fault = null;
    const asked = context.asked('strip');
    this.strip = asked !== null && asked in STRIPS ? asked : '24h';
    /** The states of each series over the strip's range, by kind and name. @type {Map<string, [number, number][]>} */
    this.past = new Map();
    this.pastAt = -Infinity;
    this.turn = 0;
    /** Rises with whatever is read. */
    this.version = 0;
    /** @type {((seen: {empty: boolean}) => void)[]} */
    this.ears = [];
    this.gone = false;
    this.deaf = context.hear('check', () => this.read());
    this.read();
  }

  /** Be told whether there is anything to show. @param {(seen: {empty: boolean}) => void} ear */
  listen(ear) {
    this.ears.push(ear);
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

  async read() {
    clearTimeout(this.timer);
    const turn = (this.turn += 1);
    const { rest, painter } = this.context;
    try {
      const [{ checks }, { connections }] = await Promise.all([rest.get('/api/v1/checks'), rest.get('/api/v1/connections')]);
      if (this.gone || turn !== this.turn) return;
      this.all = [...checks, ...connections];
      this.fault = null;
      if (this.all.length > 0 && Date.now() - this.pastAt > STRIPS_EVERY) await this.recall();
    } catch (fault) {
      this.fault = fault;
    }
    if (this.gone || turn !== this.turn) return;
    this.version += 1;
    for (const ear of this.ears) ear({ empty: this.all !== null && this.all.length === 0 });
    painter.wake();
    this.timer = setTimeout(() => this.again(), EVERY);
  }

  /** The states of the strips: the worst of each bar. */
  async recall() {
    const { rest, session } = this.context;
    const step = STRIPS[this.strip];
    const end = session.now();
    this.pastAt = Date.now();
    const kinds = KINDS.filter((kind) => this.of(kind).length > 0);
    const found = await Promise.all(kinds.map((kind) => rest.query(`${kind}_state`, { start: end - BARS * step, end: end + 1, step, agg: 'max' })));
    kinds.forEach((kind, i) => {
      for (const { labels, points } of found[i]) this.past.set(`${kind} ${labels[kind]}`, points);
    });
  }

  /** A picture that is paused or not seen needs nothing new. */
  again() {
    if (document.hidden || this.context.session.paused) this.timer = setTimeout(() => this.again(), EVERY);
    else this.read();
  }

  draw() {}

  close() {
    this.gone = true;
    this.deaf();
    clearTimeout(this.timer);
  }
}
