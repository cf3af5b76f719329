// One reading of REST that a panel shows: on its way, there, or failed with the last good data kept.

/** @template T */
export class Remote {
  /**
   * @param {{rest: Pick<import('./rest.js').Rest, 'get'>, path: string, onChange?: () => void, every?: number, now?: () => number}} options
   *   `every`: ms after which `refresh()` asks again, 0 for never
   */
  constructor({ rest, path, onChange = () => {}, every = 0, now = () => performance.now() }) {
    this.rest = rest;
    this.path = path;
    this.onChange = onChange;
    this.every = every;
    this.now = now;
    /** @type {T | null} */
    this.data = null;
    /** `absent`: this server has nothing of the kind. @type {'loading' | 'ready' | 'failed' | 'absent'} */
    this.state = 'loading';
    /** @type {import('./rest.js').RestError | null} */
    this.error = null;
    /** Rises with each answer. */
    this.version = 0;
    this.turn = 0;
    this.askedAt = -Infinity;
    this.gone = false;
  }

  /** Asks, under another path if one is given; an older answer that comes later is dropped. @param {string} [path] */
  async load(path = this.path) {
    const turn = (this.turn += 1);
    this.path = path;
    this.askedAt = this.now();
    try {
      const data = await this.rest.get(path);
      if (turn !== this.turn || this.gone) return;
      this.data = data;
      this.state = 'ready';
      this.error = null;
    } catch (fault) {
      if (turn !== this.turn || this.gone) return;
      this.state = fault.status === 404 ? 'absent' : 'failed';
      this.error = fault;
    }
    this.version += 1;
    this.onChange();
  }

  /** Asks again when it is time to. */
  refresh() {
    if (this.every > 0 && this.now() - this.askedAt >= this.every) this.load();
  }

  close() {
    this.gone = true;
  }
}
