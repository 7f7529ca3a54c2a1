import { verifyLedger } from '@aipassport/store';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import * as oauth4webapi from 'oauth4webapi';
import * as openid from 'openid-client';
import { chatOutcome, postChat, smallChat } from './harness/chat.js';
import { type AccessProposal, ClientApp } from './harness/client-app.js';
import { connect, createOwner, readClaims } from './harness/connect.js';
import { countBy } from './harness/count-by.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import type { Owner } from './harness/owner.js';
import { answerChat, RecordingUpstream, streamForever } from './harness/recording-upstream.js';
import { waitUntil } from './harness/wait-until.js';
import { watchStream } from './harness/watch-stream.js';

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;
let client: ClientApp;
beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
  client = await ClientApp.register(deployment, {
    metadata: { grant_types: ['authorization_code', 'refresh_token', grantType] },
  });
}, 60_000);
beforeEach(() => {
  upstream.behaviour = answerChat;
  upstream.hits.length = 0;
});
afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

const describeExchange = (subjectToken: string, proposal: AccessProposal) => ({
  subject_token: subjectToken,
  subject_token_type: accessTokenType,
  authorization_details: JSON.stringify([{ type: 'ai_access', ...proposal }]),
});

async function handOn(subjectToken: string, proposal: AccessProposal = {}): Promise<string> {
  const parameters = describeExchange(subjectToken, proposal);
  return (await openid.genericGrantRequest(client.configuration, grantType, parameters)).access_token;
}

/** Asks one of the two proxies for a chat; `turn` selects the proxy. */
const chat = (accessToken: string, turn = 0) =>
  chatOutcome(deployment.resourceProxies[turn % 2]?.url ?? '', accessToken);
const outcome = async (accessToken: string, turn?: number) => {
  const { status, code } = await chat(accessToken, turn);
  return code ?? String(status);
};
const useOf = async (accessToken: string) =>
  deployment.db
    .selectFrom('grants')
    .select(['used_requests', 'spent', 'held', 'max_cost'])
    .where('id', '=', readClaims(accessToken).grant_id)
    .executeTakeFirstOrThrow();

it('a sub-agent uses a token that oauth4webapi got by exchange, within its own models and request limit', async () => {
  const { accessToken } = await connect(deployment, {
    owner,
    client,
    scope: 'model:gpt-4o-mini model:gpt-4o cap:chat',
  });
  const server = client.configuration.serverMetadata();
  const own = { client_id: client.clientId };
  const response = await oauth4webapi.genericTokenEndpointRequest(
    server,
    own,
    oauth4webapi.None(),
    grantType,
    describeExchange(accessToken, { models: ['gpt-4o-mini'], capabilities: ['chat'], max_requests: 1 }),
    { [oauth4webapi.allowInsecureRequests]: true },
  );
  const { access_token: part } = await oauth4webapi.processGenericTokenEndpointResponse(server, own, response);
  const asked = await chatOutcome(deployment.resourceProxies[0]?.url ?? '', part, { ...smallChat, model: 'gpt-4o' });
  expect(asked).toEqual({ status: 403, code: 'insufficient_scope' });
  expect([await outcome(part), await outcome(part, 1)]).toEqual(['200', 'request_limit_reached']);
  expect(await outcome(accessToken)).toBe('200');
  expect(upstream.hits).toHaveLength(2);
});

it('a parent and three sub-agents that send requests to two proxies at once never use more than the parent’s limits', async () => {
  const proposal = { max_requests: 30, max_cost_usd: '0.5' };
  const { accessToken } = await connect(deployment, { owner, client, proposal });
  const child = await handOn(accessToken, { max_requests: 12 });
  const spenders = [accessToken, child, await handOn(accessToken), await handOn(child)];
  const outcomes = await Promise.all(
    Array.from({ length: 80 }, (_, turn) => outcome(spenders[turn % 4] ?? '', Math.floor(turn / 4))),
  );
  expect(countBy(outcomes, (one) => one)).toEqual({ 200: 30, request_limit_reached: 50 });
  expect(upstream.hits).toHaveLength(30);
  await waitUntil(async () => (await useOf(accessToken)).held === 0n, 'all requests are settled');
  const [top, middle] = [await useOf(accessToken), await useOf(child)];
  expect(top.used_requests).toBe(30n);
  expect(middle.used_requests).toBeLessThanOrEqual(12n);
  expect(top.spent).toBeGreaterThan(0n);
  expect(top.spent).toBeLessThanOrEqual(top.max_cost ?? 0n);
  expect(await verifyLedger(deployment.db)).toEqual([]);
}, 60_000);

it('streams of a sub-agent’s sub-agent end at every proxy when the owner’s grant is revoked, and its later requests are refused', async () => {
  upstream.behaviour = streamForever(5);
  const { accessToken, tokens } = await connect(deployment, { owner, client });
  const grandchild = await handOn(await handOn(accessToken));
  const streams = await Promise.all(
    deployment.resourceProxies.map(async ({ url }) =>
      watchStream(await postChat(url, grandchild, { ...smallChat, stream: true })),
    ),
  );
  await Promise.all(streams.map(({ begun }) => begun));
  await client.revokeToken(tokens.refresh_token ?? '');
  const revokedAt = performance.now();
  for (const { ended } of streams) {
    const { endedAtMilliseconds, text } = await ended;
    expect(text).not.toContain('[DONE]');
    expect(endedAtMilliseconds - revokedAt).toBeLessThan(5_000);
  }
  await waitUntil(() => upstream.open.size === 0, 'the connection to the AI provider has been closed');
  upstream.behaviour = answerChat;
  upstream.hits.length = 0;
  for (const turn of [0, 1]) expect((await chat(grandchild, turn)).status).toBe(401);
  expect(upstream.hits).toEqual([]);
}, 60_000);
