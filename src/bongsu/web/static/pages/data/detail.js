// One symbol in full: scores by window, its course, its delays, its gaps, and the faulty events with the reason.
import { attribute, el, svg, write } from '../../dom.js';
import { Panel } from '../../panels/panel.js';
import { points, tint, WINDOWS } from './reader.js';

const DIMENSIONS = ['quality', 'completeness', 'accuracy', 'timeliness', 'consistency'];
const WIDE = 640;
const HIGH = 120;

export class DetailPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.context = context;
    this.reader = reader;
    this.panel = new Panel({ id: 'data-detail', span: 'c12', title: say('data.detail'), say });
    this.panel.tools.append(el('button', { class: 'ib', type: 'button', title: say('data.close'), 'aria-label': say('data.close'), onclick: () => reader.choose({ symbol: '' }) }, '×'));
    this.element = this.panel.element;
    this.element.hidden = true;
    this.always = true;
    this.drawn = '';
    /** @type {{window: string, name: string, cell: HTMLElement}[]} */
    this.cells = [];
    // What is hidden isn't drawn: whoever hears of the choice must show it.
    reader.listen(() => {
      const opens = this.element.hidden && reader.symbol !== '';
      this.element.hidden = !reader.symbol;
      if (opens) this.element.scrollIntoView({ block: 'nearest' });
    });
  }

  draw() {
    const { reader } = this;
    if (!reader.symbol) return;
    const wanted = `${reader.slow} ${reader.symbol} ${reader.one !== null}`;
    if (wanted === this.drawn) {
      if (reader.one) this.score(reader.one);
      return;
    }
    this.drawn = wanted;
    const { say } = this.context;
    write(this.panel.heading, `${say('data.detail')} · ${reader.symbol}`);
    const { one } = reader;
    if (!one) {
      this.panel.body.replaceChildren(el('p', { class: 'meta' }, say('data.detail.none')));
      return;
    }
    this.panel.tell(one.faults.map(({ fault }) => say(/** @type {any} */ (`data.fault.${fault}`))).join(', '));
    this.panel.body.replaceChildren(
      el('div', { class: 'dgrid' }, block(say('data.windows'), this.windows(one)), block(say('data.timeline'), this.timeline(one)), block(say('data.delays'), this.delays(one)), block(say('data.gaps'), this.gaps(one))),
      block(say('data.offenders'), this.offenders(one)),
    );
  }

  windows(one) {
    const { say } = this.context;
    const head = el('tr', {}, el('th', { scope: 'col' }), ...WINDOWS.map((window) => el('th', { scope: 'col' }, say(/** @type {any} */ (`data.window.${window}`)))));
    this.cells = DIMENSIONS.flatMap((name) => WINDOWS.map((window) => ({ window, name, cell: el('td', { class: 'n' }) })));
    const rows = DIMENSIONS.map((wanted) => el('tr', {}, el('th', { scope: 'row' }, say(/** @type {any} */ (`data.${wanted}`))), ...this.cells.filter(({ name }) => name === wanted).map(({ cell }) => cell)));
    this.score(one);
    return el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows));
  }

  /** The scores alone: they move with each reading. */
  score(one) {
    for (const { window, name, cell } of this.cells) {
      write(cell, points(one.windows[window][name], this.context.format));
      attribute(cell, 'data-tint', tint(one.windows[window][name]));
    }
  }

  /** The last hour by minute: quality, and the dimensions it is made of. */
  timeline(one) {
    const { say, format } = this.context;
    const minutes = one.timeline.filter(({ step }) => step === 60_000);
    if (!minutes.length) return el('p', { class: 'meta' }, say('data.soon'));
    const to = Math.max(...minutes.map(({ from }) => from)) + 60_000;
    const bars = minutes.map(({ from, quality, events }) => {
      const share = quality ?? 0;
      const bar = svg('rect', { x: ((from - to) / 60_000 + 60) * (WIDE / 60), y: HIGH * (1 - share), width: WIDE / 60 - 1.5, height: Math.max(1, HIGH * share), 'data-tint': tint(quality) });
      const title = svg('title');
      title.textContent = `${format.minute(from)} · ${points(quality, format)} · ${say('data.sub.n', { n: format.number(events) })}`;
      bar.append(title);
      return bar;
    });
    const whole = svg('svg', { viewBox: `0 0 ${WIDE} ${HIGH}`, class: 'dbars', role: 'img', 'aria-label': say('data.timeline'), preserveAspectRatio: 'none' }, ...bars);
    return el('div', {}, whole, el('ul', { class: 'dstrips' }, ...DIMENSIONS.slice(1).map((name) => this.strip(name, minutes, to))));
  }

  /** One dimension's minutes, and the lowest of them in figures. */
  strip(name, minutes, to) {
    const { say, format } = this.context;
    const known = minutes.filter((minute) => minute[name] !== null);
    const lowest = known.length ? Math.min(...known.map((minute) => minute[name])) : null;
    const cells = known.map((minute) => svg('rect', { x: ((minute.from - to) / 60_000 + 60) * (WIDE / 60), width: WIDE / 60 - 1.5, height: 10, 'data-tint': tint(minute[name]) }));
    const drawn = svg('svg', { viewBox: `0 0 ${WIDE} 10`, 'aria-hidden': 'true', preserveAspectRatio: 'none' }, ...cells);
    return el('li', {}, el('span', {}, say(/** @type {any} */ (`data.${name}`))), drawn, el('b', { class: 'n', 'data-tint': tint(lowest) }, say('data.lowest', { n: points(lowest, format) })));
  }

  delays(one) {
    const { say, format } = this.context;
    if (!one.delays.length) return el('p', { class: 'meta' }, say('data.soon'));
    const most = Math.max(...one.delays.map(([, count]) => count));
    return el('ul', { class: 'hist' }, ...one.delays.map(([from, count]) => {
      const bar = el('i');
      bar.style.width = `${Math.max(1, (100 * count) / most)}%`;
      return el('li', { class: from > one.delay_limit_ms ? 'late' : '' }, el('span', { class: 'n' }, format.text(from < 1000 ? from : from / 1000, from < 1000 ? 'ms' : 's')), el('span', { class: 'hb' }, bar), el('span', { class: 'n' }, format.number(count)));
    }));
  }

  gaps(one) {
    const { say, format } = this.context;
    if (!one.gaps.length) return el('p', { class: 'meta' }, say('data.gaps.none'));
    return el('ul', { class: 'dgaps' }, ...one.gaps.slice(0, 10).map((gap) => el('li', {}, el('b', {}, gap.kind === 'sequence' ? say('data.gap.lost', { n: format.number(gap.lost) }) : say('data.gap.silent', { time: format.duration((gap.to - gap.from) / 1000) })), el('span', { class: 'meta' }, `${format.second(gap.from)} – ${format.second(gap.to)}`))));
  }

  offenders(one) {
    const { say, format } = this.context;
    if (!one.offenders.length) return el('p', { class: 'meta' }, say('data.offenders.none'));
    const heads = ['when', 'reason', 'delay', 'seq', 'values'].map((name) => el('th', { scope: 'col' }, say(/** @type {any} */ (`data.${name}`))));
    const rows = one.offenders.map((event) =>
      el('tr', {}, el('td', { class: 'n' }, format.second(event.arrived)), el('td', {}, event.reasons.map((reason) => say(/** @type {any} */ (`data.reason.${reason}`))).join(', ')), el('td', { class: 'n' }, format.text(event.arrived - event.at, 'ms')), el('td', { class: 'n' }, event.seq === null ? '–' : String(event.seq)), el('td', { class: 'vals' }, Object.entries(event.fields).map(([name, value]) => `${name}=${value ?? '–'}`).join(' '))),
    );
    return el('div', { class: 'sheet' }, el('table', { class: 'past' }, el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...rows)));
  }

  close() {}
}

function block(title, content) {
  return el('section', { class: 'dblock' }, el('h3', { class: 'dh3' }, title), content);
}
