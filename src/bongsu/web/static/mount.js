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

const BOOT = '/monitoring/boot.json';
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
 * @property {(boot: any) => void} [onBoot] told when the server was started anew with other facts
 * @property {(seen: {fires: number, state: string, issues: object[]}) => void} [onVerdict]
 */

/**
 * Draws the live view into `root` and keeps it up until `destroy()`. Returns at once; what can't be had at first
 * (the facts of a server that is just starting) is asked for again.
 * @param {HTMLElement} root
 * @param {Options} options
 */
export function mountSystem(root, options) {
  const host = el('div', { class: 'bongsu' });
  const state = { gone: false, language: options.language ?? 'ko' };
  /** @type {SystemView | null} */
  let view = null;
  dress(host, options.theme ?? null);
  dressTree(root);
  root.append(host);
  const start = async () => {
    const { language } = state;
    const [boot, catalogue] = await Promise.all([options.boot ?? facts(options, state), options.words ?? load(language)]);
    if (state.gone || boot === null) return;
    view = new SystemView(host, options, boot, language, catalogue);
    if (state.language !== language) await view.setLanguage(state.language);
  };
  return {
    /** Resolves when the view stands. */
    ready: start(),
    destroy() {
      state.gone = true;
      view?.destroy();
      host.remove();
    },
    /** @param {'ko' | 'en'} language */
    async setLanguage(language) {
      state.language = language;
      await view?.setLanguage(language);
    },
    /** @param {'light' | 'dark' | null} theme */
    setTheme: (theme) => dress(host, theme),
  };
}

/** The facts of the page; a server that is just starting is asked again. */
async function facts({ restUrl = '', bootUrl = BOOT }, state) {
  for (let wait = 250; !state.gone; wait = Math.min(wait * 2, 5_000)) {
    try {
      const answer = await fetch(restUrl + bootUrl);
      if (answer.ok) return await answer.json();
    } catch {
      // The server is away: the next round asks again.
    }
    await new Promise((go) => setTimeout(go, wait));
  }
  return null;
}

class SystemView {
  /**
   * @param {HTMLElement} root @param {Options} options @param {any} boot
   * @param {'ko' | 'en'} language @param {Record<string, string>} catalogue
   */
  constructor(root, options, boot, language, catalogue) {
    this.root = root;
    this.options = options;
    this.language = language;
    this.gone = false;
    this.delays = new Float64Array(DELAYS).fill(NaN);
    this.delayed = 0;
    this.newest = -Infinity;
    this.learned = 0;
    this.painter = new Painter({ onDrawn: () => this.shown() });
    this.palette = new Palette(root, () => this.painter.force());
    this.hover = new Hover();
    this.session = new Session({
      liveUrl: options.liveUrl, restUrl: options.restUrl, boot, range: options.range,
      onChange: () => this.changed(), onState: () => this.pill?.show(this.session), onRestart: () => this.restarted(),
    });
    this.range = this.session.range;
    this.held = false;
    /** @type {(import('./painter.js').Part & {close: () => void})[]} */
    this.parts = [];
    this.ear = options.keys ? document : root;
    this.keyed = (/** @type {Event} */ event) => this.key(/** @type {KeyboardEvent} */ (event));
    this.ear.addEventListener('keydown', this.keyed);
    this.catalogue = catalogue;
    this.build(words(catalogue));
    this.session.start();
  }

  /** @param {import('./i18n.js').Say} say */
  build(say) {
    const { session, painter, palette, hover, language } = this;
    const format = new Format({ language, timezone: session.boot.timezone });
    const context = {
      session, say, format, palette, hover, painter, language, root: this.root,
      origin: this.options.origin ?? location.origin, heading: this.options.heading ?? 'h1', delay: () => this.delay(), learn: () => this.learn(),
      onVerdict: this.options.onVerdict ?? (() => {}),
    };
    this.say = say;
    const pill = new Pill(say);
    this.pill = pill;
    const tiles = new Tiles(context);
    const hero = new Hero({ ...context, tiles });
    const charts = graphs(context);
    const rest = [new ProcessesPanel(context), new DisksPanel(context), new OwnPanel(context), new BongsuPanel(context)];
    this.parts = [hero, tiles, ...charts, ...rest];
    if (this.options.pill) this.options.pill.replaceChildren(pill.element);
    else hero.beside.prepend(pill.element);
    pill.show(session);
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

  rebuild() {
    const top = scrollY;
    this.unbuild();
    this.build(words(this.catalogue));
    scrollTo({ top });
  }

  /** The server was started anew: its thresholds, catalogue or time zone may be others. */
  async restarted() {
    const boot = await facts(this.options, this);
    if (boot === null || JSON.stringify(boot) === JSON.stringify(this.session.boot)) return;
    this.session.boot = boot;
    this.rebuild();
    this.options.onBoot?.(boot);
  }

  changed() {
    const { session, painter } = this;
    this.pill?.show(session);
    if (session.range !== this.range || session.paused !== this.held) {
      if (session.range !== this.range) this.options.onRange?.(session.range);
      this.range = session.range;
      this.held = session.paused;
      painter.paused = session.paused;
      painter.force();
    } else if (session.paused && session.fills !== this.fills) {
      painter.force(); // another range was chosen: its past is drawn though the picture is stopped
    } else {
      painter.wake();
    }
    this.fills = session.fills;
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
    fetch((this.options.restUrl ?? '') + (this.options.bootUrl ?? BOOT))
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
    if (event.key === '?' && this.say) help(this.root, this.say);
    else if (event.key === ' ') session.paused ? session.resume() : session.pause();
    else if (event.key === 't') session.choose(all[(all.indexOf(session.range) + 1) % all.length]);
    else return;
    event.preventDefault();
  }

  /** @param {'ko' | 'en'} language */
  async setLanguage(language) {
    if (language === this.language) return;
    this.language = language;
    const catalogue = await load(language);
    if (this.gone || language !== this.language) return;
    this.catalogue = catalogue;
    this.rebuild();
  }

  destroy() {
    this.gone = true;
    this.ear.removeEventListener('keydown', this.keyed);
    this.unbuild();
    this.session.close();
    this.painter.close();
    this.palette.close();
  }
}

/** @param {HTMLElement} host @param {'light' | 'dark' | null} theme */
function dress(host, theme) {
  if (theme === null) host.removeAttribute('data-theme');
  else host.dataset.theme = theme;
}

/** The style sheets, once in the tree that `root` stands in (a page or a shadow tree). */
function dressTree(root) {
  const tree = root.getRootNode();
  const place = tree instanceof ShadowRoot ? tree : document.head;
  for (const sheet of SHEETS) {
    const href = new URL(`./${sheet}`, import.meta.url).href;
    if (![...place.querySelectorAll('link[rel=stylesheet]')].some((link) => /** @type {HTMLLinkElement} */ (link).href === href)) place.prepend(el('link', { rel: 'stylesheet', href }));
  }
}
