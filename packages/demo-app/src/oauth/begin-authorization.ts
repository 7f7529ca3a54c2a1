import * as oauth from 'openid-client';
import { type AiRequest, buildAuthorizationDetails } from '../ai-request.js';
import type { Session } from '../session/session.js';
import { isOAuthError } from './is-oauth-error.js';
import type { OAuthClient } from './oauth-client.js';

/**
 * One browser may have this many authorization requests open, for instance in several tabs. A new one replaces the
 * oldest.
 */
const maxPendingAuthorizations = 5;

/**
 * Starts an authorization request: code flow with PKCE (RFC 7636), pushed over the back channel (RFC 9126). If the
 * server no longer knows our registration, the push fails. This app then registers again and repeats the push, so the
 * owner sees no error page.
 *
 * @returns the URL to send the browser to
 */
export async function beginAuthorization(client: OAuthClient, session: Session, request: AiRequest): Promise<URL> {
  const state = oauth.randomState();
  const codeVerifier = oauth.randomPKCECodeVerifier();
  const parameters = {
    redirect_uri: client.redirectUri,
    scope: request.scope.join(' '),
    authorization_details: buildAuthorizationDetails(request),
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  };
  const authorizationUrl = await pushAuthorizationRequest(client, parameters);

  const [oldestState] = session.pendingAuthorizations.keys();
  if (session.pendingAuthorizations.size >= maxPendingAuthorizations && oldestState !== undefined) {
    session.pendingAuthorizations.delete(oldestState);
  }
  session.pendingAuthorizations.set(state, { codeVerifier, scope: request.scope });
  return authorizationUrl;
}

async function pushAuthorizationRequest(client: OAuthClient, parameters: Record<string, string>): Promise<URL> {
  const configuration = await client.getConfiguration();
  try {
    return await oauth.buildAuthorizationUrlWithPAR(configuration, parameters);
  } catch (error) {
    if (!isOAuthError(error, 'invalid_client')) throw error;
    return oauth.buildAuthorizationUrlWithPAR(await client.replaceRegistration(configuration), parameters);
  }
}
