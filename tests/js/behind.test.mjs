// What a viewer says of itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behind } from '../../src/bongsu/web/static/behind.js';
import { Store } from '../../src/bongsu/web/static/store.js';

const METRIC = 'bongsu_view_behind_seconds';

function told(redis, owner) {
  const store = new Store({ step: 1000, slots: 10 });
  const entry = (cause, value) => ({ metric: METRIC, labels: { cause }, value, at: 1 });
  store.take({ t: 'update', seq: 1, at: 1, topic: 'system', metrics: [entry('redis', redis), entry('owner', owner)] });
  return store;
}

test('an owner, and a viewer that hears, are not behind', () => {
  assert.equal(behind({ connection: 'live', store: new Store({ step: 1000, slots: 10 }) }), null);
  assert.equal(behind({ connection: 'live', store: told(0, 0) }), null);
  assert.equal(behind({ connection: 'live', store: told(0, 1.2) }), null);
});

test('what is away is named, with how long', () => {
  assert.deepEqual(behind({ connection: 'live', store: told(7, 0) }), { cause: 'redis', seconds: 7 });
  assert.deepEqual(behind({ connection: 'live', store: told(0, 12) }), { cause: 'owner', seconds: 12 });
});

test('without a connection to the viewer itself, that is what is said', () => {
  assert.equal(behind({ connection: 'again', store: told(7, 0) }), null);
});
