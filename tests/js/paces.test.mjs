// Paces go by the clock that is never set: a machine set back by an hour reads, hears and speaks on.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

globalThis.document ??= { hidden: false, createElement: () => ({ setAttribute() {}, append() {} }), createTextNode: () => ({}) };
const { Book } = await import('../../src/bongsu/web/static/alerts/book.js');
const { Voice } = await import('../../src/bongsu/web/static/alerts/voice.js');
const { Anomalies } = await import('../../src/bongsu/web/static/anomalies.js');
const { Live } = await import('../../src/bongsu/web/static/live.js');
const { Remote } = await import('../../src/bongsu/web/static/remote.js');
const { Reader: Markets } = await import('../../src/bongsu/web/static/pages/marketplaces/reader.js');
const { Reader: Feeds } = await import('../../src/bongsu/web/static/pages/data/reader.js');

const STATIC = new URL('../../src/bongsu/web/static/', import.meta.url);
const HOUR = 3_600_000;
/** Modules that may ask for the time of day, and what for. */
const WALL = {
  'kiosk.js': 'the clock on the wall, and when its minute is over',
  'pages/accounts/tokens.js': 'when a token ends',
  'painter.js': 'what is drawn is of this instant; ages run on the second',
  'panels/own.js': 'what is drawn is of this instant',
  'session.js': "the server's time, by its distance from ours",
  'view.js': 'how far back the past is that is looked at',
};

/** Both clocks of a browser; the one on the wall is set back an hour while the other goes on by `ms`. */
function clocks(t) {
  let here = 50_000;
  let wall = 1_763_778_000_000;
  t.mock.method(performance, 'now', () => here);
  t.mock.method(Date, 'now', () => wall);
  return (ms) => {
    here += ms;
    wall += ms - HOUR;
  };
}

const settled = () => new Promise((go) => setImmediate(go));

test('only what tells the time of day asks for it', () => {
  const files = readdirSync(STATIC, { recursive: true }).filter((name) => name.endsWith('.js') && !name.startsWith('vendor'));
  const asking = files.filter((name) => readFileSync(new URL(name, STATIC), 'utf8').includes('Date.now('));
  assert.deepEqual(asking.sort(), Object.keys(WALL).sort());
});

test('what a panel reads is read again', async (t) => {
  const pass = clocks(t);
  const asked = [];
  const remote = new Remote({ rest: { get: async (path) => (asked.push(path), {}) }, path: '/x', every: 10_000 });
  await remote.load();
  pass(9_999);
  remote.refresh();
  assert.equal(asked.length, 1);
  pass(1);
  remote.refresh();
  assert.equal(asked.length, 2);
});

test('the list of alerts is asked for again', async (t) => {
  const pass = clocks(t);
  let asked = 0;
  const book = new Book({ rest: { get: async () => ((asked += 1), { alerts: [] }) } });
  await book.load();
  pass(5 * 60_000 + 1);
  book.refresh();
  assert.equal(asked, 2);
});

test('a band is asked for again', async (t) => {
  const pass = clocks(t);
  let asked = 0;
  const anomalies = new Anomalies({ rest: { get: async () => ((asked += 1), { series: [] }) } });
  anomalies.expected('cpu_usage', 0, HOUR);
  await settled();
  pass(20_001);
  anomalies.expected('cpu_usage', 0, HOUR);
  assert.equal(asked, 2);
});

test('strips of marketplaces are read again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pass = clocks(t);
  let strips = 0;
  const rest = { get: async (path) => (path.endsWith('checks') ? { checks: [{ kind: 'check', name: 'a' }] } : { connections: [] }), query: async () => ((strips += 1), []) };
  const context = { rest, session: { now: () => HOUR * 24 }, painter: { wake() {} }, asked: () => null, hear: () => () => {}, say: (key) => key };
  const reader = new Markets(context);
  await settled();
  pass(60_001);
  await reader.read();
  assert.equal(strips, 2);
  reader.close();
});

test('symbols of a feed are read in full again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pass = clocks(t);
  const paths = [];
  const rest = { get: async (path) => (paths.push(path), path.startsWith('/api/v1/quality?') ? { feeds: [{ feed: 'krx' }] } : {}) };
  const context = { rest, session: {}, painter: { wake() {} }, asked: () => null, remember() {}, say: (key) => key };
  const reader = new Feeds(context);
  await settled();
  pass(3_000);
  reader.next();
  await settled();
  assert.equal(paths.filter((path) => path.includes('heat=true')).length, 2);
  reader.close();
});

test('a silent socket is given up', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pass = clocks(t);
  const made = [];
  class Socket {
    constructor() {
      made.push(this);
    }

    close() {}
  }
  const states = [];
  const live = new Live({ url: 'ws://here/live', Socket, random: () => 1, onFrame() {}, onMissed() {}, onState: (state) => states.push(state) });
  live.start();
  pass(25_001);
  t.mock.timers.tick(2_500);
  assert.deepEqual(states, ['off']);
  t.mock.timers.tick(10_000);
  assert.equal(made.length, 2);
  live.close();
});

test('what begins is said after ten seconds at most', (t) => {
  const pass = clocks(t);
  const waits = [];
  const voice = new Voice({ say() {}, words: () => '', later: (run, ms) => waits.push(ms) && run });
  const alert = { severity: 'critical', silenced_by: '', inhibited_by: '' };
  voice.hear(alert);
  voice.speak();
  pass(2_000);
  voice.hear(alert);
  assert.deepEqual(waits, [300, 8_000]);
});
