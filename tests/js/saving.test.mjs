// What is saved of a figure: the console's CSV.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pictureOf, tableOf } from '../../src/bongsu/console/static/saving.js';

test('lines of different moments share the rows; gaps stay empty', () => {
  const text = tableOf([
    { type: 'scatter', name: 'CPU', x: ['2026-01-01T00:00:00', '2026-01-01T00:01:00'], y: [1.5, null] },
    { type: 'scatter', name: 'a &lt;b&gt;, "c"', x: ['2026-01-01T00:01:00'], y: new Float64Array([NaN]) },
    { type: 'scatter', name: undefined, x: [null], y: [null] },
  ], '시각');
  assert.equal(text, '\ufeff시각,CPU,"a <b>, ""c"""\r\n2026-01-01 00:00:00,1.5,\r\n2026-01-01 00:01:00,,\r\n');
});

test('a heat map gives its values, not its heat', () => {
  const text = tableOf([{ type: 'heatmap', x: ['2026-01-01T00:00'], y: ['slow'], z: [[4]], customdata: [[250]] }], 'Time');
  assert.equal(text, '\ufeffTime,slow\r\n2026-01-01 00:00,250\r\n');
});

test('what a spreadsheet would run as a formula is disarmed', () => {
  const text = tableOf([{ type: 'scatter', name: '=HYPERLINK("x")', x: ['2026-01-01'], y: [-3] }], 'Time');
  assert.match(text, /^\ufeffTime,"'=HYPERLINK\(""x""\)"\r\n2026-01-01,-3\r\n$/);
});

test('a picture is taken out of its address', async () => {
  assert.deepEqual([...new Uint8Array(await pictureOf('data:image/png;base64,AQID').arrayBuffer())], [1, 2, 3]);
});
