// The points of one series that a screen shows: a fixed number of steps, each the average of what fell into it.

/**
 * Slots are addressed by the step's number, so that a point which arrives twice (live and back-filled) lands in the
 * same place, late points find theirs, and memory never grows.
 */
export class Ring {
  /** @param {number} step milliseconds a step @param {number} slots how many steps are kept */
  constructor(step, slots) {
    this.step = step;
    this.slots = slots;
    this.numbers = new Float64Array(slots).fill(-1);
    this.sums = new Float64Array(slots);
    this.counts = new Float32Array(slots);
    /** Smallest distance seen between two back-filled points, in milliseconds; 0 while unknown. */
    this.spacing = 0;
  }

  /** Takes one live sample. @param {number} at UTC ms @param {number} value */
  add(at, value) {
    const number = Math.floor(at / this.step);
    const slot = number % this.slots;
    if (this.numbers[slot] === number) {
      this.sums[slot] += value;
      this.counts[slot] += 1;
    } else if (this.numbers[slot] < number) {
      this.numbers[slot] = number;
      this.sums[slot] = value;
      this.counts[slot] = 1;
    }
  }

  /**
   * Puts a point of history in its place. What history says of a finished step stands; samples that come
   * later into a running step are averaged with `weight` samples' worth of it.
   * @param {number} at @param {number} value @param {number} weight
   */
  fill(at, value, weight) {
    const number = Math.floor(at / this.step);
    const slot = number % this.slots;
    if (this.numbers[slot] > number) return;
    this.numbers[slot] = number;
    this.sums[slot] = value * weight;
    this.counts[slot] = weight;
  }

  /** The average of a step, NaN where nothing fell into it. @param {number} number */
  value(number) {
    const slot = number % this.slots;
    return this.numbers[slot] === number ? this.sums[slot] / this.counts[slot] : NaN;
  }

  /** When the newest step began, -Infinity while empty. */
  newest() {
    let newest = -1;
    for (const number of this.numbers) if (number > newest) newest = number;
    return newest < 0 ? -Infinity : newest * this.step;
  }

  /** Number of steps that hold a value between two instants. @param {number} from @param {number} to */
  held(from, to) {
    let held = 0;
    for (let n = Math.floor(from / this.step); n <= Math.floor(to / this.step); n += 1) {
      if (this.numbers[n % this.slots] === n) held += 1;
    }
    return held;
  }
}

/**
 * Points of the sum of several rings between two instants, written into `out`, whose objects are used again:
 * a chart redrawn every second for a week leaves nothing to collect. A hole wider than `hole` ms gets a NaN, which
 * breaks the line.
 * @param {Ring[]} rings @param {number} from @param {number} to @param {number} hole
 * @param {{x: number, y: number}[]} out
 */
export function read(rings, from, to, hole, out) {
  let length = 0;
  let before = NaN;
  const step = rings.length ? rings[0].step : 1;
  const last = Math.floor(to / step);
  for (let number = Math.ceil(from / step); rings.length && number <= last; number += 1) {
    let sum = NaN;
    for (const ring of rings) {
      const value = ring.value(number);
      if (value === value) sum = sum === sum ? sum + value : value;
    }
    if (sum !== sum) continue;
    const x = number * step;
    if (x - before > hole) length = put(out, length, x - step, NaN);
    length = put(out, length, x, sum);
    before = x;
  }
  out.length = length;
  return out;
}

function put(out, length, x, y) {
  if (length < out.length) {
    out[length].x = x;
    out[length].y = y;
  } else {
    out.push({ x, y });
  }
  return length + 1;
}

/**
 * Thins a line to its lowest and highest point in each of `columns` equal strips, in place: what is drawn is the
 * same to the eye. Holes (NaN) are kept.
 * @param {{x: number, y: number}[]} points @param {number} from @param {number} to @param {number} columns
 */
export function thin(points, from, to, columns) {
  if (points.length <= columns * 2) return points;
  const width = (to - from) / columns;
  let length = 0;
  let column = -1;
  let low = -1;
  let high = -1;
  const flush = () => {
    if (low < 0) return;
    const [first, second] = low < high ? [low, high] : [high, low];
    swap(points, length++, first);
    if (second !== first) swap(points, length++, second);
    low = high = -1;
  };
  for (let i = 0; i < points.length; i += 1) {
    const { x, y } = points[i];
    const here = Math.floor((x - from) / width);
    if (here !== column || y !== y) {
      flush();
      column = here;
    }
    if (y !== y) {
      swap(points, length++, i);
      continue;
    }
    if (low < 0 || y < points[low].y) low = i;
    if (high < 0 || y >= points[high].y) high = i;
  }
  flush();
  points.length = length;
  return points;
}

function swap(points, to, from) {
  if (to === from) return;
  const kept = points[to];
  points[to] = points[from];
  points[from] = kept;
}
