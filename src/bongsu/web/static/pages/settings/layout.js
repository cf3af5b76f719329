// Which settings stand where. Every path here has its words as `set.l.<path>`; what isn't here is edited as JSON.

/** @typedef {{name: string, paths: string[], extra?: 'rules' | 'channels'}} Group */

export const TABS = ['monitoring', 'thresholds', 'notifications', 'system', 'lists', 'history'];

/** @param {string | null} asked */
export function tabOf(asked) {
  return asked !== null && TABS.includes(asked) ? asked : TABS[0];
}

const under = (/** @type {string} */ section, /** @type {string} */ keys) => keys.split(' ').map((key) => `${section}.${key}`);

/** @type {Record<string, Group[]>} */
export const GROUPS = {
  monitoring: [
    { name: 'screen', paths: under('monitoring', 'update_interval_seconds live_interval_seconds timezone language') },
    { name: 'panels', paths: ['panels'] },
  ],
  thresholds: [
    {
      name: 'thresholds', extra: 'rules',
      paths: under('thresholds', 'cpu_threshold_percent memory_threshold_percent disk_threshold_percent latency_threshold_ms error_rate_threshold_percent data_coverage_threshold_percent data_delay_threshold_seconds'),
    },
    { name: 'anomaly', paths: under('anomaly_detection', 'enabled method threshold window_size quiet series include exclude metrics') },
  ],
  notifications: [
    { name: 'channels', extra: 'channels', paths: [] },
    { name: 'slack', paths: ['notifications.slack.webhook_url'] },
    { name: 'telegram', paths: under('notifications.telegram', 'bot_token chat_id buttons') },
    { name: 'email', paths: under('notifications.email', 'smtp_server smtp_port username password sender to') },
    { name: 'messengers', paths: ['notifications.jandi.webhook_url', 'notifications.dooray.webhook_url', 'notifications.discord.webhook_url', 'notifications.webhooks'] },
    { name: 'sending', paths: under('notifications', 'language sending.time_out sending.fold_after sending.give_up_after fail_over') },
    { name: 'alerts', paths: under('alerts', 'repeat group_wait group_interval group_burst flaps flap_window steady push_expiry') },
  ],
  system: [
    { name: 'storage', paths: under('storage', 'retention.raw retention.minute retention.hour sync memory_pressure_percent data_dir') },
    { name: 'logging', paths: under('logging', 'level levels dir') },
    {
      name: 'limits',
      paths: under('limits', 'series samples_per_second bodies_per_second body_bytes inflated_bytes in_flight_bytes labels label_value_bytes past future feeds feed_symbols query_series query_points live_clients live_clients_per_address'),
    },
    { name: 'server', paths: under('server', 'host port live_port console_port public_url allowed_hosts allowed_origins') },
    { name: 'redis', paths: under('redis', 'url password tls_ca') },
  ],
};

/** What is edited as JSON, as one document each; `set.s.<name>` are their words. */
export const DOCUMENTS = ['rules', 'escalation', 'alerts', 'actions', 'checks', 'connections', 'marketplaces', 'feeds', 'calendars', 'shop', 'sql_metrics', 'scrape', 'panels', 'notifications'];

/** The tab on which a setting stands; what has no form stands among the documents. @param {string} path @returns {{tab: string, document?: string}} */
export function placeOf(path) {
  for (const [tab, groups] of Object.entries(GROUPS)) {
    if (groups.some(({ paths }) => paths.some((one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`)))) return { tab };
  }
  return { tab: 'lists', document: path.split(/[.[]/)[0] };
}
