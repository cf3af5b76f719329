// A Plotly figure that is redrawn in place: `st.plotly_chart` builds it anew at every refresh, which loses what was
// zoomed and what is under the pointer.

/** @typedef {{root: any, spec: string, whole: [string, string], range: string, zoomed: boolean}} Entry */

/** @type {WeakMap<Node, Entry>} */
const drawn = new WeakMap();
/** @type {Promise<any> | null} */
let library = null;

/** @param {{data: {plotly: string, spec: string, alt: string}, parentElement: HTMLElement}} component */
export default async function figure({ data, parentElement }) {
  const Plotly = await load(data.plotly);
  let entry = drawn.get(parentElement);
  if (!entry) {
    const root = document.createElement('div');
    root.className = 'bongsu-figure';
    root.setAttribute('role', 'img');
    parentElement.append(root);
    entry = { root, spec: '', whole: ['', ''], range: '', zoomed: false };
    drawn.set(parentElement, entry);
  }
  entry.root.setAttribute('aria-label', data.alt);
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
  };
}

/** The newest points over the section that was chosen; the whole range where none was, or another range was asked for. */
async function redraw(Plotly, entry, { data: traces, layout }) {
  entry.whole = layout.xaxis.range;
  if (entry.range !== layout.uirevision) entry.zoomed = false;
  entry.range = layout.uirevision;
  if (entry.zoomed) layout.xaxis.range = [...entry.root.layout.xaxis.range];
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
    Plotly.relayout(entry.root, { 'xaxis.range': [...entry.whole] });
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
