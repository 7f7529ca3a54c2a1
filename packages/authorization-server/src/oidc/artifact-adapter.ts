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
import type { Adapter } from 'oidc-provider';
import { currentDatabase } from './current-database.js';
import { alreadyConsumed } from './engine/already-consumed.js';
import { endsWithGrant } from './engine/ends-with-grant.js';
import { readPushedRequestId } from './engine/find-pushed-request.js';
import { createResourceSpeller, stripSecrets } from './engine/stored-payload.js';
import { orUnavailable } from './errors.js';

/**
 * A second use of a refresh token within this time counts as a repeat after a lost answer, and not as a theft.
 */
export const reuseGraceSeconds = 10;

/**
 * Stores codes, tokens, sessions, interactions and pushed requests. Identifiers are secrets of people and clients, so
 * they are stored as hashes. An attacker who has a dump of the database can redeem nothing.
 */
export function createArtifactAdapter(pool: Database, model: string, resource: string): Adapter {
  const spell = createResourceSpeller(resource);
  const key = (id: string) => ({ model, idHash: hashSecret(id) });
  return {
    async upsert(id, payload, expiresInSeconds) {
      // An interaction names the grant that its client has already. The owner may end this grant while they decide, so
      // the interaction does not end with the grant.
      const grantId = model === 'Interaction' ? undefined : payload.grantId;
      const uid = model === 'Session' ? payload.uid : undefined;
      const artifact = { ...key(id), payload: spell(stripSecrets(payload)), grantId, uid, expiresInSeconds };
      await orUnavailable(upsertArtifact(currentDatabase(pool), artifact));
      const pushedRequestId = readPushedRequestId(payload);
      if (pushedRequestId !== undefined && expiresInSeconds !== undefined)
        await orUnavailable(keepArtifact(currentDatabase(pool), pushedRequest(pushedRequestId), expiresInSeconds));
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
      if (!(await orUnavailable(consumeArtifact(currentDatabase(pool), key(id))))) throw alreadyConsumed(model);
    },
    async destroy(id) {
      if (!endsWithGrant(model)) await orUnavailable(deleteArtifact(currentDatabase(pool), key(id)));
    },
    async revokeByGrantId() {
      // The artifacts of a grant are removed together with it, in one statement: see `endsWithGrant`.
    },
    async findByUserCode() {
      throw new Error('oidc-provider must not look up user codes: our own pages do that');
    },
  };
}

/**
 * The key of a pushed request. The row of the request is kept until all interactions that the request began have
 * expired, so that a tab that is opened later finds the request consumed. The request can still be opened for
 * one minute only, because the expiry inside its payload does not change.
 * @param id SECRET
 */
function pushedRequest(id: string) {
  return { model: 'PushedAuthorizationRequest', idHash: hashSecret(id) };
}

/**
 * Consumes a pushed request that has been answered. oidc-provider itself consumes it only when the owner consents, so a
 * denied request could be opened again.
 * @param id SECRET
 */
export async function consumePushedRequest(db: Database, id: string): Promise<void> {
  await consumeArtifact(db, pushedRequest(id));
}

/**
 * Whether oidc-provider sees the artifact as consumed. When oidc-provider finds a consumed refresh token, it revokes
 * the grant. Within the grace time, oidc-provider therefore sees the token as unused. `consume` then refuses the
 * repeat, and the client gets the first answer again (`refresh-tokens.ts`).
 */
function looksConsumed(model: string, { consumedForSeconds }: Artifact): boolean {
  if (consumedForSeconds === undefined) return false;
  return model !== 'RefreshToken' || consumedForSeconds > reuseGraceSeconds;
}
