// The shop's page: what it compares, and which products it lists.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Format } from '../../src/bongsu/web/static/format.js';
import { until } from '../../src/bongsu/web/static/pages/shop/headline.js';
import { chosen } from '../../src/bongsu/web/static/pages/shop/stock.js';

const format = new Format({ language: 'ko', timezone: 'Asia/Seoul' });
const day = Array.from({ length: 24 }, () => ({ orders: 1, gross: 100 }));

test('a past day counts until the same time of day, the running hour by its share', () => {
  const at = Date.UTC(2026, 10, 26, 1, 30); // 10:30 in Seoul
  assert.equal(until({ at, hours: { yesterday: day } }, 'yesterday', format), 1050);
  assert.equal(until({ at, hours: {} }, 'yesterday', format), 0);
});

test('what runs out within a week comes first, then what is low; each product once', () => {
  const product = (sku, stock, days = null) => ({ sku, name: sku, stock, safety: days === null ? 5 : null, days_left: days });
  const view = { running_out: [product('soon', 3, 2), product('later', 90, 40)], low: [product('gone', 0), product('soon', 3), product('low', 4)] };
  assert.deepEqual(chosen(view).map(({ sku }) => sku), ['soon', 'low', 'gone', 'later']);
});
