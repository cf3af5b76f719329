// Marks on the timeline: deploys, campaigns and changes of state, for every chart.

/** @typedef {{id: string, at: number, kind: 'deploy' | 'campaign' | 'note' | 'state', label: string, by?: string, change?: Change | null}} Mark */
/** @typedef {{kind: string, name: string, title_ko: string, title_en: string, was: string, state: string, reason?: string}} Change */

/** Marks kept; the oldest go. */
const MOST = 1_000;
const HOUR = 3_600_000;
/** So far back at least, hours. */
const LEAST = 24;

export class Marks {
  /** @param {{rest: Pick<import('./rest.js').Rest, 'get'>, onChange?: () => void}} options */
  constructor({ rest, onChange = () => {} }) {
    this.rest = rest;
    this.onChange = onChange;
    /** @type {Map<string, Mark>} */
    this.known = new Map();
    /** Rises with each change. */
    this.version = 0;
    this.loading = 0;
    /** So far back charts look, hours. */
    this.hours = LEAST;
    /** @type {Set<string>} those taken away while the list was on its way */
    this.removed = new Set();
  }

  /** Charts look so far back, ms: what isn't known of it is asked for. @param {number} span */
  reach(span) {
    const hours = Math.ceil(span / HOUR);
    if (hours <= this.hours) return;
    this.hours = hours;
    if (this.loading > 0) this.load();
  }

  /** Asks for those that charts can show; what the socket tells meanwhile stays on top of them. */
  async load() {
    const turn = (this.loading += 1);
    this.removed.clear();
    try {
      const { marks } = await this.rest.get(`/api/v1/marks?start=-${this.hours}h`);
      if (turn !== this.loading) return;
      for (const mark of marks) if (!this.removed.has(mark.id)) this.known.set(mark.id, mark);
      this.changed();
    } catch {
      // Charts without marks are still right; the live frames go on.
    }
  }

  /** @param {{mark?: Mark, removed?: string}} frame a live frame `{"t": "mark", …}` */
  take({ mark, removed }) {
    if (typeof removed === 'string') {
      this.removed.add(removed);
      this.known.delete(removed);
    } else if (mark && typeof mark.id === 'string' && Number.isFinite(mark.at)) {
      this.known.set(mark.id, mark);
    } else return;
    this.changed();
  }

  changed() {
    if (this.known.size > MOST) {
      const oldest = [...this.known.values()].sort((a, b) => a.at - b.at).slice(0, this.known.size - MOST);
      for (const { id } of oldest) this.known.delete(id);
    }
    this.version += 1;
    this.onChange();
  }

  /** Those of a range, oldest first, each with the few words beside its line. @param {number} from @param {number} to @param {(mark: Mark) => string} words */
  within(from, to, words) {
    const found = [];
    for (const mark of this.known.values()) if (mark.at >= from && mark.at <= to) found.push({ at: mark.at, text: words(mark) });
    return found.sort((a, b) => a.at - b.at);
  }
}

/** What stands beside a mark's line. @param {Mark} mark @param {import('./i18n.js').Say} say @param {string} language */
export function wordsOf({ label, change }, say, language) {
  return change ? say('mark.change', { name: language === 'ko' ? change.title_ko : change.title_en, state: say(`state.${change.state}`) }) : label;
}
