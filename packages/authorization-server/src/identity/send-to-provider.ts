import {
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { type KeptRequest, keepRequest } from './kept-request.js';
import type { IdentityProvider } from './parse-identity-providers.js';

/** If the owner has to sign in again, their sign-in at the provider must not be older than this, in seconds. */
export const freshSeconds = 300;

/** The redirect URI that the operator registers at the provider. */
export function callbackUrl(issuer: string, { name }: IdentityProvider): string {
  return `${issuer}${formatPath(paths.identityCallback, name)}`;
}

/** Sends the browser to the identity provider. @throws Denied `identity_provider_unavailable` */
export async function sendToProvider(
  deps: Dependencies,
  ctx: Context,
  {
    provider,
    ...wanted
  }: Pick<KeptRequest, 'returnTo' | 'purpose' | 'timeZone'> & { readonly provider: IdentityProvider },
): Promise<void> {
  const client = await deps.identityClients.getClient(provider);
  const codeVerifier = randomPKCECodeVerifier();
  const request = { ...wanted, provider: provider.name, state: randomState(), nonce: randomNonce(), codeVerifier };
  const url = buildAuthorizationUrl(client, {
    redirect_uri: callbackUrl(deps.configuration.issuer, provider),
    scope: 'openid email',
    state: request.state,
    nonce: request.nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    // OpenID Connect Core section 3.1.2.1: the provider must ask for the sign-in again
    ...(wanted.purpose === 'again' || wanted.purpose === 'other' ? { prompt: 'login' } : {}),
    // and say when it happened
    ...(wanted.purpose === 'again' ? { max_age: String(freshSeconds) } : {}),
  });
  keepRequest(deps, ctx, request);
  seeOther(ctx, url.href);
}
