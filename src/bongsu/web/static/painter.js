// When things are drawn: once a frame at most, only what is on the screen, nothing in a hidden tab.

/**
 * @typedef {{element: Element, draw: (now: number) => void, every?: number, ages?: boolean, always?: boolean, changed?: () => boolean}} Part
 *   `every`: shortest ms between two drawings; `ages`: whether it shows ages and so is drawn each second without new data;
 *   `always`: whether it goes on while the picture is stopped (alerts must); `changed`: whether what it shows differs from what it has drawn
 */

/** A picture without ages still moves on this often when no data comes. */
const IDLE = 5_000;

export class Painter {
  /** @param {{onDrawn?: () => void}} options `onDrawn` is called when what was drawn has been handed to the screen */
  constructor({ onDrawn = () => {} } = {}) {
    this.onDrawn = onDrawn;
    /** @type {Map<Element, {part: Part, visible: boolean, dirty: boolean, forced: boolean, drawn: number}>} */
    this.parts = new Map();
    this.frame = 0;
    this.paused = false;
    this.observer = new IntersectionObserver((entries) => this.seen(entries), { rootMargin: '160px' });
    this.channel = new MessageChannel();
    this.channel.port1.onmessage = () => this.onDrawn();
    this.wakeUp = () => {
      if (!document.hidden) this.force();
    };
    document.addEventListener('visibilitychange', this.wakeUp);
    this.clock = 0;
    this.later = 0;
    this.tick();
  }

  /** @param {Part} part */
  add(part) {
    this.parts.set(part.element, { part, visible: false, dirty: true, forced: true, drawn: -Infinity });
    this.observer.observe(part.element);
    return part;
  }

  /** @param {Part} part */
  remove(part) {
    this.parts.delete(part.element);
    this.observer.unobserve(part.element);
  }

  /** New data: whatever is visible is drawn in the next frame. */
  wake() {
    for (const entry of this.parts.values()) entry.dirty = true;
    this.ask();
  }

  age() {
    const now = performance.now();
    for (const entry of this.parts.values()) if (entry.part.ages || now - entry.drawn >= IDLE) entry.dirty = true;
    this.ask();
  }

  /** Draws everything visible even if it was drawn just now or the screen is paused (another theme, another range). */
  force() {
    for (const entry of this.parts.values()) entry.dirty = entry.forced = true;
    this.ask();
  }

  ask() {
    if (this.frame === 0 && !document.hidden) this.frame = requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.frame = 0;
    // Paces go by the clock that is never set: one that is set back would stop them for as long.
    const now = performance.now();
    let drawn = 0;
    let wait = Infinity;
    for (const entry of this.parts.values()) {
      if (!entry.visible || !entry.dirty || (this.paused && !entry.forced && !entry.part.always)) continue;
      if (!entry.forced && now - entry.drawn < IDLE && entry.part.changed?.() === false) {
        entry.dirty = false;
        continue;
      }
      const rest = (entry.part.every ?? 0) - (now - entry.drawn);
      if (!entry.forced && rest > 0) {
        wait = Math.min(wait, rest);
        continue;
      }
      entry.dirty = entry.forced = false;
      entry.drawn = now;
      try {
        entry.part.draw(Date.now());
        drawn += 1;
      } catch (fault) {
        // Told to the console and to whoever listens; the other parts go on.
        reportError(fault);
      }
    }
    clearTimeout(this.later);
    if (wait < Infinity) this.later = setTimeout(() => this.ask(), wait);
    if (drawn > 0) this.channel.port2.postMessage(null);
  }

  /** Ages run by the browser's clock: once a second, on the second. */
  tick() {
    this.clock = setTimeout(() => {
      if (!document.hidden) this.age();
      this.tick();
    }, 1000 - (Date.now() % 1000));
  }

  seen(entries) {
    let any = false;
    for (const { target, isIntersecting } of entries) {
      const entry = this.parts.get(target);
      if (!entry) continue;
      entry.visible = isIntersecting;
      any ||= isIntersecting && entry.dirty;
    }
    if (any) this.ask();
  }

  close() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.clock);
    clearTimeout(this.later);
    document.removeEventListener('visibilitychange', this.wakeUp);
    this.observer.disconnect();
    this.channel.port1.close();
    this.parts.clear();
  }
}
