// When what was wrong: a row a trouble, a bar each time, over the last day or week.
import { STATES } from '../../alerts/severity.js';
import { labels, title } from '../../alerts/telling.js';
import { instants } from '../../axis.js';
import { attribute, el, renew, svg } from '../../dom.js';
import { icon } from '../../icon.js';
import { Panel } from '../../panels/panel.js';
import { Remote } from '../../remote.js';
import { rows } from './spans.js';

const HOUR = 3_600_000;
export const SPANS = { '24h': 24 * HOUR, '7d': 7 * 24 * HOUR };
const MOST = 14;
/** Bars thinner than this part of the span would not be seen. */
const LEAST = 0.003;

export class TimelinePanel {
  /** @param {import('../../mount.js').Context} context */
  constructor(context) {
    const { say, rest, asked, alerts } = context;
    this.ages = true;
    this.always = true;
    this.every = 1_000;
    this.context = context;
    this.panel = new Panel({ id: 'timeline', span: 'c12', title: say('alerts.timeline'), say });
    this.span = asked('span') === '7d' ? '7d' : '24h';
    this.buttons = Object.keys(SPANS).map((span) => el('button', { type: 'button', 'data-span': span, onclick: () => this.choose(span) }, say(`span.${span}`)));
    this.panel.tools.append(el('div', { class: 'seg', role: 'group', 'aria-label': say('range') }, ...this.buttons));
    this.list = el('ol', { class: 'tline' });
    this.axis = el('div', { class: 'taxis', 'aria-hidden': 'true' });
    this.panel.body.append(this.list, this.axis);
    this.element = this.panel.element;
    this.remote = new Remote({ rest, path: '', onChange: () => context.painter.wake(), every: 60_000 });
    this.drawn = '';
    this.deaf = alerts.hear(() => {
      this.stale = true;
    });
    this.stale = false;
    this.load();
  }

  load() {
    this.stale = false;
    this.remote.load(`/api/v1/alerts?state=all&start=-${this.span}&limit=1000`);
  }

  choose(span) {
    this.span = span;
    this.drawn = '';
    this.context.remember('span', span === '24h' ? null : span);
    this.load();
    this.context.painter.wake();
  }

  draw(ours) {
    const { session, say } = this.context;
    const now = session.skew.server(ours);
    if (this.stale && performance.now() - this.remote.askedAt > 2_000) this.load();
    else this.remote.refresh();
    for (const button of this.buttons) attribute(button, 'aria-pressed', String(button.dataset.span === this.span));
    const { data, state, error } = this.remote;
    this.panel.loading(data === null && state === 'loading');
    this.panel.failed(state === 'failed' ? { text: say('alerts.failed'), trace: error?.trace ?? '', retry: () => this.load() } : null);
    if (data === null) return;
    const step = SPANS[this.span] / 1_440;
    const wanted = `${this.remote.version} ${this.span} ${Math.floor(now / step)}`;
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    this.lay(rows(data.alerts, now - SPANS[this.span], now), now - SPANS[this.span], now);
  }

  lay(all, from, to) {
    const { say } = this.context;
    const shown = all.slice(0, MOST);
    renew(this.list, shown.map((row) => this.row(row, from, to)), 'trouble');
    this.ticks(from, to);
    this.axis.hidden = shown.length === 0;
    this.panel.element.classList.toggle('bare', shown.length === 0);
    this.panel.body.dataset.empty = say('timeline.none', { span: say(`span.${this.span}`) });
    const rest = all.length - shown.length;
    const bars = all.reduce((sum, row) => sum + row.bars.length, 0);
    this.panel.tell(shown.length === 0 ? '' : rest > 0 ? say('timeline.more', { n: all.length, rest, times: bars }) : say('timeline.count', { n: all.length, times: bars }));
  }

  row(row, from, to) {
    const { say, format, go } = this.context;
    const { alert, bars, total } = row;
    const state = STATES[alert.severity];
    const last = bars[bars.length - 1];
    const picture = svg('svg', { viewBox: '0 0 1000 18', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    for (const bar of bars) picture.append(this.bar(bar, from, to));
    const name = title(this.context, alert);
    const about = [say('timeline.row', { n: bars.length, total: format.duration(total / 1000) }), last.open ? say('timeline.open') : say('timeline.last', { time: format.minute(last.to) })].join(', ');
    const about_ = labels(alert);
    return el(
      'li',
      { class: `${state}${last.open ? ' open' : ''}`, 'data-trouble': alert.id },
      el('span', { class: 'nm', title: [name, about_].filter(Boolean).join(' · ') }, icon(state), el('span', { class: 'hide' }, say(`severity.${alert.severity}`)), go ? el('a', { href: `?page=alerts&alert=${encodeURIComponent(alert.id)}`, onclick: (event) => this.go(event, alert.id) }, name) : el('span', {}, name), about_ ? el('small', {}, about_) : null),
      el('div', { class: 'track', role: 'img', 'aria-label': `${name}: ${about}`, title: about }, picture),
      el('span', { class: 'tot' }, last.open && total < 60_000 ? say('timeline.open') : format.duration(total >= 60_000 ? Math.floor(total / 60_000) * 60 : total / 1000)),
    );
  }

  bar({ from: start, to: end, open, alert }, from, to) {
    const { format, say } = this.context;
    const left = (start - from) / (to - from);
    const width = Math.max(LEAST, (end - start) / (to - from));
    const had = alert.phase === 'acknowledged' || alert.acknowledged_at !== null;
    // Height tells the severity as well as the colour does.
    const height = { info: 8, warning: 11, error: 15, critical: 18 }[alert.severity];
    const words = `${format.minute(start)} – ${open ? say('timeline.now') : format.minute(end)}${had ? ` · ${say('alert.had.nobody')}` : ''}`;
    const box = svg('rect', { class: `${STATES[alert.severity]}${alert.silenced_by || alert.inhibited_by ? ' quiet' : ''}`, x: (Math.min(left, 1 - width) * 1000).toFixed(1), y: 18 - height, width: (width * 1000).toFixed(1), height });
    box.append(svg('title', {}, document.createTextNode(words)));
    return box;
  }

  ticks(from, to) {
    const { format } = this.context;
    const narrow = this.panel.body.clientWidth < 560;
    const found = instants(from, to, narrow ? 4 : 8, format.ahead(to)).filter((at) => at - from > (to - from) * 0.02 && to - at > (to - from) * 0.03);
    const marks = found.map((at) => {
      const mark = el('span', {}, (at + format.ahead(at)) % 86_400_000 === 0 ? format.date(at) : format.minute(at));
      mark.style.left = `${(((at - from) / (to - from)) * 100).toFixed(2)}%`;
      return mark;
    });
    this.axis.replaceChildren(el('i', {}), el('div', {}, ...marks), el('i', {}));
  }

  go(event, id) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.context.go?.('alerts', { alert: id });
  }

  close() {
    this.deaf();
    this.remote.close();
  }
}
