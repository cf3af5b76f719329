// One screen: one live socket, one painter, the open alerts, and the page that is shown. Only that page exists: the others draw nothing.
import { Book } from './alerts/book.js';
import { Anomalies } from './anomalies.js';
import { said } from './alerts/severity.js';
import { Voice } from './alerts/voice.js';
import { el } from './dom.js';
import { Format } from './format.js';
import { Hover } from './hover.js';
import { load, say as words } from './i18n.js';
import { icon } from './icon.js';
import { Marks } from './marks.js';
import { Painter } from './painter.js';
import { Palette } from './palette.js';
import { entryOf } from './pages/index.js';
import { Pill } from './panels/hero.js';
import { Session } from './session.js';
import { sheets } from './sheets.js';

/** Frames whose way to the screen is remembered. */
const DELAYS = 60;
const LEARN_AGAIN = 5_000;
const LEARN_EVERY = 600_000;
/** A page is shown as it is when its first readings take longer. */
const PATIENCE = 3_000;

/** Resolves `n` frames later, after what has been asked for before was drawn in the last. */
async function frames(n) {
  for (; n > 0; n -= 1) await new Promise((go) => requestAnimationFrame(go));
}

export class View {
  /**
   * @param {HTMLElement} root @param {import('./mount.js').Options & {facts: () => Promise<any>}} options @param {any} boot
   * @param {'ko' | 'en'} language @param {Record<string, string>} catalogue
   */
  constructor(root, options, boot, language, catalogue) {
    this.root = root;
    this.options = options;
    this.language = language;
    this.catalogue = catalogue;
    this.gone = false;
    this.delays = new Float64Array(DELAYS).fill(NaN);
    this.delayed = 0;
    this.newest = -Infinity;
    this.learnAt = 0;
    this.painter = new Painter({ onDrawn: () => this.shown() });
    this.palette = new Palette(root, () => this.painter.force());
    this.hover = new Hover();
    this.session = new Session({
      liveUrl: options.liveUrl, restUrl: options.restUrl, boot, range: options.range,
      onChange: () => this.changed(), onState: () => this.connected(), onRestart: () => this.restarted(),
      onEvent: (frame) => this.event(frame), onMissed: () => this.recall(),
    });
    this.book = new Book({ rest: this.session.rest, absent: boot.alerts === false, onChange: () => this.alerted(), onFired: (alert) => this.voice.hear(alert) });
    this.anomalies = new Anomalies({ rest: this.session.rest, onChange: () => this.painter.force() });
    this.marks = new Marks({ rest: this.session.rest, onChange: () => this.painter.wake() });
    /** Who hears live frames of a kind. @type {Map<string, Set<(frame: any) => void>>} */
    this.ears = new Map();
    this.voiced = options.voice ?? el('p', { class: 'hide', role: 'alert' });
    this.voice = new Voice({ say: (text) => this.voiced.replaceChildren(text), words: (alerts, more) => this.aloud(alerts, more) });
    this.range = this.session.range;
    this.reach();
    this.held = false;
    this.era = 0;
    this.live = false;
    /** @type {import('./pages/index.js').Part[]} */
    this.parts = [];
    /** @type {Record<string, import('./pages/index.js').Key>} */
    this.keys = {};
    this.ranged = false;
    this.panned = false;
    /** @type {(() => void) | null} */
    this.told = null;
    this.page = '';
    this.turn = 0;
    this.say = words(catalogue);
    /** @type {import('./keys.js').Keys | null} what keys do; comes with the first page */
    this.hearing = null;
    this.ear = options.keys ? document : root;
    this.keyed = (/** @type {Event} */ event) => this.hearing?.hear(/** @type {KeyboardEvent} */ (event));
    this.ear.addEventListener('keydown', this.keyed);
    this.session.start();
    const until = Date.parse(options.until ?? '');
    if (until < Date.now()) this.session.look(until);
    this.recall();
  }

  /** Shows a page; one that can't be loaded (the server is away) says so and can be tried again. @param {string} name */
  async show(name) {
    const turn = (this.turn += 1);
    const entry = entryOf(name);
    const { language } = this;
    let loaded;
    try {
      const [found, { Keys }] = await Promise.all([this.fetched(entry, language), import('./keys.js')]);
      this.hearing ??= new Keys(this);
      loaded = found;
    } catch (fault) {
      if (!this.gone && turn === this.turn) this.missing(name, fault);
      return;
    }
    if (this.gone || turn !== this.turn) return;
    this.page = entry.name;
    this.build(loaded.module, words({ ...this.catalogue, ...loaded.words }));
    this.options.onShown?.(entry.name);
  }

  /** A page's module with its words and style sheets, and those it borrows. @param {import('./pages/index.js').Entry} entry @param {string} language */
  async fetched(entry, language) {
    const { boot } = this.session;
    const owners = entry.borrow?.(boot) ?? [];
    const worded = [...(entry.words ? [entry.name] : []), ...owners];
    const styled = [...(entry.sheet ? [entry.name] : []), ...owners].map((name) => `pages/${name}.css`);
    const [module, dressed, ...books] = await Promise.all([entry.load(boot), styled.length ? sheets(this.root, styled) : null, ...worded.map((name) => load(language, name))]);
    return { module, dressed, words: Object.assign({}, ...books) };
  }

  missing(name, fault) {
    reportError(fault);
    const retry = el('button', { class: 'btn', type: 'button', onclick: () => this.show(name) }, icon('retry'), this.say('retry'));
    this.unbuild();
    this.page = name;
    this.root.replaceChildren(el('section', { class: 'panel missing' }, el('p', {}, this.say('page.failed')), retry));
  }

  /** @param {import('./pages/index.js').Module} module @param {import('./i18n.js').Say} say */
  build(module, say) {
    const { session, painter } = this;
    const before = this.parts;
    this.say = say;
    const pill = new Pill(say);
    this.pill = pill;
    // The new page follows its metrics before the old one lets go of them: what both show stays filled.
    const built = module.build(this.context(say, pill));
    this.let(before);
    this.parts = built.parts;
    this.keys = built.keys ?? {};
    this.ranged = built.ranged ?? false;
    this.panned = built.panned ?? false;
    // What REST tells of now would stand beside what history tells of then.
    if (session.past && !this.panned) session.resume();
    this.told = built.asked ?? null;
    if (this.options.pill) this.options.pill.replaceChildren(pill.element);
    pill.show(session);
    this.root.lang = this.language;
    this.root.dataset.page = this.page;
    this.root.replaceChildren(...(this.options.voice ? [] : [this.voiced]), ...built.elements);
    for (const part of this.parts) painter.add(part);
    this.range = session.range;
    this.held = session.paused;
    painter.force();
    this.settle(built.elements.slice(built.steady ?? 1));
  }

  /** What may change its place with the first readings isn't seen until they are there: nothing moves under anybody's eyes. @param {Node[]} elements */
  async settle(elements) {
    for (const element of elements) if (element instanceof HTMLElement) element.dataset.unsettled = '';
    await Promise.race([this.settled(), new Promise((go) => setTimeout(go, PATIENCE))]);
    for (const element of elements) if (element instanceof HTMLElement) delete element.dataset.unsettled;
  }

  /** Resolves in the frame in which a page is drawn with its first readings; some begin only once their part is seen. */
  async settled() {
    const { session, painter } = this;
    await frames(2);
    do {
      await session.rest.settled();
      painter.force();
      await frames(1);
    } while (session.rest.lists > 0);
  }

  /** @returns {import('./mount.js').Context} */
  context(say, pill) {
    const { session, painter, palette, hover, language, options } = this;
    const format = new Format({ language, timezone: session.boot.timezone, money: options.money });
    return {
      session, say, format, palette, hover, painter, language, pill: options.pill ? null : pill.element,
      rest: session.rest, alerts: this.book, anomalies: this.anomalies, marks: this.marks, hear: (kind, ear) => this.hear(kind, ear), root: this.root,
      origin: options.origin ?? location.origin, heading: options.heading ?? 'h1', delay: () => this.delay(), learn: () => this.learn(),
      onVerdict: options.onVerdict ?? (() => {}), go: options.onGo ?? null,
      asked: options.asked ?? (() => null), remember: options.remember ?? (() => {}),
    };
  }

  unbuild() {
    this.let(this.parts);
    this.parts = [];
    this.keys = {};
    this.ranged = false;
    this.panned = false;
    this.told = null;
  }

  let(parts) {
    for (const part of parts) {
      this.painter.remove(part);
      part.close();
    }
  }

  async rebuild() {
    const top = scrollY;
    await this.show(this.page);
    scrollTo({ top });
  }

  /** Comes when it is asked for. */
  async help() {
    const { help } = await import('./help.js');
    help(this.root, this.say, this.hearing?.list(this.say) ?? []);
  }

  /** The address says something else now: the page follows, or is built anew. */
  async tell() {
    if (this.told) this.told();
    else await this.show(this.page);
  }

  /** The server was started anew: its thresholds, catalogue, time zone or alerts may be others. */
  async restarted() {
    this.book.load();
    const boot = await this.options.facts();
    if (boot === null || JSON.stringify(boot) === JSON.stringify(this.session.boot)) return;
    this.session.boot = boot;
    await this.rebuild();
    this.options.onBoot?.(boot);
  }

  connected() {
    this.pill?.show(this.session);
    const live = this.session.connection === 'live';
    if (live && !this.live) this.recall();
    this.live = live;
  }

  event(frame) {
    if (frame.t === 'alert') this.book.take(frame);
    if (frame.t === 'mark') this.anomalies.take(frame);
    if (frame.t === 'mark') this.marks.take(frame);
    for (const ear of this.ears.get(frame.t) ?? []) ear(frame);
  }

  /** Lists that live frames keep true are asked for anew. */
  recall() {
    this.book.load();
    this.marks.load();
  }

  /** Marks and anomalies are wanted as far back as charts look. */
  reach() {
    const { span, past, pausedAt } = this.session;
    const far = span + (past ? Date.now() - pausedAt : 0);
    this.marks.reach(far);
    this.anomalies.reach(far);
  }

  /** Hears live frames of a kind until what is returned is called. @param {string} kind @param {(frame: any) => void} ear */
  hear(kind, ear) {
    if (!this.ears.has(kind)) this.ears.set(kind, new Set());
    this.ears.get(kind)?.add(ear);
    return () => this.ears.get(kind)?.delete(ear);
  }

  alerted() {
    this.painter.wake();
    this.options.onAlerts?.(this.book);
  }

  aloud(alerts, more) {
    const named = alerts.map((alert) => said(alert, this.language)).join(', ');
    return this.say(more > 0 ? 'aloud.more' : 'aloud', { named, n: alerts.length + more });
  }

  changed() {
    const { session, painter } = this;
    this.pill?.show(session);
    this.book.refresh();
    if (session.range !== this.range || session.paused !== this.held || session.era !== this.era) {
      if (session.range !== this.range) this.options.onRange?.(session.range);
      this.range = session.range;
      this.reach();
      this.held = session.paused;
      if (session.era !== this.era) this.options.onPast?.(session.past ? session.pausedAt : null);
      this.era = session.era;
      painter.paused = session.paused;
      painter.force();
    } else if (session.paused && session.fills !== this.fills) {
      // Another range was chosen: its past is drawn though the picture is stopped.
      painter.force();
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
    const now = performance.now();
    if (now < this.learnAt) return;
    this.learnAt = now + (this.learnAt ? LEARN_EVERY : LEARN_AGAIN);
    this.options.facts().then((boot) => {
      if (boot === null) return;
      Object.assign(this.session.boot.catalogue, boot.catalogue);
      this.painter.wake();
    });
  }

  /** @param {'ko' | 'en'} language */
  async setLanguage(language) {
    if (language === this.language) return;
    this.language = language;
    const catalogue = await load(language);
    if (this.gone || language !== this.language) return;
    this.catalogue = catalogue;
    if (this.page) await this.rebuild();
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
