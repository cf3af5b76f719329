// Before the first paint: the theme and language chosen last time, else the browser's language where it is one of ours
// (the page comes in the language of the settings), and a wall without controls, so that nothing flashes. A plain script on purpose.
(() => {
  const { dataset } = document.documentElement;
  const kept = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };
  const asked = new URLSearchParams(location.search);
  const theme = asked.get('theme') || kept('bongsu.theme');
  if (theme === 'light' || theme === 'dark') dataset.theme = theme;
  const language = asked.get('lang') || kept('bongsu.language') || navigator.language.slice(0, 2);
  if (language === 'ko' || language === 'en') document.documentElement.lang = language;
  if (asked.has('kiosk')) {
    dataset.kiosk = '';
    const sheet = document.createElement('link');
    Object.assign(sheet, { rel: 'stylesheet', blocking: 'render', href: new URL('kiosk.css', document.currentScript.src).href });
    document.head.append(sheet);
  }
})();
