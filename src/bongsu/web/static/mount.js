// The live view of the machine, for any page: the board mounts it, and so does the console.
import { el } from './dom.js';
import { Format } from './format.js';
import { help } from './help.js';
import { Hover } from './hover.js';
import { load, say as words } from './i18n.js';
import { Painter } from './painter.js';
import { Palette } from './palette.js';
import { BongsuPanel } from './panels/bongsu.js';
import { DisksPanel } from './panels/disks.js';
import { graphs } from './panels/graphs.js';
import { Hero, Pill } from './panels/hero.js';
import { OwnPanel } from './panels/own.js';
import { ProcessesPanel } from './panels/processes.js';
import { Tiles } from './panels/tiles.js';
import { RANGES, Session } from './session.js';

const SHEETS = ['tokens.css', 'board.css'];
/** Frames whose way to the screen is remembered. */
const DELAYS = 60;
const LEARN_EVERY = 5_000;

/**
 * @typedef {object} Options
 * @property {string} liveUrl the socket, `ws://…/live`
 * @property {string} [restUrl] origin or prefix of `/api/v1`, empty for the page's own
 * @property {string} [bootUrl] where the facts are, when `boot` isn't given
 * @property {object} [boot] the body of `/monitoring/boot.json`
 * @property {Record<string, string>} [words] the catalogue of `language`, when it is at hand
 * @property {string} [origin] the server's own address, for the lines to copy
 * @property {'ko' | 'en'} [language]
 * @property {'light' | 'dark' | null} [theme] null follows the page
 * @property {string} [range] `15m`, `1h`, `6h` or `24h`
 * @property {Element | null} [pill] where the connection is shown; null shows it beside the controls
 * @property {'h1' | 'h2'} [heading]
 * @property {boolean} [keys] whether keys are heard on the whole page (else only within the view)
 * @property {(range: string) => void} [onRange]
 * @property {(seen: {fires: number, state: string, issues: object[]}) => void} [onVerdict]
 */

/**
 * Draws the live view into `root` and keeps it up until `destroy()`. Returns at once; what can't be had at first
 * (facts, words) is asked for again.
 * @param {HTMLElement} root
 * @param {Options} options
 */
export function mountSystem(root, options) {
  const view = new SystemView(root, options);
  return {
    /** Resolves when the view stands. */
    ready: view.start(),
    destroy: () => view.destroy(),
    /** @param {'ko' | 'en'} language */
    setLanguage: (language) => view.setLanguage(language),
    /** @param {'light' | 'dark' | null} theme */
    setTheme: (theme) => view.setTheme(theme),
  };
}

class SystemView {
  constructor(root, options) {
    this.options = { restUrl: '', bootUrl: '/monitoring/boot.json', origin: location.origin, language: 'ko', theme: null, pill: null, heading: 'h1', keys: false, ...options };
    this.language = this.options.language;
    this.root = el('div', { class: 'bongsu' });
    this.host = root;
    this.parts = [];
    this.gone = false;
    this.delays = new Float64Array(DELAYS).fill(NaN);
    this.delayed = 0;
    this.newest = -Infinity;
    this.learned = 0;
    this.setTheme(this.options.theme);
    dressTree(root);
    root.append(this.root);
  }

  async start() {
    const [boot, catalogue] = await Promise.all([this.options.boot ?? this.facts(), this.options.words ?? load(this.language)]);
    if (this.gone) return;
    this.painter = new Painter({ onDrawn: () => this.shown() });
    this.palette = new Palette(this.root, () => this.painter.force());
    this.hover = new Hover();
    this.session = new Session({
      liveUrl: this.options.liveUrl, restUrl: this.options.restUrl, boot, range: this.options.range,
      onChange: () => this.changed(), onState: () => this.pill?.show(this.session),
    });
    this.keyed = (event) => this.key(event);
    (this.options.keys ? document : this.root).addEventListener('keydown', this.keyed);
    this.build(words(catalogue), catalogue);
    this.session.start();
  }

  /** The facts of the page; a server that is just starting is asked again. */
  async facts() {
    for (let wait = 250; ; wait = Math.min(wait * 2, 5_000)) {
      try {
        const answer = await fetch(this.options.restUrl + this.options.bootUrl);
        if (answer.ok) return await answer.json();
      } catch {
        // The server is away: the next round asks again.
      }
      if (this.gone) return null;
      await new Promise((go) => setTimeout(go, wait));
    }
  }

  build(say, catalogue) {
    const { session, painter, palette, hover, language } = this;
    const format = new Format({ language, timezone: session.boot.timezone });
    const context = {
      session, say, format, palette, hover, painter, language, root: this.root, origin: this.options.origin,
      heading: this.options.heading, delay: () => this.delay(), learn: () => this.learn(),
    };
    this.catalogue = catalogue;
    this.say = say;
    this.pill = new Pill(say);
    const tiles = new Tiles(context);
    const hero = new Hero({ ...context, tiles });
    const charts = graphs(context);
    const rest = [new ProcessesPanel(context), new DisksPanel(context), new OwnPanel(context), new BongsuPanel(context)];
    this.hero = hero;
    this.parts = [hero, tiles, ...charts, ...rest];
    if (this.options.pill) this.options.pill.replaceChildren(this.pill.element);
    else hero.element.querySelector('.asof').prepend(this.pill.element);
    this.pill.show(session);
    this.root.lang = language;
    this.root.replaceChildren(hero.element, tiles.element, el('div', { class: 'grid' }, ...charts.map(({ element }) => element), ...rest.map(({ element }) => element)));
    for (const part of this.parts) painter.add(part);
    this.range = session.range;
    this.held = session.paused;
    painter.force();
  }

  unbuild() {
    for (const part of this.parts) {
      this.painter.remove(part);
      part.close();
    }
    this.parts = [];
  }

  changed() {
    const { session, painter } = this;
    if (!this.hero) return;
    this.pill.show(session);
    if (session.range !== this.range || session.paused !== this.held) {
      if (session.range !== this.range) this.options.onRange?.(session.range);
      this.range = session.range;
      this.held = session.paused;
      painter.paused = session.paused;
      painter.force();
    } else {
      painter.wake();
    }
    if (this.hero.fires) this.options.onVerdict?.(this.hero.fires);
  }

  /** What was drawn is on its way to the screen: how long did the newest sample take? */
  shown() {
    const { at } = this.session.store;
    if (!(at > this.newest)) return;
    const first = this.newest < 0;
    this.newest = at;
    const drawn = performance.timeOrigin + performance.now();
    document.dispatchEvent(new CustomEvent('bongsu:drawn', { detail: { at, drawn } }));
    if (first) return;
    this.delays[this.delayed % DELAYS] = this.session.skew.server(drawn) - at;
    this.delayed += 1;
  }

  /** The usual way of a sample to this screen in ms: the middle one of the last sixty. */
  delay() {
    const known = [...this.delays].filter((delay) => !Number.isNaN(delay)).sort((a, b) => a - b);
    return known.length ? known[known.length >> 1] : NaN;
  }

  /** Metrics that the facts don't name may have been declared since: asked for once in a while. */
  learn() {
    const now = Date.now();
    if (now - this.learned < LEARN_EVERY) return;
    const first = this.learned === 0;
    this.learned = first ? now : now + 10 * 60_000;
    fetch(this.options.restUrl + this.options.bootUrl)
      .then((answer) => answer.json())
      .then(({ catalogue }) => {
        Object.assign(this.session.boot.catalogue, catalogue);
        this.painter.wake();
      })
      .catch(() => {}); // The metric is shown by its name until the next time.
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (target instanceof Element && target.closest('input, textarea, select, [contenteditable], dialog')) return;
    if (event.key === ' ' && target instanceof Element && target.closest('button, a, summary')) return;
    const { session } = this;
    const all = Object.keys(RANGES);
    if (event.key === '?') help(this.root, this.say);
    else if (event.key === ' ') session.paused ? session.resume() : session.pause();
    else if (event.key === 't') session.choose(all[(all.indexOf(session.range) + 1) % all.length]);
    else return;
    event.preventDefault();
  }

  async setLanguage(language) {
    if (language === this.language) return;
    const catalogue = await load(language);
    if (this.gone) return;
    this.language = language;
    this.options.language = language;
    if (!this.session) return;
    const top = scrollY;
    this.unbuild();
    this.build(words(catalogue), catalogue);
    scrollTo({ top });
  }

  setTheme(theme) {
    if (theme === null || theme === undefined) this.root.removeAttribute('data-theme');
    else this.root.dataset.theme = theme;
  }

  destroy() {
    this.gone = true;
    if (this.session) {
      (this.options.keys ? document : this.root).removeEventListener('keydown', this.keyed);
      this.unbuild();
      this.session.close();
      this.painter.close();
      this.palette.close();
    }
    this.root.remove();
  }
}

/** The style sheets, once in the tree that `root` stands in (a page or a shadow tree). */
function dressTree(root) {
  const tree = root.getRootNode();
  const place = tree instanceof ShadowRoot ? tree : document.head;
  for (const sheet of SHEETS) {
    const href = new URL(`./${sheet}`, import.meta.url).href;
    if (![...place.querySelectorAll('link[rel=stylesheet]')].some((link) => link.href === href)) place.prepend(el('link', { rel: 'stylesheet', href }));
  }
}
