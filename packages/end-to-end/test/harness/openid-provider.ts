import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Another server at which owners can sign in (OpenID Connect). It signs the same person in at once, without a page. */
export interface OpenIdProvider {
  /** The entry of `IDENTITY_PROVIDERS_FILE`. */
  readonly entry: Readonly<Record<'name' | 'label' | 'issuer' | 'client_id' | 'client_secret', string>>;
  /** The person who signs in next; undefined: someone who refuses. */
  person: { readonly sub: string; readonly email: string } | undefined;
  readonly close: () => Promise<void>;
}

const clientId = 'aipassport';

export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig', kid: '1' }];
  /** The claims of the ID token, by code. */
  const claims = new Map<string, Readonly<Record<string, unknown>>>();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const secret = 'secret-at-the-identity-provider-0123456789';
  const provider: OpenIdProvider = {
    entry: { name: 'elsewhere', label: 'Elsewhere', issuer, client_id: clientId, client_secret: secret },
    person: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return provider;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', issuer);
    const json = (body: unknown) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname === '/.well-known/openid-configuration') return void json(describe(issuer));
    if (pathname === '/jwks') return void json({ keys });
    if (pathname === '/authorize')
      return void response.writeHead(303, { location: authorize(searchParams).href }).end();
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const found = claims.get(new URLSearchParams(body).get('code') ?? '');
    const signed = new SignJWT({ ...found }).setProtectedHeader({ alg: 'RS256', kid: '1' });
    const idToken = await signed
      .setIssuer(issuer)
      .setAudience(clientId)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
    json({ access_token: 'unused', token_type: 'Bearer', expires_in: 60, id_token: idToken });
  }

  function authorize(asked: URLSearchParams): URL {
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('state', asked.get('state') ?? '');
    back.searchParams.set('iss', issuer);
    if (provider.person === undefined) back.searchParams.set('error', 'access_denied');
    else {
      const code = String(claims.size + 1);
      const nonce = asked.get('nonce') ?? undefined;
      const signedInAt = { auth_time: Math.floor(Date.now() / 1_000) };
      claims.set(code, { ...provider.person, ...signedInAt, email_verified: true, ...(nonce && { nonce }) });
      back.searchParams.set('code', code);
    }
    return back;
  }
}

function describe(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  };
}
