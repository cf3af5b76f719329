// The middle of the page: the forms of one tab, the documents, or the history; and what stands there while nothing can be shown.
import { el } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { Channels } from './channels.js';
import { Documents } from './documents.js';
import { GroupPanel, lengths } from './field.js';
import { History } from './history.js';
import { GROUPS } from './layout.js';

export class Sections {
  /** @param {import('../../mount.js').Context} context @param {import('./desk.js').Desk} desk */
  constructor(context, desk) {
    this.context = context;
    this.desk = desk;
    this.tab = '';
    /** @type {{update: () => void, close?: () => void, element: HTMLElement}[]} */
    this.shown = [];
    this.place = el('div', { class: 'stack_' });
    this.element = el('div', { class: 'c8 stack_' }, lengths(), this.place);
    this.blank = new Panel({ id: 'set-blank', span: 'c12', title: context.say('set.title'), say: context.say });
    this.blank.body.classList.add('waiting');
    this.built = '';
    desk.listen(() => this.update());
  }

  /** @param {string} tab */
  turn(tab) {
    this.tab = tab;
    this.update();
  }

  update() {
    const { desk } = this;
    if (desk.view === null) return this.without();
    if (this.built !== this.tab) this.build();
    for (const one of this.shown) one.update();
  }

  without() {
    const { desk, blank } = this;
    const { say } = this.context;
    if (!blank.element.isConnected) this.place.replaceChildren(blank.element);
    blank.loading(desk.state === 'loading');
    const forbidden = desk.state === 'forbidden';
    blank.failed(desk.state === 'failed' || forbidden ? { text: say(forbidden ? 'set.forbidden' : 'set.failed'), trace: desk.error?.trace ?? '', retry: () => desk.load() } : null);
  }

  build() {
    this.clear();
    const { context, desk } = this;
    this.built = this.tab;
    if (this.tab === 'lists') this.shown = [new Documents(context, desk)];
    else if (this.tab === 'history') this.shown = [new History(context, desk)];
    else this.shown = GROUPS[this.tab].map((group) => (group.extra === 'channels' ? new Channels(context) : new GroupPanel(context, desk, group)));
    this.place.replaceChildren(...this.shown.map(({ element }) => element), ...(desk.locked && this.tab !== 'history' ? [el('p', { class: 'hint' }, icon('info'), context.say('set.locked'))] : []));
  }

  clear() {
    for (const one of this.shown) one.close?.();
    this.shown = [];
  }

  draw() {}

  close() {
    this.clear();
  }
}
