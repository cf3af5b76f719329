// Figures, sizes, durations and times as people of either language write them.

const NONE = '–';
/** Stands for an amount of money that isn't to be seen here. */
const HIDDEN = '•••';
const CURRENCY = /^[A-Z]{3}$/;
const BYTES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
/** @type {[number, number, string][]} from which size on, divided by what, called what */
const MYRIADS = [
  [1e16, 1e16, '경'],
  [1e12, 1e12, '조'],
  [1e8, 1e8, '억'],
  [1e4, 1e4, '만'],
];
/** @type {[number, number, string][]} */
const MILLIONS = [
  [1e12, 1e12, 'T'],
  [1e9, 1e9, 'bn'],
  [1e6, 1e6, 'M'],
  [1e4, 1e3, 'k'],
];

const KOREAN_UNITS = { KRW: '원', s: '초', '1/s': '/초', '1/min': '/분', '1/h': '/시간' };
const GLUED = new Set(MILLIONS.map(([, , unit]) => unit));

const CLOCKS = {
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  minute: { hour: '2-digit', minute: '2-digit' },
  day: { month: 'short', day: 'numeric', weekday: 'short' },
  date: { month: 'short', day: 'numeric' },
  parts: { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
};
/** Zones change their distance from UTC at quarters of an hour only. */
const DAY = 86_400_000;
const QUARTER = 15 * 60_000;

/** A figure and its unit, apart, so that a tile can set the unit smaller. @typedef {{figure: string, unit: string}} Split */

export class Format {
  /** @param {{language: string, timezone: string, money?: boolean}} options `money`: whether amounts of money are told */
  constructor({ language, timezone, money = true }) {
    this.money = money;
    this.language = language;
    this.locale = language === 'ko' ? 'ko-KR' : 'en-GB';
    this.timezone = timezone;
    this.numbers = new Map();
    /** @type {Map<string, Intl.DateTimeFormat>} */
    this.clocks = new Map();
    this.aheads = new Map();
  }

  /** Made when first needed: each costs milliseconds. */
  clock(name) {
    let clock = this.clocks.get(name);
    if (!clock) {
      const locale = name === 'parts' ? 'en-GB' : this.locale;
      clock = new Intl.DateTimeFormat(locale, { timeZone: this.timezone, hourCycle: 'h23', ...CLOCKS[name] });
      this.clocks.set(name, clock);
    }
    return clock;
  }

  /** A plain number with a fixed count of decimals. @param {number} value @param {number} digits */
  number(value, digits = 0) {
    if (!Number.isFinite(value)) return NONE;
    let format = this.numbers.get(digits);
    if (!format) {
      format = new Intl.NumberFormat(this.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
      this.numbers.set(digits, format);
    }
    return format.format(value === 0 ? 0 : value);
  }

  /** With as many decimals as its size deserves. @param {number} value */
  plain(value) {
    if (Number.isInteger(value)) return this.number(value);
    const size = Math.abs(value);
    if (size >= 1000) return this.number(value);
    if (size >= 100) return this.number(value, 1);
    if (size >= 0.01 || size === 0) return trim(this.number(value, 2));
    return Number.isFinite(value) ? value.toPrecision(2) : NONE;
  }

  /** 만, 억 in Korean, k, M in English, from ten thousand on. @param {number} value @returns {Split} */
  short(value) {
    const size = Math.abs(value);
    for (const [from, scale, unit] of this.language === 'ko' ? MYRIADS : MILLIONS) {
      if (size >= from) {
        const scaled = value / scale;
        return { figure: this.number(scaled, Math.abs(scaled) >= 100 ? 0 : 1), unit };
      }
    }
    return { figure: this.plain(value), unit: '' };
  }

  /** @param {number} value bytes @param {boolean} binary powers of 1024 (memory) or of 1000 (disks, networks) @returns {Split} */
  bytes(value, binary = false) {
    if (!Number.isFinite(value)) return { figure: NONE, unit: '' };
    const base = binary ? 1024 : 1000;
    const names = binary ? BINARY : BYTES;
    let scaled = Math.abs(value);
    let power = 0;
    while (scaled >= base * 0.9995 && power < names.length - 1) {
      scaled /= base;
      power += 1;
    }
    const digits = power === 0 ? 0 : scaled < 99.95 ? 1 : 0;
    return { figure: this.number(value < 0 ? -scaled : scaled, digits), unit: names[power] };
  }

  /** A length of time in its two largest units. @param {number} seconds */
  duration(seconds) {
    if (!Number.isFinite(seconds)) return NONE;
    const ko = this.language === 'ko';
    const units = ko ? ['일', '시간', '분', '초'] : ['d', 'h', 'm', 's'];
    const sizes = [86_400, 3_600, 60, 1];
    const whole = Math.max(0, Math.floor(seconds));
    const first = sizes.findIndex((size) => whole >= size);
    if (first < 0) return seconds > 0 && seconds < 1 ? `${this.plain(seconds)}${units[3]}` : `0${units[3]}`;
    const rest = Math.floor((whole % sizes[first]) / (sizes[first + 1] ?? 1));
    const second = first < 3 && rest > 0 ? ` ${rest}${units[first + 1]}` : '';
    return `${this.number(Math.floor(whole / sizes[first]))}${units[first]}${second}`;
  }

  /**
   * A value with its unit as the catalogue names it.
   * @param {number} value @param {string} unit @param {{binary?: boolean}} options @returns {Split}
   */
  value(value, unit, { binary = false } = {}) {
    if (!Number.isFinite(value)) return { figure: NONE, unit: '' };
    if (this.hides(unit)) return { figure: HIDDEN, unit: '' };
    switch (unit) {
      case '%':
        return { figure: this.number(value, Math.abs(value) >= 99.95 || value === 0 ? 0 : 1), unit };
      case 'B':
        return this.bytes(value, binary);
      case 'B/s': {
        const split = this.bytes(value);
        return { figure: split.figure, unit: `${split.unit}/s` };
      }
      case 's':
        return value >= 60 ? { figure: this.duration(value), unit: '' } : { figure: this.plain(value), unit: this.unit('s') };
      case 'ms':
        return { figure: this.number(value, Math.abs(value) < 10 ? 1 : 0), unit };
      default: {
        const split = this.short(value);
        return { figure: split.figure, unit: joined(split.unit, this.unit(unit)) };
      }
    }
  }

  /** Whether values of a unit aren't told here: those of a currency (ISO 4217), where money is hidden. @param {string} unit */
  hides(unit) {
    return !this.money && CURRENCY.test(unit);
  }

  /** A unit as people say it: `1/min` is `/분`, `KRW` is `원`. @param {string} unit */
  unit(unit) {
    if (this.language === 'ko' && unit in KOREAN_UNITS) return KOREAN_UNITS[unit];
    return unit.startsWith('1/') ? unit.slice(1) : unit;
  }

  /** The same in one string. @param {number} value @param {string} unit @param {{binary?: boolean}} options */
  text(value, unit, options = {}) {
    const split = this.value(value, unit, options);
    const apart = /^[A-Za-z]/.test(split.unit) && !GLUED.has(split.unit.split(/[ /]/)[0]) ? ' ' : '';
    return split.unit ? `${split.figure}${apart}${split.unit}` : split.figure;
  }

  /** The value unrounded, for a title. @param {number} value @param {string} unit */
  full(value, unit) {
    if (!Number.isFinite(value)) return NONE;
    if (this.hides(unit)) return HIDDEN;
    return `${new Intl.NumberFormat(this.locale, { maximumFractionDigits: 6 }).format(value)}${unit ? ` ${unit}` : ''}`;
  }

  /** @param {number} at UTC ms */
  second(at) {
    return this.clock('second').format(at);
  }

  /** @param {number} at UTC ms */
  minute(at) {
    return this.clock('minute').format(at);
  }

  /** @param {number} at UTC ms */
  day(at) {
    return this.clock('day').format(at);
  }

  /** @param {number} at UTC ms */
  date(at) {
    return this.clock('date').format(at);
  }

  /** An instant within a span: with its date where the span is longer than a day. @param {number} at UTC ms @param {number} span ms */
  moment(at, span) {
    return span > DAY ? `${this.date(at)} ${this.minute(at)}` : this.second(at);
  }

  /** Milliseconds by which the wall clock of the time zone is ahead of UTC at an instant. @param {number} at */
  ahead(at) {
    const quarter = Math.floor(at / QUARTER);
    let ahead = this.aheads.get(quarter);
    if (ahead === undefined) {
      if (this.aheads.size > 500) this.aheads.clear();
      ahead = this.distance(quarter * QUARTER);
      this.aheads.set(quarter, ahead);
    }
    return ahead;
  }

  distance(at) {
    const part = Object.fromEntries(this.clock('parts').formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const wall = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
    return wall - at;
  }
}

/** A scale (만, M) and a unit behind it; Latin letters keep a space between. */
function joined(scale, unit) {
  return scale && /^[A-Za-z]/.test(unit) ? `${scale} ${unit}` : scale + unit;
}

function trim(text) {
  return text.replace(/([.,]\d*?)0+$/, '$1').replace(/[.,]$/, '');
}
