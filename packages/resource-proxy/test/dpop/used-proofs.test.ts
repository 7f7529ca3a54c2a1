import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { answerJson } from '../support/recording-upstream.js';
import { TcpFront } from '../support/tcp-front.js';
import { chat, TestProxy } from '../support/test-proxy.js';
import { waitUntil } from '../support/wait-until.js';
import { BoundClient, readChallenge } from './bound-client.js';

let proxy: TestProxy;
let client: BoundClient;

beforeAll(async () => {
  // The wait for a budget ends when the test says so, even if the machine is slow.
  proxy = await TestProxy.start({ replicas: 2, limits: { maxBudgetWaitMilliseconds: 60_000 } });
  client = await BoundClient.create(proxy);
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

// The ids at the beginning of titles are rows of docs/security.md.
it('N5: a used proof is refused at the same proxy, at the other one, and after a restart', async () => {
  const before = await client.readUsedRequests();
  const proof = await client.prove();
  expect((await client.send(proof)).status).toBe(200);
  for (const at of [0, 1]) {
    const answer = await client.send(proof, { at });
    expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('Make a new proof for each request')]);
    expect(readChallenge(answer)).toMatch(/^DPoP .*error="invalid_dpop_proof".*algs="PS256/);
  }
  await proxy.restart(1);
  expect((await client.send(proof, { at: 1 })).status).toBe(401);
  expect(proxy.upstream.hits).toHaveLength(1);
  expect((await client.readUsedRequests()) - before).toBe(1);
});

it('N5: of 20 requests at once with one proof, over two proxies, one passes', async () => {
  const before = await client.readUsedRequests();
  const proof = await client.prove();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => client.send(proof, { at: index % 2 })));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
  expect(proxy.upstream.hits).toHaveLength(1);
  expect((await client.readUsedRequests()) - before).toBe(1);
});

it('N5: the statement that admits a request also marks its proof as used, so no second statement is sent', async () => {
  const sent: Buffer[] = [];
  const readSent = () => Buffer.concat(sent).toString('latin1');
  const front = await TcpFront.open(process.env['TEST_DATABASE_URL'] ?? '', (bytes) => sent.push(bytes));
  const own = await TestProxy.start({ databaseUrl: (url) => front.through(url) });
  try {
    const bound = await BoundClient.create(own);
    expect((await bound.send()).status).toBe(200);
    await waitUntil(async () => (await bound.readUsedRequests()) === 1, 'the request is counted');
    const { rows } = await sql`select from used_proofs`.execute(own.database.db);
    expect(rows).toHaveLength(1);
    expect(readSent()).toContain('admit_requests');
    expect(readSent()).not.toContain('used_proofs');
    // A request that is not admitted marks its proof with the statement that reads its grant.
    expect((await bound.send(undefined, { path: '/v1/grant', method: 'GET' })).status).toBe(200);
    expect(readSent()).toContain('used_proofs');
  } finally {
    await own.stop();
    front.close();
  }
});

it('N5: another key may use the same jti', async () => {
  const claims = { jti: randomUUID() };
  expect((await client.send(await client.prove({ claims }))).status).toBe(200);
  expect((await client.send(await client.prove({ claims }))).status).toBe(401);
  const other = await BoundClient.create(proxy, { grant: client.grant });
  expect((await other.send(await other.prove({ claims }))).status).toBe(200);
});

it('N5: a request that is answered without an admission uses up its proof too', async () => {
  const owner = await BoundClient.create(proxy);
  await proxy.addProviderKey(owner.grant.accountId, 'openai', 'sk-of-the-owner-0123456789');
  const requests: [string, string, number][] = [
    ['/openai/v1/models', 'GET', 200],
    ['/openai/v1/models', 'HEAD', 200],
    ['/openai/v1/models/gpt-4o-mini', 'GET', 200],
    ['/v1/grant', 'GET', 200],
    ['/openai/v1/responses/resp_1', 'GET', 404],
    ['/openai/v1/responses/resp_1', 'DELETE', 404],
  ];
  for (const [path, method, status] of requests) {
    const proof = await owner.prove({ path, method });
    const ask = async (at: number) => (await owner.send(proof, { path, method, at })).status;
    expect([path, await ask(0), await ask(1), await ask(0)]).toEqual([path, status, 401, 401]);
  }
});

it('N5: a request that costs nothing uses up its proof too', async () => {
  proxy.upstream.behaviour = answerJson({ input_tokens: 3 });
  const path = '/anthropic/v1/messages/count_tokens';
  const body = { model: 'claude-haiku-4-5', messages: [{ role: 'user', content: 'Hello' }] };
  const proof = await client.prove({ path });
  const ask = async (at: number) => (await client.send(proof, { path, body, at })).status;
  expect([await ask(0), await ask(1)]).toEqual([200, 401]);
  expect(proxy.upstream.hits).toHaveLength(1);
});

it('N5: a request that is refused because of the grant’s limits uses up its proof too', async () => {
  const used = await BoundClient.create(proxy, { grant: await proxy.createGrant({ limits: { maxRequests: 1 } }) });
  expect((await used.send()).status).toBe(200);
  const proof = await used.prove();
  expect((await used.send(proof)).status).toBe(402);
  expect((await used.send(proof, { at: 1 })).status).toBe(401);
});

it('a request that waits for the budget is admitted later with its own proof, which no other request can use meanwhile', async () => {
  const poor = await BoundClient.create(proxy, { grant: await proxy.createGrant({ limits: { maxCost: 700_000n } }) });
  const { release } = holdAnswers({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } });
  // This request reserves most of the budget.
  const body = { ...chat, max_tokens: 1_000 };
  const first = poor.send(undefined, { body });
  await waitUntil(() => proxy.upstream.hits.length === 1, 'the first request is at the upstream');
  const before = await countProofs();
  const proof = await poor.prove();
  const second = poor.send(proof, { body });
  await waitUntil(async () => (await countProofs()) > before, 'the second request has brought its proof');
  expect((await poor.send(proof, { body, at: 1 })).status).toBe(401);
  expect(proxy.upstream.hits).toHaveLength(1);
  release();
  await waitUntil(() => proxy.upstream.hits.length === 2, 'the second request is at the upstream');
  release();
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
  expect(await poor.readUsedRequests()).toBe(2);
});

it('N5: a request with a used proof does not make the proxy ask the provider for a token count, even while others wait', async () => {
  const poor = await BoundClient.create(proxy, {
    grant: await proxy.createGrant({ limits: { maxCost: 16_000_000n } }),
  });
  const path = '/anthropic/v1/messages';
  const small = { model: 'claude-haiku-4-5', max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }] };
  const proof = await poor.prove({ path });
  expect((await poor.send(proof, { path, body: small })).status).toBe(200);
  const { release } = holdAnswers({ content: [], usage: { input_tokens: 9_000, output_tokens: 10 } });
  // Estimated by its bytes, this request exceeds the budget. Estimated by its tokens, one such request fits into it.
  const body = { ...small, max_tokens: 1_000, messages: [{ role: 'user', content: 'word '.repeat(8_000) }] };
  const countCounts = () => proxy.upstream.hits.filter(isCount).length;
  const first = poor.send(undefined, { path, body });
  await waitUntil(
    () => proxy.upstream.hits.length === 3 && countCounts() === 1,
    'the first request is counted and sent',
  );
  const second = poor.send(undefined, { path, body });
  await waitUntil(() => countCounts() === 2, 'the second request is counted');
  // Give the second request time to begin its wait in the queue.
  await sleep(200);
  expect((await poor.send(proof, { path, body })).status).toBe(401);
  expect(countCounts()).toBe(2);
  // With a new proof, the tokens are counted.
  const third = poor.send(undefined, { path, body });
  await waitUntil(() => countCounts() === 3, 'the third request is counted');
  release();
  // The rest of the budget after the first request does not cover the input of another one.
  expect((await Promise.all([first, second, third])).map(({ status }) => status)).toEqual([200, 402, 402]);
});

async function countProofs(): Promise<number> {
  const { rows } = await sql`select from used_proofs`.execute(proxy.database.db);
  return rows.length;
}

const isCount = ({ target }: { readonly target: string }) => target.endsWith('/count_tokens');

/** The upstream answers token counts at once, and all other requests when the test calls `release`. */
function holdAnswers(answer: unknown): { readonly release: () => void } {
  const held: (() => void)[] = [];
  proxy.upstream.behaviour = (hit, response) => {
    if (isCount(hit)) answerJson({ input_tokens: 9_000 })(hit, response);
    else held.push(() => answerJson(answer)(hit, response));
  };
  return {
    release: () => {
      for (const send of held.splice(0)) send();
    },
  };
}

it('canary: neither tokens nor proofs are in the log, in the database or at the upstream', async () => {
  const own = await TestProxy.start();
  try {
    const bound = await BoundClient.create(own);
    const jti = `canary-${randomUUID()}`;
    const proof = await bound.prove({ claims: { jti } });
    const wrong = await bound.prove({ claims: { jti, htm: 'PUT' } });
    expect([(await bound.send(proof)).status, (await bound.send(proof)).status]).toEqual([200, 401]);
    expect((await bound.send(wrong)).status).toBe(401);
    const [hit] = own.upstream.hits;
    expect(hit?.headers['dpop']).toBeUndefined();
    const { rows } = await sql<{ row: string }>`select u::text as row from used_proofs u`.execute(own.database.db);
    expect(rows).toHaveLength(1);
    const places = [own.lines.join('\n'), JSON.stringify(rows), JSON.stringify(hit?.rawHeaders)];
    const signatures = [proof, wrong, bound.token].map((text) => text.split('.')[2] ?? text);
    for (const secret of [jti, proof, wrong, bound.token, ...signatures])
      for (const place of places) expect(place).not.toContain(secret);
    for (const reason of ['proof_used', 'proof_method_other'])
      expect(own.lines.some((line) => line.includes(`"reason":"${reason}"`))).toBe(true);
  } finally {
    await own.stop();
  }
});
