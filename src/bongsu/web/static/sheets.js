// Style sheets, once in the tree that an element stands in (a page or a shadow tree).
import { el } from './dom.js';

/**
 * @param {Node} root @param {string[]} names paths beside this module
 * @returns {Promise<void>} resolves when all have been read (or can't be: then the page stands bare, which is better than not at all)
 */
export async function sheets(root, names) {
  const tree = root.getRootNode();
  const place = tree instanceof ShadowRoot ? tree : document.head;
  await Promise.all(names.map((name) => one(place, new URL(`./${name}`, import.meta.url).href)));
}

function one(place, href) {
  const present = [...place.querySelectorAll('link[rel=stylesheet]')].find((link) => link.href === href);
  if (present) {
    present.dataset.bongsu = '';
    return present.sheet ? null : read(present);
  }
  const link = el('link', { rel: 'stylesheet', href });
  const reading = read(link);
  // Before what is there, in the order asked for: a page's own sheet has the last word among ours.
  const ours = [...place.querySelectorAll('link[data-bongsu]')].pop();
  link.dataset.bongsu = '';
  if (ours) ours.after(link);
  else place.prepend(link);
  return reading;
}

function read(link) {
  return new Promise((go) => {
    link.addEventListener('load', go, { once: true });
    link.addEventListener('error', go, { once: true });
  });
}
