// The board on a wall: which pages take turns, how long each stays, and where a page goes on.
import assert from 'node:assert/strict';
import test from 'node:test';
import { everyOf, nextTop, pagesOf } from '../../src/bongsu/web/static/kiosk.js';

test('pages take turns in the order asked for; without any the shown one stays', () => {
  assert.deepEqual(pagesOf('shop, system', 'overview'), ['shop', 'system']);
  assert.deepEqual(pagesOf('system,nonsense,shop,system', 'overview'), ['system', 'shop']);
  assert.deepEqual(pagesOf('1', 'data'), ['data']);
  assert.deepEqual(pagesOf('', 'overview'), ['overview']);
});

test('a screenful stays for what is asked, within bounds', () => {
  assert.deepEqual(['20s', '1m', '45', '1.5m', null, 'soon'].map(everyOf), [20_000, 60_000, 45_000, 90_000, 20_000, 20_000]);
  assert.deepEqual(['1s', '50ms', '0', '3h'].map(everyOf), [5_000, 5_000, 5_000, 600_000]);
});

test('a page goes on at the first part that was cut, to its end', () => {
  const parts = [[0, 300], [310, 700], [310, 1_100], [1_110, 1_500]].map(([top, bottom]) => ({ top, bottom }));
  assert.equal(nextTop(parts, { top: 0, height: 800, most: 700 }), 298, 'the part that was cut stands on top');
  assert.equal(nextTop(parts, { top: 298, height: 800, most: 500 }), 500, 'no further than the page goes');
  assert.ok(Number.isNaN(nextTop(parts, { top: 500, height: 800, most: 500 })), 'all was seen');
  assert.ok(Number.isNaN(nextTop(parts, { top: 0, height: 1_600, most: 0 })), 'it has room');
  assert.equal(nextTop([{ top: 0, bottom: 5_000 }], { top: 0, height: 1_000, most: 4_000 }), 900, 'what is higher than the screen goes on where it was cut');
});
