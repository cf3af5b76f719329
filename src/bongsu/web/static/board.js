// The board's page: header, tabs and address around the live view.
import { barred, learn, present, signIn, signOut } from './access.js';
import { addressOf, addressWith } from './address.js';
import { logo } from './beacon.js';
import { el, write } from './dom.js';
import { icon } from './icon.js';
import { load, say as words } from './i18n.js';
import { mount } from './mount.js';
import { entryOf, PAGES } from './pages/index.js';
import { Tabs } from './tabs.js';
import { shownTheme, switchTheme } from './theme.js';

const LANGUAGE_KEY = 'bongsu.language';

class Board {
  constructor(page, boot, catalogue) {
    this.page = page;
    this.boot = boot;
    this.catalogue = catalogue;
    this.language = languageOf(page);
    this.shown = entryOf(this.asked('page')).name;
    this.pill = el('span', { class: 'pillbox' });
    this.voice = el('p', { class: 'hide', role: 'alert' });
    this.brand = document.createTextNode('');
    this.mock = el('span', { class: 'mock', hidden: !boot.demo });
    this.tongue = el('button', { class: 'ib lang', type: 'button', onclick: () => this.switchLanguage() });
    this.light = el('button', { class: 'ib', type: 'button', onclick: () => this.switchLight() }, icon('theme'));
    this.me = el('a', { class: 'ib me', hidden: true, onclick: (event) => this.leave(event, 'accounts') });
    this.out = el('button', { class: 'ib out', type: 'button', hidden: true, onclick: () => signOut() });
    this.tabs = new Tabs({ href: (name) => this.address(name).href, go: (name) => this.go(name) });
    this.skip = el('a', { class: 'skip', href: '#main' });
    this.main = el('main', { id: 'main', tabindex: '-1' });
    this.foot = el('footer', { class: 'foot' });
    this.waiting = 0;
  }

  start() {
    const { boot } = this;
    const home = el('a', { class: 'brand', href: location.pathname, onclick: (event) => this.home(event) }, logo(), this.brand);
    const header = el('header', { class: 'top' }, el('div', { class: 'in' }, home, this.tabs.element, this.mock, this.pill, this.me, this.out, this.tongue, this.light));
    document.body.replaceChildren(this.skip, header, this.main, this.foot, this.voice);
    this.name(words(this.catalogue));
    this.tabs.mark(this.shown);
    history.scrollRestoration = 'manual';
    addEventListener('popstate', (event) => this.back(event));
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    this.view = mount(this.main, {
      liveUrl: `${scheme}//${location.host}${boot.live}`, page: this.shown,
      boot, words: this.catalogue, language: this.language, range: this.asked('range') ?? undefined, pill: this.pill, voice: this.voice, keys: true,
      asked: (name) => this.asked(name),
      remember: (name, value) => this.remember(name, value),
      onGo: (name, asked) => this.go(name, asked),
      onRange: (range) => this.remember('range', range),
      until: this.asked('until') ?? undefined,
      onPast: (until) => this.remember('until', until === null ? null : `${new Date(until).toISOString().slice(0, 19)}Z`),
      onVerdict: (seen) => this.title(seen),
      onAlerts: (book) => this.tabs.count('alerts', book.calling),
      onBoot: (fresh) => this.restarted(fresh),
      money: this.asked('money') !== '0',
    });
    if (this.asked('kiosk') !== null) import('./kiosk.js').then(({ kiosk }) => kiosk(this));
  }

  asked(name) {
    return new URLSearchParams(location.search).get(name);
  }

  address(name, asked = {}) {
    return addressOf(new URL(location.href), name, PAGES[0].name, asked);
  }

  /** To another page: a step that "back" undoes. @param {string} name @param {Record<string, string>} [asked] */
  async go(name, asked = {}) {
    const address = this.address(name, asked);
    if (address.href === location.href) return;
    history.replaceState({ top: scrollY }, '');
    history.pushState(null, '', address);
    await this.turn(name, 0);
    this.main.focus({ preventScroll: true });
  }

  home(event) {
    this.leave(event, PAGES[0].name);
  }

  leave(event, page) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.go(page);
  }

  /** "Back" and "forward": the page of that address, where it was left. */
  async back({ state }) {
    if (this.asked('range')) this.view?.choose(this.asked('range') ?? '');
    await this.turn(entryOf(this.asked('page')).name, state?.top ?? 0);
  }

  async turn(name, top) {
    const same = name === this.shown;
    this.shown = name;
    this.tabs.mark(name);
    this.title(null);
    await (same ? this.view?.tell() : this.view?.show(name));
    const panel = this.asked('panel');
    const place = panel && top === 0 ? this.main.querySelector(`#${CSS.escape(panel)}`) : null;
    if (place) place.scrollIntoView({ block: 'start' });
    else scrollTo({ top });
  }

  /** The server was started anew: another version brings another page. */
  restarted(boot) {
    if (boot.version !== this.boot.version) location.reload();
    this.boot = boot;
    this.mock.hidden = !boot.demo;
    this.name(this.say);
  }

  /** Everything around the view that has words. */
  name(say) {
    this.say = say;
    this.page.lang = this.language;
    write(this.brand, say('brand'));
    this.tabs.name(say);
    write(this.mock, say('mock'));
    write(this.skip, say('skip'));
    this.mock.title = say('mock.long');
    this.tongue.setAttribute('aria-label', say('language.switch'));
    this.tongue.title = say('language.switch');
    const korean = this.language === 'ko';
    this.tongue.replaceChildren(el(korean ? 'b' : 'span', { lang: 'ko' }, '한'), el(korean ? 'span' : 'b', { lang: 'en' }, 'EN'));
    const { user } = present();
    this.me.hidden = this.out.hidden = user === null;
    this.me.href = this.address('accounts').href;
    if (user) {
      write(this.me, user.name);
      this.me.setAttribute('aria-label', say('account.link', { name: user.name }));
    }
    write(this.out, say('account.out'));
    this.light.setAttribute('aria-label', say(`theme.${shownTheme()}`));
    this.light.title = say(`theme.${shownTheme()}`);
    this.foot.replaceChildren(
      el('span', {}, say('foot.version', { version: this.boot.version })),
      el('span', {}, say('foot.zone', { zone: this.boot.timezone })),
      el('a', { href: '/docs' }, 'REST API'),
      el('a', { href: '/metrics' }, '/metrics'),
      el('span', { class: 'opt' }, say('foot.help')),
    );
    this.title(null);
  }

  /** The tab says it too: `(2) 봉수`. @param {{issues: object[]} | null} seen */
  title(seen) {
    const count = seen && seen.issues.length > 0 ? `(${seen.issues.length}) ` : '';
    const wanted = `${count}${this.say('brand')} · ${this.say(`nav.${this.shown}`)}`;
    if (wanted !== document.title) document.title = wanted;
  }

  async switchLanguage() {
    this.language = this.language === 'ko' ? 'en' : 'ko';
    const { language } = this;
    const say = words(await load(language));
    if (language !== this.language) return;
    this.name(say);
    this.remember('lang', language);
    try {
      localStorage.setItem(LANGUAGE_KEY, language);
    } catch {
      // Storage is forbidden here: the choice lasts as long as the page.
    }
    await this.view?.setLanguage(language);
  }

  switchLight() {
    const theme = switchTheme();
    this.light.setAttribute('aria-label', this.say(`theme.${theme}`));
    this.light.title = this.say(`theme.${theme}`);
    if (this.asked('theme') !== null) this.remember('theme', theme);
  }

  /** The address always leads back to what is on the screen. @param {string} name @param {string | null} value */
  remember(name, value) {
    history.replaceState(history.state, '', addressWith(new URL(location.href), name, value));
    this.tabs.mark(this.shown);
  }
}

async function facts(url) {
  for (let wait = 250; ; wait = Math.min(wait * 2, 5_000)) {
    try {
      const answer = await fetch(url);
      if (answer.status === 401) signIn();
      if (answer.ok) return await answer.json();
    } catch {
      // The server is starting or away: the next round asks again.
    }
    await new Promise((go) => setTimeout(go, wait));
  }
}

/** @returns {'ko' | 'en'} */
function languageOf(page) {
  return page.lang === 'en' ? 'en' : 'ko';
}

const page = document.documentElement;
const [boot, catalogue] = await Promise.all([facts(page.dataset.boot), load(languageOf(page)), learn()]);
if (barred()) signIn();
new Board(page, boot, catalogue).start();
