// Four figures over all services: the sum, or the worst.
const counts = ({ session }, metric) => session.store.of(metric).reduce((sum, { value }) => sum + value, 0);

/** @type {import('../../panels/tiles.js').Spec[]} */
export const SPECS = [
  { id: 'throughput', metric: 'service_requests_per_second', unit: '1/s', join: 'sum', least: 1, points: false, note: total },
  { id: 'errors', metric: 'service_error_rate', unit: '%', join: 'max', threshold: 'error_rate_threshold_percent', least: 2, points: true, note: worst, double: true },
  { id: 'latency', metric: 'service_latency_ms', unit: 'ms', join: 'max', threshold: 'latency_threshold_ms', least: 20, points: false, note: slowest, only: { quantile: '0.95' } },
  { id: 'warnings', metric: 'service_warnings_total', unit: '', join: 'sum', least: 4, points: false, note: () => '' },
];

function total({ session, say, format }) {
  return say('services.note.total', { n: format.number(counts({ session }, 'service_requests_total')) });
}

function worst({ say }, { at }) {
  return at ? say('services.note.worst', { name: at.labels.service }) : '';
}

function slowest({ say }, { at }) {
  return at ? say('services.note.worst', { name: at.labels.service }) : '';
}
