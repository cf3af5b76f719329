// Asking over REST: what counts as an answer, and when a page's first readings are there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rest } from '../../src/bongsu/web/static/rest.js';
import { answer } from './fixtures.mjs';

test('a body that breaks off, or is no JSON, is a fault and not an empty answer', async () => {
  const broken = { ok: true, status: 200, text: async () => { throw new Error('aborted'); } };
  const answers = [broken, answer(200, '<html>a proxy'), answer(502, '<html>a proxy'), answer(204, '')];
  const rest = new Rest({ base: 'http://h', fetch: async () => answers.shift() });
  await assert.rejects(rest.get('/a'), /aborted/);
  await assert.rejects(rest.get('/a'), /no JSON/);
  await assert.rejects(rest.get('/a'), (fault) => fault.status === 502);
  assert.deepEqual(await rest.get('/a'), {});
});

test('readings are settled once those that others led to are there too, whatever history still reads', async () => {
  const gates = new Map();
  const rest = new Rest({ base: '', fetch: (path) => new Promise((go) => gates.set(path, () => go(answer(200, {})))) });
  let settled = false;
  rest.query('cpu_usage', { start: 0, end: 1, step: 1 });
  const turns = async () => { for (let n = 0; n < 3; n += 1) await new Promise((go) => setTimeout(go)); };
  rest.get('/first').then(() => rest.get('/second'));
  rest.settled().then(() => { settled = true; });
  await turns();
  gates.get('/first')();
  await turns();
  assert.deepEqual([settled, gates.has('/second')], [false, true]);
  gates.get('/second')();
  await turns();
  assert.equal(settled, true);
  await rest.settled();
});
