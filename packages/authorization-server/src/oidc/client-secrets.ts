import { type Database, hashSecret } from '@aipassport/store';
import { isPreviousClientSecret } from '@aipassport/store/authorization';
import type { Provider } from 'oidc-provider';
import { isEqual } from '../text/is-equal.js';
import { compareClientSecrets } from './engine/compare-client-secrets.js';
import { currentContext } from './engine/current-context.js';
import { orUnavailable, requireFewOf } from './errors.js';

const limit = 20;
const windowSeconds = 15 * 60;

/**
 * Makes oidc-provider compare hashes of client secrets, and limits guessing. A secret that was replaced may still work
 * for a while.
 *
 * Wrong secrets are counted for each client and IP address, so an attacker elsewhere cannot lock a client out. The
 * right secret is accepted even while the address is limited, because a client may share its address with an attacker.
 * That does not help the attacker: client secrets are random and too long to guess.
 */
export function compareHashedSecrets(provider: Provider, db: Database): void {
  compareClientSecrets(provider, async ({ clientId, clientSecret }, secret) => {
    const hash = hashSecret(secret);
    if (clientSecret !== undefined && isEqual(hash, clientSecret)) return true;
    if (await orUnavailable(isPreviousClientSecret(db, clientId, hash))) return true;
    const ctx = currentContext();
    const key = `client-secret:${clientId}:${ctx?.ip ?? ''}`;
    await requireFewOf('too_many_client_secrets', { db, ctx }, { key, limit, windowSeconds });
    return false;
  });
}
