// A live page in any document: the board mounts all of its pages, the console one a page of its own.
import { learn, signIn } from './access.js';
import { el } from './dom.js';
import { load } from './i18n.js';
import { sheets } from './sheets.js';
import { View } from './view.js';

const BOOT = '/monitoring/boot.json';
const SHEETS = ['tokens.css', 'board.css'];

/**
 * @typedef {object} Options
 * @property {string} liveUrl the socket, `ws://…/live`
 * @property {string} [page] which page of `pages/index.js` is shown at first
 * @property {string} [restUrl] origin or prefix of `/api/v1`, empty for the page's own
 * @property {string} [bootUrl] where the facts are, when `boot` isn't given
 * @property {object} [boot] the body of `/monitoring/boot.json`
 * @property {Record<string, string>} [words] the frame's catalogue of `language`, when it is at hand
 * @property {string} [origin] the server's own address, for the lines to copy
 * @property {'ko' | 'en'} [language]
 * @property {'light' | 'dark' | null} [theme] null follows the page
 * @property {string} [range] `15m`, `1h`, `6h`, `24h` or `7d`
 * @property {string} [until] the time that is looked at, where it isn't the present
 * @property {boolean} [money] false hides amounts of money
 * @property {Element | null} [pill] where the connection is shown; null shows it beside the controls
 * @property {Element | null} [voice] where new critical alerts are said to screen readers; null makes a place for it
 * @property {'h1' | 'h2'} [heading]
 * @property {boolean} [keys] whether keys are heard on the whole page (else only within the view)
 * @property {(name: string) => string | null} [asked] what the address says under a name
 * @property {(name: string, value: string | null) => void} [remember] writes it there; null takes it away
 * @property {(page: string, asked?: Record<string, string>) => void} [onGo] leads to another page; without it there is only one
 * @property {(range: string) => void} [onRange]
 * @property {(until: number | null) => void} [onPast] told which time is looked at, null for the present
 * @property {(boot: any) => void} [onBoot] told when the server was started anew with other facts
 * @property {(seen: {fires: number, state: string, issues: object[]}) => void} [onVerdict]
 * @property {(book: import('./alerts/book.js').Book) => void} [onAlerts] told when open alerts change
 * @property {(page: string) => void} [onShown] told when a page stands
 */

/**
 * What a page and its panels are given.
 * @typedef {import('./panels/panel.js').Context & {
 *   pill: HTMLElement | null, rest: import('./rest.js').Rest, alerts: import('./alerts/book.js').Book, anomalies: import('./anomalies.js').Anomalies, marks: import('./marks.js').Marks,
 *   hear: (kind: string, ear: (frame: any) => void) => () => void, root: HTMLElement, origin: string, heading: 'h1' | 'h2',
 *   delay: () => number, learn: () => void, onVerdict: (seen: any) => void,
 *   go: ((page: string, asked?: Record<string, string>) => void) | null,
 *   asked: (name: string) => string | null, remember: (name: string, value: string | null) => void}} Context
 *   `pill` shows the connection, null where it stands elsewhere; `go` leads to another page, null where there is none; `asked` and `remember` keep a page's own state in the address
 */

/**
 * Draws a page into `root` and keeps it up until `destroy()`. Returns at once; what can't be had at first
 * (the facts of a server that is just starting) is asked for again.
 * @param {HTMLElement} root
 * @param {Options} options
 */
export function mount(root, options) {
  const host = el('div', { class: 'bongsu' });
  const state = { gone: false, language: options.language ?? 'ko', page: options.page ?? 'overview' };
  /** @type {View | null} */
  let view = null;
  dress(host, options.theme ?? null);
  sheets(root, SHEETS);
  root.append(host);
  const start = async () => {
    const { language } = state;
    const [boot, catalogue] = await Promise.all([options.boot ?? facts(options, state), options.words ?? load(language), learn(options.restUrl)]);
    if (state.gone || boot === null) return;
    view = new View(host, { ...options, facts: () => facts(options, state) }, boot, language, catalogue);
    if (state.language !== language) await view.setLanguage(state.language);
    await view.show(state.page);
  };
  return {
    /** Resolves when the view stands. */
    ready: start(),
    destroy() {
      state.gone = true;
      view?.destroy();
      host.remove();
    },
    /** Shows another page. @param {string} page */
    async show(page) {
      state.page = page;
      await view?.show(page);
    },
    /** Tells the page that the address says something else now. */
    async tell() {
      await view?.tell();
    },
    /** @param {string} range */
    choose: (range) => view?.session.choose(range),
    /** @param {'ko' | 'en'} language */
    async setLanguage(language) {
      state.language = language;
      await view?.setLanguage(language);
    },
    /** @param {'light' | 'dark' | null} theme */
    setTheme: (theme) => dress(host, theme),
  };
}

/** The live view of the machine alone. @param {HTMLElement} root @param {Options} options */
export function mountSystem(root, options) {
  return mount(root, { ...options, page: 'system' });
}

/** The facts of the page; a server that is just starting is asked again. */
async function facts({ restUrl = '', bootUrl = BOOT }, state) {
  for (let wait = 250; !state.gone; wait = Math.min(wait * 2, 5_000)) {
    try {
      const answer = await fetch(restUrl + bootUrl);
      if (answer.status === 401) signIn();
      if (answer.ok) return await answer.json();
    } catch {
      // The server is away: the next round asks again.
    }
    await new Promise((go) => setTimeout(go, wait));
  }
  return null;
}

/** @param {HTMLElement} host @param {'light' | 'dark' | null} theme */
function dress(host, theme) {
  if (theme === null) host.removeAttribute('data-theme');
  else host.dataset.theme = theme;
}
