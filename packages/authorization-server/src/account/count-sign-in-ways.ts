import type { Database } from '@aipassport/store';
import { listIdentities, listPasskeys, type OwnerSession } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import type { Problem } from '../pages/problem.js';
import { message } from '../texts/texts.js';
import { findRelyingParty } from './passkey-ceremonies.js';

/** Shown when an owner removes the only way in which they can sign in. */
export const onlySignInWay: Problem = { field: undefined, message: message('signIn.onlyWay') };

/**
 * Counts the ways to sign in to an account: its password, its passkeys, and its identities elsewhere. Ways that cannot
 * be used now do not count, such as the identities at a provider that the operator has removed.
 * @param within `db` is a transaction in which the account is locked
 */
export async function countSignInWays(
  {
    db,
    configuration,
    identityClients,
  }: Pick<Dependencies, 'configuration' | 'identityClients'> & {
    readonly db: Database;
  },
  { accountId, hasPassword }: OwnerSession,
): Promise<number> {
  const passkeys = findRelyingParty(configuration) === undefined ? [] : await listPasskeys(db, accountId);
  const identities = await listIdentities(db, accountId);
  const usable = identityClients.providers.filter(({ issuer }) => identities.has(issuer));
  return (hasPassword ? 1 : 0) + passkeys.length + usable.length;
}
