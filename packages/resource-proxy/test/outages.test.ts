import { setTimeout as sleep } from 'node:timers/promises';
import { revokeGrant } from '@aipassport/store/authorization';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { answerJson, streamForever } from './support/recording-upstream.js';
import { TcpFront } from './support/tcp-front.js';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let front: TcpFront;
let proxy: TestProxy;

beforeAll(async () => {
  front = await TcpFront.open(process.env['TEST_DATABASE_URL'] ?? '');
  proxy = await TestProxy.start({
    databaseUrl: (url) => front.through(url),
    limits: { maxWithoutRevocationsMilliseconds: 4_000, revocationPollMilliseconds: 200 },
  });
});

beforeEach(() => proxy.upstream.reset());

afterEach(async () => {
  front.mend();
  await waitUntil(async () => (await fetch(`${proxy.url}/health`)).ok, 'the proxy is ready again');
});

afterAll(async () => {
  await proxy?.stop();
  front?.close();
});

const heard = () => proxy.lines.filter((line) => line.includes('"event":"revocations_heard"')).length;

// The ids at the beginning of titles are rows of docs/security.md.
it.each(['end', 'reset'] as const)(
  'S10: while the connection to the database is cut (%s), every answer is 503 with Retry-After, and nothing is forwarded',
  async (by) => {
    const { grant, token } = await proxy.connect();
    expect((await proxy.chat(token)).status).toBe(200);
    proxy.upstream.reset();
    front.cut(by);
    const paths = ['/health', '/v1/grant', '/openai/v1/models'];
    const answers = [
      await proxy.chat(token),
      ...(await Promise.all(
        paths.map((path) => fetch(`${proxy.url}${path}`, { headers: { authorization: `Bearer ${token}` } })),
      )),
    ];
    expect(proxy.lines.filter((line) => line.includes('"unexpected_error"'))).toEqual([]);
    for (const answer of answers) expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answers[0]?.json()).toMatchObject({ error: { code: 'temporarily_unavailable' } });
    expect(proxy.upstream.hits).toEqual([]);
    front.mend();
    await waitUntil(async () => (await proxy.chat(token)).status === 200, 'it admits again');
    await waitUntil(async () => (await proxy.readUsedRequests(grant.id)) === 2, 'the two that were answered count');
  },
);

it('F7: an answer in progress continues when the database fails', async () => {
  const { token } = await proxy.connect();
  proxy.upstream.behaviour = (hit, response) => {
    setTimeout(() => answerJson({ ok: true })(hit, response), 300);
  };
  const answer = proxy.chat(token);
  await waitUntil(() => proxy.upstream.hits.length === 1, 'it is forwarded');
  front.cut();
  expect((await answer).status).toBe(200);
});

it('a stream ends as soon as the database is back if its grant was revoked while no notification could arrive', async () => {
  const { grant, token } = await proxy.connect();
  proxy.upstream.behaviour = streamForever(5);
  const stream = await proxy.chat(token, { stream: true });
  front.cut();
  await revokeGrant(proxy.database.db, { grantId: grant.id, reason: 'owner', revokedBy: 'owner' });
  await sleep(200);
  expect(proxy.upstream.open.size).toBeGreaterThan(0);
  const before = heard();
  front.mend();
  await expect(stream.text()).rejects.toThrow();
  await waitUntil(() => heard() > before, 'it listens again');
});

it('streams are cut when the proxy has been unable to receive or read revocations for too long', async () => {
  const { token } = await proxy.connect();
  proxy.upstream.behaviour = streamForever(5);
  const stream = await proxy.chat(token, { stream: true });
  front.cut();
  const cutAt = performance.now();
  await expect(stream.text()).rejects.toThrow();
  expect(performance.now() - cutAt).toBeGreaterThan(1_000);
  await waitUntil(() => proxy.upstream.open.size === 0, 'the connection to the upstream was closed');
  expect(proxy.lines.some((line) => line.includes('"event":"revocations_unheard"'))).toBe(true);
});
