// The frame of a panel: heading, what it says now, its key, its body, and the states every panel can be in.
import { el, write } from '../dom.js';
import { icon } from '../icon.js';

/**
 * @typedef {{session: import('../session.js').Session, say: import('../i18n.js').Say, format: import('../format.js').Format,
 *   palette: import('../palette.js').Palette, hover: import('../hover.js').Hover, painter: import('../painter.js').Painter,
 *   language: string, alerts?: import('../alerts/book.js').Book, anomalies?: import('../anomalies.js').Anomalies,
 *   marks?: import('../marks.js').Marks}} Context what every panel is given
 */

export class Panel {
  /** @param {{id: string, span: string, title: string, sentence?: string, say: import('../i18n.js').Say}} options */
  constructor({ id, span, title, sentence, say }) {
    this.say = say;
    this.heading = el('h2', { title: sentence || null }, title);
    this.sub = el('p', { class: 'sub' });
    this.tools = el('div', { class: 'tools' });
    this.body = el('div', { class: 'body' });
    this.fault = null;
    this.element = el('section', { class: `panel ${span}`, id, 'aria-label': title }, el('header', { class: 'ph' }, this.heading, this.tools, this.sub), this.body);
  }

  /** What the panel says under its heading. @param {string} text */
  tell(text) {
    write(this.sub, text);
  }

  /** Grey blocks in the place of what is coming. @param {boolean} on */
  loading(on) {
    this.element.classList.toggle('loading', on);
    if (on) this.element.setAttribute('aria-busy', 'true');
    else this.element.removeAttribute('aria-busy');
  }

  /**
   * What could not be fetched, with a way to try again. Laid over the foot of the panel: nothing moves.
   * @param {{text: string, trace: string, retry: () => void} | null} fault
   */
  failed(fault) {
    const wanted = fault ? `${fault.text} ${fault.trace}` : null;
    if (wanted === this.fault) return;
    this.fault = wanted;
    this.note?.remove();
    this.note = null;
    if (!fault) return;
    this.note = el(
      'div',
      { class: 'note' },
      el('p', {}, icon('warn'), el('span', {}, fault.text)),
      el('div', { class: 'acts' }, el('button', { class: 'btn', type: 'button', onclick: fault.retry }, icon('retry'), this.say('retry')), fault.trace ? el('code', { title: this.say('trace') }, fault.trace) : null),
    );
    this.body.append(this.note);
  }
}

/** The metric's title in the language shown, or its name. @param {any} boot @param {string} metric @param {string} language */
export function titleOf(boot, metric, language) {
  return boot.catalogue[metric]?.title?.[language] || metric;
}

/** The sentence of one metric in the language shown, empty where nobody declared one. @param {any} boot @param {string} metric @param {string} language */
export function sentenceOf(boot, metric, language) {
  return boot.catalogue[metric]?.sentence?.[language] ?? '';
}

const SUFFIXES = [
  ['_bytes_per_second', 'B/s'],
  ['_per_second', '1/s'],
  ['_bytes', 'B'],
  ['_bytes_total', 'B'],
  ['_seconds', 's'],
  ['_ms', 'ms'],
  ['_percent', '%'],
];

/** The unit of a metric: as declared, else as its name says. @param {any} boot @param {string} metric */
export function unitOf(boot, metric) {
  return boot.catalogue[metric]?.unit ?? SUFFIXES.find(([suffix]) => metric.endsWith(suffix))?.[1] ?? '';
}

/** Labels in one short text: `naver`, or `market=naver shop=a` where there are several. @param {Record<string, string>} labels */
export function labelText(labels) {
  const pairs = Object.entries(labels);
  return pairs.length === 1 ? pairs[0][1] : pairs.map(([name, value]) => `${name}=${value}`).join(' ');
}
