import * as oauth from 'openid-client';
import type { Deployment } from './deployment.js';

/** Asks about a token as the proxy does (RFC 7662). */
export async function introspect(
  { issuer, proxyClient: { id, secret } }: Pick<Deployment, 'issuer' | 'proxyClient'>,
  token: string,
): Promise<Record<string, unknown>> {
  const configuration = await oauth.discovery(new URL(issuer), id, secret, oauth.ClientSecretBasic(secret), {
    execute: [oauth.allowInsecureRequests],
  });
  return { ...(await oauth.tokenIntrospection(configuration, token)) };
}
