import { scale } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { chatOutcome, postChat, smallChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import type { Owner } from './harness/owner.js';
import { answerChat, RecordingUpstream, streamForever } from './harness/recording-upstream.js';
import { prepareRevocation } from './harness/revocation.js';
import { waitUntil } from './harness/wait-until.js';
import { watchStream } from './harness/watch-stream.js';

const streamedChat = { ...smallChat, stream: true };

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
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

async function openStreams(accessToken: string) {
  const streams = await Promise.all(
    deployment.resourceProxies.map(async ({ url }) => watchStream(await postChat(url, accessToken, streamedChat))),
  );
  await Promise.all(streams.map(({ begun }) => begun));
  return streams;
}

it('a revocation by the owner ends streams at every proxy and at the AI provider, half of them within 100 ms of its answer', async () => {
  upstream.behaviour = streamForever(5);
  const delays: number[] = [];
  for (let round = 0; round < 10; round++) {
    const { accessToken } = await connect(deployment, { owner, client });
    const streams = await openStreams(accessToken);
    const revocation = await prepareRevocation(owner);
    const answeredAt = await revocation.send();
    for (const { ended } of streams) {
      const { endedAtMilliseconds, text, isBroken } = await ended;
      delays.push(endedAtMilliseconds - answeredAt);
      // the SDK must get an error, never an answer that looks complete
      expect(text).not.toContain('[DONE]');
      expect(isBroken || text.includes('"error"')).toBe(true);
    }
    await waitUntil(() => upstream.open.size === 0, 'the connection to the AI provider has been closed');
  }
  delays.sort((a, b) => a - b);
  console.info(
    `from the revocation's answer to the end of a stream: ${delays.map((delay) => delay.toFixed(1)).join(' ')} ms`,
  );
  expect(delays[delays.length / 2]).toBeLessThan(100);
  expect(delays.at(-1)).toBeLessThan(10_000);
});

it('a stream ends when its client revokes its token (RFC 7009)', async () => {
  upstream.behaviour = streamForever(5);
  const { accessToken, tokens } = await connect(deployment, { owner, client });
  const streams = await openStreams(accessToken);
  await client.revokeToken(tokens.refresh_token ?? '');
  for (const { ended } of streams) expect((await ended).text).not.toContain('[DONE]');
  await waitUntil(() => upstream.open.size === 0, 'the connection to the AI provider has been closed');
});

it('a stream ends soon after its grant has expired', async () => {
  upstream.behaviour = streamForever(5);
  const { accessToken, grantId } = await connect(deployment, { owner, client });
  const streams = await openStreams(accessToken);
  await deployment.db.updateTable('grants').set({ expires_at: new Date() }).where('id', '=', grantId).execute();
  const expiredAt = performance.now();
  for (const { ended } of streams) expect((await ended).endedAtMilliseconds - expiredAt).toBeLessThan(20_000);
  await waitUntil(() => upstream.open.size === 0, 'the connection to the AI provider has been closed');
});

it('a stream of the same owner’s grant to another client continues', async () => {
  upstream.behaviour = streamForever(5);
  const kept = await connect(deployment, { owner, client: await ClientApp.register(deployment, { name: 'Kept' }) });
  const revoked = await connect(deployment, { owner, client: await ClientApp.register(deployment, { name: 'Gone' }) });
  const leaving = new AbortController();
  const response = await postChat(deployment.resourceProxyUrl, kept.accessToken, streamedChat, leaving.signal);
  const going = watchStream(response);
  const [cut] = await openStreams(revoked.accessToken);
  await (await prepareRevocation(owner, 'Gone')).send();
  await cut?.ended;
  const isOver = await Promise.race([
    going.ended.then(() => true),
    new Promise((resolve) => setTimeout(resolve, 200, false)),
  ]);
  expect(isOver).toBe(false);
  leaving.abort();
  await going.ended;
  await kept.client.revokeToken(kept.accessToken);
});

it('removing an app’s access ends all its grants, and their streams at every proxy', async () => {
  upstream.behaviour = streamForever(5);
  const torn = await createOwner(deployment);
  const accesses = [];
  for (let times = 0; times < 3; times++) accesses.push(await connect(deployment, { owner: torn, client }));
  const streams = [];
  for (const { accessToken } of accesses) streams.push(...(await openStreams(accessToken)));
  const page = await torn.revoke(client.name);
  expect(page.text).toContain('Ended: 3 connections, 6 sign-ins of the app, 6 answers in progress.');
  for (const { ended } of streams) expect((await ended).text).not.toContain('[DONE]');
  await waitUntil(() => upstream.open.size === 0, 'the connection to the AI provider has been closed');
});

it('no request that is sent after the answer to a revocation reaches the AI provider, in many rounds', async () => {
  const rounds = scale(25, 200);
  let sentBefore = 0;
  let sentAfter = 0;
  const violations: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const { accessToken } = await connect(deployment, { owner, client });
    const revocation = await prepareRevocation(owner);
    const firstHit = upstream.hits.length;
    const startedAt = new Map<string, number>();
    let answeredAt = Number.POSITIVE_INFINITY;
    const callers = Array.from({ length: 6 }, async (_, caller) => {
      // each caller continues until it has sent two requests after the answer to the revocation
      for (let late = 0; late < 2; ) {
        const id = `${round}-${caller}-${startedAt.size}`;
        const now = performance.now();
        startedAt.set(id, now);
        const isLate = now > answeredAt;
        const { status, code } = await chatOutcome(deployment.resourceProxies[caller % 2]?.url ?? '', accessToken, {
          ...smallChat,
          messages: [{ role: 'user', content: id }],
        });
        if (isLate) late++;
        if (isLate && status !== 401) violations.push(`${id} was answered with ${status} ${code}`);
      }
    });
    await waitUntil(() => upstream.hits.length > firstHit + 4, 'calls are under way');
    answeredAt = await revocation.send();
    await Promise.all(callers);
    for (const { body } of upstream.hits.slice(firstHit)) {
      const id = readContent(body);
      if ((startedAt.get(id) ?? Number.POSITIVE_INFINITY) > answeredAt) violations.push(`${id} reached the provider`);
      else sentBefore++;
    }
    sentAfter += [...startedAt.values()].filter((at) => at > answeredAt).length;
  }
  console.info(
    `${rounds} rounds: ${sentBefore} calls reached the provider before, ${sentAfter} were sent after the answer`,
  );
  expect(violations).toEqual([]);
  expect(sentAfter).toBeGreaterThanOrEqual(rounds * 12);
}, 300_000);

function readContent(body: string): string {
  const { messages } = JSON.parse(body) as { readonly messages: readonly [{ readonly content: string }] };
  return messages[0].content;
}
