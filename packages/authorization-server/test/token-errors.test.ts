import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  addClient,
  authenticate,
  connect,
  introspect,
  obtainCode,
  redirectUri,
  type TestClient,
  type Tokens,
} from './support/client.js';
import { type Answer, basic, encodeForm, type FormFields, json, postForm, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { resourceProxyUrl, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
let other: TestClient;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  // With several redirect URIs, a request must name one.
  client = await addClient(server, { redirectUris: [redirectUri, 'https://app.example/second'] });
  other = await addClient(server);
  owner = await createOwner(server);
});
afterAll(() => server.close());

/** A valid request with an unused code or with a refresh token. */
const honest = {
  code: async () => {
    const { code, codeVerifier } = await obtainCode(server, owner.browser, client);
    return {
      grant_type: 'authorization_code',
      code,
      code_verifier: codeVerifier,
      redirect_uri: client.redirectUri,
    };
  },
  'refresh token': async () => {
    const { refresh_token } = await connect(server, owner.browser, client);
    return { grant_type: 'refresh_token', refresh_token };
  },
};

const token = (form: FormFields, headers?: Record<string, string>) => {
  const authentication = authenticate(client);
  return postForm(`${server.issuer}/token`, form, headers ?? authentication.headers);
};

type Wrong = (form: Readonly<Record<string, string>>) => Promise<Answer>;
const changing =
  (changes: FormFields): Wrong =>
  (form) =>
    token({ ...form, ...changes });

/** The ways in which both kinds of request can be wrong, each with the error or the status of the answer. */
const wrong: Readonly<Record<string, readonly [error: string | number, Wrong]>> = {
  'another resource': ['invalid_target', changing({ resource: 'https://other.example/' })],
  'another resource in addition to ours': [
    'invalid_target',
    changing({ resource: [resourceProxyUrl, 'https://other.example'] }),
  ],
  'a resource that is not a URI': ['invalid_target', changing({ resource: 'nothing' })],
  'authorization_details that are not JSON': [
    'invalid_authorization_details',
    changing({ authorization_details: '[{' }),
  ],
  'authorization_details of an unknown type': [
    'invalid_authorization_details',
    changing({ authorization_details: '[{"type":"payment"}]' }),
  ],
  'authorization_details that are malformed': [
    'invalid_authorization_details',
    changing({ authorization_details: '[{"type":"ai_access","max_requests":-1}]' }),
  ],
  'another client': ['invalid_grant', (form) => token(form, basic(other.id, other.secret ?? ''))],
  'a wrong secret': ['invalid_client', (form) => token(form, basic(client.id, 'wrong'))],
  'an unknown client': ['invalid_client', (form) => token(form, basic('nobody', 'x'))],
  'no authentication': ['invalid_request', (form) => token(form, {})],
  'a secret that is missing': ['invalid_client', (form) => token({ ...form, client_id: client.id }, {})],
  'two ways to authenticate': ['invalid_request', changing({ client_id: 'x', client_secret: 'y' })],
  'an unknown grant type': ['unsupported_grant_type', changing({ grant_type: 'password' })],
  'a grant type that is given twice': [
    'invalid_request',
    (form) => token({ ...form, grant_type: [form['grant_type'] ?? '', form['grant_type'] ?? ''] }),
  ],
  'a method that is not served': [
    405,
    (form) => send(`${server.issuer}/token?${encodeForm(form)}`, { headers: authenticate(client).headers }),
  ],
  'another content type': [
    'invalid_request',
    (form) =>
      send(`${server.issuer}/token`, {
        method: 'POST',
        headers: { ...authenticate(client).headers, 'content-type': 'application/json' },
        body: JSON.stringify(form),
      }),
  ],
};

/** Ways in which only a code or only a refresh token can be wrong. */
const wrongOf: Readonly<Record<keyof typeof honest, typeof wrong>> = {
  code: {
    'another redirect URI': ['invalid_grant', changing({ redirect_uri: 'https://app.example/other' })],
    'no redirect URI': ['invalid_request', changing({ redirect_uri: '' })],
    'another verifier': ['invalid_grant', changing({ code_verifier: 'b'.repeat(43) })],
    'a verifier that is malformed': ['invalid_request', changing({ code_verifier: 'short' })],
    'a code that is given twice': ['invalid_request', (form) => token({ ...form, code: ['x', form['code'] ?? ''] })],
    'no verifier': ['invalid_grant', changing({ code_verifier: '' })],
  },
  'refresh token': {
    'a scope that is given twice': ['invalid_request', changing({ scope: ['cap:chat', 'cap:chat'] })],
    'characters that no scope has': ['invalid_scope', changing({ scope: 'model:"' })],
    'more scope than was granted': ['invalid_scope', changing({ scope: 'cap:images' })],
  },
};

// The ids at the beginning of titles are rows of docs/security.md.
it.each(Object.keys(honest) as (keyof typeof honest)[])(
  'T15: an error changes nothing: after any invalid request, a %s can still be used',
  async (kind) => {
    const form = await honest[kind]();
    for (const [name, [expected, send]] of Object.entries({ ...wrong, ...wrongOf[kind] })) {
      const answer = await send(form);
      const error = typeof expected === 'number' ? answer.status : json(answer)['error'];
      expect({ name, error }).toEqual({ name, error: expected });
    }
    const answer = await token(form);
    expect(answer.status).toBe(200);
    const { access_token } = JSON.parse(answer.text) as Tokens;
    expect(await introspect(server, access_token)).toMatchObject({ active: true });
  },
);

it('T15: after a failure while tokens are made, none of them is stored', async () => {
  const form = await honest['refresh token']();
  const count = async () => {
    const { rows } = await server.db
      .selectFrom('artifacts')
      .select(({ fn }) => fn.countAll<bigint>().as('rows'))
      .executeTakeFirstOrThrow();
    return rows;
  };
  const before = await count();
  expect(json(await token({ ...form, resource: 'https://other.example/' }))['error']).toBe('invalid_target');
  expect(await count()).toBe(before);
});
