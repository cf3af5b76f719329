// The bar at the top of every page: brand, pages, who is signed in, language and theme. It holds no data and needs no
// server: where nobody has to sign in, or the server is away, the rest stands without a name.

const LANGUAGE_COOKIE = 'bongsu_language';
const YEAR = 31_536_000;

/** @param {{data: any, parentElement: HTMLElement, setTriggerValue: (name: string, value: any) => void}} component */
export default async function bar({ data, parentElement, setTriggerValue }) {
  const theme = themeOf(parentElement);
  document.documentElement.lang = data.language;
  document.documentElement.dataset.theme = theme;
  const { logo } = await import(`${location.origin}${data.board}/beacon.js`);
  keepUsable();
  parentElement.replaceChildren(build(data, theme, logo(), setTriggerValue));
  const { barStands } = await import('./early.js');
  barStands();
}

let watching = false;

/** Streamlit's hidden word on its lost connection makes everything else inert; the live part goes on and is still used. */
function keepUsable() {
  if (watching) return;
  watching = true;
  new MutationObserver(() => {
    if (!document.querySelector("[data-testid='stDialog']")) return;
    for (const held of document.querySelectorAll('[inert]')) held.inert = false;
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['inert'] });
}

export function build(data, theme, logo, setTriggerValue) {
  const bar = make('header', 'bongsu-bar');
  const inner = make('div', 'in');
  const brand = make('a', 'brand', data.words.brand);
  brand.href = '/';
  brand.prepend(logo);
  inner.append(brand, pages(data));
  inner.append(away(data.words.away));
  if (data.demo) inner.append(make('span', 'mock', data.words.demo));
  inner.append(account(data), languages(data, setTriggerValue), themes(data, theme));
  bar.append(inner);
  return bar;
}

/** Shown by the style sheet while Streamlit has lost its own connection; the live part has another. */
function away(words) {
  const said = make('span', 'away', words);
  said.setAttribute('role', 'status');
  return said;
}

/** @type {Promise<any> | null} asked once a page: signing in and out both load another one */
let learning = null;

/** Who is signed in and the way out, once the server has told; the board's own module says it to the live view too. */
function account({ board, words }) {
  const group = make('div', 'who');
  group.hidden = true;
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', words.account);
  const turn = import(`${location.origin}${board}/access.js`);
  learning ??= turn.then(({ learn }) => learn());
  Promise.all([turn, learning]).then(([access]) => {
    const { user } = access.present();
    if (user === null) return;
    const name = make('span', 'me', user.name);
    name.title = user.name;
    const out = make('button', 'ib out', words.out);
    out.type = 'button';
    out.onclick = () => access.signOut();
    group.append(name, out);
    group.hidden = false;
  }, () => undefined); // the module went away with the console: another page will say who
  return group;
}

function pages({ pages: all, words }) {
  const nav = make('nav', 'pages');
  nav.setAttribute('aria-label', words.pages);
  for (const page of all) {
    const link = make('a', '', page.title);
    link.href = page.href;
    if (page.current) link.setAttribute('aria-current', 'page');
    nav.append(link);
  }
  return nav;
}

function languages({ language, languages: all, words }, setTriggerValue) {
  const group = make('div', 'lang');
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', words.language);
  for (const { code, short, name } of all) {
    const button = make('button', 'ib', short);
    button.type = 'button';
    button.lang = code;
    button.title = name;
    button.setAttribute('aria-label', name);
    button.setAttribute('aria-pressed', String(code === language));
    button.onclick = () => {
      if (code === language) return;
      document.cookie = `${LANGUAGE_COOKIE}=${code}; path=/; max-age=${YEAR}; samesite=lax`;
      setTriggerValue('language', code);
    };
    group.append(button);
  }
  return group;
}

/** Streamlit reads the chosen theme at start only, so that the page is loaded again. */
function themes({ words }, theme) {
  const next = theme === 'dark' ? 'Light' : 'Dark';
  const button = make('button', 'ib theme');
  button.type = 'button';
  button.title = button.ariaLabel = next === 'Dark' ? words.dark : words.light;
  button.append(disc(theme));
  button.onclick = () => {
    localStorage.setItem(`stActiveTheme-${location.pathname}-v2`, JSON.stringify(next));
    location.reload();
  };
  return button;
}

function disc(theme) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('fill', 'currentColor');
  path.setAttribute('fill-rule', 'evenodd');
  path.setAttribute(
    'd',
    theme === 'dark'
      ? 'M8 4.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM7.300 0h1.400v2.500H7.300zM7.300 13.500h1.400V16H7.300zM0 7.300h2.500v1.400H0zM13.500 7.300H16v1.400h-2.500zM2 3l1-1 1.800 1.800-1 1zM11.200 12.200l1-1L14 13l-1 1zM2 13l1.800-1.800 1 1L3 14zM11.200 3.800 13 2l1 1-1.800 1.800z'
      : 'M6.200 1.200A6.900 6.900 0 1 0 14.800 9.800 5.600 5.600 0 0 1 6.200 1.200z',
  );
  svg.append(path);
  return svg;
}

/** Light or dark, by what Streamlit paints: its own choice and the system's wish both end there. */
export function themeOf(parent) {
  const host = parent instanceof ShadowRoot ? parent.host : parent;
  const ground = getComputedStyle(host).getPropertyValue('--st-background-color').trim();
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(ground);
  if (!parts) return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const [red, green, blue] = parts.slice(1).map((part) => Number.parseInt(part, 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? 'dark' : 'light';
}

function make(tag, name, text = '') {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.append(text);
  return element;
}
