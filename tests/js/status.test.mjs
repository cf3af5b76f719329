// From values to states, and from states to the sentence.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdict } from '../../src/bongsu/web/static/sentence.js';
import { Skew } from '../../src/bongsu/web/static/skew.js';
import { path, scale } from '../../src/bongsu/web/static/spark.js';
import { critical, freshness, judge, Watch } from '../../src/bongsu/web/static/status.js';
import { nearest } from '../../src/bongsu/web/static/hover.js';

const LIMITS = { warn: 80, crit: 90 };

for (const [value, state] of [[NaN, 'unknown'], [0, 'ok'], [79.9, 'ok'], [80, 'warn'], [90, 'crit']]) {
  test(`${value} is ${state}`, () => assert.equal(judge(value, LIMITS), state));
}

test('critical begins half-way from the threshold to full', () => assert.equal(critical(80), 90));

test('the first value counts at once', () => {
  const watch = new Watch(LIMITS);
  assert.equal(watch.take(1000, 95), 'crit');
  assert.equal(watch.since, 1000);
  assert.equal(watch.take(2000, 40), 'ok');
});

test('a spike raises nothing and a lasting fault counts from its beginning', () => {
  const watch = new Watch(LIMITS);
  watch.take(-9000, 10);
  watch.take(1000, 99);
  watch.take(2000, 10);
  assert.equal(watch.state, 'ok');
  for (let at = 3000; at <= 7000; at += 1000) assert.equal(watch.take(at, 85), 'ok');
  assert.equal(watch.take(8000, 85), 'warn');
  assert.equal(watch.since, 3000);
});

test('getting worse by way of a warning is one episode', () => {
  const watch = new Watch(LIMITS);
  watch.take(-9000, 10);
  for (const [at, value] of [[1000, 85], [2000, 95], [3000, 85], [4000, 95], [5000, 95]]) watch.take(at, value);
  assert.equal(watch.take(6000, 95), 'crit');
});

test('a moment of relief clears nothing', () => {
  const watch = new Watch(LIMITS);
  watch.take(-9000, 95);
  watch.take(1000, 10);
  watch.take(2000, 95);
  watch.take(9000, 95);
  assert.equal(watch.state, 'crit');
  for (let at = 10_000; at <= 15_000; at += 1000) watch.take(at, 10);
  assert.equal(watch.state, 'ok');
  assert.ok(Number.isNaN(watch.since));
});

test('back-filled points tell when the fault began', () => {
  const watch = new Watch(LIMITS);
  watch.take(10_000, 95);
  watch.recall([{ x: 1000, y: 10 }, { x: 5000, y: 85 }, { x: 9000, y: 92 }], 2000);
  assert.equal(watch.since, 5000);
  assert.equal(watch.longer, false);
  watch.recall([{ x: 4000, y: 85 }, { x: 9000, y: 92 }], 2000);
  assert.deepEqual([watch.since, watch.longer], [4000, false]);
  watch.recall([{ x: 1000, y: 85 }, { x: 9000, y: 92 }], 2000);
  assert.equal(watch.longer, true);
});

for (const [age, interval, wanted] of [[0, 1000, 'fresh'], [2000, 1000, 'fresh'], [2001, 1000, 'dim'], [5000, 1000, 'dim'], [5001, 1000, 'stale'], [15_000, 10_000, 'fresh'], [15_000, 0, 'fresh'], [Infinity, 1000, 'none']]) {
  test(`${age} ms old at ${interval} ms is ${wanted}`, () => assert.equal(freshness(age, interval), wanted));
}

const issue = (id, state, since = 0) => ({ id, state, since, title: id, detail: '', longer: false });

test('a calm machine is said in one sentence and lights one fire', () => {
  assert.deepEqual(verdict({ connection: 'live', any: true, issues: [] }), { key: 'say.calm', values: {}, state: 'ok', fires: 1, issues: [] });
});

test('the worst comes first and the longest before the newest', () => {
  const seen = verdict({ connection: 'live', any: true, issues: [issue('a', 'warn', 5), issue('b', 'unknown', 1), issue('c', 'crit', 9), issue('d', 'warn', 2)] });
  assert.deepEqual(seen.issues.map(({ id }) => id), ['c', 'd', 'a', 'b']);
  assert.deepEqual([seen.state, seen.fires, seen.values.n], ['crit', 4, 4]);
});

test('no connection is the worst of all, whatever the last values were', () => {
  assert.equal(verdict({ connection: 'off', any: true, issues: [] }).fires, 5);
  assert.equal(verdict({ connection: 'again', any: true, issues: [] }).key, 'say.again');
  assert.deepEqual(verdict({ connection: 'off', any: true, issues: [issue('a', 'unknown'), issue('b', 'warn')] }).issues.map(({ id }) => id), ['b']);
  assert.equal(verdict({ connection: 'live', any: false, issues: [] }).key, 'say.waiting');
});

test('a wrong clock is told from a slow way', () => {
  const skew = new Skew();
  skew.observe(1000, 1900);
  assert.equal(skew.server(5000), 5000);
  const wrong = new Skew();
  for (let i = 0; i < 5; i += 1) wrong.observe(1000 * i, 1000 * i + 30_000 + i);
  assert.equal(wrong.server(40_000), 10_000);
});

test('a sparkline keeps its threshold in sight and breaks at holes', () => {
  assert.deepEqual(scale([{ y: 10 }, { y: 20 }], 80, 5), { min: 10, max: 80 });
  assert.deepEqual(scale([{ y: 95 }], 80, 5), { min: 80, max: 95 });
  assert.equal(scale([{ y: 50 }, { y: 50.1 }], NaN, 10).max - scale([{ y: 50 }, { y: 50.1 }], NaN, 10).min, 10);
  const line = path([{ x: 0, y: 0 }, { x: 5, y: NaN }, { x: 10, y: 1 }], 0, 10, { min: 0, max: 1 });
  assert.equal(line.match(/M/g).length, 2);
});

test('the nearest point is found, and none where there is a hole', () => {
  const points = [0, 10, 20, 100].map((x) => ({ x, y: x }));
  assert.equal(nearest(points, 14, 10).x, 10);
  assert.equal(nearest(points, 16, 10).x, 20);
  assert.equal(nearest(points, 60, 10), null);
  assert.equal(nearest([], 60, 10), null);
});

test('of a share that should be whole, less is worse', () => {
  const limits = { warn: 95, crit: 90, below: true };
  for (const [value, state] of [[NaN, 'unknown'], [99, 'ok'], [95, 'ok'], [94.9, 'warn'], [90, 'warn'], [89.9, 'crit']]) assert.equal(judge(value, limits), state);
});
