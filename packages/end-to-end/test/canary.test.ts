import { readFileSync } from 'node:fs';
import { authorizationMetrics } from '@aipassport/authorization-server/metrics';
import { proxyMetrics } from '@aipassport/resource-proxy/metrics';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JWK } from 'jose';
import { postChat, smallChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { dumpDatabase } from './harness/dump-database.js';
import { Owner } from './harness/owner.js';
import { readWholeOutput } from './harness/read-whole-output.js';
import { answerChat, answerJson, RecordingUpstream } from './harness/recording-upstream.js';
import { waitUntil } from './harness/wait-until.js';

/** Unique texts, which must not occur in a log line, in the database or in a refusal. */
const canary = {
  password: 'canary-password-quail-8141',
  wrongPassword: 'canary-wrong-password-heron-7720',
  providerKey: 'sk-proj-canary0key0sparrow0123456789abcdef',
  refusedKey: 'sk-canary0refused0key0finch0123456789 with a space',
  prompt: 'canary prompt: the wren sings at noon',
  malformedPrompt: 'canary malformed prompt: the owl is silent',
  completion: 'canary completion: so does the robin',
  upstreamError: 'canary upstream error: the magpie stole it',
};

let upstream: RecordingUpstream;
let deployment: Deployment;
/** The secrets by name. None of them may be found. */
const secrets = new Map<string, string>(Object.entries(canary));
/** The headers and the body of every refusal. */
const refusals: string[] = [];

async function keepRefusal(response: Response): Promise<void> {
  const text = await response.text();
  if (response.status < 400) throw new Error(`the request was not refused: ${response.status} ${text}`);
  refusals.push(`${JSON.stringify([...response.headers])} ${text}`);
}

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url, hasOperatorKeys: false, hasMetrics: true });
  await liveTheWholeStory();
}, 60_000);

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

async function liveTheWholeStory(): Promise<void> {
  const owner = await createOwner(deployment, canary.password);
  await failToSignIn(owner.credentials.email);
  await owner.addKey('openai', canary.providerKey);
  await owner.addKey('openai', canary.refusedKey);
  secrets.set('session cookie', /=([^;]+)/.exec(await owner.cookies())?.[1] ?? '');
  await useApiToken(owner);
  const client = await ClientApp.register(deployment, { authMethod: 'client_secret_basic' });
  secrets.set('client secret', String(client.configuration.clientMetadata().client_secret));

  const authorization = await client.beginAuthorization('openid model:gpt-4o-mini cap:chat');
  const callback = await owner.allow(authorization.url);
  const tokens = await client.finishAuthorization(authorization, callback);
  secrets.set('authorization code', callback.searchParams.get('code') ?? '');
  secrets.set('code verifier', authorization.codeVerifier);
  secrets.set('access token', tokens.access_token);
  secrets.set('refresh token', tokens.refresh_token ?? '');
  secrets.set('ID token', tokens.id_token ?? '');

  await callThroughEveryOutcome(tokens.access_token);
  const refreshed = await client.refresh(tokens.refresh_token ?? '');
  secrets.set('second access token', refreshed.access_token);
  secrets.set('second refresh token', refreshed.refresh_token ?? '');
  await failAtTheTokenEndpoint(client, tokens.refresh_token ?? '', callback.searchParams.get('code') ?? '');
  await withoutDatabase(refreshed.access_token, refreshed.refresh_token ?? '');
  const revoked = await connect(deployment, { owner });
  await revoked.client.revokeToken(revoked.accessToken);
  secrets.set('revoked access token', revoked.accessToken);
  await keepRefusal(await postChat(deployment.resourceProxyUrl, revoked.accessToken));
  await addServerSecrets();
}

async function failToSignIn(email: string): Promise<void> {
  const stranger = new Owner(deployment.issuer, { email, password: canary.wrongPassword });
  const { page } = await stranger.signIn();
  refusals.push(page.html);
}

async function useApiToken(owner: Owner): Promise<void> {
  const { page } = await owner.press((await owner.open('/account/tokens')).page, 'Create token', {
    fill: { name: 'Own' },
  });
  const token = page.document.querySelector('#new-token')?.text ?? '';
  secrets.set('API token', token);
  const ask = (path: string, headers = {}) => fetch(`${deployment.issuer}${path}`, { headers });
  expect((await ask('/api/account', { authorization: `Bearer ${token}` })).status).toBe(200);
  await keepRefusal(await ask('/api/account', { authorization: `Bearer ${token.slice(0, -1)}` }));
  await keepRefusal(await ask('/api/account', { authorization: `Basic ${token}` }));
  await keepRefusal(await ask(`/api/account/tokens?access_token=${token}`));
  await keepRefusal(await ask(`/api/account/${token}`));
  await keepRefusal(await postChat(deployment.resourceProxyUrl, token));
}

async function callThroughEveryOutcome(accessToken: string): Promise<void> {
  const url = deployment.resourceProxyUrl;
  const prompted = { ...smallChat, messages: [{ role: 'user', content: canary.prompt }] };
  upstream.behaviour = (_hit, response) =>
    answerJson(response, 200, { choices: [{ message: { role: 'assistant', content: canary.completion } }] });
  const answer = await postChat(url, accessToken, prompted);
  expect(await answer.text()).toContain(canary.completion);
  for (const status of [400, 401, 429, 500]) {
    upstream.behaviour = (_hit, response) =>
      answerJson(response, status, { error: { message: `key ${canary.providerKey}`, type: 'x', code: null } });
    await keepRefusal(await postChat(url, accessToken, prompted));
  }
  upstream.behaviour = (_hit, response) => response.destroy();
  await keepRefusal(await postChat(url, accessToken, prompted));
  upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(`not JSON: ${canary.upstreamError}`);
  };
  await (await postChat(url, accessToken, prompted)).text();
  upstream.behaviour = answerChat;
  await keepRefusal(await postChat(url, accessToken, { ...prompted, model: 'gpt-4o' }));
  // this field is left out, and the header must not contain its name
  const unknown = { ...prompted, [canary.malformedPrompt]: canary.malformedPrompt };
  expect((await postChat(url, accessToken, unknown)).headers.get('aipassport-dropped')).not.toContain(
    canary.malformedPrompt,
  );
  await keepRefusal(await postChat(url, `${accessToken}x`, prompted));
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  await keepRefusal(
    await fetch(`${url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: `{"model":"gpt-4o-mini","messages":"${canary.malformedPrompt}`,
    }),
  );
  for (const target of [`?key=${accessToken}`, `/${accessToken}`])
    await keepRefusal(
      await fetch(`${url}/openai/v1/chat/completions${target}`, { method: 'POST', headers, body: '{}' }),
    );
}

async function failAtTheTokenEndpoint(client: ClientApp, refreshToken: string, code: string): Promise<void> {
  const { client_id, client_secret } = client.configuration.clientMetadata();
  const common = { client_id, client_secret: String(client_secret) };
  const forms = [
    { ...common, grant_type: 'refresh_token', refresh_token: refreshToken, resource: 'https://elsewhere.example' },
    { ...common, grant_type: 'refresh_token', refresh_token: refreshToken, scope: 'model:gpt-4o' },
    { ...common, grant_type: 'refresh_token', refresh_token: refreshToken, client_secret: `${common.client_secret}x` },
    { client_id, grant_type: 'authorization_code', code, code_verifier: code, redirect_uri: client.redirectUri },
  ];
  for (const form of forms)
    await keepRefusal(
      await fetch(`${deployment.issuer}/token`, { method: 'POST', body: new URLSearchParams(Object.entries(form)) }),
    );
  const query = new URLSearchParams({ refresh_token: refreshToken, code });
  await keepRefusal(await fetch(`${deployment.issuer}/token?${query.toString()}`, { method: 'GET' }));
  await keepRefusal(await fetch(`${deployment.issuer}/no-such-page/${refreshToken}`));
  await keepRefusal(
    await fetch(`${deployment.issuer}/interaction/${refreshToken}`, { headers: { accept: 'text/html' } }),
  );
}

async function withoutDatabase(accessToken: string, refreshToken: string): Promise<void> {
  deployment.databaseLine.cut();
  await keepRefusal(await postChat(deployment.resourceProxyUrl, accessToken));
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'x' });
  await keepRefusal(await fetch(`${deployment.issuer}/token`, { method: 'POST', body: form }));
  deployment.databaseLine.heal();
  for (const url of [deployment.issuer, deployment.resourceProxyUrl])
    await waitUntil(async () => (await fetch(`${url}/health`)).ok, 'the servers are healthy again', 20_000);
}

/** Adds the secrets of the servers themselves. */
async function addServerSecrets(): Promise<void> {
  const { authorizationServer, audit, resourceProxy } = deployment.keyFiles;
  const { keys } = JSON.parse(readFileSync(authorizationServer.signingKeys, 'utf8')) as {
    readonly keys: readonly JWK[];
  };
  for (const [index, { d }] of keys.entries()) secrets.set(`signing key ${index}`, d ?? '');
  const cookieKeys = JSON.parse(readFileSync(authorizationServer.cookieKeys, 'utf8')) as readonly string[];
  for (const [index, key] of cookieKeys.entries()) secrets.set(`cookie key ${index}`, key);
  const auditKeys = JSON.parse(readFileSync(audit.keys, 'utf8')) as readonly string[];
  for (const [index, key] of auditKeys.entries()) secrets.set(`audit key ${index}`, key);
  secrets.set('sealing key', (JSON.parse(readFileSync(resourceProxy.sealingPrivateKey, 'utf8')) as JWK).d ?? '');
  secrets.set('secret of the proxy', deployment.proxyClient.secret);
}

/** A secret as text, in base64url, in hexadecimal, and encoded for a URL. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [secret, bytes.toString('base64url'), bytes.toString('hex'), encodeURIComponent(secret)];
}

function listFound(text: string): string[] {
  return [...secrets].filter(([, secret]) => formsOf(secret).some((form) => text.includes(form))).map(([name]) => name);
}

it('there are enough canaries, and each is long enough that it cannot occur by chance', () => {
  expect([...secrets].filter(([, secret]) => secret.length < 16)).toEqual([]);
  expect(secrets.size).toBeGreaterThan(20);
  expect(listFound(`... ${canary.prompt} ...`)).toEqual(['prompt']);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('G1: the servers’ output at debug level contains no key, password, code, token, secret, prompt or completion', async () => {
  const output = await readWholeOutput(deployment);
  for (const program of ['authorization-server', 'resource-proxy'])
    expect(output.split(`"program":"${program}"`).length).toBeGreaterThan(20);
  expect(listFound(output)).toEqual([]);
});

it('G1: the metrics contain no secret, no account and no client, and only what the tables of metrics have', async () => {
  const accounts = await deployment.db.selectFrom('accounts').select(['id', 'email']).execute();
  const clients = await deployment.db
    .selectFrom('clients')
    .select('id')
    .where('registered_by', '<>', 'operator')
    .execute();
  const names = [...accounts.flatMap(({ id, email }) => [id, email]), ...clients.map(({ id }) => id)];
  expect(names.length).toBeGreaterThan(2);
  for (const [replicas, table] of [
    [deployment.authorizationServers, authorizationMetrics],
    [deployment.resourceProxies, proxyMetrics],
  ] as const) {
    const texts = await Promise.all(replicas.map(async ({ metricsUrl = '' }) => (await fetch(metricsUrl)).text()));
    for (const text of texts) {
      expect(listFound(text)).toEqual([]);
      expect(names.filter((name) => text.includes(name))).toEqual([]);
      const served = [...text.matchAll(/^# TYPE (aipassport_\w+) /gm)].map(([, name]) => name);
      expect(new Set(served)).toEqual(new Set(Object.values(table).map(({ name }) => name)));
    }
    // the requests of these tests were counted
    expect(texts.join('')).toMatch(/^aipassport_\w+_requests_total\{.*\} [1-9]/m);
  }
});

it('K1 X3: no table of the database contains a secret, a prompt or a completion', async () => {
  const dump = await dumpDatabase(deployment.databaseUrl);
  expect(dump).toContain('consent_given');
  expect(listFound(dump)).toEqual([]);
});

it('S14: no refusal contains a secret, a stack trace or an SQL statement', () => {
  expect(refusals.length).toBeGreaterThan(20);
  for (const refusal of refusals) {
    expect(listFound(refusal)).toEqual([]);
    expect(refusal).not.toMatch(/\bat .+\.js:\d+|node_modules|select .+ from |insert into |postgres/i);
  }
});

it('every line that a server wrote is one JSON object with an event', async () => {
  const lines = (await readWholeOutput(deployment)).split('\n').filter((text) => text !== '');
  for (const line of lines) {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    expect([line, typeof parsed['event']]).toEqual([line, 'string']);
  }
});
