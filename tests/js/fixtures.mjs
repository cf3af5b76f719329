// What tests make up.

/** An alert as the server tells it. */
export const alert = (id, changed = {}) => ({
  id, fingerprint: id, source: 'rule', severity: 'warning', phase: 'firing', message: id, rule: '', metric: '', labels: {}, value: 1, threshold: 2, unit: '',
  pending_at: 1000, fired_at: 1000, acknowledged_at: null, acknowledged_by: '', acknowledged_until: null, note: '', resolved_at: null, seen_at: 1000,
  no_data: false, flapping: false, silenced_by: '', inhibited_by: '', ...changed,
});

/** An answer as `fetch` gives it. */
export const answer = (status, body) => ({ ok: status < 400, status, statusText: '', text: async () => (typeof body === 'string' ? body : JSON.stringify(body)) });
