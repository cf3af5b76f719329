// The open alerts: the server's list, kept true by live frames; what of it is said aloud; where the address leads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, addressWith } from '../../src/bongsu/web/static/address.js';
import { Book } from '../../src/bongsu/web/static/alerts/book.js';
import { together } from '../../src/bongsu/web/static/alerts/issues.js';
import { order } from '../../src/bongsu/web/static/alerts/severity.js';
import { Voice } from '../../src/bongsu/web/static/alerts/voice.js';
import { alert } from './fixtures.mjs';

function served(...answers) {
  const asked = [];
  return { asked, get: (path) => { asked.push(path); const next = answers.shift(); return next instanceof Error ? Promise.reject(next) : Promise.resolve(next); } };
}

test('the list comes from the server and follows each change', async () => {
  const book = new Book({ rest: served({ alerts: [alert('a'), alert('b', { phase: 'acknowledged' })] }) });
  await book.load();
  assert.deepEqual(book.all().map(({ id }) => id), ['a', 'b']);
  assert.equal(book.calling, 1);
  book.take({ change: 'resolved', alert: alert('a', { phase: 'resolved' }) });
  book.take({ change: 'fired', alert: alert('c', { severity: 'critical' }) });
  assert.deepEqual(book.all().map(({ id }) => id), ['c', 'b']);
});

test('what the socket tells while the list is on its way is not undone by it', async () => {
  let answer;
  const book = new Book({ rest: { get: () => new Promise((go) => { answer = go; }) } });
  const loading = book.load();
  book.take({ change: 'resolved', alert: alert('a', { phase: 'resolved' }) });
  book.take({ change: 'fired', alert: alert('b') });
  answer({ alerts: [alert('a')] });
  await loading;
  assert.deepEqual(book.all().map(({ id }) => id), ['b']);
});

test('only what begins anew is announced, not what was open at the first look', async () => {
  const fired = [];
  const book = new Book({ rest: served({ alerts: [alert('a')] }), onFired: ({ id }) => fired.push(id) });
  await book.load();
  book.take({ change: 'updated', alert: alert('a') });
  book.take({ change: 'fired', alert: alert('b') });
  book.take({ change: 'fired', alert: alert('b') });
  assert.deepEqual(fired, ['b']);
});

test('a server without alerts is left alone, one that fails keeps what was known', async () => {
  const rest = served(Object.assign(new Error('gone'), { status: 404 }));
  const none = new Book({ rest });
  await none.load();
  await none.load();
  assert.deepEqual([none.state, rest.asked.length], ['absent', 1]);
  const book = new Book({ rest: served({ alerts: [alert('a')] }, Object.assign(new Error('away'), { status: 0 })) });
  await book.load();
  await book.load();
  assert.deepEqual([book.state, book.all().length], ['failed', 1]);
});

test('worst first: what calls before what somebody has before what is muted', () => {
  const all = [
    alert('muted', { severity: 'critical', silenced_by: 's' }), alert('had', { severity: 'critical', phase: 'acknowledged' }), alert('info', { severity: 'info' }),
    alert('new', { severity: 'error', fired_at: 9 }), alert('old', { severity: 'error', fired_at: 5 }), alert('worst', { severity: 'critical' }),
  ];
  assert.deepEqual(all.sort(order).map(({ id }) => id), ['worst', 'old', 'new', 'info', 'had', 'muted']);
});

const tile = (changed = {}) => ({ id: 'disk', state: 'warn', title: 'disk 91%', detail: '', since: 5, longer: false, metric: 'disk_usage', labels: { mount: '/' }, ...changed });
const words = ({ message }) => ({ title: message, detail: '' });

test('a tile and the alert of the same series are one trouble, with the worse of both states', () => {
  const same = alert('a', { metric: 'disk_usage', labels: { mount: '/' }, severity: 'critical' });
  const other = alert('b', { metric: 'disk_usage', labels: { mount: '/data' } });
  const found = together([tile()], [same, other], words);
  assert.deepEqual(found.map(({ id, state }) => [id, state]), [['disk', 'crit'], ['alert b', 'warn']]);
});

test('what somebody has, or what is muted, waits for nobody', () => {
  const had = alert('a', { metric: 'disk_usage', labels: { mount: '/' }, phase: 'acknowledged' });
  assert.deepEqual(together([tile()], [had, alert('b', { inhibited_by: 'a' })], words), []);
  assert.equal(together([tile({ state: 'unknown' })], [had], words).length, 1, 'late data is another trouble');
});

test('new critical alerts are said in one sentence every ten seconds at most', () => {
  const said = [];
  const later = [];
  let now = 0;
  const voice = new Voice({ say: (text) => said.push(text), words: (all, more) => `${all.map(({ id }) => id)}+${more}`, now: () => now, later: (run, ms) => later.push([run, ms]) });
  const speak = () => { const [run, ms] = later.shift(); now += ms; run(); return ms; };
  voice.hear(alert('w'));
  voice.hear(alert('s', { severity: 'critical', silenced_by: 'x' }));
  assert.equal(later.length, 0);
  for (const id of ['a', 'b', 'c', 'd', 'e']) voice.hear(alert(id, { severity: 'critical' }));
  assert.equal(speak(), 300);
  voice.hear(alert('f', { severity: 'critical' }));
  assert.equal(speak(), 10_000);
  assert.deepEqual(said, ['a,b,c+2', 'f+0']);
});

test('going to a page keeps language, theme and range and leaves the rest behind', () => {
  const here = new URL('http://h/monitoring/dashboard?page=alerts&alert=a1&lang=en&range=6h');
  assert.equal(addressOf(here, 'system', 'overview').search, '?lang=en&range=6h&page=system');
  assert.equal(addressOf(here, 'overview', 'overview').search, '?lang=en&range=6h');
  assert.equal(addressOf(here, 'alerts', 'overview', { alert: 'a&b' }).searchParams.get('alert'), 'a&b');
  assert.equal(addressWith(here, 'alert', null).search, '?page=alerts&lang=en&range=6h');
});
