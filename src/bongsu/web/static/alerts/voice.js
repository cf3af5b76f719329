// New critical alerts, said aloud by screen readers: one sentence at most every ten seconds.

const EVERY = 10_000;
const NAMED = 3;

export class Voice {
  /**
   * @param {{say: (text: string) => void, words: (alerts: import('./severity.js').Alert[], more: number) => string,
   *   now?: () => number, later?: (run: () => void, ms: number) => any}} options
   */
  constructor({ say, words, now = () => performance.now(), later = (run, ms) => setTimeout(run, ms) }) {
    this.say = say;
    this.words = words;
    this.now = now;
    this.later = later;
    /** @type {import('./severity.js').Alert[]} */
    this.waiting = [];
    this.more = 0;
    this.said = -Infinity;
    this.timer = null;
  }

  /** @param {import('./severity.js').Alert} alert */
  hear(alert) {
    if (alert.severity !== 'critical' || alert.silenced_by !== '' || alert.inhibited_by !== '') return;
    if (this.waiting.length < NAMED) this.waiting.push(alert);
    else this.more += 1;
    if (this.timer !== null) return;
    // Even the first waits a breath: what breaks together is said together.
    this.timer = this.later(() => this.speak(), Math.max(300, this.said + EVERY - this.now()));
  }

  speak() {
    this.timer = null;
    if (this.waiting.length === 0) return;
    this.said = this.now();
    this.say(this.words(this.waiting, this.more));
    this.waiting = [];
    this.more = 0;
  }
}
