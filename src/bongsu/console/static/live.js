// The live part of a page: draws one page of the board inside a Streamlit component and keeps it through reruns.
//
// Streamlit calls the default export again whenever the script passes new data or its theme changes; the drawing stays
// unless something it depends on has changed, so a rerun never costs the socket or what was zoomed.

import { themeOf } from './bar.js';
import { draw } from './drawing.js';
import { take } from './early.js';

/** @type {WeakMap<Node, {wanted: string, root: HTMLElement, language: string, theme: string, turn: Promise<any>}>} */
const drawn = new WeakMap();

const FIRST_DRAWING = 4_000;

/** @param {{data: any, parentElement: HTMLElement | ShadowRoot, setTriggerValue: (name: string, value: any) => void}} component */
export default async function live({ data, parentElement, setTriggerValue }) {
  const theme = themeOf(parentElement);
  const { language, ...place } = data;
  const wanted = JSON.stringify(place);
  let entry = drawn.get(parentElement);
  if (entry?.wanted !== wanted) {
    leave(parentElement);
    const early = take(data);
    const root = early?.root ?? document.createElement('div');
    root.className = 'bongsu-live';
    if (early) early.settle(() => move(root, parentElement));
    else parentElement.append(root);
    entry = { wanted, root, language, theme: early?.theme ?? theme, turn: early?.turn ?? draw(root, data, theme), ask: askForHistory(data.below, setTriggerValue) };
    drawn.set(parentElement, entry);
  }
  const view = await entry.turn;
  if (entry.language !== language) view.setLanguage(language);
  if (entry.theme !== theme) view.setTheme(theme);
  Object.assign(entry, { language, theme });
  return () => leave(parentElement);
}

/** To another place as it stands: what is open or typed into stays so. @param {HTMLElement} root @param {any} place */
function move(root, place) {
  if (place.moveBefore && place.isConnected) {
    place.moveBefore(root, null);
    return;
  }
  place.append(root);
  for (const dialog of /** @type {NodeListOf<HTMLDialogElement>} */ (root.querySelectorAll('dialog[open]'))) {
    dialog.removeAttribute('open');
    dialog.showModal();
  }
}

/**
 * Asks the page for its history once the live view stands (or can't) and the place of the history comes near: Plotly
 * is 4.7 MB of script, which must neither hold up the first figures nor be loaded for those who never scroll.
 */
function askForHistory(below, setTriggerValue) {
  const stop = new AbortController();
  const standing = new Promise((go) => {
    document.addEventListener('bongsu:drawn', go, { once: true, signal: stop.signal });
    setTimeout(go, FIRST_DRAWING);
  });
  standing.then(() => {
    if (stop.signal.aborted) return;
    const eye = new IntersectionObserver(
      (seen) => {
        if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
        stop.abort();
        setTriggerValue('near', true);
      },
      { rootMargin: '600px' },
    );
    // Streamlit draws what is below later than the live view, on a busy machine much later, and may draw it anew.
    let place = null;
    const look = () => {
      const now = document.querySelector(below);
      if (now === place) return;
      eye.disconnect();
      place = now;
      if (place) eye.observe(place);
    };
    const changes = new MutationObserver(look);
    changes.observe(document.body, { childList: true, subtree: true });
    look();
    stop.signal.addEventListener('abort', () => [eye, changes].forEach((one) => one.disconnect()));
  });
  return stop;
}

/** @param {Node} parent */
function leave(parent) {
  const entry = drawn.get(parent);
  if (!entry) return;
  drawn.delete(parent);
  entry.ask.abort();
  entry.root.remove();
  entry.turn.then((view) => view.destroy()).catch(() => undefined); // what never stood needs no taking down
}
