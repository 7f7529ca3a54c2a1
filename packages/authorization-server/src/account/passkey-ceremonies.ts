import { isIP } from 'node:net';
import { isJsonObject } from '@aipassport/policy';
import { insertSignInChallenge, type NewSignInChallenge } from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { networkOf, requireFew } from './guessing-limits.js';

const lifetimeSeconds = 5 * 60;
/**
 * The limit on challenges for each IPv4 address or IPv6 /64. Each sign-in page that is opened asks for a challenge. A
 * stored challenge takes about 0.3 kB.
 */
const perNetwork = { limit: 1_000, windowSeconds: 10 * 60 };

/** This server as a relying party (WebAuthn). */
export interface RelyingParty {
  readonly id: string;
  readonly origin: string;
}

/**
 * @returns undefined where passkeys cannot be used, because browsers bind them to domain names and the issuer is an IP
 * address
 */
export function findRelyingParty({ issuer }: Pick<Configuration, 'issuer'>): RelyingParty | undefined {
  const { hostname, origin } = new URL(issuer);
  return isIP(hostname.replaceAll(/[[\]]/g, '')) === 0 ? { id: hostname, origin } : undefined;
}

/**
 * @throws Denied where passkeys cannot be used. The server's pages do not offer passkeys then, so the request comes
 * from an outdated page.
 */
export function getRelyingParty(configuration: Pick<Configuration, 'issuer'>): RelyingParty {
  const relyingParty = findRelyingParty(configuration);
  if (relyingParty === undefined) throw new Denied({ reason: 'form_outdated' });
  return relyingParty;
}

/**
 * Stores a challenge, so that it can be used once at any replica.
 * @throws Denied 429 when there were too many challenges for one network
 */
export async function keepChallenge(
  { db }: Pick<Dependencies, 'db'>,
  ctx: Context,
  challenge: Pick<NewSignInChallenge, 'kind' | 'value' | 'accountId'>,
): Promise<void> {
  await requireFew(db, { key: `passkey:address:${networkOf(ctx.ip)}`, ...perNetwork });
  await insertSignInChallenge(db, { ...challenge, lifetimeSeconds });
}

/** @returns the object that the text contains as JSON; undefined when the text is not a JSON object */
export function parseCredential(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs one of the checks of @simplewebauthn/server, which throws an error for every credential that it refuses. Such an
 * error may repeat its input, so it is dropped. An error of the database is thrown to the caller.
 * @param consume uses the challenge up, and says whether it was valid
 * @returns undefined when the credential was refused
 */
export async function checkCredential<T>(
  consume: (challenge: string) => Promise<boolean>,
  check: (expectedChallenge: (challenge: string) => Promise<boolean>) => Promise<T>,
): Promise<T | undefined> {
  const faults: unknown[] = [];
  const expectedChallenge = async (challenge: string) => {
    try {
      return await consume(challenge);
    } catch (error) {
      faults.push(error);
      return false;
    }
  };
  const result = await check(expectedChallenge).catch(() => undefined);
  for (const fault of faults) throw fault;
  return result;
}
