// Points of a series: same place for the same instant, bounded memory, holes, thinning.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, Ring, thin } from '../../src/bongsu/web/static/ring.js';

const points = (ring, from, to, hole = Infinity) => read([ring], from, to, hole, []).map(({ x, y }) => [x, y]);

test('a step holds the average of its samples', () => {
  const ring = new Ring(1000, 10);
  ring.add(5100, 2);
  ring.add(5900, 4);
  assert.deepEqual(points(ring, 0, 9000), [[5000, 3]]);
});

test('a point that comes live and again from history is one point', () => {
  const ring = new Ring(1000, 10);
  ring.add(5003, 7);
  ring.fill(5000, 7, 1);
  assert.deepEqual(points(ring, 0, 9000), [[5000, 7]]);
});

test('history fills a hole that the live socket left', () => {
  const ring = new Ring(1000, 10);
  ring.add(2000, 1);
  ring.add(6000, 5);
  for (const at of [3000, 4000, 5000]) ring.fill(at, at / 1000 - 1, 1);
  assert.deepEqual(points(ring, 0, 9000).map(([, y]) => y), [1, 2, 3, 4, 5]);
});

test('live samples join a running step with the weight history gave it', () => {
  const ring = new Ring(30_000, 4);
  ring.fill(60_000, 10, 9);
  ring.add(70_000, 20);
  assert.deepEqual(points(ring, 60_000, 60_000), [[60_000, 11]]);
});

test('old points give way and never come back', () => {
  const ring = new Ring(1000, 3);
  for (let at = 0; at < 10_000; at += 1000) ring.add(at, at);
  ring.fill(1000, 99, 1);
  ring.add(2000, 99);
  assert.deepEqual(points(ring, 0, 10_000).map(([x]) => x), [7000, 8000, 9000]);
});

test('a hole breaks the line and a short silence does not', () => {
  const ring = new Ring(1000, 20);
  for (const at of [1000, 3000, 9000]) ring.add(at, 1);
  assert.deepEqual(points(ring, 0, 10_000, 3000), [[1000, 1], [3000, 1], [8000, NaN], [9000, 1]]);
});

test('a sum takes what is there of each series', () => {
  const [a, b] = [new Ring(1000, 8), new Ring(1000, 8)];
  a.add(1000, 1);
  a.add(2000, 2);
  b.add(2000, 40);
  assert.deepEqual(read([a, b], 0, 5000, 9000, []).map(({ y }) => y), [1, 42]);
});

test('reading again uses the same objects', () => {
  const ring = new Ring(1000, 100);
  for (let at = 0; at < 100_000; at += 1000) ring.add(at, at);
  const out = [];
  read([ring], 0, 99_000, 9000, out);
  const first = new Set(out);
  read([ring], 0, 99_000, 9000, out);
  assert.ok(out.every((point) => first.has(point)));
});

test('thinning keeps the extremes of every strip, holes, and the order', () => {
  const line = Array.from({ length: 1000 }, (_, x) => ({ x, y: x === 333 ? 900 : x === 334 ? -900 : Math.sin(x) }));
  line[500].y = NaN;
  const ys = line.map(({ y }) => y);
  const thinned = thin(line, 0, 1000, 100);
  assert.ok(thinned.length <= 203);
  assert.ok(thinned.some(({ y }) => y === 900) && thinned.some(({ y }) => y === -900));
  assert.ok(thinned.some(({ y }) => Number.isNaN(y)));
  assert.ok(thinned.every(({ x }, i) => i === 0 || x > thinned[i - 1].x));
  assert.ok(thinned.every(({ x, y }) => Object.is(ys[x], y)));
});

test('a short line is not thinned', () => {
  const line = [{ x: 1, y: 1 }, { x: 2, y: 2 }];
  assert.equal(thin(line, 0, 10, 100).length, 2);
});
