// Chart.js as its authors ship it, given a module's face: an import map would be an inline script.
import './chart.umd.min.js';
export default globalThis.Chart;
