// How marketplaces, connections and checks stand, a line each, the worst first.
import { el, write } from '../dom.js';
import { icon } from '../icon.js';
import { SIGN, STATES } from '../pages/marketplaces/states.js';
import { ago } from '../tile.js';
import { Panel } from './panel.js';

const MOST = 6;
const EVERY = 10_000;

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
    /** @type {any[] | null} */
    this.all = null;
    /** @type {import('../rest.js').RestError | null} */
    this.fault = null;
    /** @type {{checked: number | null, age: HTMLElement}[]} */
    this.rows = [];
    this.gone = false;
    this.deaf = context.hear('check', () => this.read());
    this.read();
  }

  async read() {
    clearTimeout(this.timer);
    const { rest, painter } = this.context;
    try {
      const [{ checks }, { connections }] = await Promise.all([rest.get('/api/v1/checks'), rest.get('/api/v1/connections')]);
      this.all = [...checks, ...connections].sort((a, b) => STATES.indexOf(b.state) - STATES.indexOf(a.state));
      this.fault = null;
    } catch (fault) {
      this.fault = fault;
    }
    if (this.gone) return;
    this.show();
    painter.wake();
    this.timer = setTimeout(() => this.again(), EVERY);
  }

  /** A picture that is paused or not seen needs nothing new. */
  again() {
    if (document.hidden || this.context.session.paused) this.timer = setTimeout(() => this.again(), EVERY);
    else this.read();
  }

  show() {
    if (this.all === null) return;
    const { say, format, language } = this.context;
    const up = this.all.filter(({ state }) => state === 'up').length;
    this.panel.tell(this.all.length ? say('links.sub', { up, n: this.all.length }) : '');
    this.element.classList.toggle('bare', this.all.length === 0);
    this.rows = this.all.slice(0, MOST).map(({ checked_at: checked }) => ({ checked, age: el('small', {}) }));
    this.list.replaceChildren(...this.all.slice(0, MOST).map((one, i) => {
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
    this.panel.loading(this.all === null && this.fault === null);
    this.panel.failed(this.fault ? { text: say('links.fault'), trace: this.fault.trace ?? '', retry: () => this.read() } : null);
    // Of an earlier time nothing is known here, and how things stand now isn't how they stood.
    this.list.hidden = session.past;
    this.element.classList.toggle('bare', session.past || this.all?.length === 0);
    this.panel.body.dataset.empty = say(session.past ? 'links.past' : 'links.none');
    for (const { checked, age } of this.rows) write(age, checked === null ? '' : ago(session.now(ours) - checked, say));
  }

  close() {
    this.gone = true;
    this.deaf();
    clearTimeout(this.timer);
  }
}
