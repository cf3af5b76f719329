// Reads how all feeds do, without their symbols, every few seconds: enough for the overview.
import { el } from '../../dom.js';

const EVERY = 3_000;
const AFTER_A_FAULT = 10_000;

export class BriefReader {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    this.context = context;
    this.element = el('i', { hidden: true });
    this.always = true;
    /** @type {any[] | null} the feeds of `GET /api/v1/quality` */
    this.feeds = null;
    /** @type {import('../../rest.js').RestError | null} */
    this.fault = null;
    this.gone = false;
    this.read();
  }

  async read() {
    clearTimeout(this.timer);
    try {
      this.feeds = (await this.context.rest.get('/api/v1/quality?window=1m')).feeds;
      this.fault = null;
    } catch (fault) {
      this.fault = fault;
    }
    if (this.gone) return;
    this.context.painter.wake();
    this.timer = setTimeout(() => this.again(), this.fault ? AFTER_A_FAULT : EVERY);
  }

  /** A picture that is paused or not seen needs nothing new. */
  again() {
    if (document.hidden || this.context.session.paused) this.timer = setTimeout(() => this.again(), EVERY);
    else this.read();
  }

  /** Tells a panel how its figures stand. @param {import('../../panels/panel.js').Panel} panel */
  tell(panel) {
    panel.loading(this.feeds === null && this.fault === null);
    panel.failed(this.fault ? { text: this.context.say('data.fault'), trace: this.fault.trace, retry: () => this.read() } : null);
  }

  draw() {}

  close() {
    this.gone = true;
    clearTimeout(this.timer);
  }
}
