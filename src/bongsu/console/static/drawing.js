// Draws one page of the board: where its modules, its figures and its socket are, the data say.

export async function draw(root, data, theme) {
  const { mount } = await import(`${location.origin}${data.board}/mount.js`);
  // What the view remembers of itself stays here: the address belongs to Streamlit.
  let kept = new URLSearchParams(location.search);
  const view = mount(root, {
    page: data.page,
    liveUrl: liveUrl(data),
    language: data.language,
    theme,
    heading: 'h1',
    origin: data.origin,
    asked: (name) => kept.get(name),
    remember: (name, value) => (value === null ? kept.delete(name) : kept.set(name, value)),
    onGo: (page, asked = {}) => {
      if (page !== data.page) {
        location.href = PAGES.has(page) ? `/?${new URLSearchParams({ page, ...asked })}` : '/';
        return;
      }
      kept = new URLSearchParams(asked);
      view.tell();
    },
  });
  return view;
}

/** Pages of the board that the console has under an address of their own. */
const PAGES = new Set(['alerts', 'data', 'settings']);

/** Where the socket is: behind a proxy as the settings say, else on the page's own host at the live port. */
export function liveUrl({ publicUrl, livePort, secure }, page = location) {
  if (publicUrl) return `${publicUrl.replace(/^http/, 'ws').replace(/\/$/, '')}/live`;
  return `${secure || page.protocol === 'https:' ? 'wss' : 'ws'}://${page.hostname}:${livePort}/live`;
}
