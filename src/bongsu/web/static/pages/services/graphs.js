// Throughput and errors over time, a line a service.
import { hole } from '../../panels/joined.js';

const LINES = 6;

/** @returns {import('../../panels/graph.js').Graph} */
export function throughput(context) {
  return graph(context, { id: 'service-rate', metric: 'service_requests_per_second', unit: '1/s' });
}

/** @returns {import('../../panels/graph.js').Graph} */
export function errors(context) {
  const { session } = context;
  return { ...graph(context, { id: 'service-errors', metric: 'service_error_rate', unit: '%' }), threshold: () => session.boot.thresholds.error_rate_threshold_percent ?? NaN };
}

function graph({ session, say, format }, { id, metric, unit }) {
  const chosen = () => session.store.of(metric).filter(({ ring }) => ring !== null).sort((a, b) => b.value - a.value).slice(0, LINES).sort((a, b) => (a.labels.service < b.labels.service ? -1 : 1));
  return {
    id, span: 'c6', unit, metrics: [metric], most: LINES, legend: [],
    lines: () => chosen().map((series, i) => ({ id: series.labels.service, name: series.labels.service, style: i + 1, rings: [series.ring], hole: hole(session, series) })),
    tell: () => {
      const [top] = session.store.of(metric).sort((a, b) => b.value - a.value);
      return top ? say('services.top', { name: top.labels.service, value: format.text(top.value, unit) }) : '';
    },
  };
}
