import type { Database } from '@aipassport/store';
import { listIdentities, listPasskeys, type OwnerSession } from '@aipassport/store/authorization';

/** How many ways there are to sign in to an account: its password, its passkeys and its identities elsewhere. */
export async function countSignInWays(db: Database, { accountId, hasPassword }: OwnerSession): Promise<number> {
  const passkeys = await listPasskeys(db, accountId);
  const identities = await listIdentities(db, accountId);
  return (hasPassword ? 1 : 0) + passkeys.length + identities.size;
}
