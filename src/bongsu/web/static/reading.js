// What a page reads over REST again and again while it is seen; over a fault the last good data stands.
import { el } from './dom.js';

/** @typedef {{fault: string, every: number, afterFault?: number}} Pace what a fault is called (a key of the words); ms between two readings, and after a fault */

export class Reading {
  /** A subclass calls `read()` once its own fields stand. @param {import('./mount.js').Context} context @param {Pace} pace */
  constructor(context, pace) {
    this.context = context;
    this.pace = pace;
    this.element = el('i', { hidden: true });
    this.always = true;
    /** Whether anything was ever read. */
    this.known = false;
    /** @type {import('./rest.js').RestError | null} */
    this.fault = null;
    /** Rises with each answer. */
    this.version = 0;
    /** @type {((seen: any) => void)[]} */
    this.ears = [];
    this.gone = false;
    this.turn = 0;
    this.timer = 0;
  }

  /** Asks REST; what it returns becomes fields of this. @param {boolean} [_full] what `read` was given @returns {Promise<Record<string, any>>} */
  async fetched(_full) {
    return {};
  }

  /** What ears are told of. @returns {any} */
  get seen() {
    return undefined;
  }

  /** ms to the next reading. */
  get wait() {
    return this.fault ? (this.pace.afterFault ?? this.pace.every) : this.pace.every;
  }

  /** Be told of each answer. @param {(seen: any) => void} ear */
  listen(ear) {
    this.ears.push(ear);
  }

  /** Reads now, and from then on at its pace; an older answer that comes later is dropped. @param {boolean} [full] */
  async read(full) {
    clearTimeout(this.timer);
    const turn = (this.turn += 1);
    let found;
    try {
      found = { fault: null, known: true, ...(await this.fetched(full)) };
    } catch (fault) {
      found = { fault };
    }
    if (this.gone || turn !== this.turn) return;
    Object.assign(this, found);
    this.version += 1;
    for (const ear of this.ears) ear(this.seen);
    this.context.painter.wake();
    this.timer = setTimeout(() => this.again(), this.wait);
  }

  /** A picture that is paused or not seen needs nothing new. */
  again() {
    if (document.hidden || this.context.session.paused) this.timer = setTimeout(() => this.again(), this.pace.every);
    else this.next();
  }

  next() {
    this.read();
  }

  /** Tells a panel how its figures stand. @param {import('./panels/panel.js').Panel} panel */
  tell(panel) {
    panel.loading(!this.known && this.fault === null);
    panel.failed(this.fault ? { text: this.context.say(this.pace.fault), trace: this.fault.trace ?? '', retry: () => this.read() } : null);
  }

  draw() {}

  close() {
    this.gone = true;
    clearTimeout(this.timer);
  }
}
