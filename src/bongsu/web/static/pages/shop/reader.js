// Reads the shop's view over REST: as often as the server reads the shop, and at once when the page is opened.
import { el } from '../../dom.js';

const SOONEST = 5_000;
const AFTER_A_FAULT = 10_000;

/** The body of `GET /api/v1/shop`: see `ShopView` in the REST description. @typedef {any} View */

export class Reader {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    this.context = context;
    this.element = el('i', { hidden: true });
    this.always = true;
    /** @type {View | null} */
    this.view = null;
    /** @type {import('../../rest.js').RestError | null} */
    this.fault = null;
    /** @type {((view: View | null) => void)[]} */
    this.ears = [];
    this.gone = false;
    this.read();
  }

  /** Be told of each new view; at once, where one is there. @param {(view: View | null) => void} ear */
  listen(ear) {
    this.ears.push(ear);
    if (this.view) ear(this.view);
  }

  async read() {
    clearTimeout(this.timer);
    try {
      this.view = await this.context.rest.get('/api/v1/shop');
      this.fault = null;
    } catch (fault) {
      this.fault = fault;
    }
    if (this.gone) return;
    for (const ear of this.ears) ear(this.view);
    this.context.painter.wake();
    const pause = this.fault ? AFTER_A_FAULT : Math.max(SOONEST, (this.view?.interval_seconds ?? 0) * 1_000);
    this.timer = setTimeout(() => this.again(), pause);
  }

  /** A picture that is paused or not seen needs nothing new. */
  again() {
    if (document.hidden || this.context.session.paused) this.timer = setTimeout(() => this.again(), SOONEST);
    else this.read();
  }

  /** Tells a panel how its figures stand. @param {import('../../panels/panel.js').Panel} panel */
  tell(panel) {
    panel.loading(this.view === null && this.fault === null);
    panel.failed(this.fault ? { text: this.context.say('shop.fault'), trace: this.fault.trace, retry: () => this.read() } : null);
  }

  draw() {}

  close() {
    this.gone = true;
    clearTimeout(this.timer);
  }
}
