// Reads how the services do over REST, every few seconds while the page is seen.
import { Reading } from '../../reading.js';

export class Reader extends Reading {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    super(context, { fault: 'services.fault', every: 5_000 });
    /** @type {any[] | null} the body of `GET /api/v1/services`: see `ServiceView` in the REST description */
    this.services = null;
    this.read();
  }

  async fetched() {
    const { services } = await this.context.rest.get('/api/v1/services');
    return { services };
  }
}
