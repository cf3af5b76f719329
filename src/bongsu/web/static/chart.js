// Chart.js, tuned for a line chart that moves every second: no animation, no parsing, own thinning, own axes. It weighs as much as
// everything else of the first page together, so it comes after the figures: until then a chart knows its points, and draws nothing.
import { same } from './anomalies.js';
import { instants, levels } from './axis.js';
import { density, el } from './dom.js';
import { nearest } from './hover.js';
import { DASHES } from './palette.js';
import { read, thin } from './ring.js';

const AXIS = 48;
const FOOT = 22;
const NARROW = 420;
/** Half a time label, less the chart's own margin. */
const LABEL = 12;
/** A fault shorter than this gets no band. */
const SHORT = 5_000;

/** How soon Chart.js is asked for again where it couldn't be had, ms. */
const AGAIN = 5_000;
/** @type {any} */
let Chart = null;
/** @type {Promise<void> | null} */
let coming = null;

/** Resolves when Chart.js is there; a server that is away is asked again. */
function library() {
  coming ??= import('./vendor/chart.js').then(
    (found) => {
      Chart = found.default;
    },
    async () => {
      await new Promise((go) => setTimeout(go, AGAIN));
      coming = null;
      await library();
    },
  );
  return coming;
}

/**
 * @typedef {{id: string, name: string, style: 'main' | 'thin' | number, rings: import('./ring.js').Ring[], hole: number, of?: import('./anomalies.js').One}} Line
 *   `style`: the one that matters, a quiet one among many, or the number of a series colour; `of`: the one series it draws, where it isn't the metric's only one
 * @typedef {{from: number, to: number, state: string, title?: string}} Band when something was wrong, as an alert told it
 * @typedef {{lines: Line[], from: number, to: number, min: number, max: number | null, threshold: number, bands?: Band[], marks?: {at: number, text: string}[],
 *   strange?: import('./anomalies.js').Anomaly[], expected?: import('./anomalies.js').Expected[]}} View `strange`: readings out of the ordinary; `expected`: the band
 * @typedef {{line: Line, points: {x: number, y: number}[]}} Drawn
 */

export class LineChart {
  /**
   * @param {{palette: import('./palette.js').Palette, hover: import('./hover.js').Hover, format: import('./format.js').Format,
   *   label: (value: number) => string, tick: (value: number) => string, most?: number,
   *   strange?: string, expected?: (lower: number | null, upper: number | null) => string}} options
   *   `label` writes a value in the tooltip, `tick` at the axis; `most`: lines named in the tooltip
   */
  constructor({ palette, hover, format, label, tick, most = 6, strange = '', expected = () => '' }) {
    this.palette = palette;
    this.hover = hover;
    this.format = format;
    this.label = label;
    this.tick = tick;
    this.most = most;
    this.words = { strange, expected };
    /** @type {Drawn[]} */
    this.drawn = [];
    /** @type {View | null} */
    this.view = null;
    this.canvas = el('canvas');
    this.cross = el('i', { class: 'cross', hidden: true });
    this.spot = el('i', { class: 'end pt', hidden: true });
    this.tip = el('div', { class: 'tip', hidden: true });
    this.element = el('div', { class: 'plot', role: 'img', 'aria-label': '' }, this.canvas, this.cross, this.spot, this.tip);
    this.levels = [0, 1];
    this.chart = null;
    this.closed = false;
    this.listen();
    hover.join(this);
    if (!Chart) library().then(() => this.again());
  }

  /** Draws a view of the rings. @param {View} view */
  draw(view) {
    this.view = view;
    if (Chart) this.chart ??= new Chart(this.canvas, this.settings());
    const columns = Math.max(50, Math.round((this.chart?.chartArea?.right ?? 600) - AXIS));
    const { datasets } = this.chart?.data ?? { datasets: [] };
    datasets.length = view.lines.length;
    this.drawn.length = view.lines.length;
    view.lines.forEach((line, i) => {
      const points = this.drawn[i]?.points ?? [];
      thin(read(line.rings, view.from, view.to, line.hole, points), view.from, view.to, columns);
      this.drawn[i] = { line, points };
      datasets[i] = this.dress(datasets[i] ?? { data: points }, line, points);
    });
    if (!this.chart) return;
    this.scale(view);
    this.chart.update('none');
    if (!Number.isNaN(this.hover.fraction)) this.point(this.hover.fraction, this.hover.source === this);
  }

  /** Draws what was drawn again in other colours or another size. */
  again() {
    if (this.view && !this.closed) this.draw(this.view);
  }

  dress(dataset, line, points) {
    const { style } = line;
    const quiet = style === 'thin';
    const number = style === 'main' ? 1 : style;
    dataset.data = points;
    dataset.borderColor = this.palette.get(quiet ? 'ink-4' : `series-${number}`);
    dataset.borderWidth = style === 'main' ? 2.25 : quiet ? 0.75 : 1.5;
    dataset.borderDash = quiet ? [] : DASHES[number - 1];
    dataset.order = style === 'main' ? 0 : quiet ? 2 : 1;
    return dataset;
  }

  scale({ from, to, min, max, threshold }) {
    let top = max;
    if (top === null) {
      top = 0;
      for (const { points } of this.drawn) for (const { y } of points) if (y > top) top = y;
      if (threshold === threshold && threshold < top * 2) top = Math.max(top, threshold);
    }
    const { x, y } = this.chart.options.scales;
    this.levels = levels(min, top || 1);
    x.min = from;
    x.max = to;
    y.min = this.levels[0];
    y.max = max ?? this.levels[this.levels.length - 1];
  }

  settings() {
    const colour = (name) => () => this.palette.get(name);
    const font = () => ({ size: 12, family: this.palette.font });
    const { format } = this;
    return {
      type: 'line',
      data: { datasets: [] },
      plugins: [{ id: 'bongsu', beforeDatasetsDraw: (chart) => this.under(chart), afterDatasetsDraw: (chart) => this.over(chart) }],
      options: {
        // Only where the page has a scale of its own: the browser's is followed from screen to screen.
        ...(density(this.canvas) === (globalThis.devicePixelRatio || 1) ? {} : { devicePixelRatio: density(this.canvas) }),
        animation: false,
        parsing: false,
        normalized: true,
        responsive: true,
        maintainAspectRatio: false,
        spanGaps: false,
        events: [],
        layout: { padding: { top: 8, right: 8 } },
        elements: { point: { radius: 0, hitRadius: 0, hoverRadius: 0 }, line: { tension: 0, borderJoinStyle: 'round' } },
        plugins: { legend: { display: false }, tooltip: { enabled: false } },
        scales: {
          x: {
            type: 'linear',
            grid: { display: false, drawTicks: false },
            border: { color: colour('line-2') },
            afterBuildTicks: (axis) => {
              const most = axis.width < NARROW ? 4 : 7;
              // A label at the very end would widen the margin for as long as it is there.
              const last = axis.max - ((axis.max - axis.min) * LABEL) / Math.max(axis.width, 200);
              const found = instants(axis.min, axis.max, most, format.ahead(axis.max));
              axis.ticks = found.filter((at) => at <= last).map((value) => ({ value }));
            },
            afterFit: (axis) => {
              axis.height = FOOT;
              axis.paddingLeft = axis.paddingRight = 0;
            },
            ticks: {
              autoSkip: false, maxRotation: 0, padding: 6, color: colour('ink-3'), font,
              callback: (at) => ((at + format.ahead(at)) % 86_400_000 === 0 ? format.date(at) : format.minute(at)),
            },
          },
          y: {
            type: 'linear',
            grid: { color: colour('grid'), drawTicks: false },
            border: { display: false },
            afterBuildTicks: (axis) => {
              axis.ticks = this.levels.map((value) => ({ value }));
            },
            afterFit: (axis) => {
              axis.width = AXIS;
            },
            ticks: { autoSkip: false, padding: 8, color: colour('ink-3'), font, callback: (value) => this.tick(value) },
          },
        },
      },
    };
  }

  /** Under the lines: a soft band where something was wrong, as alerts tell it, else where the main line was over its threshold. */
  under(chart) {
    const { view } = this;
    if (view === null) return;
    const { ctx, chartArea: area } = chart;
    const { x } = chart.scales;
    const paint = (from, to, colour) => {
      const left = Math.max(area.left, x.getPixelForValue(from));
      ctx.fillStyle = this.palette.get(colour);
      ctx.fillRect(left, area.top, Math.max(1, Math.min(area.right, x.getPixelForValue(to)) - left), area.bottom - area.top);
    };
    this.band(ctx, chart, view.expected ?? []);
    this.hairlines(ctx, x, area, view.marks ?? []);
    for (const [from, to] of this.over_(view)) if (to - from >= SHORT) paint(from, to, 'crit-soft');
    const marks = (view.bands ?? []).filter(({ from, to }) => to >= view.from && from <= view.to);
    for (const { from, to, state } of marks) paint(from, Math.max(to, from + (view.to - view.from) / 600), state === 'warn' ? 'warn-soft' : state === 'info' ? 'info-soft' : 'crit-soft');
    for (const { from, state } of marks) if (from >= view.from) this.flag(ctx, x.getPixelForValue(from), area, state);
  }

  /** The band in which the line that matters was expected. */
  band(ctx, { chartArea: area, scales: { x, y } }, expected) {
    const clip = (value) => Math.min(area.bottom, Math.max(area.top, y.getPixelForValue(value)));
    ctx.fillStyle = this.palette.get('info-soft');
    let run = [];
    const fill = () => {
      if (run.length > 1) {
        ctx.beginPath();
        for (const [at, lower] of run) ctx.lineTo(at, lower);
        for (const [at, , upper] of run.reverse()) ctx.lineTo(at, upper);
        ctx.fill();
      }
      run = [];
    };
    for (const [at, , lower, upper] of expected) {
      if (lower === null || upper === null) fill();
      else run.push([Math.min(area.right, Math.max(area.left, x.getPixelForValue(at))), clip(lower), clip(upper)]);
    }
    fill();
  }

  /** Where a reading out of the ordinary stands: its line at that time if that line is drawn, else its value. */
  place(one, { x, y }) {
    const { metric, at, value } = one;
    const own = this.drawn.find(({ line }) => (line.of ? same(line.of, one) : line.id === metric));
    const near = own ? nearest(own.points, at, Math.max(own.line.hole, (x.max - x.min) / 200)) : null;
    const height = near && !Number.isNaN(near.y) ? near.y : value;
    return height === null || height > y.max || height < y.min ? null : { x: x.getPixelForValue(at), y: y.getPixelForValue(height) };
  }

  /** Deploys, campaigns, changes of state: grey hairlines, each with its words where there is room for them. */
  hairlines(ctx, x, area, marks) {
    ctx.strokeStyle = this.palette.get('ink-4');
    ctx.fillStyle = this.palette.get('ink-3');
    ctx.font = `11px ${getComputedStyle(this.canvas).fontFamily}`;
    ctx.textBaseline = 'top';
    ctx.lineWidth = 1;
    const lines = marks.map(({ at }) => Math.round(x.getPixelForValue(at)) + 0.5);
    let free = -Infinity;
    for (const [i, { text }] of marks.entries()) {
      const px = lines[i];
      ctx.beginPath();
      ctx.moveTo(px, area.top);
      ctx.lineTo(px, area.bottom);
      ctx.stroke();
      const wide = ctx.measureText(text).width;
      const left = px + 4 + wide <= area.right ? px + 4 : px - 4 - wide;
      // No words over others, nor over a line.
      if (left < Math.max(free, area.left) || lines.some((one) => one > left - 2 && one < left + wide + 2)) continue;
      ctx.fillText(text, left, area.top + 1);
      free = left + wide + 8;
    }
  }

  /** Where the main line was over its threshold: pairs of instants. */
  over_(view) {
    const main = this.drawn.find(({ line }) => line.style === 'main');
    const found = [];
    if (!main || Number.isNaN(view.threshold)) return found;
    let from = NaN;
    let last = NaN;
    for (const point of main.points) {
      if (point.y >= view.threshold) {
        if (Number.isNaN(from)) from = point.x;
        last = point.x;
      } else if (!Number.isNaN(from)) {
        found.push([from, last]);
        from = NaN;
      }
    }
    if (!Number.isNaN(from)) found.push([from, last]);
    return found;
  }

  /** Where an alert began: a hairline with its shape on top. */
  flag(ctx, px, area, state) {
    const at = Math.round(px) + 0.5;
    ctx.strokeStyle = ctx.fillStyle = this.palette.get(state === 'warn' ? 'warn' : state === 'info' ? 'accent' : 'crit');
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(at, area.top);
    ctx.lineTo(at, area.bottom);
    ctx.stroke();
    ctx.beginPath();
    if (state === 'warn') ctx.moveTo(at - 5, area.top + 4), ctx.lineTo(at + 5, area.top + 4), ctx.lineTo(at, area.top - 5);
    else if (state === 'info') ctx.arc(at, area.top, 4, 0, 7);
    else if (state === 'error') ctx.moveTo(at, area.top - 5), ctx.lineTo(at + 5, area.top), ctx.lineTo(at, area.top + 5), ctx.lineTo(at - 5, area.top);
    else ctx.rect(at - 4, area.top - 4, 8, 8);
    ctx.fill();
  }

  /** Over the lines: the threshold, and the end of the line that matters. */
  over(chart) {
    const { view, palette } = this;
    if (view === null) return;
    const { ctx, chartArea: area } = chart;
    const { x, y } = chart.scales;
    ctx.save();
    if (view.threshold <= y.max) {
      const at = Math.round(y.getPixelForValue(view.threshold)) + 0.5;
      ctx.strokeStyle = palette.get('ink-3');
      ctx.globalAlpha = 0.75;
      ctx.lineWidth = 1;
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      ctx.moveTo(area.left, at);
      ctx.lineTo(area.right, at);
      ctx.stroke();
      ctx.globalAlpha = 1;
      ctx.setLineDash([]);
    }
    for (const one of view.strange ?? []) {
      // `this.chart` isn't set yet while the chart is being made.
      const spot = one.at > view.to ? null : this.place(one, chart.scales);
      if (!spot) continue;
      ctx.beginPath();
      ctx.moveTo(spot.x, spot.y - 5), ctx.lineTo(spot.x + 5, spot.y), ctx.lineTo(spot.x, spot.y + 5), ctx.lineTo(spot.x - 5, spot.y);
      ctx.closePath();
      ctx.fillStyle = palette.get('surface-1');
      ctx.strokeStyle = palette.get('warn');
      ctx.lineWidth = 1.75;
      ctx.fill();
      ctx.stroke();
    }
    for (const { line, points } of this.drawn) {
      const end = points[points.length - 1];
      if (line.style === 'thin' || !end || Number.isNaN(end.y)) continue;
      const number = line.style === 'main' ? 1 : line.style;
      ctx.beginPath();
      ctx.arc(x.getPixelForValue(end.x), y.getPixelForValue(end.y), line.style === 'main' ? 4 : 3, 0, 7);
      ctx.fillStyle = palette.get(`series-${number}`);
      ctx.strokeStyle = palette.get('surface-1');
      ctx.lineWidth = 2;
      ctx.stroke();
      ctx.fill();
    }
    ctx.restore();
  }

  listen() {
    const move = (event) => {
      if (!this.chart?.chartArea) return;
      const { left, right } = this.chart.chartArea;
      const fraction = (event.clientX - this.canvas.getBoundingClientRect().left - left) / (right - left);
      if (fraction < 0 || fraction > 1) this.hover.clear();
      else this.hover.set(fraction, this);
    };
    this.element.addEventListener('pointermove', move);
    this.element.addEventListener('pointerdown', move);
    this.element.addEventListener('pointerleave', (event) => {
      if (event.pointerType === 'mouse') this.hover.clear();
    });
  }

  /** Shows the hairline at a part of the span, and the values there if this chart is the one pointed at. */
  point(fraction, here) {
    const { view, chart } = this;
    this.spot.hidden = true;
    if (Number.isNaN(fraction) || !chart?.chartArea || view === null) {
      this.cross.hidden = this.tip.hidden = true;
      return;
    }
    this.cross.hidden = false;
    this.tip.hidden = !here;
    const { left, right, top, bottom } = chart.chartArea;
    const { from, to } = view;
    const at = from + fraction * (to - from);
    Object.assign(this.cross.style, { left: `${left + fraction * (right - left)}px`, top: `${top}px`, height: `${bottom - top}px` });
    const found = this.drawn
      .map(({ line, points }) => ({ line, point: nearest(points, at, Math.max(line.hole, (to - from) / 100)) }))
      .filter(({ point }) => point !== null);
    const lead = found.find(({ line }) => line.style === 'main') ?? found.find(({ line }) => line.style !== 'thin');
    if (lead) this.mark(lead);
    if (here && found.length > 0) this.tell(at, found, fraction);
    else this.tip.hidden = true;
  }

  mark({ line, point }) {
    const { x, y } = this.chart.scales;
    this.spot.hidden = false;
    Object.assign(this.spot.style, {
      left: `${x.getPixelForValue(point.x)}px`,
      top: `${y.getPixelForValue(point.y)}px`,
      background: this.palette.get(`series-${line.style === 'main' ? 1 : line.style}`),
    });
  }

  tell(at, found, fraction) {
    const first = ({ line }) => (line.style === 'main' ? 1 : 0);
    const rows = found.sort((a, b) => first(b) - first(a) || b.point.y - a.point.y).slice(0, this.most);
    const list = el('dl');
    for (const { line, point } of rows) list.append(el('dt', {}, swatch(line.style), line.name), el('dd', {}, this.label(point.y)));
    const { view } = this;
    const reach = view ? (view.to - view.from) / 100 : 0;
    const strange = view?.strange?.find((one) => Math.abs(one.at - at) <= reach);
    if (strange) list.append(el('dt', {}, this.words.strange), el('dd', {}, this.words.expected(strange.lower, strange.upper)));
    this.tip.replaceChildren(el('time', {}, this.format.moment(at, view ? view.to - view.from : 0)), list);
    this.tip.classList.toggle('left', fraction > 0.5);
    const { left, right } = this.chart.chartArea;
    const px = left + fraction * (right - left);
    this.tip.style.left = fraction > 0.5 ? 'auto' : `${px + 12}px`;
    this.tip.style.right = fraction > 0.5 ? `${this.element.clientWidth - px + 12}px` : 'auto';
  }

  close() {
    this.hover.leave(this);
    this.closed = true;
    this.chart?.destroy();
    this.chart = null;
  }
}

/** The sample of a line's stroke beside its name. @param {'main' | 'thin' | number} style */
export function swatch(style) {
  return el('i', { class: `sw ${style === 'main' ? 's1 main' : style === 'thin' ? 'thin' : `s${style}`}` });
}
