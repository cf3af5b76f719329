// What is said first: one sentence, what is wrong, and the controls of the picture below.
import { together } from '../alerts/issues.js';
import { issue as worded } from '../alerts/telling.js';
import { Beacon } from '../beacon.js';
import { behind } from '../behind.js';
import { arrange, attribute, el, write } from '../dom.js';
import { icon } from '../icon.js';
import { verdict } from '../sentence.js';
import { RANGES } from '../session.js';

/** Places in two rows, on a phone in two narrow ones: issues named one by one, or all but one and the number of the rest. */
const PLACES_WIDE = 6;
const PLACES_NARROW = 4;
const NARROW = matchMedia('(max-width: 640px)');
/** Of which a lost connection takes its own: when the last value came, and the button. */
const PLACES_AWAY = 2;
/** Which panel shows an issue of a tile. */
const PLACES = { cpu: 'cpu', memory: 'memory', disk: 'disk', receive: 'network', load: 'load', processes: 'processes' };

export class Hero {
  /**
   * @param {import('../mount.js').Context & {tiles: import('./tiles.js').Tiles, panned?: boolean}} context
   * @param {(() => import('../alerts/issues.js').Issue[])[]} [others] what else may be wrong, told anew at each drawing
   */
  constructor(context, others = []) {
    const { say, session } = context;
    this.ages = true;
    this.context = context;
    this.others = others;
    this.beacon = new Beacon();
    this.sentence = el(context.heading, {});
    this.what = el('ul', { class: 'what issues' });
    this.shown = '';
    /** What stands in the list, by what it is about: its words change each second, under the finger that presses it. @type {Map<string, HTMLElement>} */
    this.items = new Map();
    /** @type {HTMLButtonElement | null} */
    this.retry = null;
    this.clock = el('time');
    this.count = document.createTextNode('');
    this.beside = el('p', { class: 'asof' }, context.pill, this.count, this.clock);
    this.ranges = Object.keys(RANGES).map((range) => el('button', { type: 'button', 'data-range': range, onclick: () => session.choose(range) }, say(`range.${range}`)));
    this.pause = el('button', { class: 'btn pause', type: 'button', onclick: () => (session.paused ? session.resume() : session.pause()) });
    this.pauseShown = '';
    this.pans = /** @type {('back' | 'ahead')[]} */ (context.panned === false ? [] : ['back', 'ahead']).map((name) => {
      const words = say(`pan.${name}`);
      return el('button', { class: 'ib pan', type: 'button', title: words, 'aria-label': words, onclick: () => session.pan(name === 'back' ? -1 : 1) }, icon(name));
    });
    this.element = el(
      'section',
      { class: 'hero', 'aria-label': say('hero') },
      el('div', { class: 'say' }, this.beacon.element, el('div', {}, this.sentence, this.what)),
      el('div', { class: 'ctl' }, el('div', { class: 'pick' }, this.pans[0] ?? null, el('div', { class: 'seg', role: 'group', 'aria-label': say('range') }, ...this.ranges), this.pans[1] ?? null), this.pause, this.beside),
    );
  }

  draw(ours) {
    const { session, tiles, say, format, alerts } = this.context;
    const now = session.now(ours);
    tiles.judge(now);
    const issues = this.cut(together([...tiles.issues(), ...this.others.flatMap((tell) => tell())], alerts.all(), (alert) => worded(this.context, alert)), now);
    const seen = verdict({ connection: session.connection, any: session.store.at > 0 || issues.length > 0, issues });
    const from = now - session.span;
    if (session.past) write(this.sentence, say('say.past', { from: `${format.date(from)} ${format.minute(from)}`, to: `${format.date(now)} ${format.minute(now)}` }));
    else write(this.sentence, say(seen.key, seen.values));
    this.beacon.light(seen.fires, seen.state);
    this.list(session.past ? { ...seen, issues: [], key: 'say.past' } : seen, now);
    this.controls();
    write(this.count, session.store.size > 0 ? `${say('asof.series', { n: format.number(session.store.size) })} · ` : '');
    write(this.clock, `${format.day(now)} ${format.second(now)}`);
    attribute(this.clock, 'datetime', new Date(now).toISOString());
    this.context.onVerdict(seen);
  }

  /** On a viewer that hears nothing everything is late: that is one thing to say, not one a tile. */
  cut(issues, now) {
    const { session, say, format } = this.context;
    const cut = behind(session);
    if (cut === null) return issues;
    const since = now - cut.seconds * 1000;
    const title = say(cut.cause === 'redis' ? 'behind.redis' : 'behind.owner');
    return [{ id: 'behind', state: 'warn', title, detail: say('again.last', { time: format.second(since) }), since, longer: false }, ...issues.filter(({ state }) => state !== 'unknown')];
  }

  list({ issues, key }, now) {
    const { session, say, format } = this.context;
    const away = session.connection === 'again' || session.connection === 'off';
    const places = (NARROW.matches ? PLACES_NARROW : PLACES_WIDE) - (away ? PLACES_AWAY : 0);
    const rows = issues.slice(0, issues.length > places ? places - 1 : places).map((issue) => ({ ...issue, lasts: Number.isNaN(issue.since) ? '' : lasting(issue, now, say, format) }));
    const { attempt, retryAt } = session.connectionDetail;
    const wait = away ? Math.max(0, Math.ceil((retryAt - performance.now()) / 1000)) : 0;
    const rest = issues.length - rows.length;
    const wanted = JSON.stringify([rows, rest, key, attempt, wait, away]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    const before = this.items;
    this.items = new Map();
    /** @param {string} about @param {() => HTMLElement} make */
    const item = (about, make) => {
      const found = before.get(about) ?? make();
      this.items.set(about, found);
      return found;
    };
    const calmly = (about, words) => write(item(about, () => el('li', { class: 'calmly' })), words);
    if (away) {
      const words = session.store.at > 0 ? say('again.last', { time: format.second(session.store.at) }) : say('again.never');
      this.retry ??= el('button', { class: 'btn', type: 'button', onclick: () => session.live.retry() }, icon('retry'), say('retry'));
      calmly(' away', `${words} · ${say('again.next', { n: attempt, wait })}`);
      item(' retry', () => el('li', {}, this.retry));
    }
    for (const issue of rows) this.name(item(`${issue.id} ${issue.state} ${issue.alert ?? ''}`, () => this.named(issue)), issue);
    if (rest > 0) calmly(' rest', say('issue.rest', { n: rest }));
    if (this.items.size === 0) calmly(' calm', say(`${key}.sub`));
    arrange(this.what, [...this.items.values()]);
  }

  named(issue) {
    return el('li', {}, el('a', { class: `iss ${issue.state}`, ...this.link(issue) }, icon(issue.state), el('b'), el('span')));
  }

  /** The words of one issue; whatever its place has no room for is in its title. @param {HTMLElement} item */
  name(item, { title, detail, lasts }) {
    const [link] = item.children;
    const more = [detail, lasts].filter(Boolean).join(' · ');
    attribute(link, 'title', `${title} · ${more}`);
    write(link.children[1], title);
    write(link.children[2], more);
  }

  /** Where an issue leads: to its alert, to the page that tells more, or to the panel that shows it. */
  link({ id, alert, page }) {
    if (id === 'behind') return {};
    if (alert) return this.away('alerts', { alert });
    if (page) return this.away(page, {});
    return { href: `#${PLACES[id]}`, onclick: (event) => this.go(event, PLACES[id]) };
  }

  /** @param {string} page @param {Record<string, string>} asked */
  away(page, asked) {
    const { go } = this.context;
    if (!go) return {};
    const onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(page, asked);
    };
    return { href: `?${new URLSearchParams({ page, ...asked })}`, onclick };
  }

  /** To the panel that shows it; by hand, since a hash link finds nothing inside a shadow tree. */
  go(event, place) {
    const panel = this.context.root.querySelector(`#${place}`);
    if (!panel) return;
    event.preventDefault();
    panel.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  }

  controls() {
    const { session, say } = this.context;
    for (const button of this.ranges) attribute(button, 'aria-pressed', String(button.dataset.range === session.range));
    if (this.pans.length) this.pans[1].disabled = !session.paused;
    const wanted = session.paused ? 'resume' : 'pause';
    if (wanted === this.pauseShown) return;
    this.pauseShown = wanted;
    this.pause.classList.toggle('pri', session.paused);
    attribute(this.pause, 'aria-label', say(wanted));
    this.pause.replaceChildren(icon(session.paused ? 'play' : 'pause'), el('span', {}, say(wanted)));
  }

  close() {}
}

/** For how long; in whole minutes where only that much is known that it began before what is shown. */
function lasting({ since, longer }, now, say, format) {
  const seconds = (now - since) / 1000;
  if (!longer) return say('issue.lasts', { time: format.duration(seconds) });
  return say('issue.longer', { time: format.duration(seconds < 60 ? seconds : Math.floor(seconds / 60) * 60) });
}

/** The connection in one word; told to screen readers when it changes, and only then. */
export class Pill {
  constructor(say) {
    this.word = document.createTextNode('');
    this.extra = el('span', { 'aria-hidden': 'true' });
    this.element = el('span', { class: 'pill', role: 'status' }, el('i'), this.word, this.extra);
    this.say = say;
  }

  /** @param {import('../session.js').Session} session */
  show(session) {
    const cut = session.connection === 'live' && behind(session) !== null;
    const state = session.paused && session.connection === 'live' ? 'paused' : cut ? 'behind' : session.connection;
    const kind = `pill ${cut ? 'again' : state}`;
    if (this.element.className !== kind) this.element.className = kind;
    write(this.word, this.say(`pill.${state}`));
    write(this.extra, state === 'paused' ? this.say('pill.new', { n: session.waiting }) : '');
  }
}
