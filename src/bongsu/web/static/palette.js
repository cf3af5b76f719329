// Colours for canvases, which can't read light-dark(): resolved through a probe element, and again when the theme changes.

const NAMES = [
  'surface-1', 'ink-1', 'ink-2', 'ink-3', 'ink-4', 'line-1', 'line-2', 'grid', 'accent', 'warn', 'crit', 'warn-soft', 'crit-soft', 'info-soft',
  'series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6', 'series-ghost',
];

/** Dashes of series 1 to 6, so that colour is never alone. */
export const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 3], [12, 4]];

export class Palette {
  /** @param {HTMLElement} root the element whose theme counts @param {() => void} onChange */
  constructor(root, onChange) {
    this.root = root;
    /** @type {Record<string, string>} */
    this.colours = {};
    this.font = '';
    this.read();
    const again = () => {
      this.read();
      onChange();
    };
    this.media = matchMedia('(prefers-color-scheme: dark)');
    this.media.addEventListener('change', again);
    this.observer = new MutationObserver(again);
    for (const watched of [document.documentElement, root]) {
      this.observer.observe(watched, { attributes: true, attributeFilter: ['data-theme'] });
    }
    this.close = () => {
      this.media.removeEventListener('change', again);
      this.observer.disconnect();
    };
  }

  read() {
    const probe = document.createElement('i');
    probe.hidden = true;
    this.root.append(probe);
    const style = getComputedStyle(probe);
    for (const name of NAMES) {
      probe.style.color = `var(--${name})`;
      this.colours[name] = style.color;
    }
    this.font = style.fontFamily;
    probe.remove();
  }

  /** @param {string} name of a token, without dashes in front */
  get(name) {
    return this.colours[name];
  }
}
