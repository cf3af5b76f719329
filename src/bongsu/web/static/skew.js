// How far the server's clock is from the browser's, so that ages are right on a machine whose clock is wrong.

/** Differences up to this many ms are the way of a frame, not a wrong clock. */
const TOLERANCE = 1_500;
const WINDOW = 60;

export class Skew {
  constructor() {
    this.delays = new Float64Array(WINDOW).fill(Infinity);
    this.next = 0;
    this.offset = 0;
  }

  /** @param {number} sent by the server's clock @param {number} arrived by ours */
  observe(sent, arrived) {
    this.delays[this.next] = arrived - sent;
    this.next = (this.next + 1) % WINDOW;
    let least = Infinity;
    for (const delay of this.delays) if (delay < least) least = delay;
    this.offset = Math.abs(least) <= TOLERANCE || least === Infinity ? 0 : least;
  }

  /** The server's time at an instant of ours. @param {number} ours */
  server(ours) {
    return ours - this.offset;
  }
}
