// The live socket: subscribes, notices silence, comes back by itself, and says what was missed.

/** @typedef {'connecting' | 'live' | 'again' | 'off'} Connection */

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
/** After this long without a connection it is called lost; trying goes on. */
const LOST_AFTER = 15_000;
/** A socket that says nothing for this long is dead, whatever TCP thinks. */
const SILENT_AFTER = 25_000;
const CHECK_EVERY = 2_500;

/**
 * One connection that is kept up.
 *
 * `onFrame(frame)` gets snapshots, updates and whatever else the server tells; `onState(state, detail)` each change of the
 * connection; `onMissed()` is called when frames were lost for good, so that history must fill in, `onRestart()` when
 * another start of the server answers, whose settings may differ.
 */
export class Live {
  /**
   * @param {{url: string, topics?: string[], interval?: number, onFrame: (frame: any) => void,
   *   onState: (state: Connection, detail: {attempt: number, retryAt: number}) => void, onMissed: () => void, onRestart?: () => void,
   *   Socket?: typeof WebSocket, now?: () => number, random?: () => number,
   *   setTimeout?: Function, clearTimeout?: Function}} options
   */
  constructor(options) {
    this.url = options.url;
    this.topics = options.topics;
    this.interval = options.interval ?? 1000;
    this.onFrame = options.onFrame;
    this.onState = options.onState;
    this.onMissed = options.onMissed;
    this.onRestart = options.onRestart ?? (() => {});
    this.Socket = options.Socket ?? globalThis.WebSocket;
    this.now = options.now ?? (() => performance.now());
    this.random = options.random ?? Math.random;
    this.later = options.setTimeout ?? ((run, ms) => globalThis.setTimeout(run, ms));
    this.never = options.clearTimeout ?? ((id) => globalThis.clearTimeout(id));
    /** @type {Connection} */
    this.state = 'connecting';
    this.attempt = 0;
    this.retryAt = 0;
    this.boot = null;
    this.seq = -1;
    this.socket = null;
    this.timer = null;
    this.watch = null;
    this.heard = 0;
    this.lostSince = this.now();
    this.closed = false;
  }

  start() {
    this.open();
    return this;
  }

  /** Lets go for good. */
  close() {
    this.closed = true;
    this.drop();
    this.never(this.timer);
  }

  /** Tries at once instead of waiting out the pause. */
  retry() {
    if (this.closed || this.state === 'live') return;
    this.never(this.timer);
    this.drop();
    this.open();
  }

  open() {
    let socket;
    try {
      socket = new this.Socket(this.url);
    } catch {
      this.lost();
      return;
    }
    this.socket = socket;
    this.heard = this.now();
    this.guard(socket);
    socket.onmessage = (event) => {
      this.heard = this.now();
      this.hear(event.data, socket);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
  }

  hear(text, socket) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    switch (frame.t) {
      case 'hello':
        this.subscribe(frame.boot, socket);
        this.become('live');
        break;
      case 'snapshot':
      case 'update':
        if (frame.t === 'update' && frame.seq <= this.seq) break;
        this.count(frame);
        this.onFrame(frame);
        break;
      case 'gap':
        this.onMissed();
        break;
      case 'ping':
        break;
      default:
        this.count(frame);
        this.onFrame(frame);
    }
  }

  /** Says what is wanted; where the same server remembers us, it also sends what was missed. */
  subscribe(boot, socket) {
    const command = { op: 'subscribe', interval_ms: this.interval };
    if (this.topics) command.topics = this.topics;
    if (this.boot === boot && this.seq >= 0) command.resume = { boot, seq: this.seq };
    else if (this.boot !== null) this.onMissed();
    if (this.boot !== boot) this.seq = -1;
    if (this.boot !== null && this.boot !== boot) this.onRestart();
    this.boot = boot;
    socket.send(JSON.stringify(command));
  }

  /** Asks for new snapshots of everything. */
  refresh() {
    if (this.state !== 'live') return;
    const command = { op: 'subscribe', interval_ms: this.interval };
    if (this.topics) command.topics = this.topics;
    this.socket?.send(JSON.stringify(command));
  }

  count({ seq }) {
    if (seq > this.seq) this.seq = seq;
  }

  /** Watches for a silence that no close event reports (a sleeping laptop, a cut cable). */
  guard(socket) {
    this.never(this.watch);
    this.watch = this.later(() => {
      if (this.socket !== socket) return;
      if (this.now() - this.heard > SILENT_AFTER) {
        this.drop();
        this.lost();
      } else {
        this.guard(socket);
      }
    }, CHECK_EVERY);
  }

  drop() {
    const { socket } = this;
    this.socket = null;
    this.never(this.watch);
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  lost() {
    this.drop();
    if (this.closed) return;
    if (this.state === 'live') {
      this.lostSince = this.now();
      this.attempt = 0;
    }
    this.attempt += 1;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.attempt - 1));
    const pause = wait / 2 + (wait / 2) * this.random();
    this.retryAt = this.now() + pause;
    this.become(this.now() - this.lostSince >= LOST_AFTER ? 'off' : 'again', true);
    this.timer = this.later(() => this.open(), pause);
  }

  become(state, always = false) {
    if (state === 'live') {
      this.attempt = 0;
      this.retryAt = 0;
    }
    if (!always && this.state === state) return;
    this.state = state;
    this.onState(state, { attempt: this.attempt, retryAt: this.retryAt });
  }
}
