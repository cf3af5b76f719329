// What the page says first: whether all settings are in force, and if not, which and why; and its parts.
import { attribute, el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { Beacon } from '../../beacon.js';
import { TABS } from './layout.js';

const MOST = 6;

export class SettingsHero {
  /** @param {import('../../mount.js').Context} context @param {import('./desk.js').Desk} desk @param {(tab: string) => void} turn */
  constructor(context, desk, turn) {
    const { say } = context;
    this.context = context;
    this.desk = desk;
    this.beacon = new Beacon();
    this.sentence = el(context.heading, {});
    this.sub = el('p', { class: 'calmly' });
    this.faults = el('ul', { class: 'sfaults', hidden: true });
    this.links = TABS.map((name) =>
      el('a', {
        href: `?page=settings&tab=${name}`, 'data-tab': name,
        onclick: (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          turn(name);
        },
      }, say(`set.tab.${name}`)),
    );
    this.element = el(
      'section',
      { class: 'hero shero', 'aria-label': say('hero') },
      el('div', { class: 'say' }, this.beacon.element, el('div', {}, this.sentence, el('div', { class: 'what' }, this.sub), this.faults)),
      el('div', { class: 'ctl one' }, context.pill, el('nav', { class: 'seg', 'aria-label': say('set.tabs') }, ...this.links)),
    );
    this.drawn = '';
    desk.listen(() => this.update());
    this.update();
  }

  /** @param {string} tab */
  turn(tab) {
    for (const link of this.links) attribute(link, 'aria-current', link.dataset.tab === tab ? 'true' : null);
  }

  update() {
    const { desk } = this;
    const { say, onVerdict } = this.context;
    const faults = desk.view?.faults ?? [];
    const waits = desk.view?.restart ?? [];
    const state = desk.view === null ? 'unknown' : faults.length ? 'crit' : waits.length ? 'warn' : 'ok';
    write(this.sentence, desk.view === null ? say(`set.say.${desk.state}`) : faults.length ? say('set.say.faults', { n: faults.length }) : waits.length ? say('set.say.waits', { n: waits.length }) : say('set.say.ok'));
    write(this.sub, desk.view === null ? '' : faults.length ? say('set.say.faults.sub') : waits.length ? waits.slice(0, MOST).join(', ') + (waits.length > MOST ? ' …' : '') : desk.view.version ? say('set.say.version', { n: desk.view.version }) : say('set.say.never'));
    this.beacon.light(state === 'crit' ? 4 : state === 'warn' ? 2 : state === 'ok' ? 1 : 0, state);
    attribute(this.element, 'data-state', state);
    const wanted = JSON.stringify(faults);
    if (wanted !== this.drawn) {
      this.drawn = wanted;
      this.faults.hidden = faults.length === 0;
      this.faults.replaceChildren(...faults.map(({ path, message, hint }) => el('li', {}, icon('crit'), el('div', {}, el('p', {}, path ? el('code', {}, path) : null, path ? ' ' : null, message), hint ? el('p', { class: 'meta' }, hint) : null))));
    }
    onVerdict({ issues: [], state, fires: 0 });
  }

  draw() {}

  close() {}
}
