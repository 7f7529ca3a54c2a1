import * as oauth from 'openid-client';
import { type Connection, updateConnection } from './connection.js';
import { findOAuthErrorCode } from './is-oauth-error.js';
import type { OAuthClient } from './oauth-client.js';

/** This app can get no more access tokens: the grant has ended or was revoked, or there is no refresh token. */
export class AccessEndedError extends Error {}

/** A renewal failed for another reason, so this app does not know whether the grant still exists. */
export class AuthorizationServerUnavailableError extends Error {}

/** A token is renewed this long before it expires, so that it does not expire during a request. */
const renewalMarginMilliseconds = 30_000;

/**
 * Makes a call with a valid access token. After a 401 it renews the token, unless another call has renewed the token
 * meanwhile. Then it repeats the call once. A token can end early, and only the authorization server knows whether its
 * grant ended too.
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

/** Renews the access token. If a renewal is already under way, waits for that one instead. */
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
    // `invalid_client`: this client was deleted, and its grants ended with it.
    if (code === 'invalid_grant' || code === 'invalid_client') throw new AccessEndedError(code, { cause: error });
    throw new AuthorizationServerUnavailableError(code, { cause: error });
  }
}

/** The errors of both SDKs, and our own, have the HTTP status in the member `status`. */
function isUnauthorized(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 401;
}
