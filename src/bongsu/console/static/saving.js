// What is saved of a figure: its lines as a table, and files handed to the browser.

/** Spreadsheets take a file for UTF-8 only with this in front. */
const MARK = '\ufeff';
/** A cell that begins so would be run as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * The lines of a figure as CSV: a row a moment, a column a line; of a heat map a row a moment, a column a row.
 * @param {any[]} traces as Plotly holds them @param {string} time the heading of the moments
 */
export function tableOf(traces, time) {
  const columns = traces.flatMap(columnsOf);
  const places = new Map();
  for (const { at } of columns) for (const moment of at) places.set(moment, true);
  const moments = [...places.keys()].sort();
  const values = columns.map(({ at, value }) => new Map(at.map((moment, i) => [moment, value[i]])));
  const rows = moments.map((moment) => [moment.replace('T', ' '), ...values.map((of) => number(of.get(moment)))]);
  const head = [time, ...columns.map(({ name }) => name)];
  return MARK + [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

function columnsOf({ type, x, y, z, customdata, name }) {
  const at = Array.from(x ?? [], String);
  if (type === 'heatmap') return Array.from(y, (row, i) => ({ name: String(row), at, value: Array.from((customdata ?? z)[i]) }));
  if (!at.length || x[0] === null || x[0] === undefined) return [];
  return [{ name: plain(name ?? ''), at, value: Array.from(y ?? []) }];
}

/** A line's name without the marks of HTML that Plotly reads. */
function plain(text) {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

function number(value) {
  return value === null || value === undefined || Number.isNaN(value) ? '' : String(value);
}

function cell(text) {
  const safe = FORMULA.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** A `data:` address as a file: the page's policy lets nothing be fetched from one. @param {string} address */
export function pictureOf(address) {
  const bytes = Uint8Array.from(atob(address.slice(address.indexOf(',') + 1)), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: 'image/png' });
}

/** @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
