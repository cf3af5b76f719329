// Making elements. Texts always go in as text: names of processes, mounts and metrics come from outside.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [attributes] `class`, `data-…`, `aria-…`, `on…` handlers and plain attributes; null leaves one out
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  dress(element, attributes);
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/** The same for SVG. @param {string} tag @param {Record<string, any>} attributes @param {...Node} children */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  dress(element, attributes);
  element.append(...children);
  return element;
}

function dress(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Writes a text only where it differs, so that a quiet second costs no layout. @param {Node} node @param {string} text */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Puts exactly these children into a parent and touches only what is out of place: a press that has begun on one that stays is not lost,
 * nor its focus. @param {Element} parent @param {ChildNode[]} wanted
 */
export function arrange(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, i) => {
    if (parent.childNodes[i] !== child) parent.insertBefore(child, parent.childNodes[i] ?? null);
  });
}

/**
 * Rows made anew take the place of those before: one whose `data-<key>` is there already is changed to look like the new one
 * rather than replaced, so that neither a press that has begun on it nor its focus is lost. What it hears stays what it heard at
 * first: handlers of such rows ask for what is true now. @param {Element} parent @param {HTMLElement[]} rows @param {string} key
 */
export function renew(parent, rows, key) {
  const before = /** @type {HTMLElement[]} */ ([...parent.children]);
  arrange(parent, rows.map((row) => {
    const at = before.findIndex(({ dataset }) => key in dataset && dataset[key] === row.dataset[key]);
    if (at < 0) return row;
    const [like] = before.splice(at, 1);
    liken(like, row);
    return like;
  }));
}

/** Changes an element only where it differs from another; what has no counterpart comes from there. @param {Element} element @param {Element} wanted */
function liken(element, wanted) {
  for (const { name } of [...element.attributes]) if (!wanted.hasAttribute(name)) element.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (name !== 'style') attribute(element, name, value);
  // The page's policy refuses a style that is written as an attribute.
  if (wanted.hasAttribute('style')) /** @type {any} */ (element).style.cssText = /** @type {any} */ (wanted).style.cssText;
  const before = [...element.childNodes];
  arrange(element, [...wanted.childNodes].map((node) => {
    const at = before.findIndex(({ nodeName }) => nodeName === node.nodeName);
    if (at < 0) return node;
    const like = before.splice(0, at + 1)[at];
    if (like instanceof Element) liken(like, /** @type {Element} */ (node));
    else write(like, node.textContent ?? '');
    return like;
  }));
}

/** @param {Element} element @param {string} name @param {string | null} value */
export function attribute(element, name, value) {
  if (value === null) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}

/** Pixels of the screen in one of a canvas: with the page's own scale, which browsers leave out. @param {Element} element */
export function density(element) {
  return (globalThis.devicePixelRatio || 1) * (/** @type {any} */ (element).currentCSSZoom || 1);
}
