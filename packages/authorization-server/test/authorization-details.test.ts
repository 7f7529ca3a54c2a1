import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deviceGrantType, exchangeGrantType } from '../src/oidc/offered.js';
import {
  addClient,
  buildRequest,
  callEndpoint,
  connect,
  obtainCode,
  requestAuthorization,
  type TestClient,
  type Tokens,
  usualScope,
} from './support/client.js';
import { json } from './support/http.js';
import { createOwner, getLastGrant, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
let client: TestClient;
let tokens: Tokens;
beforeAll(async () => {
  server = await startTestServer();
  owner = await createOwner(server);
  const grants = { grant_types: ['authorization_code', 'refresh_token', deviceGrantType, exchangeGrantType] };
  client = await addClient(server, { metadata: grants });
  tokens = await connect(server, owner.browser, client);
});
afterAll(() => server.close());

type Refusal = readonly [error: unknown, description: unknown];

const post = async (path: string, form: Readonly<Record<string, string>>): Promise<Refusal> => {
  const answer = json(await callEndpoint(`${server.issuer}${path}`, client, form));
  return [answer['error'], answer['error_description']];
};

/** Sends a request with these `authorization_details` to each place that takes them. */
const senders: Readonly<Record<string, (details: string) => Promise<Refusal>>> = {
  '/authorize': async (authorization_details) => {
    const { page, error } = await requestAuthorization(server, client, { authorization_details });
    return [error, page.url.searchParams.get('error_description')];
  },
  '/authorize, for an update of a grant': async (authorization_details) => {
    const { id } = await getLastGrant(server, owner);
    const update = { grant_management_action: 'update', grant_id: id, scope: '', authorization_details };
    const { page, error } = await requestAuthorization(server, client, update);
    return [error, page.url.searchParams.get('error_description')];
  },
  '/par': async (authorization_details) => {
    const { url } = await buildRequest(server, client, { authorization_details });
    return post('/par', Object.fromEntries(url.searchParams));
  },
  '/device_authorization': (authorization_details) =>
    post('/device_authorization', { scope: usualScope, authorization_details }),
  '/token, for a code': async (authorization_details) => {
    const { code, codeVerifier } = await obtainCode(server, owner.browser, client);
    const redirect = { redirect_uri: client.redirectUri, code_verifier: codeVerifier };
    return post('/token', { grant_type: 'authorization_code', code, ...redirect, authorization_details });
  },
  '/token, for a refresh': (authorization_details) =>
    post('/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, authorization_details }),
  '/token, for an exchange': (authorization_details) =>
    post('/token', {
      grant_type: exchangeGrantType,
      subject_token: tokens.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      authorization_details,
    }),
};

const wrong: readonly (readonly [members: object, description: string])[] = [
  [{ models: ['gpt-4o', '"><script>'] }, 'authorization_details[1].models[1] must be a known model'],
  [
    { capabilities: ['fly'] },
    'authorization_details[1].capabilities[0] must be one of chat, embeddings, images, audio, code, files, tools.web',
  ],
  [{ max_requests: -1 }, 'authorization_details[1].max_requests must be a whole number from 1 to 1000000000'],
  [{ expires_in: 1 }, 'authorization_details[1].expires_in must be a whole number of seconds from 60 to 31536000'],
  [
    { '"><script>': 1 },
    'authorization_details[1] must have no other members than type, models, capabilities, expires_in, reason, max_cost_usd, max_requests, ' +
      'max_cost_usd_per_month, max_cost_usd_per_day, max_requests_per_minute, max_tokens_per_minute, max_streams',
  ],
];

const noMember = wrong.at(-1)?.[1].replace('authorization_details[1] ', '');
const wrongStructure: readonly (readonly [details: string, description: string])[] = [
  ['[{"type":"ai_access"}', 'authorization_details must be a JSON array of objects'],
  ['{"type":"ai_access"}', 'authorization_details must be a JSON array of objects'],
  ['[{"type":"ai_access"},"<script>"]', 'authorization_details[1] must be an object'],
  ['[{"type":"ai_access"},null]', 'authorization_details[1] must be an object'],
  ['[{"type":"ai_access"},{"max_requests":5}]', 'authorization_details[1].type must be ai_access'],
  ['[{"type":""}]', 'authorization_details[0].type must be ai_access'],
  ['[{"type":["ai_access"]}]', 'authorization_details[0].type must be ai_access'],
  ['[{"type":"<script>"}]', 'authorization_details[0].type must be ai_access'],
  ['[{"type":"ai_access","locations":"<script>"}]', `authorization_details[0] ${noMember}`],
  ['[{"type":"ai_access"},{"type":"ai_access","identifier":5}]', `authorization_details[1] ${noMember}`],
];

describe.each(Object.keys(senders))('%s', (place) => {
  it.each(wrongStructure)(
    'names what is wrong with the structure of %s, and repeats no value',
    async (details, words) => {
      expect(await senders[place]?.(details)).toEqual(['invalid_authorization_details', words]);
    },
  );

  it.each(wrong)(
    'names the wrong member of %j and the allowed values, and repeats no value',
    async (members, words) => {
      const details = [
        { type: 'ai_access', max_requests: 5 },
        { type: 'ai_access', ...members },
      ];
      expect(await senders[place]?.(JSON.stringify(details))).toEqual(['invalid_authorization_details', words]);
    },
  );
});

it('the authorization_details of a pushed request apply, and those sent together with its request_uri are ignored', async () => {
  const { url } = await buildRequest(server, client, { authorization_details: '[{"type":"ai_access"}]' });
  const pushed = json(await callEndpoint(`${server.issuer}/par`, client, Object.fromEntries(url.searchParams)));
  const { page, error } = await requestAuthorization(server, client, {
    request_uri: String(pushed['request_uri']),
    authorization_details: '{',
  });
  expect([error, page.status]).toEqual([null, 200]);
});

it('an empty list of details asks for nothing more than the scope', async () => {
  const { page, error } = await requestAuthorization(server, client, { authorization_details: '[]' });
  expect([error, page.status]).toEqual([null, 200]);
});
