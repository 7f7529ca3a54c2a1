import { type Database, hashSecret } from '@aipassport/store';
import {
  type Artifact,
  consumeArtifact,
  deleteArtifact,
  findArtifact,
  findArtifactByUid,
  keepArtifact,
  upsertArtifact,
} from '@aipassport/store/authorization';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { currentDatabase } from './current-database.js';
import { AlreadyConsumed, orUnavailable } from './errors.js';

/**
 * A refresh token that is used again within this time is taken as the repeat after a lost answer, and not as a theft.
 */
export const reuseGraceSeconds = 10;

/**
 * These models end with their grant. oidc-provider destroys the grant at the same time, and that removes all of them at
 * once.
 */
const boundToGrant: readonly string[] = ['AccessToken', 'AuthorizationCode', 'RefreshToken'];

/**
 * Keeps codes, tokens, sessions, interactions and pushed requests. Identifiers are secrets of people and clients, so
 * they are stored as hashes. With a dump of the database, nothing can be redeemed.
 */
export function createArtifactAdapter(pool: Database, model: string, resource: string): Adapter {
  const spell = createResourceSpeller(resource);
  const key = (id: string) => ({ model, idHash: hashSecret(id) });
  return {
    async upsert(id, payload, expiresInSeconds) {
      const { grantId } = payload;
      const uid = model === 'Session' ? payload.uid : undefined;
      const artifact = { ...key(id), payload: spell(stripSecrets(payload)), grantId, uid, expiresInSeconds };
      await orUnavailable(upsertArtifact(currentDatabase(pool), artifact));
      const { parJti } = payload;
      if (typeof parJti === 'string' && expiresInSeconds !== undefined)
        await orUnavailable(keepArtifact(currentDatabase(pool), pushedRequest(parJti), expiresInSeconds));
    },
    async find(id) {
      const artifact = await orUnavailable(findArtifact(currentDatabase(pool), key(id)));
      if (artifact === undefined) return undefined;
      return { ...spell(artifact.payload), jti: id, ...(looksConsumed(model, artifact) ? { consumed: true } : {}) };
    },
    async findByUid(uid) {
      const artifact = await orUnavailable(findArtifactByUid(currentDatabase(pool), { model, uid }));
      return artifact?.payload;
    },
    async consume(id) {
      // oidc-provider ignores the result. Of two simultaneous requests, the second must therefore throw, or both would
      // succeed.
      if (!(await orUnavailable(consumeArtifact(currentDatabase(pool), key(id))))) throw alreadyConsumed(model);
    },
    async destroy(id) {
      if (!boundToGrant.includes(model)) await orUnavailable(deleteArtifact(currentDatabase(pool), key(id)));
    },
    async revokeByGrantId() {
      // Removed together with the grant, in one statement: see `boundToGrant`.
    },
    async findByUserCode() {
      throw new Error('there is no device flow');
    },
  };
}

/**
 * A pushed request is kept for as long as each interaction that it began, so that a later tab finds it consumed. It can
 * be opened for one minute only, because its payload contains an earlier expiry.
 * @param id SECRET
 */
function pushedRequest(id: string) {
  return { model: 'PushedAuthorizationRequest', idHash: hashSecret(id) };
}

/**
 * Consumes the pushed request when the owner denies it. oidc-provider does this only for a consent.
 * @param id SECRET
 */
export async function consumePushedRequest(db: Database, id: string): Promise<void> {
  await consumeArtifact(db, pushedRequest(id));
}

/**
 * Removes identifiers that are secret. The artifact's own is in the row's key, as a hash. An interaction also contains
 * the cookie of the session in which it began.
 */
function stripSecrets({ jti: _jti, ...payload }: AdapterPayload): Record<string, unknown> {
  if (payload.session === undefined) return payload;
  const { cookie: _cookie, ...session } = payload.session;
  return { ...payload, session };
}

/**
 * Stores the one resource in both spellings, with and without a slash at the end. Release 1 compares them character by
 * character with the resource that a client names.
 */
function createResourceSpeller(resource: string) {
  const spellings = [resource, `${resource}/`];
  return (payload: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    payload['resource'] === undefined ? { ...payload } : { ...payload, resource: spellings };
}

/**
 * Whether oidc-provider is told that the artifact is consumed. When it finds a consumed refresh token, it revokes the
 * grant. Within the grace it is not told: `consume` then refuses the repeat, which gets the first answer again
 * (`refresh-tokens.ts`).
 */
function looksConsumed(model: string, { consumedForSeconds }: Artifact): boolean {
  if (consumedForSeconds === undefined) return false;
  return model !== 'RefreshToken' || consumedForSeconds > reuseGraceSeconds;
}

function alreadyConsumed(model: string): errors.OIDCProviderError {
  return model === 'PushedAuthorizationRequest'
    ? new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used')
    : new AlreadyConsumed();
}
