// The socket's keeper: subscribes, resumes, notices silence, comes back, and says what was missed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Live } from '../../src/bongsu/web/static/live.js';

/** A clock, a row of sockets, and what the keeper told. */
function stage() {
  const timers = new Map();
  let now = 1_000_000;
  let ids = 0;
  const told = { frames: [], states: [], missed: 0 };
  const sockets = [];
  class Socket {
    constructor(url) {
      this.url = url;
      this.sent = [];
      sockets.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {
      this.shut = true;
    }
    say(frame) {
      this.onmessage?.({ data: JSON.stringify(frame) });
    }
  }
  const advance = (ms) => {
    const end = now + ms;
    for (;;) {
      const due = [...timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      timers.delete(due[0]);
      now = due[1].at;
      due[1].run();
    }
    now = end;
  };
  const live = new Live({
    url: 'ws://here/live', topics: undefined, Socket, now: () => now, random: () => 1,
    setTimeout: (run, ms) => (timers.set((ids += 1), { at: now + ms, run }), ids),
    clearTimeout: (id) => timers.delete(id),
    onFrame: (frame) => told.frames.push(frame),
    onState: (state) => told.states.push(state),
    onMissed: () => (told.missed += 1),
  }).start();
  return { live, sockets, told, advance, timers };
}

const hello = (boot) => ({ t: 'hello', v: 1, boot, seq: 900 });
const update = (seq) => ({ t: 'update', seq, at: 1, topic: 'system', metrics: [] });

test('says what it wants once the server has said hello', () => {
  const { sockets, told } = stage();
  sockets[0].say(hello('a'));
  assert.deepEqual(sockets[0].sent, [{ op: 'subscribe', interval_ms: 1000 }]);
  assert.deepEqual(told.states, ['live']);
});

test('resumes where it stood when the same server answers again', () => {
  const { sockets, told, advance } = stage();
  sockets[0].say(hello('a'));
  sockets[0].say({ ...update(7), t: 'snapshot' });
  sockets[0].say(update(9));
  sockets[0].onclose();
  advance(600);
  sockets[1].say(hello('a'));
  assert.deepEqual(sockets[1].sent[0].resume, { boot: 'a', seq: 9 });
  assert.equal(told.missed, 0);
});

test('another start of the server is not resumed and what was missed is filled in', () => {
  const { sockets, told, advance } = stage();
  sockets[0].say(hello('a'));
  sockets[0].say(update(9));
  sockets[0].onclose();
  advance(600);
  sockets[1].say(hello('b'));
  assert.equal(sockets[1].sent[0].resume, undefined);
  assert.equal(told.missed, 1);
  sockets[1].say(update(1));
  assert.equal(told.frames.at(-1).seq, 1);
});

test('a frame that comes twice is taken once', () => {
  const { sockets, told } = stage();
  sockets[0].say(hello('a'));
  sockets[0].say(update(5));
  sockets[0].say(update(5));
  sockets[0].say(update(4));
  assert.deepEqual(told.frames.map(({ seq }) => seq), [5]);
});

test('a gap asks for history', () => {
  const { sockets, told } = stage();
  sockets[0].say(hello('a'));
  sockets[0].say({ t: 'gap', from: 3, to: 8 });
  assert.equal(told.missed, 1);
});

test('waits longer after each failure, up to ten seconds', () => {
  const { sockets, advance } = stage();
  const waits = [];
  for (let i = 0; i < 8; i += 1) {
    sockets.at(-1).onclose();
    const before = sockets.length;
    let waited = 0;
    while (sockets.length === before) {
      advance(100);
      waited += 100;
    }
    waits.push(waited);
  }
  assert.deepEqual(waits.slice(0, 6), [500, 1000, 2000, 4000, 8000, 10_000]);
  assert.equal(waits[7], 10_000);
});

test('is reconnecting at first and lost after fifteen seconds', () => {
  const { sockets, told, advance } = stage();
  sockets[0].say(hello('a'));
  sockets[0].onclose();
  assert.equal(told.states.at(-1), 'again');
  for (let i = 0; i < 6; i += 1) {
    advance(10_000);
    sockets.at(-1).onclose?.();
  }
  assert.equal(told.states.at(-1), 'off');
  sockets.at(-1).say?.(hello('a'));
  advance(20_000);
  sockets.at(-1).say(hello('a'));
  assert.equal(told.states.at(-1), 'live');
});

test('a socket that went silent is given up though no close event came', () => {
  const { sockets, told, advance } = stage();
  sockets[0].say(hello('a'));
  advance(20_000);
  sockets[0].say({ t: 'ping' });
  advance(20_000);
  assert.equal(told.states.at(-1), 'live');
  advance(10_000);
  assert.equal(told.states.at(-1), 'again');
  assert.ok(sockets[0].shut);
  assert.ok(sockets.length > 1);
});

test('trying at once opens one socket and leaves no timer behind', () => {
  const { live, sockets, advance } = stage();
  sockets[0].onclose();
  live.retry();
  assert.equal(sockets.length, 2);
  sockets[1].say(hello('a'));
  advance(20_000);
  assert.equal(sockets.length, 2);
});

test('asking for everything again subscribes anew without resuming', () => {
  const { live, sockets } = stage();
  live.refresh();
  sockets[0].say(hello('a'));
  sockets[0].say(update(5));
  live.refresh();
  assert.deepEqual(sockets[0].sent.map(({ op, resume }) => [op, resume]), [['subscribe', undefined], ['subscribe', undefined]]);
});

test('another start of the server is told, the first is not', () => {
  const restarts = [];
  const { live, sockets, advance } = stage();
  live.onRestart = () => restarts.push(1);
  sockets[0].say(hello('a'));
  sockets[0].onclose();
  advance(600);
  sockets[1].say(hello('a'));
  assert.equal(restarts.length, 0);
  sockets[1].onclose();
  advance(600);
  sockets[2].say(hello('b'));
  assert.equal(restarts.length, 1);
});

test('half a frame harms nothing', () => {
  const { sockets, told } = stage();
  sockets[0].say(hello('a'));
  sockets[0].onmessage({ data: '{"t": "upd' });
  sockets[0].say(update(5));
  assert.equal(told.frames.length, 1);
});

test('closing ends everything', () => {
  const { live, sockets, timers } = stage();
  live.close();
  assert.ok(sockets[0].shut);
  assert.equal(timers.size, 0);
});
