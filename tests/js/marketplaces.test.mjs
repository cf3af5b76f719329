// The page of marketplaces: bars, staleness, what ends soon; and marks for every chart.
// guide: G004
// guide: G116
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Marks, wordsOf } from '../../src/bongsu/web/static/marks.js';
import { Format } from '../../src/bongsu/web/static/format.js';
import { span, watched } from '../../src/bongsu/web/static/watched.js';
import { bars, BARS, ending, stale, STATES, STRIPS, troubled } from '../../src/bongsu/web/static/pages/marketplaces/states.js';

const NOW = 1_763_778_000_000;

test('each step gives one bar, the newest at the right, and nothing is drawn where nothing was asked', () => {
  const step = STRIPS['24h'];
  const here = NOW - (NOW % step);
  const found = bars([[here, STATES.indexOf('down')], [here - step, 0], [here - 200 * step, 0]], step, NOW);
  assert.equal(found.length, BARS);
  assert.deepEqual(found.slice(-3), [null, 'up', 'down']);
  assert.equal(found.filter((state) => state !== null).length, 2);
});

test('what is overdue is stale, what was asked to be left alone is not', () => {
  const one = { checked_at: NOW - 70_000, next_at: NOW - 10_000, interval_ms: 60_000 };
  assert.equal(stale(one, NOW), false);
  assert.equal(stale({ ...one, checked_at: NOW - 400_000, next_at: NOW - 340_000 }, NOW), true);
  assert.equal(stale({ ...one, checked_at: NOW - 400_000, next_at: NOW + 3_000_000 }, NOW), false);
  assert.equal(stale({ ...one, checked_at: null }, NOW), false);
});

test('a certificate warns from 14 days on and is critical from 3', () => {
  assert.deepEqual([90, 14, 3.1, 3, -1, null].map(ending), ['', 'warn', 'warn', 'crit', 'crit', '']);
});

test('a limit and a maintenance are nobody\'s trouble', () => {
  const all = STATES.map((state) => ({ state }));
  assert.deepEqual(troubled(all).map(({ state }) => state), ['degraded', 'config_error', 'auth_failed', 'down']);
});

test('marks are asked for as far back as charts look', async () => {
  const asked = [];
  const marks = new Marks({ rest: { get: async (path) => (asked.push(path), { marks: [] }) } });
  await marks.load();
  marks.reach(3_600_000);
  marks.reach(7 * 86_400_000);
  marks.reach(86_400_000);
  assert.deepEqual(asked, ['/api/v1/marks?start=-24h', '/api/v1/marks?start=-168h']);
});

test('marks come from the list and from the socket, each once, and go when they are taken away', async () => {
  let answer = (_) => {};
  const marks = new Marks({ rest: { get: () => new Promise((go) => { answer = go; }) } });
  const loading = marks.load();
  marks.take({ mark: { id: 'b', at: 20, kind: 'deploy', label: 'v2' } });
  marks.take({ removed: 'c' });
  marks.take({});
  answer({ marks: [{ id: 'a', at: 10, kind: 'note', label: 'a' }, { id: 'c', at: 15, kind: 'note', label: 'c' }] });
  await loading;
  assert.deepEqual(marks.within(0, 100, ({ label }) => label), [{ at: 10, text: 'a' }, { at: 20, text: 'v2' }]);
  assert.deepEqual(marks.within(11, 100, ({ label }) => label).length, 1);
});

test('no more than a thousand marks are kept, the newest', () => {
  const marks = new Marks({ rest: { get: async () => ({ marks: [] }) } });
  for (let at = 0; at < 1_100; at += 1) marks.take({ mark: { id: String(at), at, kind: 'note', label: '' } });
  assert.equal(marks.known.size, 1_000);
  assert.equal(marks.within(0, 99, () => '').length, 0);
});

test('a change of state is told in the language shown', () => {
  const say = (key, { name, state } = {}) => (key === 'mark.change' ? `${name} ${state}` : key);
  const change = { kind: 'marketplace', name: '11st', title_ko: '11번가', title_en: '11st', was: 'up', state: 'down' };
  assert.equal(wordsOf({ id: '', at: 0, kind: 'state', label: '11st: down', change }, say, 'ko'), '11번가 state.down');
  assert.equal(wordsOf({ id: '', at: 0, kind: 'deploy', label: 'v2', change: null }, say, 'ko'), 'v2');
});

test('a share that was watched for a part of its window only says for how long, and since when', () => {
  const format = new Format({ language: 'en', timezone: 'Asia/Seoul' });
  const one = { watched_ms: { '24h': 86_000_000, '30d': 600_000 }, watched_since: NOW };
  assert.equal(watched(one, '24h', format), null, 'all but a quarter of an hour is the whole day');
  assert.deepEqual(watched(one, '30d', format), { time: '10 min', since: '22 Nov 11:20' });
  assert.equal(watched({}, '30d', format), null, 'an older server tells nothing of it');
});

test('a length of time in one unit is never off by half', () => {
  const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
  const [ko, en] = ['ko', 'en'].map((language) => new Format({ language, timezone: 'Asia/Seoul' }));
  const told = [45 * SECOND, 119 * SECOND, 12 * MINUTE, 119 * MINUTE, 3.9 * HOUR, 47 * HOUR, 2 * DAY, 29.9 * DAY].map((ms) => span(ms, en));
  assert.deepEqual(told, ['45 s', '119 s', '12 min', '119 min', '3 h', '47 h', '2 d', '29 d']);
  assert.deepEqual([0, 3 * HOUR].map((ms) => span(ms, ko)), ['0초', '3시간']);
});
