// One sentence over everything that is asked, and the way to begin where nothing is.
import { el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { ago } from '../../tile.js';
import { SIGN, STRIPS, troubled } from './states.js';

const LINE = '"marketplaces": {"naver": {"client_id": "…", "client_secret": "…"}},\n"connections": [{"name": "orders", "url": "postgresql://watch:…@127.0.0.1:5434/shop"}]';

export class Headline {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.ages = true;
    this.always = true;
    this.context = context;
    this.reader = reader;
    this.sentence = el(context.heading, {});
    this.sub = el('p', { class: 'marketsub' });
    this.notes = el('ul', { class: 'what' });
    this.shown = -1;
    this.buttons = Object.keys(STRIPS).map((strip) => el('button', { type: 'button', 'data-strip': strip, onclick: () => reader.choose(strip) }, say(`strip.${strip}`)));
    this.choice = el('div', { class: 'seg', role: 'group', 'aria-label': say('strip') }, ...this.buttons);
    /** @type {HTMLElement | null} */
    this.empty = null;
    this.element = el(
      'section', { class: 'hero markethero', 'aria-label': say('market.title') },
      el('div', { class: 'say' }, el('div', {}, this.sentence, this.sub, this.notes)),
      el('div', { class: 'ctl one' }, this.choice, context.pill),
    );
  }

  draw(ours) {
    const { all, fault } = this.reader;
    const { say, session } = this.context;
    for (const button of this.buttons) button.setAttribute('aria-pressed', String(button.dataset.strip === this.reader.strip));
    if (all === null) {
      write(this.sentence, say(fault ? 'market.fault' : 'market.reading'));
      return;
    }
    this.begin(all.length === 0);
    if (all.length === 0) return;
    const bad = troubled(all);
    write(this.sentence, bad.length === 0 ? say('market.calm', { n: all.length }) : say('market.trouble', { n: bad.length }));
    const newest = Math.max(...all.map(({ checked_at: at }) => at ?? 0));
    const age = newest > 0 ? say('market.asof', { age: ago(session.now(ours) - newest, say) }) : say('market.reading');
    write(this.sub, fault ? `${say('market.fault')} · ${age}` : `${say('market.counts', { up: all.filter(({ state }) => state === 'up').length, n: all.length })} · ${age}`);
    if (this.shown === this.reader.version) return;
    this.shown = this.reader.version;
    this.notes.replaceChildren(...bad.slice(0, 3).map((one) => this.note(one)));
  }

  note(one) {
    const { say, language } = this.context;
    const state = SIGN[one.state];
    return el('li', {}, el('span', { class: `iss ${state}` }, icon(state), el('b', {}, `${one.title[language]} · ${say(`state.${one.state}`)}`), el('span', {}, reasonOf(one, say))));
  }

  /** Nothing is set up: says what to do next, with a line to copy. */
  begin(on) {
    const { say } = this.context;
    this.choice.hidden = on;
    if (!on) {
      this.empty?.remove();
      this.empty = null;
      return;
    }
    write(this.sentence, say('market.none'));
    write(this.sub, '');
    if (this.empty) return;
    this.empty = el('div', { class: 'panel' }, el('div', { class: 'empty' }, el('h3', {}, say('market.none.title')), el('p', {}, say('market.none.hint')), el('code', { class: 'line', tabindex: '0' }, LINE), el('p', {}, say('market.none.try')), el('code', { class: 'line', tabindex: '0' }, 'bongsu checks')));
    this.element.after(this.empty);
  }

  close() {
    this.empty?.remove();
  }
}

/** Why it stands so, in words. @param {any} one @param {import('../../i18n.js').Say} say */
export function reasonOf(one, say) {
  return one.reason ? say(`reason.${one.reason}`) : '';
}
