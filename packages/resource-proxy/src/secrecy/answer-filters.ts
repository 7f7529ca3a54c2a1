import { LRUCache } from 'lru-cache';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import type { Secret } from '../secret.js';
import { AnswerFilter, type FindSecrets } from './answer-filter.js';
import { KeyFinder } from './key-finder.js';
import { listKeySpellings, spellName } from './key-spellings.js';

/** A finder takes 20 kB, and a twentieth of a millisecond to make. No longer than an opened key, so it keeps none. */
const kept = { max: 1_000, ttl: 60_000, ttlAutopurge: true };

/** Makes the filter for the answers to each request. What is looked for is worked out once for each key. */
export class AnswerFilters {
  readonly #finders = new LRUCache<Secret, FindSecrets>(kept);

  create({ key, kind }: Pick<ProviderKey, 'key' | 'kind'>, operationId: string): AnswerFilter {
    const known = this.#finders.get(key);
    // The word that the simulated upstream takes for a key is none.
    const findSecrets = known ?? createFinders(kind === 'simulated' ? '' : key.reveal());
    if (known === undefined) this.#finders.set(key, findSecrets);
    return new AnswerFilter(findSecrets, operationId === 'google.streamGenerateContent');
  }
}

/** A key's account is nearly always the same one: its finder is kept. */
function createFinders(key: string): FindSecrets {
  const spellings = listKeySpellings(key);
  const unnamed = new KeyFinder(spellings);
  let last: { readonly names: string; readonly finder: KeyFinder } | undefined;
  return (names) => {
    if (names.length === 0) return unnamed;
    const joined = names.join(' ');
    if (last?.names !== joined)
      last = { names: joined, finder: new KeyFinder([...spellings, ...names.map(spellName)]) };
    return last.finder;
  };
}
