import { distance } from 'fastest-levenshtein';
import { fileVariables, plainVariables } from './variable-names.generated.js';
import type { ConfigurationWarning, Variables } from './warning.js';

/** The variables that our programs read, including those that name the file of a secret. */
export const knownVariables: ReadonlySet<string> = new Set([
  ...plainVariables,
  ...fileVariables,
  ...fileVariables.map((it) => `${it}_FILE`),
]);
/**
 * Our settings for AI providers, such as `ACME_API_KEY`. Their first words are not in `prefixes`, because settings of
 * other programs, such as `ACME_API_VERSION`, begin with the same words.
 */
const ofUpstreams = /_(?:API_KEY|BASE_URL)(?:_FILE)?$/;
/** The first two words of the names of our longer settings, and the name of this project. */
const prefixes: readonly string[] = [
  'AIPASSPORT_',
  ...new Set(
    [...knownVariables].flatMap((name) => {
      const [, prefix] = /^([A-Z]+_[A-Z]+_)[A-Z]/.exec(name) ?? [];
      return prefix === undefined || prefix === 'DATABASE_URL_' || ofUpstreams.test(name) ? [] : [prefix];
    }),
  ),
];
/** Variables that Kubernetes and Docker set. They begin with the name of a service, which the operator chooses. */
const ofServices = /_SERVICE_(?:HOST|PORT)(?:_\w+)?$|_PORT_\d+_(?:TCP|UDP)(?:_\w+)?$/;

/**
 * Finds variables that look like our settings but are misspelt: a wrong letter, word or case. No program reads them, so
 * a limit that the operator set may be missing.
 */
export function listMisspelt(variables: Variables): readonly ConfigurationWarning[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    if (!value || knownVariables.has(name) || ofServices.test(name)) return [];
    const plain = name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : '';
    if (plainVariables.includes(plain))
      return [
        { variables: [name], text: `${name} is not read: only secrets can be given as a file. Set ${plain} itself.` },
      ];
    const written = name.toUpperCase().replaceAll('-', '_');
    const meant = findNearest(written);
    if (meant !== undefined)
      return [
        { variables: [name], text: `${name} is set, but AIPassport has no such setting: did you mean ${meant}?` },
      ];
    if (!prefixes.some((prefix) => written.startsWith(prefix))) return [];
    return [
      { variables: [name], text: `${name} is set, but AIPassport has no such setting: see docs/configuration.md.` },
    ];
  });
}

/** Allows fewer wrong letters in a short name, because many other names are similar to a short one. */
function findNearest(written: string): string | undefined {
  const most = written.length >= 8 ? 2 : written.length >= 5 ? 1 : 0;
  let nearest: string | undefined;
  let least = most + 1;
  for (const name of knownVariables) {
    const away = distance(written, name);
    if (away < least) [nearest, least] = [name, away];
  }
  return nearest;
}
