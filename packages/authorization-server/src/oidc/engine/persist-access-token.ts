import { type Database, hashSecret } from '@aipassport/store';
import { insertAuditEvent, upsertArtifact } from '@aipassport/store/authorization';
import type { AccessToken, ClientCredentials, JWTStructured, KoaContextWithOIDC } from 'oidc-provider';
import { currentDatabase } from '../current-database.js';
import { orUnavailable } from '../errors.js';
import { requireReadable } from '../token-length.js';

/**
 * Stores each signed access token under its `jti`, just before it is signed. oidc-provider stores only opaque access
 * tokens, so it could neither introspect nor revoke signed ones.
 *
 * Assumption: a signed access token is not stored by oidc-provider itself.
 * Assumption: if formats.customizers.jwt rejects, no access token is issued.
 */
export function createAccessTokenPersister(pool: Database, kid: string) {
  return async (ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials, jwt: JWTStructured): Promise<void> => {
    if (token.kind !== 'AccessToken') throw new Error('only access tokens of a grant are issued');
    requireReadable(kid, jwt.payload);
    const { jti, kind, clientId, accountId, grantId, gty, aud, scope, extra, rar, jkt } = token;
    const { iat, exp } = jwt.payload;
    const payload = { kind, clientId, accountId, grantId, gty, aud, scope, extra, rar, jkt, iat, exp };
    const grantType = String(ctx.oidc.params?.['grant_type']);
    const db = currentDatabase(pool);
    const artifact = { model: kind, idHash: hashSecret(jti), payload, grantId, uid: undefined };
    await orUnavailable(upsertArtifact(db, { ...artifact, expiresInSeconds: token.expiration }));
    const event = { event: 'token_issued' as const, accountId, grantId, detail: { grant_type: grantType } };
    await orUnavailable(insertAuditEvent(db, clientId === undefined ? event : { ...event, clientId }));
  };
}
