// One kind of thing, a row each: state, response time, availability, 90 bars, certificate; the worst first.
import { attribute, el, svg, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { ago } from '../../tile.js';
import { watched } from '../../watched.js';
import { reasonOf } from './headline.js';
import { bars, BARS, ending, SIGN, stale, STRIPS } from './states.js';

/** Figures of a connection worth a place in its row, with their units. */
const FIGURES = { sessions: '', memory_bytes: 'B', replication_lag_seconds: 's', queue_messages: '' };
const LIMITS = { sessions: 'sessions_limit', memory_bytes: 'memory_limit_bytes' };

export class RowsPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader @param {string} kind @param {string} [span] */
  constructor(context, reader, kind, span = 'c12') {
    const { say } = context;
    this.ages = true;
    this.context = context;
    this.reader = reader;
    this.kind = kind;
    this.panel = new Panel({ id: `rows-${kind}`, span, title: say(`market.${kind}`), say });
    this.list = el('ul', { class: 'mrows' });
    this.panel.body.append(this.list);
    this.element = this.panel.element;
    this.version = -1;
    /** @type {{one: any, age: HTMLElement, element: HTMLElement}[]} */
    this.rows = [];
  }

  draw(ours) {
    const { reader, context } = this;
    const { say, session } = context;
    const things = reader.of(this.kind);
    this.element.hidden = reader.all !== null && things.length === 0;
    reader.tell(this.panel);
    if (reader.version !== this.version && reader.all !== null) {
      this.version = reader.version;
      this.rows = things.map((one) => this.row(one, session.now(ours)));
      this.list.replaceChildren(...this.rows.map(({ element }) => element));
      this.panel.tell(say('market.sub', { up: things.filter(({ state }) => state === 'up').length, n: things.length }));
    }
    for (const { one, age, element } of this.rows) this.age(one, age, element, session.now(ours));
  }

  /** How old what is known is; older than it should be looks so. */
  age(one, age, element, now) {
    const { say } = this.context;
    const old = stale(one, now) || this.reader.fault !== null;
    write(age, one.checked_at === null ? say('age.never') : ago(now - one.checked_at, say));
    element.classList.toggle('stale', old);
    attribute(age, 'title', old ? say('market.stale') : null);
  }

  row(one, now) {
    const { say, format, language } = this.context;
    const sign = SIGN[one.state];
    const age = el('time', {});
    const word = el('span', { class: `st ${sign}` }, icon(sign), say(`state.${one.state}`));
    const name = el('div', { class: 'nm' }, el('b', {}, one.title[language]), one.simulated ? el('em', { class: 'sim' }, say('market.simulated')) : null, el('small', { title: one.target }, one.target));
    const why = el('div', { class: 'why' }, word, el('span', {}, [reasonOf(one, say), one.state === 'up' ? '' : one.detail].filter(Boolean).join(' · ') || this.figures(one)));
    const percent = one.availability[this.reader.strip];
    const share = percent === undefined ? '–' : `${format.plain(Number(percent.toFixed(percent >= 99.9 && percent < 100 ? 3 : 1)))}%`;
    const part = watched(one, this.reader.strip, format);
    const took = one.response_ms === null ? '–' : format.text(one.response_ms, 'ms');
    const element = el(
      'li', { class: sign, 'data-name': one.name },
      name, why, this.strip(one, now),
      el('div', { class: 'fig' }, el('b', { title: say('market.availability') }, share), el('span', { title: part && say('market.over.title', part) }, part ? say('market.over', part) : say(`strip.${this.reader.strip}`))),
      el('div', { class: 'fig' }, el('b', { title: phasesOf(one, say, format) }, took), age),
      el('div', { class: 'ends' }, ...this.ends(one)),
    );
    return { one, age, element };
  }

  /** The two or three figures that matter. */
  figures(one) {
    const { say, format } = this.context;
    const told = [];
    for (const [name, unit] of Object.entries(FIGURES)) {
      const value = one.figures[name];
      if (value === undefined) continue;
      const limit = one.figures[LIMITS[name]];
      told.push(say(`figure.${name}`, { value: format.text(value, unit, { binary: unit === 'B' }) + (limit ? ` / ${format.text(limit, unit, { binary: unit === 'B' })}` : '') }));
    }
    for (const [name, value] of Object.entries(one.figures)) {
      if (name.startsWith('queue_messages:') && told.length < 3) told.push(say('figure.queue', { name: name.slice(15), value: format.number(value) }));
    }
    return told.slice(0, 3).join(' · ') || (one.http_status === null ? one.detail : '');
  }

  /** Certificate and key, where they end soon or are known. */
  ends(one) {
    const { say, format } = this.context;
    return [['certificate', one.certificate_days], ['key', one.key_days]].filter(([, days]) => days !== null).map(([what, days]) => {
      const state = ending(days);
      return el('span', { class: `end_ ${state}` }, state ? icon(state) : null, say(days < 0 ? `ends.${what}.over` : `ends.${what}`, { n: format.number(Math.max(0, Math.floor(days))) }));
    });
  }

  /** 90 bars, the newest at the right. */
  strip(one, now) {
    const { say } = this.context;
    const step = STRIPS[this.reader.strip];
    const found = bars(this.reader.past.get(`${one.kind} ${one.name}`) ?? [], step, now);
    const known = found.filter((state) => state !== null);
    const well = known.filter((state) => SIGN[state] === 'ok').length;
    const label = known.length === 0 ? say('strip.none') : say('strip.told', { range: say(`strip.${this.reader.strip}`), well, n: known.length });
    const drawing = svg('svg', { viewBox: `0 0 ${BARS * 4} 24`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label });
    found.forEach((state, i) => {
      // Height as well as colour: what is wrong stands lower than what is well.
      const sign = state === null ? 'none' : SIGN[state];
      const height = { ok: 24, info: 18, unknown: 14, warn: 18, crit: 24, none: 4 }[sign];
      drawing.append(svg('rect', { x: i * 4, y: 24 - height, width: 3, height, rx: 1, class: sign }));
    });
    return el('div', { class: 'bars90', title: label }, drawing);
  }

  close() {}
}

/** The parts of a response time in one line. */
function phasesOf(one, say, format) {
  return Object.entries(one.phases).map(([phase, ms]) => `${say(`phase.${phase}`)} ${format.text(ms, 'ms')}`).join(' · ') || null;
}
