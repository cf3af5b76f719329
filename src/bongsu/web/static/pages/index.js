// The pages of the board. A new one is one module beside this file and one line here: docs/board.md.

/**
 * @typedef {object} Entry
 * @property {string} name in the address (`?page=name`); `nav.<name>` in `i18n/ko.json` and `en.json` is its tab
 * @property {string} key the letter after `g`
 * @property {string} sign its icon among SIGNS
 * @property {(boot: any) => Promise<Module>} load given the facts
 * @property {boolean} [aside] whether it has no tab: something else leads there
 * @property {boolean} [words] whether it has words of its own: `i18n/<name>.ko.json` and `i18n/<name>.en.json`
 * @property {boolean} [sheet] whether it has a style sheet of its own: `pages/<name>.css`
 * @property {(boot: any) => string[]} [borrow] pages whose words and style sheets it uses too, given the facts
 */
/** @typedef {{build: (context: import('../mount.js').Context) => Built}} Module */
/** @typedef {import('../painter.js').Part & {close: () => void}} Part what is drawn, and let go when the page is left */
/** @typedef {{says: string, run: () => void}} Key what a key does; `says` is its line in the help, a key of the words */
/**
 * @typedef {object} Built
 * @property {Node[]} elements the page, top to bottom
 * @property {Part[]} parts
 * @property {number} [steady] how many of the elements keep their places whatever is read, 1 if not given: the others are shown with the first readings
 * @property {boolean} [ranged] whether range and pause mean something here
 * @property {boolean} [panned] whether earlier times can be looked at: everything on it comes from history
 * @property {Record<string, Key>} [keys]
 * @property {() => void} [asked] told when the address changed while the page is shown; without it the page is built anew
 */

/** In the order of the tabs; the first is shown where the address names none. @type {Entry[]} */
export const PAGES = [
  { name: 'overview', key: 'o', sign: 'home', load: (boot) => (watched(boot).length ? import('./overview/whole.js') : boot.panels?.length ? import('./overview/chosen.js') : import('./overview.js')), borrow: watched },
  { name: 'system', key: 's', sign: 'host', load: () => import('./system.js') },
  { name: 'alerts', key: 'a', sign: 'bell', load: () => import('./alerts.js'), words: true, sheet: true },
  { name: 'data', key: 'd', sign: 'feed', load: () => import('./data.js'), words: true, sheet: true },
  { name: 'services', key: 'v', sign: 'chart20', load: () => import('./services.js'), words: true, sheet: true },
  { name: 'shop', key: 'h', sign: 'shop', load: () => import('./shop.js'), words: true, sheet: true },
  { name: 'marketplaces', key: 'm', sign: 'link', load: () => import('./marketplaces.js'), words: true, sheet: true },
  { name: 'settings', key: 'c', sign: 'gear', load: () => import('./settings.js'), words: true, sheet: true },
  { name: 'accounts', key: 'u', sign: 'host', load: () => import('./accounts.js'), words: true, sheet: true, borrow: () => ['alerts'], aside: true },
];

/** What is watched besides this machine, each shown by the page of that name: its panels stand on the overview too. @param {any} boot @returns {string[]} */
export function watched(boot) {
  const parts = (boot.watches ?? []).map((name) => (name === 'connections' || name === 'checks' ? 'marketplaces' : name));
  return ['shop', 'marketplaces', 'data', 'services'].filter((name) => parts.includes(name));
}

/** @param {string | null | undefined} name @returns {Entry} */
export function entryOf(name) {
  return PAGES.find((entry) => entry.name === name) ?? PAGES[0];
}
