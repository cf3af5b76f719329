// The keyboard: what each key does here, and `g` followed by a page's letter.
import { PAGES } from './pages/index.js';
import { RANGES } from './session.js';

/** A letter counts as the second one for this long after `g`. */
const PATIENCE = 1_500;

export class Keys {
  /** @param {import('./view.js').View} view */
  constructor(view) {
    this.view = view;
    this.wentAt = -Infinity;
  }

  /** @param {KeyboardEvent} event */
  hear(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.composedPath()[0];
    if (target instanceof Element && target.closest('input, textarea, select, [contenteditable], dialog')) return;
    if (event.key === ' ' && target instanceof Element && target.closest('button, a, summary')) return;
    if (this.press(event.key)) event.preventDefault();
  }

  /** @param {string} key @returns {boolean} whether it meant anything */
  press(key) {
    const { view } = this;
    const going = performance.now() - this.wentAt < PATIENCE;
    this.wentAt = -Infinity;
    const page = going ? PAGES.find((one) => one.key === key) : undefined;
    if (page && view.options.onGo) view.options.onGo(page.name);
    else if (key === 'g' && view.options.onGo) this.wentAt = performance.now();
    else if (key === '?') view.help();
    else if (view.keys[key]) view.keys[key].run();
    else return view.ranged && this.range(key);
    return true;
  }

  range(key) {
    const { session } = this.view;
    const all = Object.keys(RANGES);
    if (key === ' ') session.paused ? session.resume() : session.pause();
    else if (key === 'ArrowLeft' && this.view.panned) session.pan(-1);
    else if (key === 'ArrowRight' && this.view.panned) session.pan(1);
    else if (key === 't') session.choose(all[(all.indexOf(session.range) + 1) % all.length]);
    else return false;
    return true;
  }

  /** What can be pressed now, and what it does. @param {import('./i18n.js').Say} say @returns {[string, string][]} */
  list(say) {
    const { view } = this;
    return [
      ['?', say('key.?')],
      .../** @type {[string, string][]} */ (view.options.onGo ? PAGES.map(({ key, name }) => [`g ${key}`, say('key.go', { page: say(`nav.${name}`) })]) : []),
      .../** @type {[string, string][]} */ (Object.entries(view.keys).map(([key, { says }]) => [key, say(says)])),
      .../** @type {[string, string][]} */ (view.ranged ? [['Space', say('key.Space')], ['t', say('key.t')]] : []),
      .../** @type {[string, string][]} */ (view.panned ? [['← →', say('key.pan')]] : []),
      ['Esc', say('key.Esc')],
    ];
  }
}
