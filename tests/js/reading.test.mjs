// What a page reads again and again: one reading at a time counts, and one only goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document ??= { hidden: false, createElement: () => ({ setAttribute() {}, append() {} }), createTextNode: () => ({}) };
const { Reading } = await import('../../src/bongsu/web/static/reading.js');

class Counted extends Reading {
  constructor(t) {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    super({ painter: { wake() {} }, session: { paused: false }, say: (key) => key }, { fault: 'broken', every: 1000, afterFault: 5000 });
    this.waiting = [];
    this.figure = null;
  }

  fetched() {
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }
}

const settled = () => new Promise((go) => setImmediate(go));

test('an answer that was overtaken is dropped, and asking twice leaves one pace', async (t) => {
  const reading = new Counted(t);
  reading.read();
  reading.read();
  reading.waiting[1].resolve({ figure: 2 });
  await settled();
  reading.waiting[0].resolve({ figure: 1 });
  await settled();
  assert.deepEqual([reading.figure, reading.version, reading.known], [2, 1, true]);
  t.mock.timers.tick(1000);
  assert.equal(reading.waiting.length, 3, 'one further reading, not two');
});

test('over a fault the last good data stands, and it is tried again later', async (t) => {
  const reading = new Counted(t);
  const heard = [];
  reading.listen(() => heard.push(reading.fault));
  reading.read();
  reading.waiting[0].resolve({ figure: 1 });
  await settled();
  t.mock.timers.tick(1000);
  const fault = new Error('away');
  reading.waiting[1].reject(fault);
  await settled();
  assert.deepEqual([reading.figure, heard], [1, [null, fault]]);
  t.mock.timers.tick(4999);
  assert.equal(reading.waiting.length, 2);
  t.mock.timers.tick(1);
  assert.equal(reading.waiting.length, 3);
});

test('nobody asks for a page that was left', async (t) => {
  const reading = new Counted(t);
  reading.read();
  reading.close();
  reading.waiting[0].resolve({ figure: 1 });
  await settled();
  t.mock.timers.tick(60_000);
  assert.deepEqual([reading.figure, reading.waiting.length], [null, 1]);
});
