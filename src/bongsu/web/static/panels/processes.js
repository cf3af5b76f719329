// Who uses the machine: processes by name, the busiest first.
import { el, write } from '../dom.js';
import { Panel, sentenceOf } from './panel.js';

const MOST = 8;
/** Names that have not been among the busiest for this long aren't shown. */
const RECENT = 20_000;

export class ProcessesPanel {
  /** @param {import('./panel.js').Context} context */
  constructor(context) {
    const { say, session, language } = context;
    this.context = context;
    this.panel = new Panel({ id: 'processes', span: 'c7', title: say('panel.processes'), sentence: sentenceOf(session.boot, 'process_cpu_usage', language), say });
    this.lines = Array.from({ length: MOST }, () => line());
    this.panel.body.append(
      el('div', { class: 'thead p4' }, el('span', {}, say('process.name')), el('span', {}, say('process.cpu')), el('span'), el('span', { class: 'n' }, say('process.memory'))),
      el('ul', { class: 'trows eight' }, ...this.lines.map(({ element }) => element)),
    );
    this.element = this.panel.element;
  }

  draw() {
    const { session, say, format } = this.context;
    const { store } = session;
    const all = store.of('process_cpu_usage').filter(({ at }) => store.at - at < RECENT).sort((a, b) => b.value - a.value || (a.labels.process < b.labels.process ? -1 : 1));
    const scale = Math.max(1, all[0]?.value ?? 1);
    const memory = new Map(store.of('process_memory_bytes').map((series) => [series.labels.process, series]));
    this.lines.forEach((one, i) => {
      const series = all[i];
      const kept = series && memory.get(series.labels.process);
      one.show(series ? { name: nameOf(series.labels.process, say), share: format.text(series.value, '%'), part: series.value / scale, memory: kept ? format.text(kept.value, 'B', { binary: true }) : '–' } : null);
    });
    this.panel.loading(all.length === 0 && store.at < 0);
    this.panel.element.classList.toggle('bare', all.length === 0 && store.at > 0);
    this.panel.body.dataset.empty = say('empty.processes');
    const count = store.one('process_count');
    this.panel.tell(count && all.length ? say('process.count', { n: format.number(count.value) }) : '');
  }

  close() {}
}

/** Groups that the collector makes have names of ours. */
export function nameOf(process, say) {
  if (process === '(others)') return say('process.others');
  return process === '(kernel)' ? say('process.kernel') : (process ?? '');
}

function line() {
  const name = el('b');
  const share = el('b');
  const fill = el('i');
  const memory = el('span', { class: 'n when' });
  const element = el('li', { class: 'p4 none' }, el('span', { class: 'pn one' }, name), el('span', { class: 'q' }, share), el('span', { class: 'meter' }, fill), memory);
  return {
    element,
    show(row) {
      element.classList.toggle('none', row === null);
      write(name, row?.name ?? '');
      name.title = row?.name ?? '';
      write(share, row?.share ?? '');
      fill.style.width = `${((row?.part ?? 0) * 100).toFixed(1)}%`;
      write(memory, row?.memory ?? '');
    },
  };
}
