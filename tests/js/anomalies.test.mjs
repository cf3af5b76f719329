// Anomalies on charts. guide: G048
import assert from 'node:assert/strict';
import test from 'node:test';
import { Anomalies, same } from '../../src/bongsu/web/static/anomalies.js';

const one = (at, more = {}) => ({ metric: 'cpu_usage', labels: {}, at, value: 95, score: 8, lower: 10, upper: 30, ...more });
const turn = () => new Promise((done) => setImmediate(done));

test('the list is asked for once, and marks of the socket are put behind it', async () => {
  const asked = [];
  let changes = 0;
  const rest = { get: async (path) => (asked.push(path), { anomalies: [one(3), one(1)] }) };
  const all = new Anomalies({ rest, onChange: () => (changes += 1) });
  all.take({ kind: 'anomaly', ...one(0), moment: 2 });
  assert.deepEqual(all.of(['cpu_usage'], 0), [], 'nothing is kept before a chart asks');
  all.take({ kind: 'anomaly', ...one(0), moment: 9 });
  all.take({ kind: 'deploy', moment: 10 });
  await turn();
  assert.deepEqual(all.of(['cpu_usage'], 2).map(({ at }) => at), [3, 9]);
  assert.deepEqual(all.of(['memory_usage'], 0), []);
  assert.equal(asked.length, 1);
  assert.equal(changes, 2);
});

test('a longer range asks further back, a shorter one knows it already', async () => {
  const asked = [];
  const rest = { get: async (path) => (asked.push(path), { anomalies: [one(3)] }) };
  const all = new Anomalies({ rest });
  all.reach(7 * 86_400_000);
  assert.deepEqual(asked, [], 'no chart has asked yet');
  all.of(['cpu_usage'], 0);
  await turn();
  all.take({ kind: 'anomaly', ...one(0), moment: 9 });
  all.reach(3_600_000);
  all.reach(30 * 86_400_000);
  await turn();
  assert.deepEqual(asked.map((path) => path.match(/start=(-\w+)/)[1]), ['-168h', '-720h']);
  assert.deepEqual(all.of(['cpu_usage'], 0).map(({ at }) => at), [3], 'the list has what the socket told before it was asked for');
});

test('a server that fails leaves charts as they are', async () => {
  const all = new Anomalies({ rest: { get: async () => { throw new Error('down'); } } });
  all.of(['cpu_usage'], 0);
  all.expected('cpu_usage', 0, 3_600_000);
  await turn();
  assert.deepEqual(all.of(['cpu_usage'], 0), []);
  assert.deepEqual(all.expected('cpu_usage', 0, 3_600_000), []);
});

test('the band is asked for with a step that suits the span, and again after a while', async () => {
  const asked = [];
  let now = 0;
  const rest = { get: async (path) => (asked.push(path), { series: [{ points: [[1, 2, 0, 4, 0.1]] }] }) };
  const all = new Anomalies({ rest, now: () => now });
  assert.deepEqual(all.expected('cpu_usage', 0, 3_600_000), []);
  await turn();
  assert.deepEqual(all.expected('cpu_usage', 1_000, 3_601_000), [[1, 2, 0, 4, 0.1]]);
  assert.equal(asked.length, 1);
  assert.match(asked[0], /metric=cpu_usage&start=0&end=3600000&step=12000ms/);
  now = 30_000;
  all.expected('cpu_usage', 30_000, 3_630_000);
  assert.equal(asked.length, 2);
});

test('of several series the one with exactly these labels is asked for', async () => {
  const asked = [];
  const labels = { feed: 'krx', quantile: '0.5' };
  const rest = { get: async (path) => (asked.push(path), { series: [{ metric: 'feed_delay_seconds', labels: found, points: [[1, 2, 0, 4, 0.1]] }] }) };
  const all = new Anomalies({ rest });
  let found = labels;
  all.expected('feed_delay_seconds', 0, 3_600_000, labels);
  await turn();
  assert.deepEqual(all.expected('feed_delay_seconds', 0, 3_600_000, labels), [[1, 2, 0, 4, 0.1]]);
  assert.match(asked[0], /label\.feed=krx&label\.quantile=0\.5&limit=1$/);
  found = { ...labels, symbol: '005930' };
  all.expected('feed_quality', 0, 3_600_000, { feed: 'krx' });
  await turn();
  assert.deepEqual(all.expected('feed_quality', 0, 3_600_000, { feed: 'krx' }), [], 'a band of another series is none');
  assert.equal(same(one(1), one(2)), true);
  assert.equal(same(one(1), one(1, { labels: { core: '0' } })), false);
});

test('only so many are kept', () => {
  const all = new Anomalies({ rest: { get: () => new Promise(() => {}) } });
  all.of([], 0);
  for (let at = 0; at < 1_500; at += 1) all.take({ kind: 'anomaly', ...one(0), moment: at });
  assert.equal(all.list.length, 1_000);
  assert.equal(all.list[0].at, 500);
});
