import type { IncomingHttpHeaders } from 'node:http';
import { plainWord } from '../denials/plain-word.js';
import { withoutDate } from './require-known-tools.js';
import type { KindAdditions, PickedHeaders } from './upstream-api.js';

/**
 * Keeps only the betas in a header that the operator has added or that are known to be harmless. A harmless beta
 * changes the form of an answer, or allows a member of the body that this proxy checks. Other betas may reach stored
 * state, bill another account or raise the price.
 *
 * @param harmless the names of the harmless betas, without the dates of their releases
 */
export function pickBetas(
  header: string,
  headers: IncomingHttpHeaders,
  harmless: ReadonlySet<string>,
  { betas }: KindAdditions,
): PickedHeaders {
  const value = headers[header];
  if (typeof value !== 'string') return { headers: {}, dropped: [] };
  const asked = value
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => beta !== '');
  const isHarmless = (beta: string) => harmless.has(withoutDate(beta)) || betas.has(withoutDate(beta));
  const kept = asked.filter((beta) => plainWord(beta) !== undefined && isHarmless(beta));
  return {
    headers: kept.length === 0 ? {} : { [header]: kept.join(',') },
    dropped: asked.filter((beta) => !kept.includes(beta)).map((beta) => `${header}:${plainWord(beta) ?? '?'}`),
  };
}
