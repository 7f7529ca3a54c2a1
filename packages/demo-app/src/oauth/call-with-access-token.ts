import * as oauth from 'openid-client';
import { type Connection, updateConnection } from './connection.js';
import { findOAuthErrorCode } from './is-oauth-error.js';
import type { OAuthClient } from './oauth-client.js';

/** The authorization server will issue no more tokens for this grant: revoked by its owner, or at its end. */
export class AccessEndedError extends Error {}

/** No usable answer to a renewal: whether the grant lives is not known. */
export class AuthorizationServerUnavailableError extends Error {}

/** Renewed this long before its end, so that a token does not expire on its way. */
const renewalMarginMilliseconds = 30_000;

/**
 * Makes a call with a valid access token. A 401 gets one renewal and one more try: a token can end early, and only
 * the authorization server knows whether the grant behind it did too.
 *
 * @throws AccessEndedError, AuthorizationServerUnavailableError, or what `call` throws
 */
export async function callWithAccessToken<T>(
  client: OAuthClient,
  connection: Connection,
  call: (accessToken: string) => Promise<T>,
): Promise<T> {
  if (connection.accessTokenExpiresAt.getTime() - Date.now() < renewalMarginMilliseconds) {
    await renewAccessToken(client, connection);
  }
  const accessToken = connection.accessToken;
  try {
    return await call(accessToken);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    if (connection.accessToken === accessToken) await renewAccessToken(client, connection);
    return call(connection.accessToken);
  }
}

/** Joins the renewal under way, if there is one. */
async function renewAccessToken(client: OAuthClient, connection: Connection): Promise<void> {
  connection.renewal ??= refresh(client, connection).finally(() => {
    connection.renewal = undefined;
  });
  return connection.renewal;
}

async function refresh(client: OAuthClient, connection: Connection): Promise<void> {
  if (connection.refreshToken === undefined) throw new AccessEndedError();
  try {
    const tokens = await oauth.refreshTokenGrant(await client.getConfiguration(), connection.refreshToken);
    updateConnection(connection, tokens, new Date());
  } catch (error) {
    const code = findOAuthErrorCode(error);
    // A client that is gone took its grants with it.
    if (code === 'invalid_grant' || code === 'invalid_client') throw new AccessEndedError(code, { cause: error });
    throw new AuthorizationServerUnavailableError(code, { cause: error });
  }
}

/** Both SDKs' errors, and our own, carry the HTTP status under this name. */
function isUnauthorized(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 401;
}
