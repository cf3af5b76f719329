// Who changed what and when, and the way back; the settings as a file.
import { el } from '../../dom.js';
import { Panel } from '../../panels/panel.js';
import { Remote } from '../../remote.js';
import { ask, field, text } from '../alerts/form.js';
import { lines } from './draft.js';

const NOBODY = 'rest';

export class History {
  /** @param {import('../../mount.js').Context} context @param {import('./desk.js').Desk} desk */
  constructor(context, desk) {
    const { say, rest } = context;
    this.context = context;
    this.desk = desk;
    this.panel = new Panel({ id: 'set-history', span: 'c12', title: say('set.g.history'), say });
    this.panel.tools.append(el('button', { class: 'btn', type: 'button', onclick: () => this.export() }, say('set.export')));
    this.list = el('ol', { class: 'sversions' });
    this.panel.body.append(this.list);
    this.element = this.panel.element;
    this.version = -1;
    this.remote = new Remote({ rest, path: '/api/v1/settings/versions?limit=100', onChange: () => this.show() });
    this.panel.loading(true);
  }

  update() {
    if (this.version === this.desk.view.version) return;
    this.version = this.desk.view.version;
    this.remote.load();
  }

  show() {
    const { say } = this.context;
    const { data, state, error } = this.remote;
    this.panel.loading(false);
    this.panel.failed(state === 'failed' ? { text: say('set.history.failed'), trace: error?.trace ?? '', retry: () => this.remote.load() } : null);
    const all = data?.versions ?? [];
    this.panel.tell(all.length ? say('set.history.count', { n: all.length }) : data ? say('set.history.none') : '');
    const rows = all.map((one, at) => this.row(one, at === 0));
    if (all.length && !this.desk.locked) rows.push(el('li', {}, el('div', {}, el('p', {}, el('b', {}, say('set.version', { n: 0 }))), el('p', { class: 'meta' }, say('set.version.zero'))), this.button(0)));
    this.list.replaceChildren(...rows);
  }

  row(one, newest) {
    const { say, format } = this.context;
    const by = one.by === NOBODY ? '' : one.by;
    const head = [`${format.date(one.at)} ${format.minute(one.at)}`, by, one.note].filter(Boolean).join(' · ');
    return el(
      'li',
      { 'data-version': one.number },
      el('div', {}, el('p', {}, el('b', {}, say('set.version', { n: one.number })), ' ', head), lines(this.context, one.changes)),
      newest ? el('span', { class: 'meta' }, say('set.version.now')) : this.desk.locked ? null : this.button(one.number),
    );
  }

  button(number) {
    const { say } = this.context;
    return el('button', { class: 'btn', type: 'button', 'aria-label': say('set.back.to', { number }), onclick: () => this.back(number) }, say('set.back'));
  }

  back(number) {
    const { root, say } = this.context;
    const note = field({ label: say('set.note'), control: text({ maxlength: 500 }), wide: true });
    ask({
      root, say, title: say('set.back.to', { number }), about: say(number === 0 ? 'set.back.zero' : 'set.back.about', { number }), fields: [note], send: say('set.back'),
      act: async () => {
        if (!(await this.desk.rollBack(number, note.control.value.trim()))) throw new Error(this.desk.refused);
      },
    });
  }

  /** The file as a download: made of what was answered, so that it works on the console's origin too. */
  async export() {
    const { rest, say } = this.context;
    try {
      const body = JSON.stringify(await rest.get('/api/v1/settings/export'), null, 2);
      const url = URL.createObjectURL(new Blob([`${body}\n`], { type: 'application/json' }));
      el('a', { href: url, download: 'monitoring_config.json' }).click();
      window.setTimeout(() => URL.revokeObjectURL(url), 1_000);
    } catch (fault) {
      this.panel.failed({ text: say('set.export.failed'), trace: /** @type {any} */ (fault).trace ?? '', retry: () => this.export() });
    }
  }

  close() {
    this.remote.close();
  }
}
