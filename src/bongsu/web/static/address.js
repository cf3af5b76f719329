// What the address says, and how it changes: `?page=alerts&alert=…`. Going to a page is a step of history, the rest isn't.

/** Kept from page to page; everything else belongs to the page that wrote it. */
const SHARED = ['lang', 'theme', 'range', 'until', 'money', 'kiosk', 'every'];

/** @param {URL} here @param {string} page @param {string} first the page that needs no name @param {Record<string, string>} [asked] */
export function addressOf(here, page, first, asked = {}) {
  const address = new URL(here.pathname, here);
  for (const name of SHARED) {
    const value = here.searchParams.get(name);
    if (value !== null) address.searchParams.set(name, value);
  }
  if (page !== first) address.searchParams.set('page', page);
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  return address;
}

/** The same address with one thing said otherwise. @param {URL} here @param {string} name @param {string | null} value null takes it away */
export function addressWith(here, name, value) {
  const address = new URL(here);
  if (value === null || value === '') address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  return address;
}
