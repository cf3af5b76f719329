// What a rule was before: who changed what, and the way back.
import { el } from '../../dom.js';
import { Panel } from '../../panels/panel.js';
import { Remote } from '../../remote.js';
import { myName } from './acting.js';
import { ask } from './form.js';
import { difference } from './rule_words.js';

const MOST = 12;
/** Whom the server names where nobody said who it was. */
const NOBODY = 'rest';

export class Versions {
  /** @param {import('../../mount.js').Context} context @param {string} id @param {() => void} rolled told after a way back was taken */
  constructor(context, id, rolled) {
    const { say, rest } = context;
    this.context = context;
    this.id = id;
    this.rolled = rolled;
    this.panel = new Panel({ id: 'versions', span: 'c12', title: say('versions'), say });
    this.list = el('ol', { class: 'versions' });
    this.panel.body.append(this.list);
    this.element = this.panel.element;
    this.remote = new Remote({ rest, path: `/api/v1/rules/${encodeURIComponent(id)}/versions`, onChange: () => context.painter.wake() });
    this.version = -1;
    if (id !== 'new') this.remote.load();
  }

  load() {
    if (this.id !== 'new') this.remote.load();
  }

  draw() {
    if (this.remote.version === this.version) return;
    this.version = this.remote.version;
    const { say } = this.context;
    const all = [...(this.remote.data?.versions ?? [])].sort((a, b) => b.number - a.number);
    this.panel.tell(all.length === 0 ? say('versions.none') : say('versions.count', { n: all.length }));
    this.list.replaceChildren(...all.slice(0, MOST).map((one, i) => this.row(one, all[i + 1], i === 0)));
  }

  row(one, before, newest) {
    const { say, format } = this.context;
    const rule = bodyOf(one);
    const changed = rule && before && bodyOf(before) ? difference(bodyOf(before), rule) : [];
    const words = rule === null ? say('versions.removed') : before ? changed.map(([key, from, to]) => `${key}: ${from} → ${to}`).join(', ') || say('versions.same') : say('versions.first');
    const back = newest || rule === null ? null : el('button', { class: 'btn', type: 'button', onclick: () => this.back(one) }, say('versions.back'));
    return el('li', {}, el('div', {}, el('p', {}, el('b', {}, `#${one.number}`), ' ', [`${format.date(one.at)} ${format.minute(one.at)}`, one.by === NOBODY ? '' : one.by].filter(Boolean).join(' · ')), el('p', { class: 'meta' }, words)), back);
  }

  back(one) {
    const { root, say, rest } = this.context;
    ask({
      root, say, title: say('versions.back'), about: say('versions.back.about', { number: one.number }), fields: [], send: say('versions.back'),
      act: async () => {
        await rest.send('POST', `/api/v1/rules/${encodeURIComponent(this.id)}/rollback`, { number: one.number, by: myName() });
        this.rolled();
      },
    });
  }

  close() {
    this.remote.close();
  }
}

/** The rule of a version, whether told as JSON or as its text. */
function bodyOf(version) {
  const body = version.rule ?? version.body ?? null;
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return null; // A version that can't be read is one that can't be gone back to.
  }
}
