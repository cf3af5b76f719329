// What the alerts page says first: how many fire, and which part of the page is shown.
import { calling, quiet, rank, SEVERITIES, STATES } from '../../alerts/severity.js';
import { Beacon } from '../../beacon.js';
import { attribute, el, write } from '../../dom.js';

export const TABS = ['now', 'history', 'rules', 'silences', 'channels'];

/** @param {string | null} asked */
export function tabOf(asked) {
  return asked !== null && TABS.includes(asked) ? asked : TABS[0];
}

export class AlertsHero {
  /** @param {import('../../mount.js').Context} context @param {string} tab @param {(tab: string) => void} turn */
  constructor(context, tab, turn) {
    const { say } = context;
    this.always = true;
    this.ages = true;
    this.context = context;
    this.beacon = new Beacon();
    this.sentence = el(context.heading, {});
    this.sub = el('p', { class: 'calmly' });
    const links = TABS.map((name) =>
      el('a', {
        href: `?page=alerts&tab=${name}`, 'aria-current': name === tab ? 'true' : null,
        onclick: (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          turn(name);
        },
      }, say(`alerts.tab.${name}`)),
    );
    this.element = el(
      'section',
      { class: 'hero', 'aria-label': say('hero') },
      el('div', { class: 'say' }, this.beacon.element, el('div', {}, this.sentence, el('div', { class: 'what' }, this.sub))),
      el('div', { class: 'ctl one' }, context.pill, el('nav', { class: 'seg', 'aria-label': say('alerts.tabs') }, ...links)),
    );
  }

  draw() {
    const { alerts, say, session, onVerdict } = this.context;
    const all = alerts.all();
    const waiting = all.filter(calling);
    const away = session.connection === 'off' || session.connection === 'again';
    const worst = waiting.reduce((most, one) => Math.max(most, rank(one.severity)), -1);
    const state = away ? 'warn' : alerts.state === 'ready' ? (worst < 0 ? 'ok' : STATES[SEVERITIES[worst]]) : 'unknown';
    const key = away ? `say.${session.connection}` : alerts.state === 'ready' ? (waiting.length ? 'alerts.say.firing' : 'alerts.say.calm') : `alerts.say.${alerts.state}`;
    write(this.sentence, say(key, { n: waiting.length }));
    this.beacon.light(away ? 3 : worst < 0 ? (alerts.state === 'ready' ? 1 : 0) : [2, 3, 4, 4][worst], state);
    const had = all.filter((one) => one.phase === 'acknowledged' && !quiet(one)).length;
    const muted = all.filter(quiet).length;
    const words = [had ? say('alerts.had', { n: had }) : '', muted ? say('alerts.muted', { n: muted }) : ''].filter(Boolean).join(' · ');
    write(this.sub, words || (alerts.state === 'ready' && waiting.length === 0 ? say('alerts.say.calm.sub') : ''));
    attribute(this.element, 'data-state', state);
    onVerdict({ issues: waiting, state, fires: 0 });
  }

  close() {}
}
