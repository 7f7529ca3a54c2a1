import { type Database, hashSecret } from '@aipassport/store';
import { countAttempt } from '@aipassport/store/authorization';
import { type Client, Provider } from 'oidc-provider';
import { isEqual } from '../text/is-equal.js';
import { orUnavailable, TooManyAttempts } from './errors.js';

const limit = 20;
const windowSeconds = 15 * 60;

/**
 * Makes oidc-provider compare hashes of client secrets, and limits guessing.
 *
 * Wrong ones are counted per client and address, so that nobody can lock a client out from elsewhere. The right one
 * is accepted even while its address is limited, which costs a guesser of random secrets nothing worth having, and
 * spares a client that shares its address with one.
 */
export function compareHashedSecrets(provider: Provider, db: Database): void {
  provider.Client.prototype.compareClientSecret = async function compareClientSecret(this: Client, secret: string) {
    if (this.clientSecret !== undefined && isEqual(hashSecret(secret), this.clientSecret)) return true;
    const ctx = Provider.ctx;
    const key = `client-secret:${this.clientId}:${ctx?.ip ?? ''}`;
    const verdict = await orUnavailable(countAttempt(db, { key, limit, windowSeconds }));
    if (verdict.allowed) return false;
    ctx?.set('Retry-After', String(verdict.retryAfterSeconds));
    throw new TooManyAttempts();
  };
}
