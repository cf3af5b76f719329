// What people do to an alert: have it, end it, keep it quiet. Who they are is remembered in this browser.
import { labels, title } from '../../alerts/telling.js';
import { ask, choice, field, text } from './form.js';
import { lengthOf } from './spans.js';

const NAME_KEY = 'bongsu.name';
const LIMITS = ['30m', '1h', '2h', '4h', '8h', '24h'];
const SILENCES = ['30m', '1h', '2h', '4h', '8h', '24h', '72h', '168h'];

/** @typedef {import('../../alerts/severity.js').Alert} Alert */

export function myName() {
  try {
    return localStorage.getItem(NAME_KEY) ?? '';
  } catch {
    return ''; // Storage is forbidden here: the name is asked for each time.
  }
}

/** @param {string} name */
export function rememberName(name) {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // Storage is forbidden here: the name is asked for each time.
  }
}

export class Acting {
  /** @param {import('../../mount.js').Context} context @param {() => void} done told after each thing that was done */
  constructor(context, done = () => {}) {
    this.context = context;
    this.done = done;
  }

  /** @param {Alert} alert */
  acknowledge(alert) {
    const { say } = this.context;
    const note = field({ label: say('act.note'), control: text({ maxlength: 500 }), wide: true });
    const limit = field({ label: say('act.limit'), control: choice([['', say('act.limit.none')], ...lengths(LIMITS, this.context)], '2h'), hint: say('act.limit.hint') });
    const by = this.name();
    this.open(alert, {
      title: say('act.acknowledge'), send: say('act.acknowledge'), fields: [note, limit, by],
      act: () => this.command(alert, 'acknowledge', { by: by.control.value, note: note.control.value, for: limit.control.value }),
    });
  }

  /** @param {Alert} alert */
  resolve(alert) {
    const { say } = this.context;
    const note = field({ label: say('act.note'), control: text({ maxlength: 500 }), wide: true });
    const by = this.name();
    this.open(alert, { title: say('act.resolve'), send: say('act.resolve'), fields: [note, by], act: () => this.command(alert, 'resolve', { by: by.control.value, note: note.control.value }) });
  }

  /** @param {Alert} alert */
  unacknowledge(alert) {
    return this.command(alert, 'unacknowledge', { by: myName(), note: '' });
  }

  /** Keeps what matches quiet; from an alert, what it is about is filled in. @param {Alert | null} alert */
  silence(alert) {
    const { say, rest, root } = this.context;
    const matchers = field({ label: say('silence.matchers'), control: text({ placeholder: 'metric=disk_usage, mount=/data*', value: alert ? written(alert) : '' }), hint: say('silence.matchers.hint'), wide: true, name: 'matchers' });
    const lasts = field({ label: say('silence.for'), control: choice([...lengths(SILENCES, this.context), ['until', say('silence.until')]], '1h') });
    const until = field({ label: say('silence.end'), control: text({ type: 'datetime-local' }) });
    const repeats = field({ label: say('silence.repeats'), control: choice([['', say('silence.once')], ['daily', say('repeats.daily')], ['weekday', say('repeats.weekday')], ['weekend', say('repeats.weekend')]], '') });
    const reason = field({ label: say('silence.reason'), control: text({ maxlength: 500 }), wide: true, name: 'reason' });
    const by = this.name();
    until.element.hidden = true;
    lasts.control.addEventListener('change', () => {
      until.element.hidden = lasts.control.value !== 'until';
    });
    ask({
      root, say, title: say('act.silence'), about: alert ? title(this.context, alert) : undefined, send: say('act.silence'),
      fields: [matchers, lasts, until, repeats, reason, by],
      act: async () => {
        const pairs = pairsOf(matchers.control.value);
        if (pairs === null || Object.keys(pairs).length === 0) throw new Refused(matchers, say('silence.matchers.wrong'));
        if (reason.control.value.trim() === '') throw new Refused(reason, say('silence.reason.wrong'));
        const end = lasts.control.value === 'until' ? { ends_at: this.instant(until.control.value) } : { for: lasts.control.value };
        if (end.ends_at !== undefined && Number.isNaN(end.ends_at)) throw new Refused(until, say('silence.end.wrong'));
        rememberName(by.control.value.trim());
        await rest.send('POST', '/api/v1/silences', { matchers: pairs, reason: reason.control.value.trim(), by: by.control.value.trim(), repeats: repeats.control.value, ...end });
        this.done();
      },
      faults: refused,
    });
  }

  /** A moment as it was typed, by the clock of the shown time zone. @param {string} typed `2026-11-22T09:00` */
  instant(typed) {
    const wall = Date.parse(`${typed}:00Z`);
    if (Number.isNaN(wall)) return NaN;
    const { format } = this.context;
    return wall - format.ahead(wall - format.ahead(wall));
  }

  name() {
    return field({ label: this.context.say('act.by'), control: text({ maxlength: 100, value: myName(), autocomplete: 'name' }), name: 'by' });
  }

  open(alert, more) {
    const { root, say } = this.context;
    const about = [title(this.context, alert), labels(alert)].filter(Boolean).join(' · ');
    ask({ root, say, about, ...more });
  }

  async command(alert, what, body) {
    if (body.by) rememberName(body.by);
    const { alerts, rest } = this.context;
    const answer = await rest.send('POST', `/api/v1/alerts/${encodeURIComponent(alert.id)}/${what}`, body);
    if (answer.alert) {
      alerts.put(answer.alert);
      alerts.changed();
    }
    this.done();
  }
}

/** A field that this side can already tell is wrong. */
class Refused extends Error {
  constructor(at, words) {
    super(words);
    this.at = at;
  }
}

function refused(fault) {
  if (!(fault instanceof Refused)) return false;
  fault.at.fault(fault.message);
  fault.at.control.focus();
  return true;
}

function lengths(all, { format }) {
  return all.map((one) => [one, format.duration(lengthOf(one) / 1000)]);
}

/** `metric=disk_usage, mount=/data` of an alert: what its silence would match. @param {Alert} alert */
export function written(alert) {
  const pairs = Object.entries(alert.labels ?? {});
  if (alert.metric) pairs.unshift(['metric', alert.metric]);
  else if (alert.rule) pairs.unshift(['rule', alert.rule]);
  return pairs.map(([name, value]) => (/[,"]/.test(value) ? `${name}="${value.replaceAll('"', '\\"')}"` : `${name}=${value}`)).join(', ');
}

/** The pairs of `name=value, name="va,lue"`, null where it can't be read. @param {string} typed @returns {Record<string, string> | null} */
export function pairsOf(typed) {
  /** @type {Record<string, string>} */
  const found = {};
  let rest = typed.trim();
  while (rest !== '') {
    const match = /^([A-Za-z_][\w]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^,"]*))\s*(?:,\s*|$)/.exec(rest);
    if (match === null) return null;
    found[match[1]] = match[2] === undefined ? match[3].trim() : match[2].replace(/\\(.)/g, '$1');
    rest = rest.slice(match[0].length);
  }
  return found;
}
