// The score with its dimensions, the worst one marked, and what they are made of.
import { el, write } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { points, tint } from './reader.js';

const DIMENSIONS = ['completeness', 'accuracy', 'timeliness', 'consistency'];
const BESIDE = ['validity', 'uniqueness'];

export class ScoresPanel {
  /** @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader */
  constructor(context, reader) {
    const { say } = context;
    this.context = context;
    this.reader = reader;
    this.panel = new Panel({ id: 'data-scores', span: 'c5', title: say('data.scores'), say });
    this.figure = el('b', { class: 'n' });
    this.rows = [...DIMENSIONS, ...BESIDE].map((name) => {
      const bar = el('i');
      const value = el('b', { class: 'n' });
      const row = el('li', { class: BESIDE.includes(name) ? 'beside' : '' }, el('span', { class: 'dn', title: say(/** @type {any} */ (`data.${name}.long`)) }, icon('warn'), say(/** @type {any} */ (`data.${name}`))), el('span', { class: 'meter' }, bar), value);
      return { name, bar, value, row };
    });
    this.panel.body.append(el('p', { class: 'bigscore' }, this.figure, el('span', {}, say('data.of100'))), el('ul', { class: 'dims' }, ...this.rows.map(({ row }) => row)));
    this.element = this.panel.element;
    this.version = -1;
  }

  draw() {
    const { reader } = this;
    reader.tell(this.panel);
    const { feed } = reader;
    if (!feed || this.version === reader.version) return;
    this.version = reader.version;
    const { say, format } = this.context;
    write(this.figure, points(feed.quality, format));
    this.figure.dataset.tint = tint(feed.quality);
    for (const { name, bar, value, row } of this.rows) {
      const share = feed[name];
      write(value, points(share, format));
      bar.style.width = `${Math.max(0, Math.min(100, (share ?? 0) * 100))}%`;
      row.dataset.tint = tint(share);
      row.classList.toggle('worst', name === feed.worst && feed.quality < 0.999);
    }
    this.panel.tell(feed.quality_lower === null ? '' : say('data.lower', { lower: points(feed.quality_lower, format), n: format.number(feed.events) }));
  }

  close() {}
}
