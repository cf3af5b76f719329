// The alerts page's own figuring: the timeline's rows, durations, matchers, rules in words, tables for other programs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Book } from '../../src/bongsu/web/static/alerts/book.js';
import { title } from '../../src/bongsu/web/static/alerts/telling.js';
import { Format } from '../../src/bongsu/web/static/format.js';
import { say as words } from '../../src/bongsu/web/static/i18n.js';
import { pairsOf, written } from '../../src/bongsu/web/static/pages/alerts/acting.js';
import { condition, difference, laid, nameOf, ruleOf, typedOf } from '../../src/bongsu/web/static/pages/alerts/rule_words.js';
import { csv, lengthOf, rows } from '../../src/bongsu/web/static/pages/alerts/spans.js';
import { Remote } from '../../src/bongsu/web/static/remote.js';
import { Rest } from '../../src/bongsu/web/static/rest.js';
import { alert, answer } from './fixtures.mjs';

const catalogue = (name) => JSON.parse(readFileSync(new URL(`../../src/bongsu/web/static/i18n/${name}.json`, import.meta.url)));
const say = words({ ...catalogue('ko'), ...catalogue('alerts.ko') });
const context = { say, format: new Format({ language: 'ko', timezone: 'Asia/Seoul' }), language: 'ko', session: { boot: { catalogue: { cpu_usage: { unit: '%', title: { ko: 'CPU 사용률' } } } } } };

test('a row is one trouble with a bar each time it was there, cut to the span', () => {
  const over = (id, from, to, more) => alert(id, { fingerprint: 'disk', fired_at: from, resolved_at: to, phase: 'resolved', ...more });
  const found = rows([over('b', 50, 60), over('a', -10, 20), alert('c', { fired_at: 90, severity: 'critical' }), over('x', -30, -20, { fingerprint: 'old' }), alert('p', { fired_at: null })], 0, 100);
  assert.deepEqual(found.map(({ key, bars, total }) => [key, bars.map(({ from, to, open }) => [from, to, open]), total]), [
    ['c', [[90, 100, true]], 10],
    ['disk', [[0, 20, false], [50, 60, false]], 30],
  ]);
});

for (const [text, ms] of [['90s', 90_000], ['5m', 300_000], ['1.5h', 5_400_000], ['7d', 604_800_000], ['250ms', 250], ['5', NaN], ['m', NaN], ['5 m', NaN], ['', NaN]]) {
  test(`"${text}" is ${ms} ms`, () => assert.equal(lengthOf(text), ms));
}

test('a table for spreadsheets quotes what must be and runs no formula', () => {
  const text = csv([alert('a', { message: '=HYPERLINK("x")', labels: { mount: '/a,b' }, value: -5, note: 'line\nbreak' })], ['fired', 'message'], (at) => String(at));
  assert.match(text, /^\ufefffired,message\r\n/);
  assert.match(text, /"'=HYPERLINK\(""x""\)"/);
  assert.match(text, /"mount=\/a,b",-5,/);
  assert.match(text, /"line\nbreak"/);
});

test('an alert is told in the language of the screen where it is known in it, and as it was written else', async () => {
  const both = alert('a', { message: '디스크 부족', messages: { en: 'Disk is full' }, metric: 'disk_usage' });
  const shown = (language) => ({ session: { boot: { catalogue: {} } }, language });
  assert.deepEqual(['ko', 'en'].map((language) => title(shown(language), both)), ['디스크 부족', 'Disk is full']);
  assert.equal(title(shown('en'), alert('b', { message: '정산이 늦습니다', messages: {} })), '정산이 늦습니다');
  assert.match(csv([both], [], String, 'en'), /Disk is full/);
  const book = new Book({ rest: { get: async () => ({ alerts: [both] }) } });
  await book.load();
  assert.deepEqual(book.bands(['disk_usage'], 2000, 'en').map((band) => band.title), ['Disk is full']);
});

test('matchers are read as they are written', () => {
  assert.deepEqual(pairsOf(' metric=disk_usage ,mount="/a,b\\"c" '), { metric: 'disk_usage', mount: '/a,b"c' });
  assert.deepEqual(pairsOf(''), {});
  for (const wrong of ['metric', '=x', 'a="b', '1a=b', 'a=b,,']) assert.equal(pairsOf(wrong), null, wrong);
  const odd = alert('a', { metric: 'disk_usage', labels: { mount: '/a,"b"' } });
  assert.deepEqual(pairsOf(written(odd)), { metric: 'disk_usage', mount: '/a,"b"' });
  assert.equal(written(alert('a', { rule: 'r1' })), 'rule=r1');
});

test('a rule is read back as it was typed, and told in words', () => {
  const rule = { id: 'cpu', name: 'n', enabled: true, kind: 'threshold', metric: 'cpu_usage', labels: { core: '0' }, aggregation: 'avg', window: '5m', op: '>', value: 80, clear: 75, for: '1m', severity: 'error', message: '', when: '', no_data: 'ignore', channels: ['slack'], group_by: [], by: [] };
  const { rule: again, faults } = ruleOf(typedOf(rule, 'ko'), say);
  assert.deepEqual(faults, {});
  assert.deepEqual(again, rule);
  assert.equal(condition(context, rule), 'CPU 사용률 (0) 5분 평균 > 80%, 1분 지속');
  assert.equal(condition(context, { kind: 'no_data', metric: 'x', no_data_after: '2m' }), 'x 데이터가 2분 동안 없음');
  assert.equal(condition(context, { kind: 'change', metric: 'x', window: '1h', change: 'percent', op: '<', value: -40, for: '0s' }), 'x 1시간 동안의 변화 < -40%');
});

test('a rule that bears a name of ours is shown by the name of the language', () => {
  const rule = { id: 'cpu_threshold_percent', name: 'CPU 사용률', names: { ko: 'CPU 사용률', en: 'CPU use' }, source: 'thresholds' };
  assert.equal(nameOf(rule, 'en'), 'CPU use');
  assert.equal(typedOf(rule, 'en').name, 'CPU use');
  assert.equal(nameOf({ id: 'mine', name: '', names: {} }, 'en'), 'mine');
  assert.equal(nameOf({ id: 'mine', name: '밀린 주문' }, 'en'), '밀린 주문');
  assert.deepEqual(laid(rule, { id: 'x' }), { id: 'x' });
  assert.deepEqual(difference(rule, { ...rule, names: {}, source: 'screen' }), []);
});

test('what a rule has that no field stands for is kept', () => {
  const known = { id: 'a', metric: 'x', across: 'max', by: ['host'], clear: 3, source: 'screen' };
  assert.deepEqual(laid(known, { id: 'a', metric: 'y', value: 5 }), { across: 'max', id: 'a', metric: 'y', value: 5 });
  assert.deepEqual(laid(null, { metric: 'y' }), { metric: 'y' });
});

test('what this side can tell to be wrong is told by field', () => {
  const { faults } = ruleOf({ metric: ' ', value: 'many', for: '5', labels: 'x', kind: 'threshold', clear: '' }, say);
  assert.deepEqual(Object.keys(faults).sort(), ['for', 'labels', 'metric', 'value']);
  assert.deepEqual(ruleOf({ metric: 'x', kind: 'no_data', value: '' }, say).faults, {});
  assert.equal(ruleOf({ metric: 'x', value: '1,500 %' }, say).rule.value, 1500);
});

test('two versions differ in what was changed', () => {
  assert.deepEqual(difference({ value: 80, for: '1m', source: 'screen' }, { value: 85, for: '1m', by: ['host'] }), [['value', '80', '85'], ['by', '–', '["host"]']]);
});

test('an older answer that comes later is dropped, and a failure keeps what was there', async () => {
  const gates = [];
  const remote = new Remote({ rest: { get: () => new Promise((go, fail) => gates.push([go, fail])) }, path: '/a' });
  const first = remote.load('/a');
  const second = remote.load('/b');
  gates[1][0]({ n: 2 });
  gates[0][0]({ n: 1 });
  await Promise.all([first, second]);
  assert.deepEqual([remote.data.n, remote.version], [2, 1]);
  const third = remote.load();
  gates[2][1](Object.assign(new Error('away'), { status: 503 }));
  await third;
  assert.deepEqual([remote.state, remote.data.n], ['failed', 2]);
});

test('a command carries its body, and a refusal its problem', async () => {
  const asked = [];
  const answers = [answer(200, { id: 'a' }), answer(422, { detail: 'window: wrong', hint: 'see', faults: [{ path: 'window', reason: 'wrong' }] })];
  const rest = new Rest({ base: 'http://h/', fetch: async (url, request) => { asked.push([url, request.method, request.body]); return answers.shift(); } });
  assert.deepEqual(await rest.send('POST', '/api/v1/rules', { a: 1 }), { id: 'a' });
  await assert.rejects(rest.send('DELETE', '/api/v1/rules/a'), (fault) => fault.status === 422 && fault.hint === 'see' && fault.problem.faults[0].path === 'window');
  assert.deepEqual(asked, [['http://h/api/v1/rules', 'POST', '{"a":1}'], ['http://h/api/v1/rules/a', 'DELETE', undefined]]);
});
