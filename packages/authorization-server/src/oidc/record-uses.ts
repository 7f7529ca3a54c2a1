import { type Database, hashSecret } from '@aipassport/store';
import { recordUse } from '@aipassport/store/authorization';
import type { Provider } from 'oidc-provider';
import { currentDatabase, currentState } from './current-database.js';
import { detectReplays } from './engine/detect-replays.js';
import { orUnavailable } from './errors.js';
import { maxSecondsAhead } from './proof-time.js';

/**
 * Makes each client assertion and each DPoP proof usable once, at all replicas together.
 *
 * A proof is recorded in the transaction of its token request, so an error removes the record. A stranger therefore
 * cannot fill the database with proofs of requests that fail. A proof of a failed request can be used again, because
 * nothing was issued for it. A thief gains nothing by repeating it: the tokens would be bound to the key of the proof,
 * which the thief does not have.
 *
 * A client assertion is recorded at once, because oidc-provider checks it before the transaction begins. So it cannot
 * be used again even if the request fails. It is recorded only if its signature is right, so only the client can add
 * such records.
 */
export function recordUses(provider: Provider, pool: Database, now: () => Date): void {
  detectReplays(provider, async ({ clientId, identifier, expiresAt }) => {
    const idHash = hashSecret(JSON.stringify([clientId, identifier]));
    const state = currentState();
    // A refresh may run oidc-provider's handler twice (see `refresh-tokens.ts`). The second run has the same proof, and
    // this does not count as a repeat.
    if (state?.recordedUses?.has(idHash)) return true;
    const seconds = Math.ceil((expiresAt.getTime() - now().getTime()) / 1_000) + maxSecondsAhead;
    const isFirst = await orUnavailable(recordUse(currentDatabase(pool), { idHash, expiresInSeconds: seconds }));
    if (isFirst && state !== undefined) state.recordedUses = new Set([...(state.recordedUses ?? []), idHash]);
    return isFirst;
  });
}
