// A Plotly figure that is redrawn in place: `st.plotly_chart` builds it anew at every refresh, which loses what was
// zoomed and what is under the pointer. Above it stand the buttons that save it as a picture or as a table.

import { pictureOf, save, tableOf } from './saving.js';

/** @typedef {{root: any, tools: HTMLElement, spec: string, whole: [string, string] | null, range: string, zoomed: boolean}} Entry */

/** @type {WeakMap<Node, Entry>} */
const drawn = new WeakMap();
/** @type {Promise<any> | null} */
let library = null;

/** @param {{data: any, parentElement: HTMLElement}} component */
export default async function figure({ data, parentElement }) {
  const Plotly = await load(data.plotly);
  let entry = drawn.get(parentElement);
  if (!entry) {
    entry = begin(parentElement);
    drawn.set(parentElement, entry);
  }
  entry.root.setAttribute('aria-label', data.alt);
  offer(Plotly, entry, data);
  if (entry.spec !== data.spec) {
    const first = entry.spec === '';
    entry.spec = data.spec;
    await redraw(Plotly, entry, JSON.parse(data.spec));
    if (first) follow(Plotly, entry);
  }
  return () => {
    if (drawn.get(parentElement) !== entry) return;
    drawn.delete(parentElement);
    Plotly.purge(entry.root);
    entry.root.remove();
    entry.tools.remove();
  };
}

/** @returns {Entry} */
function begin(parent) {
  const tools = document.createElement('div');
  tools.className = 'bongsu-tools';
  const root = document.createElement('div');
  root.className = 'bongsu-figure';
  root.setAttribute('role', 'img');
  parent.append(tools, root);
  return { root, tools, spec: '', whole: null, range: '', zoomed: false };
}

/** The buttons, in the words of the page. */
function offer(Plotly, { root, tools }, { words, file, csv }) {
  const picture = button(words.png, async () => {
    const address = await Plotly.toImage(root, { format: 'png', scale: 2, width: root.clientWidth, height: root.clientHeight });
    save(pictureOf(address), `${file}.png`);
  });
  const table = button(words.csv, () => save(new Blob([tableOf(root._fullData, words.time)], { type: 'text/csv;charset=utf-8' }), `${file}.csv`));
  tools.replaceChildren(picture, ...(csv ? [table] : []));
}

function button(text, run) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.onclick = run;
  return made;
}

/** The newest points over the section that was chosen; the whole range where none was, or another range was asked for. */
async function redraw(Plotly, entry, { data: traces, layout }) {
  entry.whole = layout.xaxis?.range ?? null;
  if (entry.range !== layout.uirevision) entry.zoomed = false;
  entry.range = layout.uirevision;
  if (entry.zoomed && entry.root.layout?.xaxis?.range) layout.xaxis.range = [...entry.root.layout.xaxis.range];
  await Plotly.react(entry.root, traces, layout, {
    responsive: true, displayModeBar: false, scrollZoom: false, doubleClick: false,
  });
}

/** Plotly's own double click returns to the range it knew first; ours to the one that is due now. */
function follow(Plotly, entry) {
  entry.root.on('plotly_relayout', (change) => {
    if ('xaxis.range[0]' in change) entry.zoomed = true;
  });
  entry.root.on('plotly_doubleclick', () => {
    entry.zoomed = false;
    Plotly.relayout(entry.root, entry.whole ? { 'xaxis.range': [...entry.whole] } : { 'xaxis.autorange': true });
  });
}

/** The library is a plain script: it leaves itself on the page. @param {string} address */
function load(address) {
  library ??= new Promise((done, failed) => {
    const script = document.createElement('script');
    script.src = address;
    script.onload = () => done(globalThis.Plotly);
    script.onerror = () => {
      library = null;
      script.remove();
      failed(new Error(`${address} could not be loaded`));
    };
    document.head.append(script);
  });
  return library;
}
