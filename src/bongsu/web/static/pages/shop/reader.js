// Reads the shop's view over REST: as often as the server reads the shop, and at once when the page is opened.
import { Reading } from '../../reading.js';

/** The body of `GET /api/v1/shop`: see `ShopView` in the REST description. @typedef {any} View */

export class Reader extends Reading {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    super(context, { fault: 'shop.fault', every: 5_000, afterFault: 10_000 });
    /** @type {View | null} */
    this.view = null;
    this.read();
  }

  async fetched() {
    return { view: await this.context.rest.get('/api/v1/shop') };
  }

  /** @returns {View | null} */
  get seen() {
    return this.view;
  }

  get wait() {
    return Math.max(super.wait, this.fault ? 0 : (this.view?.interval_seconds ?? 0) * 1_000);
  }
}
