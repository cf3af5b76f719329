// The charts of the machine: what each shows, in words and lines.
import { figures, GraphPanel } from './graph.js';
import { hole, join } from './joined.js';

const DAY = 86_400_000;
const CORES = 64;
const SERVICES = 4;

const GRAPHS = { cpu, memory, network, 'disk-io': disk, load, latency };

/** @param {import('./panel.js').Context} context @param {string[]} [names] which of them, all by default @param {{span?: string}} [changes] @returns {GraphPanel[]} */
export function graphs(context, names = Object.keys(GRAPHS), changes = {}) {
  return names.map((name) => new GraphPanel(context, { ...GRAPHS[name](context), ...changes }));
}

/** @returns {import('../chart.js').Line[]} */
function single(session, metric, name, style) {
  const series = session.store.one(metric);
  return series?.ring ? [{ id: metric, name, style, rings: [series.ring], hole: hole(session, series) }] : [];
}

/** One line for the sum over all labels (interfaces, devices). @returns {import('../chart.js').Line[]} */
function total(session, metric, name, style) {
  const all = session.store.of(metric).filter(({ ring }) => ring !== null);
  return all.length ? [{ id: metric, name, style, rings: all.map(({ ring }) => ring), hole: Math.max(...all.map((one) => hole(session, one))) }] : [];
}

/** The newest value (the tile's, not the average of a step) and the highest of the range. */
function summary({ session, format, say }, drawn, metric, unit) {
  const { top, topAt } = figures(drawn[0]?.points ?? []);
  const { value } = join(session.store.of(metric), 'one');
  if (Number.isNaN(value) || Number.isNaN(topAt)) return '';
  return say('graph.now', { now: format.text(value, unit), top: format.text(top, unit), at: session.span > DAY ? format.moment(topAt, session.span) : format.minute(topAt) });
}

/** @param {import('./panel.js').Context} context @returns {import('./graph.js').Graph} */
function cpu(context) {
  const { session, say } = context;
  return {
    id: 'cpu', span: 'c8', unit: '%', max: 100, most: 6, metrics: ['cpu_usage', 'cpu_core_usage'], follow: CORES,
    threshold: () => session.boot.thresholds.cpu_threshold_percent ?? NaN,
    legend: [{ name: say('line.cpu'), style: 'main' }, { name: say('line.cores'), style: 'thin' }],
    lines: () => [
      ...single(session, 'cpu_usage', say('line.cpu'), 'main'),
      ...session.store.of('cpu_core_usage').flatMap((series) => core(context, series)),
    ],
    tell: (drawn) => summary(context, drawn, 'cpu_usage', '%'),
  };
}

/** @returns {import('../chart.js').Line[]} */
function core({ session, say }, { ring, labels, cadence }) {
  if (ring === null) return [];
  return [{ id: `core ${labels.core}`, name: say('line.core', { core: labels.core }), style: 'thin', rings: [ring], hole: hole(session, { ring, cadence }) }];
}

/** @param {import('./panel.js').Context} context @returns {import('./graph.js').Graph} */
function memory(context) {
  const { session, say, format } = context;
  return {
    id: 'memory', span: 'c4', unit: '%', max: 100, metrics: ['memory_usage', 'swap_usage'],
    threshold: () => session.boot.thresholds.memory_threshold_percent ?? NaN,
    legend: [{ name: say('line.memory'), style: 'main' }, { name: say('line.swap'), style: 2 }],
    lines: () => [...single(session, 'memory_usage', say('line.memory'), 'main'), ...single(session, 'swap_usage', say('line.swap'), 2)],
    tell: (drawn) => {
      const used = session.store.one('memory_used_bytes')?.value ?? NaN;
      const all = session.store.one('memory_total_bytes')?.value ?? NaN;
      if (Number.isNaN(used) || Number.isNaN(all)) return summary(context, drawn, 'memory_usage', '%');
      return say('memory.of', { used: format.text(used, 'B', { binary: true }), all: format.text(all, 'B', { binary: true }) });
    },
  };
}

/** @param {import('./panel.js').Context} context @returns {import('./graph.js').Graph} */
function network(context) {
  const { session, say } = context;
  const metrics = ['network_receive_bytes_per_second', 'network_transmit_bytes_per_second'];
  return {
    id: 'network', span: 'c4', unit: 'B/s', metrics,
    legend: [{ name: say('line.receive'), style: 'main' }, { name: say('line.transmit'), style: 2 }],
    lines: () => [...total(session, metrics[0], say('line.receive'), 'main'), ...total(session, metrics[1], say('line.transmit'), 2)],
    tell: (drawn) => pair(context, drawn),
  };
}

/** @param {import('./panel.js').Context} context @returns {import('./graph.js').Graph} */
function disk(context) {
  const { session, say } = context;
  const metrics = ['disk_read_bytes_per_second', 'disk_write_bytes_per_second'];
  return {
    id: 'disk-io', span: 'c4', unit: 'B/s', metrics,
    legend: [{ name: say('line.read'), style: 'main' }, { name: say('line.write'), style: 2 }],
    lines: () => [...total(session, metrics[0], say('line.read'), 'main'), ...total(session, metrics[1], say('line.write'), 2)],
    tell: (drawn) => pair(context, drawn),
  };
}

/** @param {import('./panel.js').Context} context @returns {import('./graph.js').Graph} */
function load(context) {
  const { session, say, format } = context;
  return {
    id: 'load', span: 'c4', unit: '', metrics: ['load_1m', 'load_5m', 'load_15m'],
    legend: [{ name: say('line.load1'), style: 'main' }, { name: say('line.load5'), style: 2 }, { name: say('line.load15'), style: 3 }],
    lines: () => [
      ...single(session, 'load_1m', say('line.load1'), 'main'),
      ...single(session, 'load_5m', say('line.load5'), 2),
      ...single(session, 'load_15m', say('line.load15'), 3),
    ],
    tell: () => {
      const cores = session.store.of('cpu_core_usage').length;
      const now = format.number(session.store.one('load_1m')?.value ?? NaN, 2);
      return cores ? say('load.cores', { now, n: cores }) : say('graph.last', { now });
    },
  };
}

/** The 95th percentile of each service, the slowest ones. @param {import('./panel.js').Context} context @returns {import('./graph.js').Graph} */
function latency({ session, say, format }) {
  const metric = 'service_latency_ms';
  const slowest = () => session.store.of(metric).filter(({ ring, labels }) => ring !== null && labels.quantile === '0.95').sort((a, b) => b.value - a.value).slice(0, SERVICES);
  return {
    id: 'latency', span: 'c8', unit: 'ms', metrics: [metric], most: SERVICES, legend: [],
    threshold: () => session.boot.thresholds.latency_threshold_ms ?? NaN,
    lines: () => slowest().sort((a, b) => (a.labels.service < b.labels.service ? -1 : 1)).map((series, i) => ({ id: series.labels.service, name: series.labels.service, style: i === 0 ? 'main' : i + 1, rings: series.ring ? [series.ring] : [], hole: hole(session, series) })),
    tell: () => slowest().slice(0, 3).map(({ labels, value }) => say('latency.of', { name: labels.service, value: format.text(value, 'ms') })).join(' · '),
  };
}

/** Each line's newest value, by name; a line's id is its metric. */
function pair({ session, format }, drawn) {
  return drawn.map(({ line }) => `${line.name} ${format.text(join(session.store.of(line.id), 'sum').value, 'B/s')}`).join(' · ');
}
