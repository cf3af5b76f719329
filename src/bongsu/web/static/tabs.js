// The pages as tabs: in the header on a desk, at the foot of a phone. The same links, told apart by the style sheet.
import { attribute, el, write } from './dom.js';
import { icon } from './icon.js';
import { PAGES } from './pages/index.js';

export class Tabs {
  /** @param {{href: (page: string) => string, go: (page: string) => void}} options */
  constructor({ href, go }) {
    this.links = PAGES.filter(({ aside }) => !aside).map(({ name, sign }) => {
      const label = document.createTextNode('');
      const count = el('b', { class: 'cnt', hidden: true });
      const link = el('a', {
        href: href(name), 'data-page': name,
        onclick: (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          go(name);
        },
      }, icon(sign), el('span', {}, label), count);
      return { name, link, label, count };
    });
    this.element = el('nav', { class: 'nav' }, ...this.links.map(({ link }) => link));
    this.href = href;
  }

  /** @param {import('./i18n.js').Say} say */
  name(say) {
    this.say = say;
    this.element.setAttribute('aria-label', say('nav'));
    for (const { name, label } of this.links) write(label, say(`nav.${name}`));
  }

  /** @param {string} page the one that is shown */
  mark(page) {
    for (const { name, link } of this.links) {
      attribute(link, 'aria-current', name === page ? 'page' : null);
      // Where not all tabs find room they scroll within their bar, and the shown one is seen.
      if (name === page && this.element.scrollWidth > this.element.clientWidth) link.scrollIntoView({ block: 'nearest', inline: 'center' });
      attribute(link, 'href', this.href(name));
    }
  }

  /** How many things wait for somebody on a page. @param {string} page @param {number} n */
  count(page, n) {
    const tab = this.links.find(({ name }) => name === page);
    if (!tab) return;
    tab.count.hidden = n === 0;
    tab.count.replaceChildren(el('span', { 'aria-hidden': 'true' }, n > 99 ? '99+' : String(n)), el('span', { class: 'hide' }, this.say ? this.say('nav.count', { n }) : ''));
  }
}
