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

/** For this long after its use, a repeat of a refresh token is taken for a lost answer and not for a theft. */
export const reuseGraceSeconds = 10;

/** These die with their grant: oidc-provider destroys the grant right beside them, and that removes them all at once. */
const boundToGrant: readonly string[] = ['AccessToken', 'AuthorizationCode', 'RefreshToken'];

/**
 * Keeps codes, tokens, sessions, interactions and pushed requests. Identifiers are stored as hashes, for they are
 * secrets of people and clients: a dump of the database redeems nothing.
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
      // oidc-provider ignores what this returns: of two requests at the same time the second must throw, or both win.
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
 * be opened for a minute only: its payload says so.
 * @param id SECRET
 */
function pushedRequest(id: string) {
  return { model: 'PushedAuthorizationRequest', idHash: hashSecret(id) };
}

/**
 * A denial consumes the pushed request as a consent does, which oidc-provider leaves out.
 * @param id SECRET
 */
export async function consumePushedRequest(db: Database, id: string): Promise<void> {
  await consumeArtifact(db, pushedRequest(id));
}

/** The identifier is in the row's key, as a hash; an interaction names the session whose cookie began it. */
function stripSecrets({ jti: _jti, ...payload }: AdapterPayload): Record<string, unknown> {
  if (payload.session === undefined) return payload;
  const { cookie: _cookie, ...session } = payload.session;
  return { ...payload, session };
}

/**
 * The one resource there is, in each spelling that is stored: with and without a slash at the end. Release 1 compares
 * them letter by letter with what a client names.
 */
function createResourceSpeller(resource: string) {
  const spellings = [resource, `${resource}/`];
  return (payload: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    payload['resource'] === undefined ? { ...payload } : { ...payload, resource: spellings };
}

/**
 * A consumed refresh token that is seen again makes oidc-provider revoke the grant. Within the grace it is not
 * reported: `consume` then refuses the repeat, which is given the first answer again (`refresh-tokens.ts`).
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
