// The services in a sentence, with range and pause.
import { attribute, el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { RANGES } from '../../session.js';

export class Controls {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say, session } = context;
    this.always = true;
    this.context = context;
    this.reader = reader;
    this.sentence = el(context.heading, {});
    this.sub = el('p', { class: 'calmly' });
    this.ranges = Object.keys(RANGES).map((range) => el('button', { type: 'button', 'data-range': range, onclick: () => session.choose(range) }, say(/** @type {any} */ (`range.${range}`))));
    this.pause = el('button', { class: 'btn pause', type: 'button', onclick: () => (session.paused ? session.resume() : session.pause()) });
    this.pauseShown = '';
    this.element = el(
      'section',
      { class: 'hero', 'aria-label': say('services.title') },
      el('div', { class: 'say' }, el('div', {}, this.sentence, el('div', { class: 'what' }, this.sub))),
      el('div', { class: 'ctl' }, el('div', { class: 'seg', role: 'group', 'aria-label': say('range') }, ...this.ranges), this.pause, el('p', { class: 'asof' }, context.pill)),
    );
  }

  draw() {
    const { say, session, format } = this.context;
    const { services } = this.reader;
    for (const button of this.ranges) attribute(button, 'aria-pressed', String(button.dataset.range === session.range));
    const wanted = session.paused ? 'resume' : 'pause';
    if (wanted !== this.pauseShown) {
      this.pauseShown = wanted;
      this.pause.classList.toggle('pri', session.paused);
      attribute(this.pause, 'aria-label', say(wanted));
      this.pause.replaceChildren(icon(session.paused ? 'play' : 'pause'), el('span', {}, say(wanted)));
    }
    if (services === null) {
      write(this.sentence, say(this.reader.fault ? 'services.fault' : 'services.reading'));
      return;
    }
    const failing = services.filter(({ errors }) => errors > 0);
    const requests = services.reduce((sum, one) => sum + one.requests, 0);
    write(this.sentence, failing.length ? say('services.failing', { n: failing.length, name: failing[0].service }) : say('services.fine', { n: services.length }));
    write(this.sub, say('services.sub', { n: format.number(requests), errors: format.number(services.reduce((sum, one) => sum + one.errors, 0)) }));
  }

  close() {}
}
