// Room on the disks, the fullest first, and how busy their devices are.
import { attribute, el, write } from '../dom.js';
import { icon } from '../icon.js';
import { critical, judge } from '../status.js';
import { Panel, sentenceOf } from './panel.js';

const MOST = 4;
const DEVICES = 3;
const GONE = 60_000;

export class DisksPanel {
  /** @param {import('./panel.js').Context} context */
  constructor(context) {
    const { say, session, language } = context;
    this.context = context;
    this.panel = new Panel({ id: 'disk', span: 'c5', title: say('panel.disks'), sentence: sentenceOf(session.boot, 'disk_usage', language), say });
    this.rows = el('ul', { class: 'trows' });
    this.panel.body.append(
      el('div', { class: 'thead d4' }, el('span', {}, say('disk.mount')), el('span', {}, say('disk.used')), el('span', { class: 'n' }, say('disk.share')), el('span', { class: 'n' }, say('disk.free'))),
      this.rows,
    );
    this.devices = Array.from({ length: DEVICES }, () => device());
    this.busy = el(
      'div',
      { class: 'second', hidden: true },
      el('div', { class: 'thead d4' }, el('span', {}, say('disk.device')), el('span', {}, say('disk.busy')), el('span', { class: 'n' }, say('line.read')), el('span', { class: 'n' }, say('line.write'))),
      el('ul', { class: 'trows' }, ...this.devices.map(({ element }) => element)),
    );
    this.panel.body.append(this.busy);
    /** @type {Map<string, ReturnType<typeof row>>} */
    this.known = new Map();
    this.element = this.panel.element;
  }

  draw() {
    const { session, say, format } = this.context;
    const { store } = session;
    const disks = store.of('disk_usage').filter(({ at }) => store.at - at < GONE).sort((a, b) => b.value - a.value || (a.labels.mount < b.labels.mount ? -1 : 1));
    const warn = session.boot.thresholds.disk_threshold_percent;
    const limits = warn === undefined ? {} : { warn, crit: critical(warn) };
    const shown = disks.slice(0, MOST);
    const elements = shown.map((series) => {
      const { mount = '' } = series.labels;
      let one = this.known.get(mount);
      if (!one) this.known.set(mount, (one = row(mount)));
      const state = judge(series.value, limits);
      one.show(state, series.value, warn, {
        share: format.text(series.value, '%'),
        used: say('disk.of', { used: size(format, store, 'disk_used_bytes', series.labels), all: size(format, store, 'disk_total_bytes', series.labels) }),
        free: size(format, store, 'disk_free_bytes', series.labels),
      });
      return one.element;
    });
    for (const mount of this.known.keys()) if (!shown.some(({ labels }) => labels.mount === mount)) this.known.delete(mount);
    if (elements.length !== this.rows.children.length || elements.some((element, i) => this.rows.children[i] !== element)) this.rows.replaceChildren(...elements);
    this.panel.loading(disks.length === 0 && store.at < 0);
    this.panel.element.classList.toggle('bare', disks.length === 0 && store.at > 0);
    this.panel.body.dataset.empty = say('empty.disks');
    this.work(store, format);
    const rest = disks.length - shown.length;
    this.panel.tell(disks.length === 0 ? '' : rest > 0 ? say('disk.more', { n: disks.length, rest }) : say('disk.count', { n: disks.length }));
  }

  /** The busiest devices. */
  work(store, format) {
    const all = store.of('disk_busy').filter(({ at }) => store.at - at < GONE).sort((a, b) => b.value - a.value || (a.labels.device < b.labels.device ? -1 : 1));
    const rate = (metric, name) => {
      const series = store.of(metric).find(({ labels }) => labels.device === name);
      return series ? format.text(series.value, 'B/s') : '–';
    };
    this.busy.hidden = all.length === 0;
    this.devices.forEach((one, i) => {
      const name = all[i]?.labels.device;
      one.show(name === undefined ? null : { name, share: all[i].value, text: format.text(all[i].value, '%'), read: rate('disk_read_bytes_per_second', name), write: rate('disk_write_bytes_per_second', name) });
    });
  }

  close() {}
}

function size(format, store, metric, labels) {
  const series = store.of(metric).find((one) => one.labels.mount === labels.mount);
  return series ? format.text(series.value, 'B') : '–';
}

function row(mount) {
  const fill = el('i');
  const mark = el('u');
  const used = el('span');
  const share = el('b');
  const free = el('span', { class: 'n when' });
  const name = el('b', { title: mount }, mount);
  const head = el('span', { class: 'pn one' }, name);
  const element = el('li', { class: 'd4' }, head, el('span', { class: 'eta' }, el('span', { class: 'meter' }, fill, mark), used), el('span', { class: 'n q' }, share), free);
  let shown = '';
  return {
    element,
    show(state, value, warn, words) {
      if (shown !== state) {
        shown = state;
        element.className = `d4 ${state}`;
        head.replaceChildren(...(state === 'ok' || state === 'unknown' ? [] : [icon(state)]), name);
      }
      fill.style.width = `${Math.min(100, value).toFixed(1)}%`;
      mark.hidden = warn === undefined;
      if (warn !== undefined) mark.style.left = `${warn}%`;
      write(share, words.share);
      write(used, words.used);
      write(free, words.free);
      attribute(share, 'title', `${value.toFixed(2)}%`);
    },
  };
}

function device() {
  const name = el('b');
  const fill = el('i');
  const share = el('span');
  const read = el('span', { class: 'n when' });
  const write_ = el('span', { class: 'n when' });
  const element = el('li', { class: 'd4', hidden: true }, el('span', { class: 'pn one' }, name), el('span', { class: 'eta' }, el('span', { class: 'meter' }, fill), share), read, write_);
  return {
    element,
    show(row) {
      element.hidden = row === null;
      if (row === null) return;
      write(name, row.name);
      name.title = row.name;
      fill.style.width = `${Math.min(100, row.share).toFixed(1)}%`;
      write(share, row.text);
      write(read, row.read);
      write(write_, row.write);
    },
  };
}
