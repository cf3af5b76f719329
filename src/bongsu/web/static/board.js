// The board's page: its header and address around the live view.
import { logo } from './beacon.js';
import { el, write } from './dom.js';
import { icon } from './icon.js';
import { load, say as words } from './i18n.js';
import { mountSystem } from './mount.js';
import { shownTheme, switchTheme } from './theme.js';

const LANGUAGE_KEY = 'bongsu.language';

class Board {
  constructor(page, boot, catalogue) {
    this.page = page;
    this.boot = boot;
    this.catalogue = catalogue;
    this.language = languageOf(page);
    this.asked = new URLSearchParams(location.search);
    this.pill = el('span', { class: 'pillbox' });
    this.brand = document.createTextNode('');
    this.here = document.createTextNode('');
    this.mock = el('span', { class: 'mock', hidden: !boot.demo });
    this.tongue = el('button', { class: 'ib lang', type: 'button', onclick: () => this.switchLanguage() });
    this.light = el('button', { class: 'ib', type: 'button', onclick: () => this.switchLight() }, icon('theme'));
    this.nav = el('nav', { class: 'nav' }, el('a', { href: '#main', 'aria-current': 'page' }, this.here));
    this.skip = el('a', { class: 'skip', href: '#main' });
    this.main = el('main', { id: 'main', tabindex: '-1' });
    this.foot = el('footer', { class: 'foot' });
  }

  start() {
    const { boot } = this;
    const header = el('header', { class: 'top' }, el('div', { class: 'in' }, el('a', { class: 'brand', href: location.pathname }, logo(), this.brand), this.nav, this.mock, this.pill, this.tongue, this.light));
    document.body.replaceChildren(this.skip, header, this.main, this.foot);
    this.name(words(this.catalogue));
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    this.view = mountSystem(this.main, {
      liveUrl: `${scheme}//${location.host}${boot.live}`,
      boot, words: this.catalogue, language: this.language, range: this.asked.get('range') ?? undefined, pill: this.pill, keys: true,
      onRange: (range) => this.remember('range', range),
      onVerdict: (seen) => this.title(seen),
      onBoot: (fresh) => this.restarted(fresh),
    });
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
    write(this.here, say('nav.system'));
    write(this.mock, say('mock'));
    write(this.skip, say('skip'));
    this.mock.title = say('mock.long');
    this.nav.setAttribute('aria-label', say('nav'));
    this.tongue.setAttribute('aria-label', say('language.switch'));
    this.tongue.title = say('language.switch');
    const korean = this.language === 'ko';
    this.tongue.replaceChildren(el(korean ? 'b' : 'span', { lang: 'ko' }, '한'), el(korean ? 'span' : 'b', { lang: 'en' }, 'EN'));
    this.light.setAttribute('aria-label', say(`theme.${shownTheme()}`));
    this.light.title = say(`theme.${shownTheme()}`);
    this.foot.replaceChildren(
      el('span', {}, say('foot.version', { version: this.boot.version })),
      el('span', {}, say('foot.zone', { zone: this.boot.timezone })),
      el('a', { href: '/docs' }, 'REST API'),
      el('a', { href: '/metrics' }, '/metrics'),
      el('span', { class: 'opt' }, say('foot.help')),
    );
    this.titled = '';
    this.title(null);
  }

  /** The tab says it too: `(2) 봉수`. */
  title(seen) {
    const count = seen && seen.issues.length > 0 ? `(${seen.issues.length}) ` : '';
    const wanted = `${count}${this.say('brand')} · ${this.say('nav.system')}`;
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
    if (this.asked.has('theme')) this.remember('theme', theme);
  }

  /** The address always leads back to what is on the screen. */
  remember(name, value) {
    const address = new URL(location.href);
    address.searchParams.set(name, value);
    history.replaceState(null, '', address);
  }
}

async function facts(url) {
  for (let wait = 250; ; wait = Math.min(wait * 2, 5_000)) {
    try {
      const answer = await fetch(url);
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
const [boot, catalogue] = await Promise.all([facts(page.dataset.boot), load(languageOf(page))]);
new Board(page, boot, catalogue).start();
