// Where an axis has its lines: times at round hours of the shown time zone, values at round figures.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STEPS = [MINUTE, 2 * MINUTE, 3 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR];

/**
 * Round instants within a range, at most `most` of them.
 * @param {number} from @param {number} to UTC ms @param {number} most @param {number} ahead the zone's distance from UTC in ms
 */
export function instants(from, to, most, ahead) {
  const step = STEPS.find((size) => (to - from) / size <= most) ?? STEPS[STEPS.length - 1];
  const found = [];
  for (let at = Math.ceil((from + ahead) / step) * step - ahead; at <= to; at += step) found.push(at);
  return found;
}

/**
 * Round values from `min` to at least `max`: 1, 2, 2.5 or 5 times a power of ten apart.
 * @param {number} min @param {number} max @param {number} most how many lines at most
 */
export function levels(min, max, most = 4) {
  const span = max - min > 0 ? max - min : 1;
  const power = 10 ** Math.floor(Math.log10(span / most));
  const step = [1, 2, 2.5, 5, 10, 20].map((factor) => factor * power).find((size) => span / size <= most + 1e-9) ?? 20 * power;
  const found = [];
  const first = Math.floor(min / step + 1e-9) * step;
  for (let i = 0; i < 3 * most + 3; i += 1) {
    const level = first + i * step;
    found.push(Number(level.toPrecision(12)));
    if (level >= max - step * 1e-9) break;
  }
  return found;
}
