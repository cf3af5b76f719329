// The words of a screen: one catalogue a language, the same keys in each.

export const LANGUAGES = ['ko', 'en'];

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Say */

/**
 * Loads a catalogue from beside this module: the frame's, or that of a page with words of its own.
 * @param {string} language @param {string} [page]
 * @returns {Promise<Record<string, string>>}
 */
export async function load(language, page) {
  const file = `${page ? `${page}.` : ''}${LANGUAGES.includes(language) ? language : 'ko'}.json`;
  const answer = await fetch(new URL(`./i18n/${file}`, import.meta.url));
  if (!answer.ok) throw new Error(`the words for ${language} could not be loaded: ${answer.status}`);
  return answer.json();
}

/**
 * Words by key; `{name}` is filled in. `key.one` is used where `n` is 1 and the catalogue has it.
 * @param {Record<string, string>} catalogue
 * @returns {Say}
 */
export function say(catalogue) {
  return (key, values) => {
    const text = (values?.n === 1 || values?.n === '1' ? catalogue[`${key}.one`] : undefined) ?? catalogue[key];
    if (text === undefined) throw new Error(`no words for ${key}`);
    return values ? text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? '')) : text;
  };
}
