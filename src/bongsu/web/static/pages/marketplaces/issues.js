// What is wrong with marketplaces, connections and checks, for the sentence of the overview. Pure but for the words.
import { reasonOf } from './headline.js';
import { SIGN, troubled } from './states.js';

/**
 * @param {import('../../mount.js').Context} context @param {import('./reader.js').Reader} reader
 * @returns {import('../../alerts/issues.js').Issue[]}
 */
export function issues({ say, language }, reader) {
  return troubled(reader.all ?? []).map((one) => ({
    id: `${one.kind} ${one.name}`,
    page: 'marketplaces',
    state: SIGN[one.state],
    title: `${one.title[language]} ${say(`state.${one.state}`)}`,
    detail: reasonOf(one, say),
    since: one.since,
    longer: false,
    metric: `${one.kind}_up`,
    labels: { [one.kind]: one.name },
  }));
}
