import { type Database, hashSecret } from '@aipassport/store';
import { insertAuditEvent, upsertArtifact } from '@aipassport/store/authorization';
import type { AccessToken, ClientCredentials, JWTStructured, KoaContextWithOIDC } from 'oidc-provider';
import { currentDatabase } from '../current-database.js';
import { orUnavailable } from '../errors.js';
import { requireReadable } from '../token-length.js';

/**
 * oidc-provider does not store signed access tokens, and so can neither introspect nor revoke them. This runs before
 * each is signed, and stores it under its `jti` as an opaque one would be.
 *
 * Assumption: a signed access token is not stored by oidc-provider itself.
 * Assumption: if formats.customizers.jwt rejects, no access token is issued.
 */
export function createAccessTokenPersister(pool: Database, kid: string) {
  return async (ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials, jwt: JWTStructured): Promise<void> => {
    if (token.kind !== 'AccessToken') throw new Error('only access tokens of a grant are issued');
    requireReadable(kid, jwt.payload);
    const { jti, kind, clientId, accountId, grantId, gty, aud, scope, extra, rar } = token;
    const { iat, exp } = jwt.payload;
    const payload = { kind, clientId, accountId, grantId, gty, aud, scope, extra, rar, iat, exp };
    const grantType = String(ctx.oidc.params?.['grant_type']);
    const db = currentDatabase(pool);
    const artifact = { model: kind, idHash: hashSecret(jti), payload, grantId, uid: undefined };
    await orUnavailable(upsertArtifact(db, { ...artifact, expiresInSeconds: token.expiration }));
    const event = { event: 'token_issued', accountId, grantId, detail: { grant_type: grantType } };
    await orUnavailable(insertAuditEvent(db, clientId === undefined ? event : { ...event, clientId }));
  };
}
