import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { exchangeGrantType, grantTypes } from '../src/oidc/offered.js';
import { assertClient } from './support/assertion.js';
import { addClient, authenticate, buildRequest, decide, redeem, type TestClient } from './support/client.js';
import { json, postForm, send } from './support/http.js';
import { makeIdTokenKeys } from './support/id-token-key.js';
import { createOwner, type Owner } from './support/owner.js';
import { makeProofKey, type ProofKey } from './support/proof.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
let client: TestClient;
let key: ProofKey;
let metadata: Readonly<Record<string, unknown>>;
beforeAll(async () => {
  server = await startTestServer({ configuration: { idTokenKeys: await makeIdTokenKeys() } });
  owner = await createOwner(server);
  client = await addClient(server, { metadata: { grant_types: grantTypes } });
  key = await makeProofKey();
  metadata = json(await send(`${server.issuer}/.well-known/openid-configuration`));
});
afterAll(() => server.close());

const values = (member: string) => metadata[member] as readonly string[];
const usable = 'model:gpt-4o-mini cap:chat';

/** Sends one request to `/authorize` and to `/par`. @returns the error of each; undefined when there is none */
async function ask(parameters: Readonly<Record<string, string>>): Promise<readonly (string | undefined)[]> {
  const request = await buildRequest(server, client, parameters);
  const page = await owner.browser.open(request.url);
  const { fields, headers } = authenticate(client);
  const pushed = await postForm(
    `${server.issuer}/par`,
    { ...Object.fromEntries(request.url.searchParams), ...fields },
    headers,
  );
  const error = page.url.searchParams.get('error') ?? (page.status === 200 || page.status === 303 ? undefined : 'page');
  return [error, json(pushed)['error'] as string | undefined];
}

/** A client with `private_key_jwt` registers its key too. */
async function register(members: { readonly token_endpoint_auth_method?: string; readonly [member: string]: unknown }) {
  const isKeyed = members.token_endpoint_auth_method === 'private_key_jwt';
  const keys = isKeyed ? { jwks: { keys: [key.publicJwk] } } : {};
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ redirect_uris: ['https://app.example/cb'], ...keys, ...members });
  const answer = await send(`${server.issuer}/register`, { method: 'POST', headers, body });
  return { status: answer.status, ...json(answer) };
}

it('/authorize and /par accept every published value of a request parameter', async () => {
  const cases: readonly Readonly<Record<string, string>>[] = [
    ...values('response_types_supported').map((response_type) => ({ response_type })),
    ...values('response_modes_supported').map((response_mode) => ({ response_mode })),
    ...values('code_challenge_methods_supported').map((code_challenge_method) => ({ code_challenge_method })),
    ...values('prompt_values_supported')
      .filter((prompt) => prompt !== 'none')
      .map((prompt) => ({ prompt })),
    ...values('authorization_details_types_supported').map((type) => ({
      authorization_details: JSON.stringify([{ type }]),
    })),
  ];
  for (const parameters of cases)
    expect([parameters, await ask(parameters)]).toEqual([parameters, [undefined, undefined]]);
  expect(await ask({ prompt: 'none', scope: 'model:gpt-5 cap:images' })).toEqual(['consent_required', undefined]);
});

it('/authorize, /par and /register accept every published scope', async () => {
  // The number of requests of an account is limited, so each request has several scope tokens.
  const tokens = [...values('scopes_supported')];
  while (tokens.length > 0) {
    const scope = tokens.splice(0, 20).join(' ');
    expect([scope, await ask({ scope })]).toEqual([scope, [undefined, undefined]]);
  }
  const all = values('scopes_supported').join(' ');
  expect(await register({ scope: all })).toMatchObject({ status: 201, scope: all });
});

it('/register accepts every published value of client metadata, and answers with the same value', async () => {
  const cases = [
    ...values('token_endpoint_auth_methods_supported').map((value) => ({ token_endpoint_auth_method: value })),
    ...values('revocation_endpoint_auth_methods_supported').map((value) => ({ token_endpoint_auth_method: value })),
    ...values('id_token_signing_alg_values_supported').map((value) => ({ id_token_signed_response_alg: value })),
    ...values('subject_types_supported').map((value) => ({ subject_type: value })),
    { grant_types: values('grant_types_supported') },
    { response_types: values('response_types_supported') },
    { response_modes: values('response_modes_supported') },
    { authorization_details_types: values('authorization_details_types_supported') },
  ];
  for (const members of cases)
    expect([members, await register(members)]).toEqual([members, expect.objectContaining({ status: 201, ...members })]);
});

it('/token, /par and /revoke accept every published method of client authentication', async () => {
  for (const method of values('token_endpoint_auth_methods_supported')) {
    const registered = await register({ token_endpoint_auth_method: method });
    const { client_id: id, client_secret: secret } = registered as { client_id?: string; client_secret?: string };
    const app = { id: String(id), secret: method === 'client_secret_basic' ? secret : undefined };
    const secretInForm = method === 'client_secret_post' ? { client_secret: String(secret) } : {};
    const caller = { ...app, redirectUri: 'https://app.example/cb' };
    const { fields, headers } = authenticate(caller);
    for (const [path, form, error] of [
      ['/token', { grant_type: 'refresh_token', refresh_token: 'x' }, 'invalid_grant'],
      ['/par', { response_type: 'code' }, 'invalid_request'],
      ['/revoke', { token: 'x' }, undefined],
    ] as const) {
      const inForm = method === 'private_key_jwt' ? await assertClient(server, { client: caller, key }) : secretInForm;
      const answer = await postForm(`${server.issuer}${path}`, { ...form, ...fields, ...inForm }, headers);
      expect([method, path, json(answer)['error']]).toEqual([method, path, error]);
    }
  }
});

it('/token accepts every published grant type, and the ID token has every published claim', async () => {
  const request = await buildRequest(server, client, { scope: `openid ${usable}`, max_age: '3600' });
  const back = await decide(owner.browser, request, 'allow');
  const code = back.url.searchParams.get('code') ?? '';
  const tokens = json(await redeem(server, client, { code, codeVerifier: request.codeVerifier }));
  const claims = JSON.parse(
    Buffer.from(String(tokens['id_token']).split('.')[1] ?? '', 'base64url').toString(),
  ) as object;
  for (const claim of values('claims_supported')) expect(Object.keys(claims)).toContain(claim);
  for (const grant_type of values('grant_types_supported')) {
    const { fields, headers } = authenticate(client);
    const secrets = {
      code: 'x',
      code_verifier: 'x'.repeat(43),
      refresh_token: 'x',
      device_code: 'x',
      subject_token: 'x',
    };
    const form = { grant_type, ...secrets, ...fields };
    const answer = await postForm(`${server.issuer}/token`, form, headers);
    const errors: Record<string, string | undefined> = {
      client_credentials: undefined,
      [exchangeGrantType]: 'invalid_request',
    };
    const error = grant_type in errors ? errors[grant_type] : 'invalid_grant';
    expect([grant_type, json(answer)['error']]).toEqual([grant_type, error]);
  }
});
