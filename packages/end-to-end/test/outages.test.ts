import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { revokeGrant } from '@aipassport/store/authorization';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, decodeProtectedHeader, exportJWK, generateKeyPair, type JWK } from 'jose';
import { chatStatus, postChat, smallChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import type { Owner } from './harness/owner.js';
import { readSpecified } from './harness/read-specified.js';
import { answerChat, RecordingUpstream, streamForever } from './harness/recording-upstream.js';
import { waitUntil } from './harness/wait-until.js';
import { watchStream } from './harness/watch-stream.js';

/** The time for new connections to be made on a busy machine. */
const healingMilliseconds = 20_000;
/** The time for a program to start. */
const startMilliseconds = 30_000;

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;
let client: ClientApp;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
  client = await ClientApp.register(deployment);
});

beforeEach(() => {
  upstream.behaviour = answerChat;
  upstream.hits.length = 0;
});

afterEach(async () => {
  deployment.databaseLine.heal();
  for (const replica of [...deployment.authorizationServers, ...deployment.resourceProxies])
    await waitUntil(
      async () => (await replica.fetch(`${replica.url}/health`)).ok,
      'every server is ready again',
      healingMilliseconds,
    );
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

// The ids at the beginning of titles are rows of docs/security.md.
it('S10: while the database is unavailable every server answers 503 with Retry-After, forwards nothing, and recovers without a restart', async () => {
  const { accessToken, tokens } = await connect(deployment, { owner, client });
  for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, accessToken)).toBe(200);
  upstream.hits.length = 0;
  deployment.databaseLine.cut();
  for (const replica of deployment.resourceProxies) {
    const refused = await postChat(replica.url, accessToken);
    expectUnavailable(refused);
    await readSpecified(refused, 'resource-proxy', 'POST /openai/v1/chat/completions');
    expectUnavailable(await replica.fetch(`${replica.url}/health`));
    expectUnavailable(
      await replica.fetch(`${replica.url}/v1/grant`, { headers: { authorization: `Bearer ${accessToken}` } }),
    );
  }
  const refresh = {
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token ?? '',
    client_id: client.clientId,
  };
  for (const replica of deployment.authorizationServers) {
    const refused = await replica.fetch(`${deployment.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams(refresh),
    });
    expectUnavailable(refused);
    await readSpecified(refused, 'authorization-server', 'POST /token');
    expectUnavailable(await replica.fetch(`${deployment.issuer}/health`));
    const headers = { cookie: await owner.cookies(), accept: 'text/html' };
    expectUnavailable(await replica.fetch(`${deployment.issuer}/account/apps`, { headers }));
  }
  expect(upstream.hits).toEqual([]);
  deployment.databaseLine.heal();
  for (const { url } of deployment.resourceProxies)
    await waitUntil(
      async () => (await chatStatus(url, accessToken)) === 200,
      'the proxy admits again',
      healingMilliseconds,
    );
  // The refused request did not use the refresh token, so the token can still be redeemed.
  await waitUntil(
    async () => (await fetch(`${deployment.issuer}/health`)).ok,
    'the authorization server answers again',
    healingMilliseconds,
  );
  expect((await client.refresh(tokens.refresh_token ?? '')).refresh_token).toEqual(expect.any(String));
});

it.each(['cut', 'silence'] as const)(
  'S10: servers that start before their database can be reached (%s) wait for it, refuse all requests meanwhile, and then serve',
  async (fault) => {
    const { accessToken, tokens } = await connect(deployment, { owner, client });
    const [issuer, proxy] = [deployment.authorizationServers[0], deployment.resourceProxies[0]];
    if (issuer === undefined || proxy === undefined) throw new Error('there is no server');
    const starting = [issuer, proxy];
    for (const replica of starting) await replica.stop();
    const written = starting.map((replica) => replica.output().length);
    deployment.databaseLine[fault]();
    const started = Promise.all(starting.map((replica) => replica.start()));
    for (const replica of starting) {
      const health = async () => (await replica.fetch(`${replica.url}/health`).catch(() => undefined))?.status;
      await waitUntil(async () => (await health()) === 503, 'it listens', startMilliseconds);
      expectUnavailable(await replica.fetch(`${replica.url}/health`));
    }
    const refused = await postChat(proxy.url, accessToken);
    expectUnavailable(refused);
    await readSpecified(refused, 'resource-proxy', 'POST /openai/v1/chat/completions');
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token ?? '',
      client_id: client.clientId,
    });
    const unrefreshed = await issuer.fetch(`${deployment.issuer}/token`, { method: 'POST', body });
    expectUnavailable(unrefreshed);
    await readSpecified(unrefreshed, 'authorization-server', 'POST /token');
    expect(upstream.hits).toEqual([]);
    // This is longer than the limit for one attempt to connect, so an attempt has failed before the database is back.
    await sleep(3_500);
    deployment.databaseLine.heal();
    await started;
    starting.forEach((replica, index) =>
      expect(replica.output().slice(written[index])).toContain('"event":"database_awaited"'),
    );
    await waitUntil(async () => (await chatStatus(proxy.url, accessToken)) === 200, 'it serves', healingMilliseconds);
  },
);

it('W1: servers with an unusable schema stay live, say what they need, refuse all requests, and serve when the schema is usable', async () => {
  const { accessToken } = await connect(deployment, { owner, client });
  const starting = [deployment.authorizationServers[1], deployment.resourceProxies[1]].flatMap((one) => one ?? []);
  for (const replica of starting) await replica.stop();
  const rename = (from: string, to: string) => deployment.db.schema.alterTable(from).renameTo(to).execute();
  await rename('migrations', 'migrations_of_yesterday');
  const started = Promise.all(starting.map((replica) => replica.start()));
  const pids: number[] = [];
  try {
    for (const replica of starting) {
      const read = async (check: string) => replica.fetch(`${replica.url}/health/${check}`).catch(() => undefined);
      await waitUntil(async () => (await read('live'))?.status === 200, 'it is live', startMilliseconds);
      pids.push(replica.pid);
      const says = async () => (await read('ready'))?.text();
      await waitUntil(async () => (await says())?.includes('migration') === true, 'it says so', startMilliseconds);
      expectUnavailable(await replica.fetch(`${replica.url}/health/ready`));
      expectUnavailable(await replica.fetch(`${replica.url}/.well-known/oauth-protected-resource`));
    }
    const refused = await postChat(starting[1]?.url ?? '', accessToken);
    expectUnavailable(refused);
    await readSpecified(refused, 'resource-proxy', 'POST /openai/v1/chat/completions');
  } finally {
    await rename('migrations_of_yesterday', 'migrations');
  }
  await started;
  expect(starting.map(({ pid }) => pid)).toEqual(pids);
  await waitUntil(
    async () => (await chatStatus(starting[1]?.url ?? '', accessToken)) === 200,
    'it serves',
    healingMilliseconds,
  );
});

it('S10: while the database does not answer, requests are refused within seconds, and nothing is forwarded', async () => {
  const { accessToken } = await connect(deployment, { owner, client });
  expect(await chatStatus(deployment.resourceProxies[0]?.url ?? '', accessToken)).toBe(200);
  upstream.hits.length = 0;
  deployment.databaseLine.silence();
  const startedAt = performance.now();
  const refused = await postChat(deployment.resourceProxies[0]?.url ?? '', accessToken);
  expectUnavailable(refused);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(upstream.hits).toEqual([]);
});

it('a stream continues during a short loss of the database, and a revocation during that time ends it afterwards', async () => {
  upstream.behaviour = streamForever(5);
  const { accessToken, grantId } = await connect(deployment, { owner, client });
  const response = await postChat(deployment.resourceProxies[1]?.url ?? '', accessToken, {
    ...smallChat,
    stream: true,
  });
  const { begun, ended } = watchStream(response);
  await begun;
  deployment.databaseLine.cut();
  expect(await chatStatus(deployment.resourceProxies[1]?.url ?? '', accessToken)).toBe(503);
  await revokeGrant(deployment.db, { grantId, reason: 'operator', revokedBy: 'operator' });
  const isOver = await Promise.race([
    ended.then(() => true),
    new Promise((resolve) => setTimeout(resolve, 300, false)),
  ]);
  expect(isOver).toBe(false);
  deployment.databaseLine.heal();
  const healedAt = performance.now();
  // much earlier than the end of a stream whose proxy receives no revocations at all
  expect((await ended).endedAtMilliseconds - healedAt).toBeLessThan(30_000);
});

it('F13: while no authorization server runs, the proxies accept known and new tokens, and obey revocations', async () => {
  const [first, second] = deployment.resourceProxies.map(({ url }) => url);
  const known = await connect(deployment, { owner, client });
  const unseen = await connect(deployment, { owner, client });
  // Both proxies have verified a token, so both have the public keys.
  for (const url of [first, second]) expect(await chatStatus(url ?? '', known.accessToken)).toBe(200);
  for (const replica of deployment.authorizationServers) await replica.stop();
  try {
    for (const { accessToken } of [known, unseen])
      for (const url of [first, second]) expect(await chatStatus(url ?? '', accessToken)).toBe(200);
    await revokeGrant(deployment.db, { grantId: unseen.grantId, reason: 'operator', revokedBy: 'operator' });
    upstream.hits.length = 0;
    for (const url of [first, second]) expect(await chatStatus(url ?? '', unseen.accessToken)).toBe(401);
    expect(upstream.hits).toEqual([]);
  } finally {
    for (const replica of deployment.authorizationServers) await replica.start();
  }
  expect((await client.refresh(known.tokens.refresh_token ?? '')).access_token).toEqual(expect.any(String));
});

it('M7: after a rotation of the signing keys old tokens stay valid and new ones are accepted at once, without restarting a proxy', async () => {
  const before = await connect(deployment, { owner, client });
  for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, before.accessToken)).toBe(200);
  const file = deployment.keyFiles.authorizationServer.signingKeys;
  const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { readonly keys: readonly JWK[] };
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const added = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' };
  writeFileSync(file, JSON.stringify({ keys: [added, ...keys] }));
  for (const replica of deployment.authorizationServers) {
    await replica.stop();
    await replica.start();
  }
  // The owner is still signed in, because no part of a session is kept in a process.
  const after = await connect(deployment, { owner, client });
  expect(decodeProtectedHeader(after.accessToken).kid).toBe(added.kid);
  expect(decodeProtectedHeader(before.accessToken).kid).toBe(keys[0]?.kid);
  for (const { accessToken } of [before, after])
    for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, accessToken)).toBe(200);
  const published = (await (await fetch(`${deployment.issuer}/jwks`)).json()) as { readonly keys: readonly JWK[] };
  // The RSA keys sign ID tokens.
  const ofAccessTokens = published.keys.filter(({ kty }) => kty === 'EC');
  expect(ofAccessTokens.map(({ kid }) => kid)).toEqual([added.kid, keys[0]?.kid]);
});

function expectUnavailable(response: Response): void {
  expect([response.url, response.status]).toEqual([response.url, 503]);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
}
