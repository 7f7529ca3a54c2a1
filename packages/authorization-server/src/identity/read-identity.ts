import {
  AuthorizationResponseError,
  authorizationCodeGrant,
  type Configuration as Client,
  ClientError,
  fetchUserInfo,
  ResponseBodyError,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
  type UserInfoResponse,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import type { KeptRequest } from './kept-request.js';
import type { IdentityProvider } from './parse-identity-providers.js';
import { callbackUrl, freshSeconds } from './send-to-provider.js';

/** What the identity provider says about the person. */
export interface ProvenIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** undefined: none, or the provider has not verified it */
  readonly verifiedEmail: string | undefined;
  /** When the person signed in at the provider, in seconds since 1970; undefined: the provider does not say */
  readonly authenticatedAtSeconds: number | undefined;
}

/**
 * Redeems the code with which the browser came back, and verifies the ID token (OpenID Connect Core section 3.1.3).
 * @returns undefined when the person or the provider refused the sign-in
 * @throws Denied `identity_answer_invalid` or `identity_provider_unavailable`
 */
export async function readIdentity(
  deps: Dependencies,
  ctx: Context,
  { provider, kept }: { readonly provider: IdentityProvider; readonly kept: KeptRequest },
): Promise<ProvenIdentity | undefined> {
  const client = await deps.identityClients.getClient(provider);
  const url = new URL(callbackUrl(deps.configuration.issuer, provider));
  url.search = ctx.querystring;
  const checks = {
    pkceCodeVerifier: kept.codeVerifier,
    expectedState: kept.state,
    expectedNonce: kept.nonce,
    idTokenExpected: true,
  };
  try {
    const tokens = await authorizationCodeGrant(client, url, checks);
    const identity = await describeIdentity(client, tokens);
    if (kept.purpose === 'again') requireFresh(deps, identity);
    return identity;
  } catch (error) {
    if (error instanceof AuthorizationResponseError) return undefined;
    if (error instanceof Denied) throw error;
    const isAnswer = error instanceof ResponseBodyError || error instanceof ClientError;
    // The log gets the name and the code of the error. It gets no authorization code and no token.
    const problem = error instanceof Error ? error.name : 'unknown';
    const code = error instanceof ClientError ? error.code : undefined;
    deps.log.warn({ event: 'identity_answer_refused', provider: provider.name, problem, code });
    throw new Denied({ reason: isAnswer ? 'identity_answer_invalid' : 'identity_provider_unavailable' });
  }
}

/** The clocks of the two servers may differ by this much. */
const toleranceSeconds = 30;

/**
 * OpenID Connect Core section 3.1.3.7: the sign-in must not be older than this server asked for. If the provider does
 * not say when it happened, the caller decides.
 * @throws Denied `identity_answer_invalid`
 */
function requireFresh({ now }: Pick<Dependencies, 'now'>, { authenticatedAtSeconds }: ProvenIdentity): void {
  if (authenticatedAtSeconds === undefined) return;
  const ageSeconds = now().getTime() / 1_000 - authenticatedAtSeconds;
  if (ageSeconds > freshSeconds + toleranceSeconds) throw new Denied({ reason: 'identity_answer_invalid' });
}

async function describeIdentity(
  client: Client,
  tokens: TokenEndpointResponse & TokenEndpointResponseHelpers,
): Promise<ProvenIdentity> {
  const claims = tokens.claims();
  if (claims === undefined) throw new Denied({ reason: 'identity_answer_invalid' });
  const { iss: issuer, sub: subject, auth_time: authenticatedAtSeconds } = claims;
  // Some providers put the e-mail address into the ID token. Others return it only from the userinfo endpoint (OpenID
  // Connect Core section 5.4).
  const person = claims['email'] === undefined ? await readUserInfo(client, tokens.access_token, subject) : claims;
  const { email, email_verified: isVerified } = person;
  const verifiedEmail = typeof email === 'string' && isVerified === true ? email : undefined;
  return { issuer, subject, verifiedEmail, authenticatedAtSeconds };
}

/** @returns only the identifier when the provider has no userinfo endpoint, or refuses the token there */
async function readUserInfo(client: Client, accessToken: string, sub: string): Promise<UserInfoResponse> {
  if (client.serverMetadata().userinfo_endpoint === undefined) return { sub };
  try {
    return await fetchUserInfo(client, accessToken, sub);
  } catch (error) {
    if (error instanceof WWWAuthenticateChallengeError) return { sub };
    throw error;
  }
}
