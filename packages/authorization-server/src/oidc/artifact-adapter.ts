import { type Database, hashSecret } from '@aipassport/store';
import {
  type Artifact,
  consumeArtifact,
  deleteArtifact,
  findArtifact,
  findArtifactByUid,
  upsertArtifact,
} from '@aipassport/store/authorization';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { orUnavailable } from './errors.js';

/** For this long after its use, a repeat of a refresh token is taken for a lost answer and not for a theft. */
const reuseGraceSeconds = 10;

/** These die with their grant: oidc-provider destroys the grant right beside them, and that removes them all at once. */
const boundToGrant: readonly string[] = ['AccessToken', 'AuthorizationCode', 'RefreshToken'];

/**
 * Keeps codes, tokens, sessions, interactions and pushed requests. Identifiers are stored as hashes, for they are
 * secrets of people and clients: a dump of the database redeems nothing.
 */
export function createArtifactAdapter(db: Database, model: string): Adapter {
  const key = (id: string) => ({ model, idHash: hashSecret(id) });
  return {
    async upsert(id, payload, expiresInSeconds) {
      const { grantId } = payload;
      const uid = model === 'Session' ? payload.uid : undefined;
      await orUnavailable(
        upsertArtifact(db, { ...key(id), payload: stripSecrets(payload), grantId, uid, expiresInSeconds }),
      );
    },
    async find(id) {
      const artifact = await orUnavailable(findArtifact(db, key(id)));
      return (
        artifact && { ...artifact.payload, jti: id, ...(looksConsumed(model, artifact) ? { consumed: true } : {}) }
      );
    },
    async findByUid(uid) {
      const artifact = await orUnavailable(findArtifactByUid(db, { model, uid }));
      return artifact?.payload;
    },
    async consume(id) {
      // oidc-provider ignores what this returns: of two requests at the same time the second must throw, or both win.
      if (!(await orUnavailable(consumeArtifact(db, key(id))))) throw alreadyConsumed(model);
    },
    async destroy(id) {
      if (!boundToGrant.includes(model)) await orUnavailable(deleteArtifact(db, key(id)));
    },
    async revokeByGrantId() {
      // Removed together with the grant, in one statement: see `boundToGrant`.
    },
    async findByUserCode() {
      throw new Error('there is no device flow');
    },
  };
}

/** The identifier is in the row's key, as a hash; an interaction names the session whose cookie began it. */
function stripSecrets({ jti: _jti, ...payload }: AdapterPayload): Record<string, unknown> {
  if (payload.session === undefined) return payload;
  const { cookie: _cookie, ...session } = payload.session;
  return { ...payload, session };
}

/**
 * A consumed refresh token that is seen again makes oidc-provider revoke the grant. Within the grace it is not
 * reported: `consume` then refuses the repeat, and the grant lives. Codes have no grace (RFC 6749 section 4.1.2).
 */
function looksConsumed(model: string, { consumedForSeconds }: Artifact): boolean {
  if (consumedForSeconds === undefined) return false;
  return model !== 'RefreshToken' || consumedForSeconds > reuseGraceSeconds;
}

function alreadyConsumed(model: string): errors.OIDCProviderError {
  return model === 'PushedAuthorizationRequest'
    ? new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used')
    : new errors.InvalidGrant({ detail: 'already consumed' });
}
