// The page where one signs in: name, password, and back to where one wanted to be.
import { back, learn } from '../access.js';
import { logo } from '../beacon.js';
import { el, write } from '../dom.js';
import { icon } from '../icon.js';
import { load, say as words } from '../i18n.js';
import { shownTheme, switchTheme } from '../theme.js';

const LANGUAGE_KEY = 'bongsu.language';
const LANGUAGE_COOKIE = 'bongsu_language';

class Entrance {
  constructor(page) {
    this.page = page;
    this.held = 0;
    this.say = words({});
    /** @type {[string, Record<string, number>]} the sentence below the fields: its key and what fills it */
    this.fault = ['', {}];
    this.title = el('span');
    this.brand = document.createTextNode('');
    this.lead = el('p', { class: 'lead' });
    this.nameWord = document.createTextNode('');
    this.passwordWord = document.createTextNode('');
    this.name = el('input', { name: 'name', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: '64', required: true });
    this.password = el('input', { name: 'password', type: 'password', autocomplete: 'current-password', maxlength: '256', required: true });
    this.enter = el('button', { class: 'btn pri', type: 'submit' });
    this.told = el('p', { class: 'fault', role: 'alert', id: 'fault' });
    this.form = el('form', { novalidate: true, onsubmit: (event) => this.submit(event) }, el('label', {}, this.nameWord, this.name), el('label', {}, this.passwordWord, this.password), this.told, this.enter);
    this.go = el('a', { class: 'btn pri', href: this.next(), hidden: true });
    this.tongue = el('button', { class: 'ib lang', type: 'button', onclick: () => this.switchLanguage() });
    this.light = el('button', { class: 'ib', type: 'button', onclick: () => this.switchLight() }, icon('theme'));
  }

  next() {
    return back(new URLSearchParams(location.search).get('next'));
  }

  async start() {
    await this.speak(this.page.lang === 'en' ? 'en' : 'ko');
    const card = el('section', { class: 'who', 'aria-labelledby': 'title' }, el('h1', { id: 'title' }, logo(), this.brand, ' · ', this.title), this.lead, this.form, this.go);
    document.querySelector('main')?.replaceChildren(card, el('div', { class: 'foot' }, this.tongue, this.light));
    this.name.focus();
    const who = await learn();
    if (who.user) location.replace(this.next());
    else if (who.open) this.openToAll();
  }

  /** Nobody needs to sign in here. */
  openToAll() {
    this.nobody = true;
    this.form.hidden = true;
    this.go.hidden = false;
    this.write();
  }

  async submit(event) {
    event.preventDefault();
    if (this.busy || this.held > 0) return;
    if (!this.name.value.trim() || !this.password.value) {
      (this.name.value.trim() ? this.password : this.name).focus();
      this.tell('empty');
      return;
    }
    this.busy = true;
    this.write();
    try {
      await this.ask();
    } finally {
      this.busy = false;
      this.write();
    }
  }

  async ask() {
    const body = JSON.stringify({ name: this.name.value, password: this.password.value });
    let answer;
    try {
      answer = await fetch('/api/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    } catch {
      this.tell('away');
      return;
    }
    if (answer.ok) {
      this.password.value = '';
      location.replace(this.next());
      return;
    }
    if (answer.status === 429) this.wait(Number(answer.headers.get('retry-after')) || 1);
    else this.tell(answer.status === 401 ? 'wrong' : 'away');
    this.password.select();
  }

  /** Counts down until the next attempt may be made. @param {number} seconds */
  wait(seconds) {
    this.held = seconds;
    const tick = () => {
      if (this.held > 0) this.tell('held', { n: this.held });
      else this.tell('');
      this.write();
      this.held -= 1;
      if (this.held >= 0) setTimeout(tick, 1_000);
    };
    tick();
  }

  /** @param {string} key @param {Record<string, number>} [values] */
  tell(key, values = {}) {
    this.fault = [key, values];
    const wrong = String(key === 'wrong');
    this.name.setAttribute('aria-invalid', wrong);
    this.password.setAttribute('aria-invalid', wrong);
    this.write();
  }

  async speak(language) {
    this.language = language;
    const [frame, own] = await Promise.all([load(language), load(language, 'signin')]);
    this.say = words({ ...frame, ...own });
    this.page.lang = language;
    this.write();
  }

  write() {
    const { say } = this;
    const [fault, values] = this.fault;
    write(this.brand, say('brand'));
    write(this.title, say('signin.title'));
    write(this.lead, say(this.nobody ? 'signin.open' : 'signin.lead'));
    write(this.nameWord, say('signin.name'));
    write(this.passwordWord, say('signin.password'));
    write(this.enter, say(this.busy ? 'signin.entering' : 'signin.enter'));
    write(this.go, say('signin.go'));
    write(this.told, fault ? say(`signin.${fault}`, values) : '');
    this.told.classList.toggle('held', fault === 'held');
    this.enter.disabled = Boolean(this.busy) || this.held > 0;
    document.title = `${say('brand')} · ${say('signin.title')}`;
    this.tongue.setAttribute('aria-label', say('language.switch'));
    this.tongue.title = say('language.switch');
    const korean = this.language === 'ko';
    this.tongue.replaceChildren(el(korean ? 'b' : 'span', { lang: 'ko' }, '한'), el(korean ? 'span' : 'b', { lang: 'en' }, 'EN'));
    this.light.setAttribute('aria-label', say(`theme.${shownTheme()}`));
    this.light.title = say(`theme.${shownTheme()}`);
  }

  async switchLanguage() {
    await this.speak(this.language === 'ko' ? 'en' : 'ko');
    document.cookie = `${LANGUAGE_COOKIE}=${this.language}; path=/; max-age=31536000; samesite=lax`;
    try {
      localStorage.setItem(LANGUAGE_KEY, this.language);
    } catch {
      // Storage is forbidden here: the choice lasts as long as the page.
    }
  }

  switchLight() {
    switchTheme();
    this.write();
  }
}

new Entrance(document.documentElement).start();
