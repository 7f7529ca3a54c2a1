import * as oauth from 'openid-client';
import type { Session } from '../session/session.js';
import { createConnection } from './connection.js';
import type { OAuthClient } from './oauth-client.js';

/** The answer does not belong to a request of this browser: its link is forged (RFC 9700 section 4.7) or old. */
export class UnknownStateError extends Error {}

/**
 * Takes the authorization response and redeems its code. openid-client checks `state` and `iss` (RFC 9207) before it
 * uses anything else in the response, even an error.
 *
 * @throws UnknownStateError, or what openid-client throws
 */
export async function finishAuthorization(client: OAuthClient, session: Session, query: string): Promise<void> {
  const answerUrl = new URL(client.redirectUri);
  answerUrl.search = query;
  const state = answerUrl.searchParams.get('state') ?? '';
  const pending = session.pendingAuthorizations.get(state);
  if (pending === undefined) throw new UnknownStateError();
  session.pendingAuthorizations.delete(state); // an answer is used once, even if the steps below fail

  const configuration = await client.getConfiguration();
  const tokens = await oauth.authorizationCodeGrant(configuration, answerUrl, {
    expectedState: state,
    pkceCodeVerifier: pending.codeVerifier,
  });
  session.connection = createConnection(tokens, pending.scope, new Date());
  session.conversation = [];
}
