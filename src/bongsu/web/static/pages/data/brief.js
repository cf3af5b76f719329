// Reads how all feeds do, without their symbols, every few seconds: enough for the overview.
import { Reading } from '../../reading.js';

export class BriefReader extends Reading {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    super(context, { fault: 'data.fault', every: 3_000, afterFault: 10_000 });
    /** @type {any[] | null} the feeds of `GET /api/v1/quality` */
    this.feeds = null;
    this.read();
  }

  async fetched() {
    const { feeds } = await this.context.rest.get('/api/v1/quality?window=1m');
    return { feeds };
  }
}
