// The board on a wall: no controls, large type, one screenful after the other. Loaded only where `?kiosk=…` asks for it.
import { el, write } from './dom.js';
import { Format } from './format.js';
import { load, say as words } from './i18n.js';
import { PAGES } from './pages/index.js';
import { sheets } from './sheets.js';

const USUAL = 20_000;
const SHORTEST = 5_000;
const LONGEST = 600_000;
const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** The line about keys is shown for this long after somebody touched something. */
const TOLD = 4_000;
/** Air above what a screenful begins with, px. */
const AIR = 12;
const ENOUGH = 8;

/** Which pages take turns: those named, else the one of the address. @param {string} asked @param {string} shown @returns {string[]} */
export function pagesOf(asked, shown) {
  const named = asked.split(',').map((name) => name.trim());
  const known = PAGES.map(({ name }) => name).filter((name) => named.includes(name));
  return known.length ? known.sort((a, b) => named.indexOf(a) - named.indexOf(b)) : [shown];
}

/** How long a screenful stays, ms: `20s`, `1m`, or seconds. @param {string | null} asked */
export function everyOf(asked) {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(asked ?? '') ?? [];
  return number === undefined ? USUAL : Math.min(LONGEST, Math.max(SHORTEST, Number(number) * UNITS[unit ?? 's']));
}

/**
 * Where the next screenful begins: at the first part that isn't seen whole. NaN where everything was shown.
 * @param {{top: number, bottom: number}[]} parts by the document's coordinates, top to bottom
 * @param {{top: number, height: number, most: number}} window what is seen: from where on, how much, and how far one can scroll
 */
export function nextTop(parts, { top, height, most }) {
  if (top >= most - ENOUGH) return NaN;
  const cut = parts.find(({ bottom }) => bottom > top + height + ENOUGH);
  if (!cut) return NaN;
  // What is higher than a screen goes on from where it was cut.
  const wanted = cut.top > top + AIR + ENOUGH ? cut.top - AIR : top + 0.9 * height;
  return Math.min(most, wanted);
}

export class Kiosk {
  /** @param {any} board @param {import('./i18n.js').Say} say */
  constructor(board, say) {
    this.board = board;
    this.pages = pagesOf(board.asked('kiosk'), board.shown);
    this.every = everyOf(board.asked('every'));
    this.held = false;
    this.timer = 0;
    this.told = 0;
    /** @type {any} */
    this.lock = null;
    this.format = new Format({ language: board.language, timezone: board.boot.timezone });
    this.dots = el('span', { class: 'kdots', 'aria-hidden': 'true' }, ...(this.pages.length > 1 ? this.pages.map((name) => el('i', { 'data-page': name })) : []));
    this.clock = el('time', { class: 'kclock' });
    this.leaving = el('button', { class: 'btn', type: 'button', onclick: () => this.leave() }, say('kiosk.leave'));
    this.hint = el('div', { class: 'khint', hidden: true }, el('span', {}, say(this.pages.length > 1 ? 'kiosk.keys' : 'kiosk.key')), this.leaving);
    this.keyed = (event) => this.hear(event);
    this.touched = () => this.tell();
    this.seen = () => this.wake();
  }

  async start() {
    const { board } = this;
    document.documentElement.dataset.kiosk = '';
    await sheets(document.head, ['kiosk.css']);
    board.pill.after(this.dots, this.clock);
    document.body.append(this.hint);
    document.addEventListener('keydown', this.keyed, true);
    for (const kind of ['pointermove', 'pointerdown']) document.addEventListener(kind, this.touched);
    document.addEventListener('visibilitychange', this.seen);
    this.tick();
    this.wake();
    await board.view?.ready;
    if (!this.pages.includes(board.shown)) await this.show(this.pages[0]);
    this.mark();
    this.later();
    this.prepare();
  }

  /** What will be shown is fetched now: a server that is away later doesn't leave the wall empty. */
  prepare() {
    const { board } = this;
    for (const { name, load: module, words: own, sheet } of PAGES) {
      if (!this.pages.includes(name)) continue;
      const all = [module(board.boot), own ? load(board.language, name) : null, sheet ? sheets(board.main, [`pages/${name}.css`]) : null];
      Promise.all(all).catch(() => {}); // it is tried again when its turn comes
    }
  }

  /** The screen stays on, where the browser lets a page ask for that (https, or this machine). */
  async wake() {
    if (document.hidden) return;
    try {
      this.lock = (await navigator.wakeLock?.request('screen')) ?? null;
    } catch {
      this.lock = null; // a battery that runs low, or a setting: the screen's own rules hold
    }
  }

  tick() {
    const now = Date.now();
    write(this.clock, this.format.minute(now));
    this.clock.dateTime = new Date(now).toISOString();
    this.ticking = setTimeout(() => this.tick(), 60_000 - (now % 60_000));
  }

  later() {
    clearTimeout(this.timer);
    if (!this.held) this.timer = setTimeout(() => this.step(), this.every);
  }

  /** The next screenful of the page, else the next page. */
  async step() {
    const top = this.next();
    if (!Number.isNaN(top)) scrollTo({ top, behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    else if (this.pages.length > 1) await this.turn(1);
    else scrollTo({ top: 0 });
    this.later();
  }

  next() {
    const { documentElement: root } = document;
    const head = document.querySelector('header.top')?.getBoundingClientRect().height ?? 0;
    const parts = [...this.board.main.querySelectorAll('section, .panel, li')]
      .map((part) => part.getBoundingClientRect())
      .filter(({ height }) => height > 0)
      .map(({ top, bottom }) => ({ top: top + scrollY, bottom: bottom + scrollY }))
      .sort((a, b) => a.top - b.top);
    const found = nextTop(parts, { top: scrollY + head, height: innerHeight - head, most: root.scrollHeight - innerHeight + head });
    return Number.isNaN(found) ? NaN : found - head;
  }

  /** @param {number} steps forward or back */
  async turn(steps) {
    const { pages, board } = this;
    const here = Math.max(0, pages.indexOf(board.shown));
    await this.show(pages[(here + steps + pages.length) % pages.length]);
  }

  async show(name) {
    this.board.remember('page', name === PAGES[0].name ? null : name);
    await this.board.turn(name, 0);
    this.mark();
  }

  mark() {
    for (const dot of this.dots.children) dot.classList.toggle('on', dot.getAttribute('data-page') === this.board.shown);
    this.dots.classList.toggle('held', this.held);
  }

  /** @param {KeyboardEvent} event */
  hear(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (key === 'Escape') this.leave();
    else if (key === 'ArrowRight') this.turn(1).then(() => this.later());
    else if (key === 'ArrowLeft') this.turn(-1).then(() => this.later());
    else if (key === ' ' && event.target !== this.leaving) this.hold();
    else if (key === 'f') this.fill();
    else return this.tell();
    event.preventDefault();
    event.stopPropagation();
  }

  hold() {
    this.held = !this.held;
    this.mark();
    this.later();
  }

  async fill() {
    try {
      await (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
    } catch {
      // The browser doesn't let this page: F11 does the same.
    }
  }

  /** How to get out, for a moment. */
  tell() {
    this.hint.hidden = false;
    document.documentElement.dataset.kiosk = 'told';
    clearTimeout(this.told);
    this.told = setTimeout(() => {
      this.hint.hidden = true;
      document.documentElement.dataset.kiosk = '';
    }, TOLD);
  }

  /** The board as it is elsewhere, at the page shown last. */
  leave() {
    const { board } = this;
    for (const timer of [this.timer, this.told, this.ticking]) clearTimeout(timer);
    document.removeEventListener('keydown', this.keyed, true);
    for (const kind of ['pointermove', 'pointerdown']) document.removeEventListener(kind, this.touched);
    document.removeEventListener('visibilitychange', this.seen);
    for (const part of [this.dots, this.clock, this.hint]) part.remove();
    delete document.documentElement.dataset.kiosk;
    this.lock?.release?.();
    if (document.fullscreenElement) document.exitFullscreen();
    board.remember('kiosk', null);
    board.remember('every', null);
  }
}

/** Makes a wall of the board. @param {any} board */
export async function kiosk(board) {
  const say = words(await load(board.language, 'kiosk'));
  const made = new Kiosk(board, say);
  await made.start();
  return made;
}
