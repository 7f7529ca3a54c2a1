import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { errors } from 'oidc-provider';
import { describedDetails } from '../../src/oidc/engine/describe-refusal.js';
import { engineErrors } from '../../src/oidc/engine/engine-errors.js';
import { onRefusal } from '../../src/oidc/engine/on-refusal.js';
import { type BareProvider, redirectUri } from '../support/bare-provider.js';
import { postForm } from '../support/http.js';
import { makeProofKey, type ProofChanges, type ProofKey, prove } from '../support/proof.js';
import { canary, start } from './canary.js';

type Detail = keyof typeof describedDetails;

const now = () => Math.floor(Date.now() / 1_000);

/** For each detail of a refused client assertion: the claims or the header that lead to it. */
const wrongAssertions: Readonly<Partial<Record<Detail, ProofChanges>>> = {
  'expiration must be specified in the client_assertion JWT': { claims: { exp: undefined } },
  'unique jti (JWT ID) must be provided in the client_assertion JWT': { claims: { jti: undefined } },
  'iss (JWT issuer) must be provided in the client_assertion JWT': { claims: { iss: undefined } },
  'iss (JWT issuer) must be the client_id': { claims: { iss: 'someone' } },
  'sub (JWT subject) must be provided in the client_assertion JWT': { claims: { sub: undefined } },
  'aud (JWT audience) must be provided in the client_assertion JWT': { claims: { aud: undefined } },
  'audience (aud) must equal the endpoint url, issuer identifier or token endpoint url': { claims: { aud: 'x' } },
  'list of audience (aud) must include the endpoint url, issuer identifier or token endpoint url': {
    claims: { aud: ['x'] },
  },
  'jwt expired': { claims: { iat: now() - 120, exp: now() - 60 } },
  'jwt not active yet': { claims: { nbf: now() + 600 } },
  'no applicable key found in the JSON Web Key Set': { header: { kid: 'other' } },
};

interface Keyed {
  readonly bare: BareProvider;
  readonly clientId: string;
  readonly key: ProofKey;
}

/** Sends a token request that is authenticated with an assertion. */
async function assert(
  { bare, clientId, key }: Keyed,
  { claims = {}, header = {} }: ProofChanges = {},
): Promise<string> {
  const names = { iss: clientId, sub: clientId, aud: bare.url, jti: randomUUID() };
  const payload = { ...names, iat: now(), exp: now() + 60, ...claims };
  const assertion = await new SignJWT(payload as JWTPayload)
    .setProtectedHeader({ alg: key.algorithm, ...header } as JWTHeaderParameters)
    .sign(key.privateKey);
  await send(bare, assertion);
  return assertion;
}

const send = (bare: BareProvider, assertion: string) =>
  postForm(`${bare.url}/token`, {
    grant_type: 'authorization_code',
    code: 'x',
    redirect_uri: redirectUri,
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });

/** Sends the requests that are refused because of a client assertion. */
async function refuseAssertions(keyed: Keyed): Promise<void> {
  const { bare, clientId } = keyed;
  for (const change of Object.values(wrongAssertions)) await assert(keyed, change);
  await send(bare, new UnsecuredJWT({ sub: clientId }).encode());
  await assert({ ...keyed, key: await makeProofKey() });
  await send(bare, await assert(keyed));
  await postForm(`${bare.url}/token`, { grant_type: 'authorization_code', client_id: clientId });
}

/** Sends the requests that are refused because of a DPoP proof. */
async function refuseProofs(bare: BareProvider): Promise<void> {
  const metadata = { redirect_uris: [], response_types: [], grant_types: ['client_credentials'] };
  const { client_id: id, client_secret: secret } = await bare.register({ ...metadata, dpop_bound_access_tokens: true });
  const client = { client_id: String(id), client_secret: String(secret) };
  await postForm(`${bare.url}/token`, { grant_type: 'client_credentials', ...client });

  const [key, other] = [await makeProofKey(), await makeProofKey()];
  const authorize = () => bare.authorize(bare.newBrowser(), { dpop_jkt: key.thumbprint });
  await bare.redeem(await authorize());
  const headers = { ...bare.authorization, dpop: await prove(other, `${bare.url}/token`) };
  await postForm(`${bare.url}/token`, { ...bare.describeRedemption(await authorize()) }, headers);

  const { refresh_token: refreshToken } = await bare.redeem(await bare.authorize(bare.newBrowser()));
  const row = [...bare.rows.values()].findLast(({ kind }) => kind === 'RefreshToken');
  if (row !== undefined) row['jkt'] = key.thumbprint;
  await bare.post('/token', { grant_type: 'refresh_token', refresh_token: String(refreshToken) });
}

canary('the details of refused client assertions and DPoP proofs are those that are described', async () => {
  const details = new Set<string | undefined>();
  const dPoP = { enabled: true, nonceSecret: Buffer.alloc(32), requireNonce: () => false } as const;
  const bare = await start({
    configuration: { features: { registration: { enabled: true }, clientCredentials: { enabled: true }, dPoP } },
    prepare: (provider) => onRefusal(provider, (_endpoint, _ctx, { detail }) => void details.add(detail)),
  });
  const key = await makeProofKey();
  const method = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...key.publicJwk, kid: 'own' }] } };
  const { client_id: clientId } = await bare.register({ redirect_uris: [redirectUri], ...method });
  await refuseAssertions({ bare, clientId: String(clientId), key });
  await refuseProofs(bare);
  details.delete('authorization code not found');
  expect(details).toEqual(new Set(Object.keys(describedDetails)));
});

canary('the error classes that oidc-provider exports have the codes that are listed', async () => {
  /** These classes have no code of their own. */
  const general: readonly string[] = ['OIDCProviderError', 'CustomOIDCProviderError'];
  type ErrorClass = new (description: string) => { readonly error: string };
  const classes = Object.entries(errors).filter(([name]) => !general.includes(name));
  const codes = classes.map(([, one]) => new (one as unknown as ErrorClass)('any').error);
  expect(classes.length).toBeGreaterThan(30);
  expect([...new Set(codes)].toSorted()).toEqual([...engineErrors]);
});
