// The newest value of every series, bounded, and points of those that are shown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOf, Store } from '../../src/bongsu/web/static/store.js';

const store = (options = {}) => new Store({ step: 1000, slots: 60, ...options });
const frame = (t, metrics, topic = 'system') => ({ t, topic, metrics: metrics.map(([metric, labels, value, at]) => ({ metric, labels, value, at })) });

test('the newest sample of a series stands and an older one changes nothing', () => {
  const one = store();
  assert.equal(one.take(frame('update', [['cpu_usage', {}, 5, 2000]])), 1);
  assert.equal(one.take(frame('update', [['cpu_usage', {}, 9, 1000]])), 0);
  assert.equal(one.one('cpu_usage').value, 5);
});

test('labels in another order are the same series', () => {
  assert.equal(keyOf({ b: '2', a: '1' }), keyOf({ a: '1', b: '2' }));
  assert.notEqual(keyOf({ a: '1', b: '2' }), keyOf({ a: '12', b: '' }));
});

test('frames whose order changes still reach the right series', () => {
  const one = store();
  one.take(frame('snapshot', [['a', { x: '1' }, 1, 1], ['a', { x: '2' }, 2, 1]]));
  one.take(frame('update', [['a', { x: '2' }, 22, 2], ['a', { x: '1' }, 11, 2]]));
  assert.deepEqual(one.of('a').map(({ labels, value }) => [labels.x, value]), [['1', 11], ['2', 22]]);
});

test('a snapshot forgets what it does not hold, except what a chart remembers', () => {
  const one = store();
  one.follow('kept');
  one.take(frame('snapshot', [['gone', {}, 1, 1], ['kept', {}, 1, 1]]));
  one.take(frame('snapshot', [['other', {}, 1, 1]], 'custom'));
  one.take(frame('snapshot', [['new', {}, 1, 2]]));
  assert.deepEqual([...one.metrics.keys()].sort(), ['kept', 'new', 'other']);
});

test('points are kept of followed metrics only, also of series that come later', () => {
  const one = store();
  one.follow('disk_usage');
  one.take(frame('update', [['disk_usage', { mount: '/' }, 1, 1000], ['cpu_usage', {}, 1, 1000]]));
  assert.ok(one.one('disk_usage').ring !== null);
  assert.equal(one.one('cpu_usage').ring, null);
  one.unfollow('disk_usage');
  assert.equal(one.one('disk_usage').ring, null);
});

test('a metric of many series gets as many courses as asked', () => {
  const one = store();
  one.follow('m', 3);
  one.take(frame('update', Array.from({ length: 9 }, (_, i) => ['m', { i: String(i) }, i, 1000])));
  assert.equal(one.of('m').filter(({ ring }) => ring !== null).length, 3);
});

test('history before any live value is kept', () => {
  const one = store();
  one.follow('cpu_usage');
  one.merge([{ metric: 'cpu_usage', labels: {}, points: [[5000, 1], [6000, 2]] }], 1000);
  assert.equal(one.one('cpu_usage').ring.held(0, 59_000), 2);
  assert.ok(Number.isNaN(one.one('cpu_usage').value));
});

test('more series than the limit are counted, not kept', () => {
  const one = store({ limit: 2 });
  one.take(frame('update', [['a', {}, 1, 1], ['b', {}, 1, 1], ['c', {}, 1, 1]]));
  assert.equal(one.size, 2);
  assert.equal(one.refused, 1);
});

test('silent series that nobody shows are swept away', () => {
  const one = store();
  one.follow('shown');
  one.take(frame('update', [['silent', {}, 1, 1000], ['shown', {}, 1, 1000], ['fresh', {}, 1, 3_000_000]]));
  one.merge([{ metric: 'shown', labels: { from: 'history' }, points: [[2_990_000, 1]] }], 1000);
  one.sweep(3_000_000);
  assert.deepEqual([...one.metrics.keys()].sort(), ['fresh', 'shown']);
  assert.deepEqual(one.of('shown').map(({ labels }) => labels), [{ from: 'history' }]);
});

test('another range starts the points anew with the newest value', () => {
  const one = store();
  one.follow('a');
  one.take(frame('update', [['a', {}, 1, 1000]]));
  one.take(frame('update', [['a', {}, 3, 31_000]]));
  one.resize(30_000, 10);
  assert.equal(one.one('a').ring.held(0, 60_000), 1);
});

test('two thousand series a frame are taken in well under 20 ms', () => {
  const one = store();
  const text = (at) => JSON.stringify(frame('update', Array.from({ length: 2000 }, (_, i) => [`metric_${i % 40}`, { host: `h${i}`, zone: 'a' }, i * 1.5, at])));
  one.take(JSON.parse(text(1)));
  const texts = Array.from({ length: 20 }, (_, i) => text(1000 * (i + 1)));
  const times = texts.map((one_) => {
    const before = performance.now();
    one.take(JSON.parse(one_));
    return performance.now() - before;
  });
  times.sort((a, b) => a - b);
  assert.ok(times[10] < 20, `took ${times[10]} ms`);
});

test('an earlier time is known by what history says of it, and by nothing else', () => {
  const store = new Store({ step: 1_000, slots: 10 });
  store.follow('cpu_usage');
  store.take({ t: 'snapshot', topic: 'system', metrics: [{ metric: 'cpu_usage', labels: {}, value: 90, at: 100_000 }, { metric: 'load_1m', labels: {}, value: 3, at: 100_000 }] });
  store.empty();
  assert.ok(Number.isNaN(store.one('load_1m').value));
  store.merge([{ metric: 'cpu_usage', labels: {}, points: [[48_000, 20], [49_000, 30], [50_500, 70]] }], 1_000, '', 50_000);
  assert.deepEqual([store.one('cpu_usage').value, store.one('cpu_usage').at], [30, 50_000]);
  assert.equal(store.one('cpu_usage').ring.value(49), 30);
  store.empty();
  store.take({ t: 'update', topic: 'system', metrics: [{ metric: 'cpu_usage', labels: {}, value: 91, at: 101_000 }] });
  assert.equal(store.one('cpu_usage').value, 91, 'the present is taken again');
});
