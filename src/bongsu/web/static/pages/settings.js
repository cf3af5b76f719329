// Settings while all runs: forms by part, what a change would do before it is made, lists as JSON, and the way back.
import { el } from '../dom.js';
import { Desk } from './settings/desk.js';
import { DraftPanel } from './settings/draft.js';
import { SettingsHero } from './settings/hero.js';
import { tabOf } from './settings/layout.js';
import { Sections } from './settings/sections.js';

/** @param {import('../mount.js').Context} context @returns {import('./index.js').Built} */
export function build(context) {
  const desk = new Desk(context);
  const turn = (/** @type {string} */ tab) => {
    context.remember('tab', tab === tabOf(null) ? null : tab);
    show();
  };
  const show = () => {
    const tab = tabOf(context.asked('tab'));
    hero.turn(tab);
    sections.turn(tab);
  };
  const hero = new SettingsHero(context, desk, turn);
  const sections = new Sections(context, desk);
  const draft = new DraftPanel(context, desk);
  show();
  desk.load();
  const frame = el('div', { class: 'grid' }, sections.element, draft.element);
  return { elements: [hero.element, frame, draft.bar], parts: [hero, sections, draft, desk], asked: show };
}
