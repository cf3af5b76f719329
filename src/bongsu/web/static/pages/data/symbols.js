// Symbols, worst first: state, score, dimensions, delay, and each one's last hour as a strip of minutes on one canvas.
import { attribute, density, el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { PAGE, points, step, tint } from './reader.js';

const ROW = 34;
const PATIENCE = 250;
const STATES = { ok: 'ok', silent: 'warn', missing: 'crit', new: 'unknown', closed: 'unknown' };
const COLUMNS = ['completeness', 'accuracy', 'timeliness', 'consistency'];

export class SymbolsPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.context = context;
    this.reader = reader;
    this.panel = new Panel({ id: 'data-symbols', span: 'c12', title: say('data.symbols'), say });
    this.search = el('input', { type: 'search', class: 'dinp', placeholder: say('data.search'), 'aria-label': say('data.search'), oninput: () => this.typed() });
    this.back = el('button', { class: 'btn', type: 'button', onclick: () => this.leaf(-1) }, say('data.before'));
    this.on = el('button', { class: 'btn', type: 'button', onclick: () => this.leaf(1) }, say('data.after'));
    this.save = el('a', { class: 'btn', download: 'feed.csv' }, say('data.csv'));
    this.where = el('span', { class: 'meta' });
    const heads = ['symbol', 'state', 'quality', ...COLUMNS, 'events', 'age'].map((name) => el('th', { scope: 'col', class: COLUMNS.includes(name) ? 'opt' : '' }, say(/** @type {any} */ (`data.${name}`))));
    this.body = el('tbody');
    this.table = el('table', { class: 'dsyms' }, el('caption', { class: 'hide' }, say('data.symbols')), el('thead', {}, el('tr', {}, ...heads)), this.body);
    this.canvas = el('canvas', { class: 'heat', role: 'img', 'aria-label': say('data.heat') });
    const key = el('ul', { class: 'key heatkey' }, ...[1, 2, 3, 4, 5].map((level) => el('li', {}, el('i', { class: `cell h${level}` }), ['99+', '95', '90', '80', '<80'][level - 1])));
    this.panel.tools.append(key);
    this.panel.body.append(el('div', { class: 'dfilters' }, this.search, this.back, this.on, this.where, this.save), el('div', { class: 'dwrap' }, el('div', { class: 'sheet' }, this.table), el('div', { class: 'heatbox' }, el('p', { class: 'meta' }, say('data.heat')), this.canvas)));
    this.element = this.panel.element;
    this.drawn = '';
    this.version = -1;
    this.timer = 0;
    /** @type {Map<string, Row>} those that stand in the table, by symbol */
    this.rows = new Map();
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.reader.find(this.search.value.trim(), 0), PATIENCE);
  }

  leaf(by) {
    this.reader.find(this.reader.search, Math.max(0, this.reader.offset + by * PAGE));
  }

  draw() {
    const { reader, context } = this;
    reader.tell(this.panel);
    const { detail } = reader;
    if (!detail) return;
    const { say, format, palette } = context;
    const wanted = `${reader.slow} ${palette.get('surface-1')} ${this.element.clientWidth} ${reader.symbol}`;
    if (wanted === this.drawn) {
      if (this.version !== reader.version) for (const one of detail.symbols) this.rows.get(one.symbol)?.show(one);
      this.version = reader.version;
      return;
    }
    this.drawn = wanted;
    this.version = reader.version;
    attribute(this.save, 'href', `${context.rest.base}/api/v1/quality/${encodeURIComponent(reader.name ?? '')}.csv?window=${reader.window}`);
    this.place(detail);
    const first = detail.total ? detail.offset + 1 : 0;
    write(this.where, say('data.place', { first: format.number(first), last: format.number(detail.offset + detail.symbols.length), all: format.number(detail.total) }));
    this.back.disabled = detail.offset === 0;
    this.on.disabled = detail.offset + detail.symbols.length >= detail.total;
    const worst = detail.symbols[0];
    this.panel.tell(worst && worst.quality !== null && !reader.search ? say('data.worst', { symbol: worst.symbol, quality: points(worst.quality, format) }) : '');
    this.paint(detail.heat);
  }

  /** Rows in the order of the answer; one that stays is the same element, and keeps the focus. */
  place(detail) {
    const { activeElement } = document;
    const before = this.rows;
    this.rows = new Map();
    for (const one of detail.symbols) {
      const row = before.get(one.symbol) ?? new Row(one.symbol, this.context, this.reader);
      row.show(one);
      this.rows.set(one.symbol, row);
    }
    this.body.replaceChildren(...[...this.rows.values()].map(({ element }) => element));
    if (activeElement instanceof HTMLElement && this.body.contains(activeElement)) activeElement.focus({ preventScroll: true });
  }

  /** The strips, in step with the rows of the table. */
  paint(heat) {
    const { canvas } = this;
    const head = this.table.tHead?.offsetHeight || ROW;
    const rows = [...this.body.rows].map((row) => row.offsetHeight || ROW);
    const width = canvas.parentElement?.clientWidth ?? 0;
    const height = head + rows.reduce((sum, row) => sum + row, 0);
    const scale = density(canvas);
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext('2d');
    if (!pen || !heat || !width) return;
    pen.scale(scale, scale);
    const colours = this.colours();
    const minutes = heat.rows[0]?.length ?? 0;
    const cell = width / Math.max(1, minutes);
    const { format } = this.context;
    pen.fillStyle = this.context.palette.get('ink-3');
    pen.font = `12px ${this.context.palette.font}`;
    pen.textBaseline = 'middle';
    pen.fillText(format.minute(heat.from), 0, head / 2);
    pen.textAlign = 'right';
    pen.fillText(format.minute(heat.from + minutes * heat.step), width, head / 2);
    let top = head;
    heat.rows.forEach((row, i) => {
      row.forEach((value, minute) => {
        const level = step(value === null ? null : value / 100);
        if (level < 0) return;
        pen.fillStyle = colours[level];
        pen.fillRect(minute * cell, top + 5, Math.max(1, cell - 1), rows[i] - 10);
      });
      top += rows[i];
    });
  }

  /** The tokens of the heat map, resolved for a canvas. */
  colours() {
    const style = getComputedStyle(this.element);
    const probe = el('i', { hidden: true });
    this.element.append(probe);
    const found = ['', ...[0, 1, 2, 3, 4].map((level) => {
      probe.style.color = `var(--heat-${level})`;
      return getComputedStyle(probe).color || style.color;
    })];
    probe.remove();
    return found;
  }

  close() {
    clearTimeout(this.timer);
  }
}

/** One symbol's line. */
class Row {
  /** @param {string} symbol @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(symbol, context, reader) {
    this.context = context;
    this.reader = reader;
    this.state = el('td');
    this.score = el('td', { class: 'n score' });
    this.dimensions = COLUMNS.map((name) => ({ name, cell: el('td') }));
    this.events = el('td', { class: 'n' });
    this.age = el('td', { class: 'n' });
    const head = el('th', { scope: 'row' }, el('button', { class: 'link', type: 'button', onclick: () => reader.choose({ symbol }) }, symbol));
    this.element = el('tr', {}, head, this.state, this.score, ...this.dimensions.map(({ cell }) => cell), this.events, this.age);
    this.told = '';
  }

  /** @param {any} one the symbol's figures */
  show(one) {
    const { say, format } = this.context;
    this.element.classList.toggle('chosen', one.symbol === this.reader.symbol);
    if (one.state !== this.told) {
      this.told = one.state;
      const state = STATES[one.state] ?? 'unknown';
      this.state.replaceChildren(el('span', { class: `st ${state}` }, state === 'ok' ? null : icon(state), say(/** @type {any} */ (`data.state.${one.state}`))));
    }
    write(this.score, points(one.quality, format));
    attribute(this.score, 'data-tint', tint(one.quality));
    for (const { name, cell } of this.dimensions) {
      write(cell, points(one[name], format));
      attribute(cell, 'class', `n opt${one.worst === name && one.quality < 0.999 ? ' worst' : ''}`);
    }
    write(this.events, format.number(one.events));
    write(this.age, one.age_seconds === null ? '–' : format.text(one.age_seconds < 10 ? Number(one.age_seconds.toFixed(1)) : Math.round(one.age_seconds), 's'));
  }
}
