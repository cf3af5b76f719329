// A sparkline: one line, its threshold, a dot at its end. SVG, so that colours follow the theme by themselves.
import { el, svg } from './dom.js';
import { thin } from './ring.js';

const HEIGHT = 36;
const INSET = 3;
/** A tile is about this many units wide; the path is drawn in them and stretched. */
const WIDTH = 100;
const COLUMNS = 60;

/**
 * The path of a line within the box, with the lowest scale that holds it and the threshold near it.
 * @param {{x: number, y: number}[]} points @param {number} from @param {number} to
 * @param {{min: number, max: number}} scale
 */
export function path(points, from, to, { min, max }) {
  const span = max - min || 1;
  let line = '';
  let pen = 'M';
  for (const { x, y } of points) {
    if (y !== y) {
      pen = 'M';
      continue;
    }
    const px = ((x - from) / (to - from)) * WIDTH;
    const py = HEIGHT - INSET - ((y - min) / span) * (HEIGHT - 2 * INSET);
    line += `${pen}${px.toFixed(2)} ${py.toFixed(2)}`;
    pen = 'L';
  }
  return line;
}

/**
 * The scale of a sparkline: from its own lowest to its highest, never so tight that noise looks like a cliff, and
 * stretched to the threshold when the line comes near it.
 * @param {{y: number}[]} points @param {number} threshold NaN for none @param {number} least smallest span worth showing
 */
export function scale(points, threshold, least) {
  let min = Infinity;
  let max = -Infinity;
  for (const { y } of points) {
    if (y < min) min = y;
    if (y > max) max = y;
  }
  if (min > max) return { min: 0, max: 1 };
  if (threshold === threshold) {
    max = Math.max(max, threshold);
    min = Math.min(min, threshold);
  }
  if (max === min && least === 0) return { min: min - 1, max: max + 1 };
  if (max - min < least) {
    const middle = (max + min) / 2;
    min = Math.max(Math.min(0, min), middle - least / 2);
    max = min + least;
  }
  return { min, max };
}

export class Spark {
  constructor() {
    this.fill = svg('path', { class: 'fill' });
    this.limit = svg('path', { class: 'thr' });
    this.line = svg('path', { class: 'ln' });
    this.dot = el('i', { class: 'dot', hidden: true });
    this.picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, this.fill, this.limit, this.line);
    this.element = el('div', { class: 'spark empty' }, this.picture, this.dot);
  }

  /**
   * @param {{x: number, y: number}[]} points @param {number} from @param {number} to
   * @param {{threshold?: number, least?: number}} options
   */
  draw(points, from, to, { threshold = NaN, least = 0 } = {}) {
    thin(points, from, to, COLUMNS);
    const bounds = scale(points, threshold, least);
    const line = path(points, from, to, bounds);
    const empty = line === '';
    this.element.classList.toggle('empty', empty);
    this.dot.hidden = empty;
    this.line.setAttribute('d', line);
    if (empty) {
      this.fill.setAttribute('d', '');
      this.limit.setAttribute('d', '');
      return;
    }
    const whole = !line.slice(1).includes('M');
    const first = line.slice(1, line.indexOf(' '));
    const last = line.slice(line.lastIndexOf('L') + 1).split(' ');
    this.fill.setAttribute('d', whole && line.includes('L') ? `${line}L${last[0]} ${HEIGHT}L${first} ${HEIGHT}Z` : '');
    const at = HEIGHT - INSET - ((threshold - bounds.min) / (bounds.max - bounds.min)) * (HEIGHT - 2 * INSET);
    this.limit.setAttribute('d', at === at && at >= 0 ? `M0 ${at.toFixed(2)}H${WIDTH}` : '');
    const end = line.slice(Math.max(line.lastIndexOf('L'), line.lastIndexOf('M')) + 1).split(' ');
    this.dot.style.top = `${((Number(end[1]) / HEIGHT) * 100).toFixed(1)}%`;
    this.dot.style.left = `${Number(end[0]).toFixed(1)}%`;
  }
}
