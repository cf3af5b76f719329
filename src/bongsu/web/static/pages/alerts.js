// The alerts: what fires now, worst first.
import { el } from '../dom.js';
import { AlertsPanel } from '../panels/alerts.js';

/** @param {import('../mount.js').Context} context @returns {import('./index.js').Built} */
export function build(context) {
  const panel = new AlertsPanel(context);
  return { elements: [el(context.heading, { class: 'hide' }, context.say('page.alerts')), el('div', { class: 'grid' }, panel.element)], parts: [panel] };
}
