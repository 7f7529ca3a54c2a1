import { verifyLedger } from '@aipassport/store';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { chatStatus, postChat, smallChat } from './harness/chat.js';
import { connect } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { answerChat, RecordingUpstream, streamForever } from './harness/recording-upstream.js';
import { waitUntil } from './harness/wait-until.js';
import { watchStream } from './harness/watch-stream.js';

let upstream: RecordingUpstream;
let deployment: Deployment;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  const stopping = { UNREADY_SECONDS: '3', DRAIN_SECONDS: '1' };
  deployment = await startDeployment({
    upstreamUrl: upstream.url,
    variables: () => ({ 'authorization-server': stopping, 'resource-proxy': stopping }),
  });
});

beforeEach(() => {
  upstream.behaviour = answerChat;
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

async function readRows(grantId: string) {
  const client = new pg.Client({ connectionString: deployment.databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ settlement: string; cost: string; estimate: string }>(
    'select settlement, cost, estimate from ledger where grant_id = $1 order by cost desc',
    [grantId],
  );
  await client.end();
  return rows;
}

// The ids at the beginning of titles are rows of docs/security.md.
it('U1, U2: after SIGTERM a proxy reports that it is not ready and continues to serve, then waits for open answers, and at last ends a stream, which is charged for its output so far', async () => {
  const [proxy, other] = deployment.resourceProxies;
  if (proxy === undefined || other === undefined) throw new Error('there are no proxies');
  const { accessToken, grantId } = await connect(deployment);
  upstream.behaviour = (hit, response) =>
    hit.body.includes('"stream":true') ? streamForever(20)(hit, response) : answerChat(hit, response);
  const answer = await postChat(proxy.url, accessToken, { ...smallChat, stream: true, max_tokens: 16_000 });
  const { begun, ended } = watchStream(answer);
  await begun;
  const { pid } = proxy;
  process.kill(pid, 'SIGTERM');
  const readStatus = async () => (await fetch(`${proxy.url}/health/ready`).catch(() => undefined))?.status;
  await waitUntil(async () => (await readStatus()) === 503, 'it is not ready');
  expect((await fetch(`${proxy.url}/health/live`)).status).toBe(200);
  for (const { url } of [proxy, other, proxy]) expect(await chatStatus(url, accessToken)).toBe(200);
  const { text } = await ended;
  expect(text).toContain('about to stop');
  await waitUntil(async () => (await readStatus()) === undefined, 'it has ended', 20_000);
  await waitUntil(async () => (await readRows(grantId)).length === 4, 'all is settled', 20_000);
  const [stream] = await readRows(grantId);
  const words = text.split('"word "').length - 1;
  expect(words).toBeGreaterThan(10);
  // An output token of gpt-4o-mini costs 600 nano-dollars. Here each word is one token of five bytes.
  expect(Number(stream?.cost)).toBeGreaterThanOrEqual((words + 256) * 600);
  expect(Number(stream?.cost)).toBeLessThan((5 * (words + 200) + 256) * 600 + 1_000 * 150);
  expect(Number(stream?.cost) * 3).toBeLessThan(Number(stream?.estimate));
  expect(stream?.settlement).toBe('produced');
  expect(await verifyLedger(deployment.db)).toEqual([]);
  await proxy.start();
});

it('U1: after SIGTERM an authorization server reports that it is not ready, and continues to serve until load balancers have had time to notice', async () => {
  const [server] = deployment.authorizationServers;
  if (server === undefined) throw new Error('there is no server');
  const { tokens, client } = await connect(deployment);
  process.kill(server.pid, 'SIGTERM');
  const readStatus = async () => (await fetch(`${server.url}/health/ready`).catch(() => undefined))?.status;
  await waitUntil(async () => (await readStatus()) === 503, 'it is not ready');
  const refreshed = await server.fetch(`${deployment.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token ?? '',
      client_id: client.clientId,
    }),
  });
  expect(refreshed.status).toBe(200);
  await waitUntil(async () => (await readStatus()) === undefined, 'it has ended', 20_000);
});
