// How marketplaces, connections and checks stand, a line each, the worst first.
import { el, write } from '../dom.js';
import { icon } from '../icon.js';
import { SIGN, STATES } from '../pages/marketplaces/states.js';
import { Reading } from '../reading.js';
import { ago } from '../tile.js';
import { Panel } from './panel.js';

const MOST = 6;

class LinksReader extends Reading {
  /** @param {import('../mount.js').Context} context */
  constructor(context) {
    super(context, { fault: 'links.fault', every: 10_000 });
    /** @type {any[] | null} the worst first */
    this.all = null;
    this.deaf = context.hear('check', () => this.read());
    this.read();
  }

  async fetched() {
    const { rest } = this.context;
    const [{ checks }, { connections }] = await Promise.all([rest.get('/api/v1/checks'), rest.get('/api/v1/connections')]);
    return { all: [...checks, ...connections].sort((a, b) => STATES.indexOf(b.state) - STATES.indexOf(a.state)) };
  }

  close() {
    super.close();
    this.deaf();
  }
}

export class LinksPanel {
  /** @param {import('../mount.js').Context} context */
  constructor(context) {
    const { say } = context;
    this.context = context;
    this.ages = true;
    this.panel = new Panel({ id: 'links', span: 'c4', title: say('panel.links'), say });
    this.list = el('ul', { class: 'trows links' });
    this.panel.body.append(this.list);
    this.panel.body.dataset.empty = say('links.none');
    this.element = this.panel.element;
    /** @type {{checked: number | null, age: HTMLElement}[]} */
    this.rows = [];
    this.reader = new LinksReader(context);
    this.reader.listen(() => this.show());
  }

  show() {
    const { all } = this.reader;
    if (all === null) return;
    const { say, format, language } = this.context;
    const up = all.filter(({ state }) => state === 'up').length;
    this.panel.tell(all.length ? say('links.sub', { up, n: all.length }) : '');
    this.element.classList.toggle('bare', all.length === 0);
    this.rows = all.slice(0, MOST).map(({ checked_at: checked }) => ({ checked, age: el('small', {}) }));
    this.list.replaceChildren(...all.slice(0, MOST).map((one, i) => {
      const sign = SIGN[one.state];
      return el(
        'li', { class: sign },
        el('span', { class: 'pn' }, icon(sign), el('b', { title: one.target }, one.title[language])),
        el('span', { class: 'st' }, say(`state.${one.state}`)),
        el('span', { class: 'n' }, one.response_ms === null ? '–' : format.text(one.response_ms, 'ms'), this.rows[i].age),
      );
    }));
  }

  draw(ours) {
    const { say, session } = this.context;
    this.reader.tell(this.panel);
    // Of an earlier time nothing is known here, and how things stand now isn't how they stood.
    this.list.hidden = session.past;
    this.element.classList.toggle('bare', session.past || this.reader.all?.length === 0);
    this.panel.body.dataset.empty = say(session.past ? 'links.past' : 'links.none');
    for (const { checked, age } of this.rows) write(age, checked === null ? '' : ago(session.now(ours) - checked, say));
  }

  close() {
    this.reader.close();
  }
}
