// The settings as the server tells them, and what is about to be changed of them: a draft that is tried as it is typed.
import { RestError } from '../../rest.js';
import { same, valueAt } from './schema.js';

const EVERY = 15_000;
const CALM = 500;

/** @typedef {{path: string, message: string, hint: string}} Fault */
/** @typedef {{path: string, before: any, after: any, applies: 'now' | 'restart'}} Difference */
/** @typedef {{faults: Fault[], diff: Difference[], applies: 'now' | 'restart', effects: {kind: string, path: string, text: string}[]}} Preview */

export class Desk {
  /** @param {Pick<import('../../mount.js').Context, 'rest' | 'language'>} context */
  constructor({ rest, language }) {
    this.element = document.createElement('span');
    this.rest = rest;
    this.asking = `?language=${language}`;
    /** @type {'loading' | 'ready' | 'failed' | 'forbidden'} */
    this.state = 'loading';
    /** @type {any} */
    this.view = null;
    /** @type {any} */
    this.schema = null;
    /** @type {import('../../rest.js').RestError | null} */
    this.error = null;
    /** Whether who is signed in may only look. */
    this.locked = false;
    /** New values by path. @type {Map<string, any>} */
    this.draft = new Map();
    /** Paths that are given back to the file. @type {Set<string>} */
    this.reset = new Set();
    /** What the text of a field is no JSON for, by path. @type {Map<string, string>} */
    this.unread = new Map();
    /** @type {Preview | null} */
    this.preview = null;
    this.trying = false;
    this.saving = false;
    /** The version the draft was begun on. */
    this.begun = 0;
    /** @type {string} */
    this.refused = '';
    /** @type {(() => void)[]} */
    this.ears = [];
    this.turn = 0;
    this.gone = false;
    this.later = 0;
    this.timer = window.setInterval(() => this.refresh(), EVERY);
  }

  /** @param {() => void} ear */
  listen(ear) {
    this.ears.push(ear);
  }

  tell() {
    if (!this.gone) for (const ear of this.ears) ear();
  }

  async load() {
    this.state = this.view ? this.state : 'loading';
    this.tell();
    try {
      const [view, schema] = await Promise.all([
        this.rest.get(`/api/v1/settings${this.asking}`),
        this.schema ?? this.rest.get('/api/v1/settings/schema'),
      ]);
      if (!view?.settings) throw new RestError('no settings');
      this.schema = schema;
      this.take(view);
    } catch (fault) {
      this.failed(fault);
    }
    this.tell();
  }

  /** Asks again what is set, as somebody else or the file may have changed it; never over what is being saved. */
  async refresh() {
    if (this.saving || this.state === 'loading' || document.hidden) return;
    try {
      const view = await this.rest.get(`/api/v1/settings${this.asking}`);
      if (this.saving || same(view, this.view)) return;
      this.take(view);
      if (this.touched) this.soon();
    } catch (fault) {
      this.failed(fault);
    }
    this.tell();
  }

  failed(fault) {
    this.error = fault;
    this.state = fault.status === 401 || fault.status === 403 ? 'forbidden' : this.view ? this.state : 'failed';
  }

  take(view) {
    this.view = view;
    this.locked = view.writable === false;
    this.state = 'ready';
    this.error = null;
    if (!this.touched) this.begun = view.version;
  }

  /** Whether anything is about to be changed. */
  get touched() {
    return this.draft.size + this.reset.size + this.unread.size > 0;
  }

  get count() {
    return new Set([...this.draft.keys(), ...this.reset, ...this.unread.keys()]).size;
  }

  /** Somebody else saved since the draft was begun. */
  get stale() {
    return this.touched && this.view !== null && this.view.version !== this.begun;
  }

  /** A setting as it would be. @param {string} path */
  value(path) {
    return this.draft.has(path) ? this.draft.get(path) : valueAt(this.view.settings, path);
  }

  /** @param {string} path @param {any} value */
  set(path, value) {
    this.begin();
    this.unread.delete(path);
    this.reset.delete(path);
    if (same(value, valueAt(this.view.settings, path))) this.draft.delete(path);
    else this.draft.set(path, value);
    this.soon();
  }

  /** @param {string} path @param {string} fault what the text is no JSON for */
  unreadable(path, fault) {
    this.begin();
    this.unread.set(path, fault);
    this.soon();
  }

  /** @param {string} path back to what file or default say */
  giveBack(path) {
    this.begin();
    this.draft.delete(path);
    this.unread.delete(path);
    this.reset.add(path);
    this.soon();
  }

  /** @param {string} [path] of one setting, or of all */
  undo(path) {
    for (const one of [this.draft, this.reset, this.unread]) path === undefined ? one.clear() : one.delete(path);
    this.refused = '';
    if (!this.touched && this.view) this.begun = this.view.version;
    this.soon();
  }

  begin() {
    if (!this.touched) this.begun = this.view.version;
    this.refused = '';
  }

  /** The draft goes on top of what somebody else saved. */
  goOn() {
    this.begun = this.view.version;
    this.soon();
  }

  soon() {
    window.clearTimeout(this.later);
    this.turn += 1;
    this.preview = this.touched ? this.preview : null;
    this.trying = this.touched;
    this.later = this.touched ? window.setTimeout(() => this.try(), CALM) : 0;
    this.tell();
  }

  async try() {
    const turn = this.turn;
    try {
      const preview = await this.rest.send('POST', `/api/v1/settings/preview${this.asking}`, this.body());
      if (turn !== this.turn) return;
      this.preview = preview;
      this.refused = '';
    } catch (fault) {
      if (turn !== this.turn) return;
      this.preview = null;
      this.refused = [fault.message, fault.hint].filter(Boolean).join('. ');
    }
    this.trying = false;
    this.tell();
  }

  body() {
    return { changes: Object.fromEntries(this.draft), reset: [...this.reset] };
  }

  /** Every fault that is known: of what is set, and of what is about to be. @returns {Fault[]} */
  faults() {
    const told = [...this.unread].map(([path, message]) => ({ path, message, hint: '' }));
    return [...told, ...(this.preview?.faults ?? []), ...(this.view?.faults ?? [])];
  }

  get ready() {
    return this.touched && !this.trying && !this.saving && !this.stale && !this.locked && this.unread.size === 0 && this.preview !== null && this.preview.faults.length === 0 && this.preview.diff.length > 0;
  }

  /** @param {string} note @returns {Promise<boolean>} whether it was kept */
  save(note) {
    return this.command('PUT', `/api/v1/settings${this.asking}`, { ...this.body(), version: this.begun, note });
  }

  /** @param {number} number @param {string} note */
  rollBack(number, note) {
    return this.command('POST', `/api/v1/settings/rollback${this.asking}`, { number, version: this.view.version, note });
  }

  async command(method, path, body) {
    this.saving = true;
    this.refused = '';
    this.tell();
    let kept = false;
    try {
      const view = await this.rest.send(method, path, body);
      this.draft.clear();
      this.reset.clear();
      this.unread.clear();
      this.preview = null;
      this.take(view);
      this.turn += 1;
      kept = true;
    } catch (fault) {
      this.refused = [fault.message, fault.problem?.faults ? '' : fault.hint].filter(Boolean).join('. ');
      if (fault.status === 409) this.take(await this.rest.get(`/api/v1/settings${this.asking}`).catch(() => this.view));
    }
    this.saving = false;
    this.tell();
    return kept;
  }

  draw() {}

  close() {
    this.gone = true;
    window.clearInterval(this.timer);
    window.clearTimeout(this.later);
  }
}
