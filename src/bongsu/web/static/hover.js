// Pointing at one instant on all charts at once. All charts show the same span, so a fraction of it is the instant.

export class Hover {
  constructor() {
    /** Part of the span from its left end, NaN when nothing is pointed at. */
    this.fraction = NaN;
    /** @type {object | null} the chart under the pointer */
    this.source = null;
    /** @type {Set<{point: (fraction: number, here: boolean) => void}>} */
    this.charts = new Set();
  }

  /** @param {{point: (fraction: number, here: boolean) => void}} chart */
  join(chart) {
    this.charts.add(chart);
  }

  /** @param {{point: (fraction: number, here: boolean) => void}} chart */
  leave(chart) {
    this.charts.delete(chart);
    if (this.source === chart) this.clear();
  }

  /** @param {number} fraction @param {object} source */
  set(fraction, source) {
    this.fraction = fraction;
    this.source = source;
    for (const chart of this.charts) chart.point(fraction, chart === source);
  }

  clear() {
    if (Number.isNaN(this.fraction)) return;
    this.fraction = NaN;
    this.source = null;
    for (const chart of this.charts) chart.point(NaN, false);
  }
}

/**
 * The point of a line nearest to an instant, null where the line has none within `reach`.
 * @param {{x: number, y: number}[]} points ascending @param {number} at @param {number} reach ms
 */
export function nearest(points, at, reach) {
  let low = 0;
  let high = points.length - 1;
  if (high < 0) return null;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].x < at) low = middle + 1;
    else high = middle;
  }
  let best = null;
  for (const i of [low - 1, low, low + 1]) {
    const point = points[i];
    if (!point || Number.isNaN(point.y)) continue;
    const distance = Math.abs(point.x - at);
    if (distance <= reach && (best === null || distance < Math.abs(best.x - at))) best = point;
  }
  return best;
}
