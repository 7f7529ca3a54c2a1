import * as oauth from 'openid-client';
import type { Deployment } from './deployment.js';

/** Introspects a token as the proxy does (RFC 7662). */
export async function introspect(
  { issuer, proxyClient: { id, secret } }: Pick<Deployment, 'issuer' | 'proxyClient'>,
  token: string,
): Promise<Record<string, unknown>> {
  const configuration = withIntrospection(
    issuer,
    new oauth.Configuration({ issuer }, id, secret, oauth.ClientSecretBasic(secret)),
  );
  return { ...(await oauth.tokenIntrospection(configuration, token)) };
}

/** Adds the introspection endpoint to a client's configuration, since the metadata does not name it. */
export function withIntrospection(issuer: string, client: oauth.Configuration): oauth.Configuration {
  const metadata = { issuer, introspection_endpoint: `${issuer}/introspect` };
  const { client_id: id, client_secret: secret } = client.clientMetadata();
  const authentication = secret === undefined ? oauth.None() : oauth.ClientSecretBasic(secret);
  const configuration = new oauth.Configuration(metadata, id, secret, authentication);
  oauth.allowInsecureRequests(configuration);
  return configuration;
}
