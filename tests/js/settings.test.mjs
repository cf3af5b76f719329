// The settings page's reading of the schema, and the draft of changes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { changesOf, faultsOf, same, shapeOf, typed, valueAt, written } from '../../src/bongsu/web/static/pages/settings/schema.js';
import { DOCUMENTS, GROUPS, TABS, placeOf, tabOf } from '../../src/bongsu/web/static/pages/settings/layout.js';

const ROOT = new URL('../../', import.meta.url);
const schema = JSON.parse(readFileSync(new URL('config/monitoring_config.schema.json', ROOT), 'utf8'));
const words = (language) => JSON.parse(readFileSync(new URL(`src/bongsu/web/static/i18n/settings.${language}.json`, ROOT), 'utf8'));
const PATHS = Object.values(GROUPS).flat().flatMap(({ paths }) => paths);

test('every setting of a form exists, with a label and a sentence in both languages', () => {
  assert.ok(PATHS.length > 70);
  for (const path of PATHS) {
    const shape = shapeOf(schema, path);
    assert.ok(shape, path);
    for (const language of ['ko', 'en']) {
      assert.ok(words(language)[`set.l.${path}`], `${language} ${path}`);
      assert.ok(shape.sentence[language], `${language} ${path}`);
    }
  }
  assert.equal(new Set(PATHS).size, PATHS.length);
});

test('every document is a section of the settings, and every part has its words', () => {
  for (const name of DOCUMENTS) assert.ok(schema.properties[name], name);
  for (const language of ['ko', 'en']) {
    const all = words(language);
    for (const tab of TABS) assert.ok(all[`set.tab.${tab}`], tab);
    for (const { name } of Object.values(GROUPS).flat()) assert.ok(all[`set.g.${name}`], name);
    for (const name of DOCUMENTS) assert.ok(all[`set.s.${name}`], name);
    for (const origin of ['default', 'file', 'screen', 'environment', 'flag', 'program', 'changed', 'reset']) assert.ok(all[`set.from.${origin}`], origin);
    for (const state of ['loading', 'failed', 'forbidden', 'ready']) assert.ok(all[`set.say.${state}`], state);
  }
});

test('a control fits its setting', () => {
  const kind = (path) => shapeOf(schema, path)?.kind;
  assert.equal(kind('monitoring.language'), 'choice');
  assert.equal(kind('monitoring.update_interval_seconds'), 'number');
  assert.equal(kind('server.port'), 'whole');
  assert.equal(kind('storage.retention.raw'), 'length');
  assert.equal(kind('notifications.telegram.buttons'), 'switch');
  assert.equal(kind('notifications.slack.webhook_url'), 'secret');
  assert.equal(kind('notifications.email.to'), 'lines');
  assert.equal(kind('notifications.apprise'), 'json'); // a list of secrets must not be shown as lines
  assert.equal(kind('panels'), 'json');
  assert.equal(kind('monitoring.langage'), undefined);
  const port = shapeOf(schema, 'server.port');
  assert.deepEqual([port?.least, port?.most, port?.optional], [0, 65535, false]);
  assert.deepEqual(shapeOf(schema, 'monitoring.language')?.choices, ['ko', 'en']);
});

test('what is typed is what is sent', () => {
  const read = (path, text) => typed(/** @type {any} */ (shapeOf(schema, path)), text);
  assert.deepEqual(read('server.port', ' 9000 '), { value: 9000 });
  assert.deepEqual(read('limits.series', '200,000'), { value: 200000 });
  assert.deepEqual(read('server.port', 'nine'), { value: 'nine' }); // the server says what is wrong
  assert.deepEqual(read('notifications.email.to', 'a@b.kr\n\n c@d.kr '), { value: ['a@b.kr', 'c@d.kr'] });
  assert.deepEqual(read('server.public_url', ''), { value: null });
  assert.deepEqual(read('monitoring.timezone', ''), { value: '' });
  assert.deepEqual(read('notifications.email.password', ' pa ss '), { value: ' pa ss ' });
  assert.deepEqual(read('panels', '[{"metric": "m"}]'), { value: [{ metric: 'm' }] });
  assert.ok('fault' in read('panels', '[{'));
});

test('what is shown is read back as the same', () => {
  for (const [path, value] of /** @type {[string, any][]} */ ([['limits.series', 200000], ['server.port', 18080], ['storage.retention.raw', '1d'], ['notifications.email.to', ['a@b.kr']], ['panels', [{ metric: 'm' }]], ['server.public_url', null]])) {
    const shape = /** @type {any} */ (shapeOf(schema, path));
    assert.deepEqual(typed(shape, written(shape, value)), { value }, path);
  }
  assert.equal(written(/** @type {any} */ (shapeOf(schema, 'limits.series')), 200000), '200,000');
  assert.equal(written(/** @type {any} */ (shapeOf(schema, 'server.port')), 18080), '18080');
});

test('faults find their setting, also from within', () => {
  const faults = [{ path: 'rules[2].metric' }, { path: 'rules' }, { path: 'rulesets' }, { path: 'shop.url' }];
  assert.deepEqual(faultsOf(faults, 'rules').map(({ path }) => path), ['rules[2].metric', 'rules']);
  assert.deepEqual(faultsOf(faults, 'shop').map(({ path }) => path), ['shop.url']);
});

test('of a document only what differs is sent, and what is no setting too', () => {
  const leaves = ['shop.url', 'shop.currency', 'shop.mapping', 'rules'];
  const before = { url: '***', currency: 'KRW', mapping: {} };
  assert.deepEqual(changesOf('shop', leaves, before, { url: '***', currency: 'USD', mapping: {} }), { 'shop.currency': 'USD' });
  assert.deepEqual(changesOf('shop', leaves, before, { ...before, currenzy: 'USD' }), { 'shop.currenzy': 'USD' });
  assert.deepEqual(changesOf('rules', leaves, [], [{ id: 'a' }]), { rules: [{ id: 'a' }] });
  assert.deepEqual(changesOf('rules', leaves, [], []), {});
});

test('values are compared by what they say', () => {
  assert.ok(same({ a: [1, { b: null }] }, { a: [1, { b: null }] }));
  assert.ok(!same({ a: 1 }, { a: 1, b: 2 }));
  assert.ok(!same([], {}));
  assert.equal(valueAt({ a: { b: 1 } }, 'a.b'), 1);
  assert.equal(valueAt({ a: null }, 'a.b'), undefined);
});

test('a setting leads to the part where it is changed', () => {
  assert.deepEqual(placeOf('storage.retention.raw'), { tab: 'system' });
  assert.deepEqual(placeOf('panels[0].metric'), { tab: 'monitoring' });
  assert.deepEqual(placeOf('checks[1].url'), { tab: 'lists', document: 'checks' });
  assert.equal(tabOf('nonsense'), TABS[0]);
});
