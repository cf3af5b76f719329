// Reads how the services do over REST, every few seconds while the page is seen.
import { el } from '../../dom.js';

const EVERY = 5_000;

export class Reader {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    this.context = context;
    this.element = el('i', { hidden: true });
    this.always = true;
    /** @type {any[] | null} the body of `GET /api/v1/services`: see `ServiceView` in the REST description */
    this.services = null;
    /** @type {import('../../rest.js').RestError | null} */
    this.fault = null;
    this.version = 0;
    this.gone = false;
    this.read();
  }

  async read() {
    clearTimeout(this.timer);
    try {
      this.services = (await this.context.rest.get('/api/v1/services')).services;
      this.fault = null;
      this.version += 1;
    } catch (fault) {
      this.fault = fault;
    }
    if (this.gone) return;
    this.context.painter.wake();
    this.timer = setTimeout(() => this.again(), EVERY);
  }

  again() {
    if (document.hidden || this.context.session.paused) this.timer = setTimeout(() => this.again(), EVERY);
    else this.read();
  }

  /** Tells a panel how its figures stand. @param {import('../../panels/panel.js').Panel} panel */
  tell(panel) {
    panel.loading(this.services === null && this.fault === null);
    panel.failed(this.fault ? { text: this.context.say('services.fault'), trace: this.fault.trace, retry: () => this.read() } : null);
  }

  draw() {}

  close() {
    this.gone = true;
    clearTimeout(this.timer);
  }
}
