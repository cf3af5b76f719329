// A panel that lists what one path of REST answers, a row each.
import { el } from '../../dom.js';
import { Panel } from '../../panels/panel.js';
import { Remote } from '../../remote.js';

export class Listed {
  /** @param {import('../../mount.js').Context} context @param {{id: string, path: string, key: string}} options `key`: under which the answer holds the list */
  constructor(context, { id, path, key }) {
    const { say, rest } = context;
    this.context = context;
    this.key = key;
    this.always = true;
    this.ages = true;
    this.every = 1_000;
    this.panel = new Panel({ id, span: 'c12', title: say(`accounts.${id}`), say });
    this.list = el('ul', { class: 'rules people' });
    this.panel.body.append(this.list);
    this.element = this.panel.element;
    this.remote = new Remote({ rest, path, onChange: () => context.painter.wake(), every: 30_000 });
    this.remote.load();
    this.drawn = -1;
  }

  draw() {
    const { say } = this.context;
    this.remote.refresh();
    const { data, state, error, version } = this.remote;
    this.panel.loading(data === null && state === 'loading');
    this.panel.failed(state === 'failed' ? { text: say('accounts.failed'), trace: error?.trace ?? '', retry: () => this.remote.load() } : null);
    if (version === this.drawn || data === null) return;
    this.drawn = version;
    const all = data[this.key];
    this.list.replaceChildren(...(all.length ? all.map((one) => this.row(one)) : [el('li', { class: 'rest' }, say(`accounts.${this.key}.none`))]));
    this.panel.tell(say('accounts.count', { n: all.length }));
  }

  /** @param {any} _one @returns {HTMLElement} */
  row(_one) {
    throw new Error('each list draws its own rows');
  }

  /** A moment, or a dash. @param {number | null} at */
  moment(at) {
    const { format } = this.context;
    return at === null ? '–' : `${format.date(at)} ${format.minute(at)}`;
  }

  /** @param {string} word @param {() => void} onclick @param {string} about what it is done to, for those who don't see the row */
  button(word, onclick, about) {
    return el('button', { class: 'btn', type: 'button', 'aria-label': `${word}: ${about}`, onclick }, word);
  }

  close() {
    this.remote.close();
  }
}
