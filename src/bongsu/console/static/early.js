// The bar and the live view, drawn while Streamlit still starts: its script, its own socket and its first run take about
// a second, in which these stand above it. Its components then take over what stands: nothing is drawn twice, no socket
// is opened twice.

import { build } from './bar.js';
import { draw } from './drawing.js';

/** When Streamlit's page shows something else for so long, it has its own word to say. */
const PATIENCE = 20_000;
/** Once the run that drew the page's bar has ended, its live view follows at once, or the page shows something else. */
const AFTER_RUN = 3_000;
/** How often it is asked whether that run has ended; what Streamlit calls its script until then. */
const LOOK = 250;
const UNDER_WAY = ['initial', 'running', 'rerunRequested', 'stopRequested'];
/** A click comes so long after its press has ended, on touch screens. */
const CLICK = 100;

/** @type {{root: HTMLElement, place: HTMLElement, data: any, theme: 'light' | 'dark', turn: Promise<any>} | null} */
let early = null;
/** @type {HTMLElement | null} */
let top = null;
let pressed = false;
/** What waits for a press to end. @type {(() => void)[]} */
const waiting = [];

const told = document.querySelector('meta[name="bongsu-early"]');
if (told instanceof HTMLMetaElement) {
  if (document.body) begin(JSON.parse(told.content));
  else document.addEventListener('DOMContentLoaded', () => begin(JSON.parse(told.content)), { once: true });
}

function begin({ bar, live }) {
  document.addEventListener('pointerdown', () => { pressed = true; }, { capture: true });
  for (const name of ['pointerup', 'pointercancel']) document.addEventListener(name, released, { capture: true });
  const theme = chosenTheme();
  document.documentElement.dataset.theme = theme;
  document.documentElement.lang = bar.language;
  if (bar) showBar(bar, theme);
  if (live) showLive(live, theme);
}

async function showBar(data, theme) {
  const place = make('bongsu-early-bar');
  top = place;
  const { logo } = await import(`${location.origin}${data.board}/beacon.js`);
  place.append(build(data, theme, logo(), () => location.reload()));
  if (top === place) document.body.append(place);
}

function showLive(data, theme) {
  const place = make('bongsu-early');
  const inside = make('in');
  const root = make('bongsu-live');
  inside.append(root);
  place.append(inside);
  place.classList.add('unseen');
  document.body.append(place);
  const shown = () => place.classList.remove('unseen');
  document.addEventListener('bongsu:drawn', shown, { once: true });
  early = { root, place, data, theme, turn: draw(root, data, theme) };
  setTimeout(giveWay, PATIENCE);
}

/** To a page that shows something else; where none came (the console went away), figures go on. */
function giveWay() {
  if (early === null) return;
  if (document.querySelector('[data-testid="stMain"]')) leave();
  else setTimeout(giveWay, PATIENCE);
}

/** What was drawn of this very view, for whoever shows it from now on; anything else that was drawn is let go. */
export function take(data) {
  const found = early;
  if (found === null) return null;
  const same = Object.entries(found.data).every(([name, value]) => data[name] === value);
  if (!same) {
    leave();
    return null;
  }
  early = null;
  const { place } = found;
  return {
    ...found,
    /** The page takes over, once nobody is pressing anything; where the reader had scrolled to holds for it. @param {() => void} move */
    settle(move) {
      letGo(() => {
        if (place.contains(found.root)) move(); // else the page has gone to show something else meanwhile
        const page = document.querySelector('[data-testid="stMain"]');
        if (page && place.scrollTop > 0) page.scrollTop = place.scrollTop;
        place.remove();
      });
    },
  };
}

/** Does it now, or when what is pressed has been let go: a press that begins in one place and ends in another is none. @param {() => void} go */
function letGo(go) {
  if (pressed) waiting.push(go);
  else go();
}

function released() {
  setTimeout(() => {
    pressed = false;
    for (const go of waiting.splice(0)) go();
  }, CLICK);
}

/** The page's own bar stands; on a busy machine the live view comes much later in the same run. */
export function barStands() {
  top?.remove();
  top = null;
  afterRun();
}

function afterRun() {
  if (early === null) return;
  const state = document.querySelector('[data-testid="stApp"]')?.getAttribute('data-test-script-state');
  if (UNDER_WAY.includes(state ?? '')) setTimeout(afterRun, LOOK);
  else setTimeout(leave, AFTER_RUN);
}

function leave() {
  if (early === null) return;
  const { place, turn } = early;
  early = null;
  place.remove();
  turn.then((view) => view.destroy()).catch(() => undefined);
}

/** As Streamlit will choose it: what was chosen here, else what the system wishes. @returns {'light' | 'dark'} */
function chosenTheme() {
  try {
    const kept = JSON.parse(localStorage.getItem(`stActiveTheme-${location.pathname}-v2`) ?? 'null');
    if (kept === 'Dark' || kept === 'Light') return kept === 'Dark' ? 'dark' : 'light';
  } catch {
    // Storage is forbidden here, or holds something else: the system's wish counts.
  }
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

function make(name) {
  const element = document.createElement('div');
  element.className = name;
  return element;
}
