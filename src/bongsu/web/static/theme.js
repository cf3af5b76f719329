// Light or dark: follows the system until somebody chooses; the choice is kept in this browser.

const KEY = 'bongsu.theme';

/** @returns {'light' | 'dark'} what is shown now */
export function shownTheme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** The other one from now on. @returns {'light' | 'dark'} */
export function switchTheme() {
  const theme = shownTheme() === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is forbidden here: the choice lasts as long as the page.
  }
  return theme;
}
