// The few signs of the screens. Status is a shape as well as a colour: check, circle, triangle, square, question mark.
import { svg } from './dom.js';

const LINE = { fill: 'none', stroke: 'currentColor', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
/** @type {Record<string, [number, [string, object][]]>} */
const SIGNS = {
  ok: [12, [['path', { d: 'M2 6.4 4.8 9.2 10 3.4', ...LINE, 'stroke-width': 1.9 }]]],
  info: [12, [['circle', { cx: 6, cy: 6, r: 3.7, ...LINE, 'stroke-width': 1.8 }]]],
  warn: [12, [['path', { d: 'M6 1.6 11 10.4H1Z', fill: 'currentColor', stroke: 'currentColor', 'stroke-width': 1, 'stroke-linejoin': 'round' }]]],
  crit: [12, [['rect', { x: 1.5, y: 1.5, width: 9, height: 9, rx: 1.4, fill: 'currentColor' }]]],
  error: [12, [['path', { d: 'M6 .9 11.1 6 6 11.1.9 6Z', fill: 'currentColor', stroke: 'currentColor', 'stroke-width': 0.8, 'stroke-linejoin': 'round' }]]],
  unknown: [12, [
    ['path', { d: 'M3.6 4.3a2.4 2.4 0 1 1 3.5 2.1c-.8.4-1.1.9-1.1 1.5', ...LINE, 'stroke-width': 1.6 }],
    ['circle', { cx: 6, cy: 10.3, r: 1, fill: 'currentColor' }],
  ]],
  up: [12, [['path', { d: 'M6 10.2V2M2.6 5.2 6 1.8l3.4 3.4', ...LINE, 'stroke-width': 1.6 }]]],
  down: [12, [['path', { d: 'M6 1.8V10M2.6 6.8 6 10.2l3.4-3.4', ...LINE, 'stroke-width': 1.6 }]]],
  back: [12, [['path', { d: 'M7.6 2.2 3.8 6l3.8 3.8', ...LINE, 'stroke-width': 1.7 }]]],
  ahead: [12, [['path', { d: 'M4.4 2.2 8.2 6 4.4 9.8', ...LINE, 'stroke-width': 1.7 }]]],
  pause: [12, [['path', { d: 'M4 2.4v7.2M8 2.4v7.2', ...LINE, 'stroke-width': 1.8 }]]],
  play: [12, [['path', { d: 'M3.6 2.2v7.6L9.8 6Z', fill: 'currentColor', stroke: 'currentColor', 'stroke-width': 1, 'stroke-linejoin': 'round' }]]],
  theme: [16, [
    ['circle', { cx: 8, cy: 8, r: 5.6, ...LINE, 'stroke-width': 1.5 }],
    ['path', { d: 'M8 2.4a5.6 5.6 0 0 1 0 11.2Z', fill: 'currentColor' }],
  ]],
  retry: [16, [['path', { d: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.2v2.9h-2.9', ...LINE, 'stroke-width': 1.5 }]]],
  table: [16, [['path', { d: 'M2.5 3.5h11v9h-11ZM2.5 6.8h11M2.5 9.8h11M6.4 3.5v9', ...LINE, 'stroke-width': 1.3 }]]],
  chart: [16, [['path', { d: 'M2.5 2.5v11h11M4.5 10.2 7.2 7l2.2 2 4-4.6', ...LINE, 'stroke-width': 1.4 }]]],
  copy: [16, [['path', { d: 'M5.5 5.5h7v7h-7ZM10.5 5.5v-2h-7v7h2', ...LINE, 'stroke-width': 1.4 }]]],
  help: [16, [
    ['circle', { cx: 8, cy: 8, r: 5.8, ...LINE, 'stroke-width': 1.4 }],
    ['path', { d: 'M6.4 6.6a1.7 1.7 0 1 1 2.5 1.5c-.6.3-.9.7-.9 1.2', ...LINE, 'stroke-width': 1.3 }],
    ['circle', { cx: 8, cy: 11.1, r: 0.8, fill: 'currentColor' }],
  ]],
  home: [20, [['path', { d: 'M3 10.5 10 4l7 6.5M5.2 9v7h9.6V9', ...LINE, 'stroke-width': 1.5 }]]],
  host: [20, [['path', { d: 'M3.5 4h13v5h-13ZM3.5 11h13v5h-13ZM6.4 6.5h.1M6.4 13.5h.1', ...LINE, 'stroke-width': 1.5 }]]],
  bell: [20, [['path', { d: 'M5 13.5V9a5 5 0 0 1 10 0v4.5l1.2 1.5H3.8ZM8.3 17h3.4', ...LINE, 'stroke-width': 1.5 }]]],
  feed: [20, [['path', { d: 'M2.5 10.5h3l2.2-5.5 4 10 2.3-4.5h3.5', ...LINE, 'stroke-width': 1.5 }]]],
  chart20: [20, [['path', { d: 'M3 3.5v13h14M6 13l3.4-4.2 2.8 2.6 4.3-5.4', ...LINE, 'stroke-width': 1.5 }]]],
  shop: [20, [['path', { d: 'M4 7h12l-.8 9.5H4.8ZM7.2 7a2.8 2.8 0 0 1 5.6 0', ...LINE, 'stroke-width': 1.5 }]]],
  gear: [20, [
    ['circle', { cx: 10, cy: 10, r: 2.6, ...LINE, 'stroke-width': 1.5 }],
    ['path', { d: 'M10 2.8v2.4M10 14.8v2.4M2.8 10h2.4M14.8 10h2.4M4.9 4.9l1.7 1.7M13.4 13.4l1.7 1.7M15.1 4.9l-1.7 1.7M6.6 13.4l-1.7 1.7', ...LINE, 'stroke-width': 1.5 }],
  ]],
  link: [20, [['path', { d: 'M8.6 11.4a3 3 0 0 0 4.2 0l2.6-2.6a3 3 0 0 0-4.2-4.2L10 5.8M11.4 8.6a3 3 0 0 0-4.2 0l-2.6 2.6a3 3 0 0 0 4.2 4.2L10 14.2', ...LINE, 'stroke-width': 1.5 }]]],
};

const SIZES = { 12: 'i', 16: 'i16', 20: 'i20' };

/** @param {string} name one of SIGNS */
export function icon(name) {
  const [size, parts] = SIGNS[name];
  const sign = svg('svg', { class: SIZES[size], viewBox: `0 0 ${size} ${size}`, 'aria-hidden': 'true', 'data-sign': name });
  for (const [tag, attributes] of parts) sign.append(svg(tag, attributes));
  return sign;
}
