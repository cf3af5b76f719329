// How the page of the data feeds reads scores.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Format } from '../../src/bongsu/web/static/format.js';
import { points, step, tint } from '../../src/bongsu/web/static/pages/data/reader.js';

test('a score is cut, not rounded: 99.96 never shows as 100', () => {
  const format = new Format({ language: 'ko', timezone: 'Asia/Seoul' });
  assert.equal(points(0.99969, format), '99.9');
  assert.equal(points(1, format), '100.0');
  assert.equal(points(null, format), '–');
});

test('the steps of the heat map are those of its key, and no score has no colour', () => {
  assert.deepEqual([1, 0.99, 0.989, 0.95, 0.9, 0.85, 0.8, 0.79, 0].map(step), [1, 1, 2, 2, 3, 4, 4, 5, 5]);
  assert.equal(step(null), -1);
  assert.deepEqual([1, 0.96, 0.92, 0.5, null].map(tint), ['ok', 'ok', 'warn', 'crit', 'unknown']);
});
