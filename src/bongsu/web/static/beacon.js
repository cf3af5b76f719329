// Five towers; the lit ones tell how bad it is, as the real beacon line did. Decoration beside the words.
import { svg } from './dom.js';

const FLAME = 'M4.6 0C5 2.2 8 4.4 8 8a4 4 0 0 1-8 0C0 6.2.9 4.9 1.9 4c.1 1.1.5 1.8 1.2 2.1C3.9 4.4 3.6 2 4.6 0Z';
const TOWERS = 5;

/** The line of towers; `light(fires, state)` kindles the first `fires` of them. */
export class Beacon {
  constructor() {
    this.element = svg('svg', { class: 'beacon', viewBox: '0 0 48 36', 'aria-hidden': 'true' });
    this.fires = [];
    for (let tower = 0; tower < TOWERS; tower += 1) {
      const x = 9.6 * tower;
      const fire = svg('path', { class: 'fire', transform: `translate(${0.4 + x} 5.5)`, d: FLAME });
      this.fires.push(fire);
      this.element.append(svg('path', { class: 'tower', d: `M${1.6 + x} 35 ${2.6 + x} 21.5h3.6l1 13.5Z` }), fire);
    }
    this.light(0, 'unknown');
  }

  /** @param {number} fires 0 to 5 @param {string} state */
  light(fires, state) {
    const wanted = `beacon ${state}`;
    if (this.element.getAttribute('class') !== wanted) this.element.setAttribute('class', wanted);
    this.fires.forEach((fire, tower) => fire.setAttribute('visibility', tower < fires ? 'visible' : 'hidden'));
  }
}

/** The mark beside the name: one tower, one flame. */
export function logo() {
  return svg(
    'svg',
    { class: 'logo', viewBox: '0 0 20 20', 'aria-hidden': 'true' },
    svg('path', { d: 'M6.2 19.6 7.2 14h5.6l1 5.6Z', fill: 'currentColor' }),
    svg('path', { transform: 'translate(6 .4)', d: FLAME, fill: 'currentColor' }),
  );
}
