// One figure that matters: label and state, value, change, course, threshold and age. Every line keeps its place.
import { attribute, el, write } from './dom.js';
import { icon } from './icon.js';
import { Spark } from './spark.js';

/** Words for how long ago something was. @param {number} age ms @param {import('./i18n.js').Say} say */
export function ago(age, say) {
  const seconds = Math.max(0, Math.floor(age / 1000));
  if (!Number.isFinite(seconds)) return say('age.never');
  if (seconds < 1) return say('age.now');
  if (seconds < 60) return say('age.seconds', { n: seconds });
  if (seconds < 3600) return say('age.minutes', { n: Math.floor(seconds / 60) });
  return seconds < 86_400 ? say('age.hours', { n: Math.floor(seconds / 3600) }) : say('age.days', { n: Math.floor(seconds / 86_400) });
}

/** A sign and a word for a state; empty for `null`, which means that nothing judges the value. */
export class StateWord {
  constructor() {
    this.element = el('span', { class: 'st' });
    this.shown = '';
  }

  /** @param {string | null} state @param {string} word */
  show(state, word) {
    const wanted = `${state} ${word}`;
    if (this.shown === wanted) return;
    this.shown = wanted;
    this.element.className = state === null ? 'st' : `st ${state}`;
    this.element.replaceChildren(...(state === null ? [] : [icon(state), word]));
  }
}

/**
 * @typedef {{figure: string, unit: string, full: string, state: string | null, fresh: import('./status.js').Freshness,
 *   age: number, note: string, delta: {up: boolean, text: string, bad: boolean} | null}} Reading
 */

export class Tile {
  /** @param {{id: string, title: string, sentence: string, say: import('./i18n.js').Say}} options */
  constructor({ id, title, sentence, say }) {
    this.say = say;
    this.word = new StateWord();
    this.value = el('p', { class: 'fig none' });
    this.figure = document.createTextNode('–');
    this.unit = el('span');
    this.value.append(this.figure, this.unit);
    this.delta = el('p', { class: 'delta' });
    this.deltaShown = '';
    this.spark = new Spark();
    this.note = el('span');
    this.age = el('time');
    const heading = el('h3', { title: sentence || null }, title);
    this.element = el(
      'article',
      { class: 'tile loading', 'data-tile': id },
      el('header', {}, heading, this.word.element),
      this.value,
      this.delta,
      this.spark.element,
      el('footer', {}, this.note, this.age),
    );
  }

  /** @param {Reading} reading */
  show(reading) {
    const { fresh, state } = reading;
    const stale = fresh === 'stale';
    const shown = fresh === 'none' || stale ? 'unknown' : state;
    const kind = `tile ${shown ?? 'plain'}${fresh === 'dim' ? ' dim' : ''}${stale ? ' stale' : ''}`;
    if (this.element.className !== kind) this.element.className = kind;
    this.word.show(shown, shown === null ? '' : stale ? this.say('state.late') : this.say(`state.${shown}`));
    write(this.figure, reading.figure);
    write(this.unit, reading.unit);
    attribute(this.value, 'title', reading.full);
    this.value.classList.toggle('none', fresh === 'none');
    this.spark.element.className = `spark ${shown ?? 'plain'}${this.spark.element.classList.contains('empty') ? ' empty' : ''}`;
    write(this.note, reading.note);
    write(this.age, fresh === 'none' ? this.say('age.before') : ago(reading.age, this.say));
    this.change(fresh === 'none' ? null : reading.delta);
  }

  change(delta) {
    const wanted = delta ? `${delta.up}${delta.bad}${delta.text}` : '';
    if (wanted === this.deltaShown) return;
    this.deltaShown = wanted;
    this.delta.className = delta?.bad ? 'delta bad' : 'delta';
    this.delta.replaceChildren(...(delta ? [icon(delta.up ? 'up' : 'down'), el('b', {}, delta.text), el('span', {}, this.say('delta.week'))] : []));
  }
}
