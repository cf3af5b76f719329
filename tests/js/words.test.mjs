// Figures, times and words in both languages.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { instants, levels } from '../../src/bongsu/web/static/axis.js';
import { Format } from '../../src/bongsu/web/static/format.js';
import { say } from '../../src/bongsu/web/static/i18n.js';

const STATIC = new URL('../../src/bongsu/web/static/', import.meta.url);
const catalogue = (language, page = '') => JSON.parse(readFileSync(new URL(`i18n/${page}${page && '.'}${language}.json`, STATIC)));
/** Pages with words of their own, and '' for the frame's. */
const OWNERS = readdirSync(new URL('i18n/', STATIC)).filter((name) => name.endsWith('ko.json')).map((name) => name.replace(/\.?ko\.json$/, ''));
/** The page where one signs in: a document of its own. */
const ENTRANCE = 'signin';
const ko = new Format({ language: 'ko', timezone: 'Asia/Seoul' });
const en = new Format({ language: 'en', timezone: 'Asia/Seoul' });

for (const owner of OWNERS) {
  test(`both catalogues of ${owner || 'the frame'} hold the same keys and the same places to fill in`, () => {
    const [a, b] = [catalogue('ko', owner), catalogue('en', owner)];
    assert.deepEqual(Object.keys(a), Object.keys(b));
    const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    for (const key of Object.keys(a)) assert.deepEqual(places(a[key]), places(b[key]), key);
  });

  test(`English of ${owner || 'the frame'} has no Hangul but for the switch that names the other language`, () => {
    for (const [key, text] of Object.entries(catalogue('en', owner))) if (key !== 'language.switch') assert.doesNotMatch(text, /[가-힣]/, key);
  });

  test(`no word of ${owner || 'the frame'} hides one of the frame's`, () => {
    if (owner) for (const key of Object.keys(catalogue('ko', owner))) assert.ok(!(key in catalogue('ko')), key);
  });
}

test('every key that a module names is in the catalogue', () => {
  const files = readdirSync(STATIC, { recursive: true }).filter((name) => name.endsWith('.js') && !name.startsWith('vendor'));
  let seen = 0;
  for (const file of files) {
    const owner = OWNERS.find((one) => one && (file.startsWith(`pages/${one}`) || file === `${one}.js` || file === `entrance/${one}.js`));
    const known = { ...catalogue('ko'), ...(owner ? catalogue('ko', owner) : {}) };
    for (const [, key] of readFileSync(new URL(file, STATIC), 'utf8').matchAll(/\bsay\('([\w.-]+)'/g)) {
      seen += 1;
      assert.ok(key in known, `${file}: ${key}`);
    }
  }
  assert.ok(seen > 60);
});

test('a page with words of its own is registered as such', async () => {
  const { PAGES } = await import('../../src/bongsu/web/static/pages/index.js');
  const modules = OWNERS.filter((one) => one && readdirSync(STATIC).includes(`${one}.js`)); // the wall, which isn't a page
  assert.deepEqual([...PAGES.filter(({ words }) => words).map(({ name }) => name), ...modules].sort(), OWNERS.filter((one) => one && one !== ENTRANCE).sort());
  assert.equal(new Set(PAGES.map(({ key }) => key)).size, PAGES.length);
  for (const { name } of PAGES) assert.ok(catalogue('ko')[`nav.${name}`], name);
});

test('words are filled in, and one is one', () => {
  const words = say(catalogue('en'));
  assert.equal(words('say.issues', { n: 1 }), '1 issue needs attention');
  assert.equal(words('say.issues', { n: 3 }), '3 issues need attention');
  assert.throws(() => words('no.such.key'), /no words/);
});

for (const [value, unit, korean, english] of [
  [0, '%', '0%', '0%'],
  [12.345, '%', '12.3%', '12.3%'],
  [100, '%', '100%', '100%'],
  [999, 'B', '999 B', '999 B'],
  [1_500_000, 'B/s', '1.5 MB/s', '1.5 MB/s'],
  [999_999, 'B/s', '1.0 MB/s', '1.0 MB/s'],
  [34_392_600, '', '3,439만', '34.4M'],
  [1_234, '', '1,234', '1,234'],
  [123_456_789_012, '', '1,235억', '123bn'],
  [12.5, 'ms', '13 ms', '13 ms'],
  [90, 's', '1분 30초', '1m 30s'],
  [0.5, '', '0.5', '0.5'],
  [0.00012, '', '0.00012', '0.00012'],
  [-1500, 'B', '-1.5 kB', '-1.5 kB'],
  [12, '1/min', '12/분', '12/min'],
  [11_500_000, 'KRW', '1,150만원', '11.5M KRW'],
  [900, 'KRW', '900원', '900 KRW'],
  [25_000, '1/s', '2.5만/초', '25.0k/s'],
  [7, '건', '7건', '7건'],
  [9_999, '', '9,999', '9,999'],
  [12_000, '', '1.2만', '12.0k'],
  [250_000, '', '25.0만', '250k'],
  [NaN, '%', '–', '–'],
]) {
  test(`${value} ${unit} reads ${korean} and ${english}`, () => {
    assert.equal(ko.text(value, unit), korean);
    assert.equal(en.text(value, unit), english);
  });
}

test('where money is hidden nothing of an amount is told, and everything else is', () => {
  const quiet = new Format({ language: 'ko', timezone: 'Asia/Seoul', money: false });
  assert.deepEqual([quiet.text(11_500_000, 'KRW'), quiet.full(11_500_000, 'USD')], ['•••', '•••']);
  assert.deepEqual([quiet.text(NaN, 'KRW'), quiet.text(90, '%'), quiet.text(1_500, 'B'), quiet.text(12, '1/min')], ['–', '90.0%', '1.5 kB', '12/분']);
});

test('memory counts in powers of 1024 and says so', () => {
  assert.equal(ko.text(16 * 2 ** 30, 'B', { binary: true }), '16.0 GiB');
});

for (const [seconds, korean, english] of [[0, '0초', '0s'], [59, '59초', '59s'], [61, '1분 1초', '1m 1s'], [3600, '1시간', '1h'], [90_061, '1일 1시간', '1d 1h']]) {
  test(`${seconds} seconds read ${korean}`, () => {
    assert.equal(ko.duration(seconds), korean);
    assert.equal(en.duration(seconds), english);
  });
}

test('times are those of the zone asked for, whatever the machine', () => {
  const at = Date.UTC(2026, 10, 22, 5, 32, 7);
  assert.equal(ko.second(at), '14:32:07');
  assert.equal(ko.ahead(at), 9 * 3_600_000);
  assert.equal(new Format({ language: 'ko', timezone: 'America/New_York' }).ahead(at), -5 * 3_600_000);
});

test('time lines stand at round hours of the zone', () => {
  const from = Date.UTC(2026, 10, 22, 0, 7);
  const found = instants(from, from + 24 * 3_600_000, 7, 5.5 * 3_600_000);
  assert.ok(found.length >= 4 && found.length <= 8);
  assert.ok(found.every((at) => (at + 5.5 * 3_600_000) % (4 * 3_600_000) === 0));
});

test('value lines are round, few, and hold the highest value', () => {
  for (const max of [0.3, 1, 3.7, 99, 1234, 5_600_000]) {
    const found = levels(0, max);
    assert.equal(found[0], 0);
    assert.ok(found.at(-1) >= max, `${max}: ${found}`);
    assert.ok(found.length >= 3 && found.length <= 6, `${max}: ${found}`);
  }
  assert.deepEqual(levels(0, 100), [0, 25, 50, 75, 100]);
});

test('seconds are said in the language, below a minute as above it', () => {
  const [ko, en] = ['ko', 'en'].map((language) => new Format({ language, timezone: 'Asia/Seoul' }));
  assert.deepEqual([0.7, 2, 90].map((value) => ko.text(value, 's')), ['0.7초', '2초', '1분 30초']);
  assert.deepEqual([0.7, 2, 90].map((value) => en.text(value, 's')), ['0.7 s', '2 s', '1m 30s']);
});
