import { deleteExpired } from '@aipassport/store';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { answerJson, type Behaviour } from './support/recording-upstream.js';
import { TcpFront } from './support/tcp-front.js';
import { chatScope, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
});
beforeEach(() => {
  proxy.upstream.reset();
  proxy.upstream.behaviour = answer;
});
afterAll(() => proxy.stop());

const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const answer: Behaviour = (hit, response) =>
  void setTimeout(() => answerJson({ choices: [{ index: 0, message: { content: 'Hi' } }], usage })(hit, response), 50);

const ask = (token: string, key: string, options: { readonly proxy?: number } = {}) =>
  proxy.chat(token, { max_tokens: 20 }, { headers: { 'idempotency-key': key }, ...options });

const countRows = async (grantId: string): Promise<number> => {
  const { rows } = await sql<{ count: bigint }>`select count(*) from ledger where grant_id = ${grantId}`.execute(
    proxy.database.db,
  );
  return Number(rows[0]?.count);
};

// The ids at the beginning of titles are rows of docs/security.md.
it('3.6: of ten requests at once with one Idempotency-Key, over two replicas, one is sent, counted and charged', async () => {
  const { grant, token } = await proxy.connect();
  const other = await proxy.createToken(grant);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => ask(index % 2 === 0 ? token : other, 'order 1', { proxy: index % 2 })),
  );
  expect(proxy.upstream.hits).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  const refused = answers.find(({ status }) => status === 409);
  expect(refused?.headers.get('x-should-retry')).toBe('false');
  expect(await refused?.json()).toMatchObject({ error: { code: 'request_repeated' } });
  await waitUntil(async () => (await countRows(grant.id)) === 1, 'it is settled');
  expect(await proxy.readUsedRequests(grant.id)).toBe(1);
});

it('3.6: an idempotency key belongs to its grant and lasts a day', async () => {
  const [one, other] = [await proxy.connect(), await proxy.connect()];
  const { db } = proxy.database;
  const clean = async () => {
    await sql`delete from maintenance`.execute(db); // as if no table had been cleaned lately
    await deleteExpired(db, { table: 'idempotency_keys', worker: 'test' });
  };
  expect((await ask(one.token, 'k')).status).toBe(200);
  expect((await ask(one.token, 'k')).status).toBe(409);
  expect((await ask(one.token, 'l')).status).toBe(200);
  expect((await ask(other.token, 'k')).status).toBe(200);
  await clean();
  expect((await ask(one.token, 'k')).status).toBe(409);
  await sql`update idempotency_keys set expires_at = now() - interval '1 second' where grant_id = ${one.grant.id}`.execute(
    db,
  );
  expect((await ask(one.token, 'k')).status).toBe(200);
  await clean();
  expect((await ask(one.token, 'k')).status).toBe(409);
  expect((await ask(one.token, 'l')).status).toBe(200);
});

it('3.6: a request that failed and cost nothing may be sent again under its idempotency key', async () => {
  const { grant, token } = await proxy.connect(chatScope, { maxRequestsPerMinute: 1 });
  const retry = async (key: string) => {
    await sql`delete from recent_requests where grant_id = ${grant.id}`.execute(proxy.database.db);
    await waitUntil(async () => (await ask(token, key)).status === 200, 'it is sent again');
  };
  proxy.upstream.behaviour = answerJson({ error: { message: 'busy' } }, 503);
  expect((await ask(token, 'a')).status).toBe(503);
  expect((await ask(token, 'b')).status).toBe(429);
  proxy.upstream.behaviour = answer;
  const hits = proxy.upstream.hits.length;
  await retry('a');
  await retry('b');
  expect(proxy.upstream.hits.length).toBe(hits + 2);
});

it('3.6: a request that succeeded is not sent again under its idempotency key, even if it cost nothing', async () => {
  proxy.upstream.behaviour = answerJson({ input_tokens: 7 });
  const { grant, token } = await proxy.connect();
  const body = { model: 'claude-haiku-4-5', messages: [{ role: 'user', content: 'Hello' }] };
  const count = () =>
    proxy.post('/anthropic/v1/messages/count_tokens', body, token, { headers: { 'idempotency-key': 'k' } });
  expect((await count()).status).toBe(200);
  await waitUntil(async () => (await countRows(grant.id)) === 1, 'it is settled');
  expect((await count()).status).toBe(409);
  expect(proxy.upstream.hits).toHaveLength(1);
});

it('3.6: an idempotency key that could not be released because the database was unreachable is released when the database is back', async () => {
  const front = await TcpFront.open(process.env['TEST_DATABASE_URL'] ?? '');
  const own = await TestProxy.start({ databaseUrl: (url) => front.through(url) });
  try {
    const { token } = await own.connect();
    const askOwn = () => own.chat(token, { max_tokens: 20 }, { headers: { 'idempotency-key': 'k' } });
    own.upstream.behaviour = (hit, response) => {
      front.cut();
      answerJson({ error: { message: 'busy' } }, 503)(hit, response);
    };
    expect((await askOwn()).status).toBe(503);
    await waitUntil(() => own.lines.some((line) => line.includes('"event":"idempotency_keys_held"')), 'it was tried');
    own.upstream.behaviour = answer;
    front.mend();
    await waitUntil(async () => (await askOwn()).status === 200, 'it is sent again');
    expect((await askOwn()).status).toBe(409);
    expect(own.upstream.hits).toHaveLength(2);
  } finally {
    front.mend();
    await own.stop();
    front.close();
  }
});

it('3.6: if the claim of an idempotency key commits after the proxy has given up the request, the key is released', async () => {
  const own = await TestProxy.start();
  try {
    const { token } = await own.connect();
    // The first COMMIT takes longer than the proxy waits. PostgreSQL’s timeout ends statements, but not commits.
    await sql`create sequence commits`.execute(own.database.db);
    await sql`create function stall() returns trigger language plpgsql security definer as $$
      begin if nextval('commits') = 1 then perform pg_sleep(3); end if; return null; end $$`.execute(own.database.db);
    await sql`create constraint trigger stall after insert on idempotency_keys deferrable initially deferred
      for each row execute function stall()`.execute(own.database.db);
    const askOwn = () => own.chat(token, { max_tokens: 20 }, { headers: { 'idempotency-key': 'k' } });
    expect((await askOwn()).status).toBe(503);
    await waitUntil(async () => (await askOwn()).status === 200, 'it is sent');
    expect(own.upstream.hits).toHaveLength(1);
  } finally {
    await own.stop();
  }
});

it('3.6: a request that broke off is not sent again under its idempotency key, since it is charged and its usage is unknown', async () => {
  const { grant, token } = await proxy.connect();
  proxy.upstream.behaviour = (_hit, response) => response.destroy();
  expect((await ask(token, 'k')).status).toBe(502);
  await waitUntil(async () => (await countRows(grant.id)) === 1, 'it is settled');
  proxy.upstream.behaviour = answer;
  expect((await ask(token, 'k')).status).toBe(409);
  expect(proxy.upstream.hits).toHaveLength(1);
});

it('3.6: without an idempotency key each retry is counted and charged as its own request', async () => {
  const { grant, token } = await proxy.connect();
  const retried = (count: number) => proxy.chat(token, {}, { headers: { 'x-stainless-retry-count': String(count) } });
  for (const count of [0, 1, 2]) expect((await retried(count)).status).toBe(200);
  expect(proxy.upstream.hits.map(({ headers }) => headers['x-stainless-retry-count'])).toEqual(
    Array(3).fill(undefined),
  );
  expect(await proxy.readUsedRequests(grant.id)).toBe(3);
  await waitUntil(async () => (await countRows(grant.id)) === 3, 'they are settled');
});

it.each(['', 'é', 'k'.repeat(256)])('refuses an invalid idempotency key: %j', async (key) => {
  const { token } = await proxy.connect();
  const refused = await ask(token, key);
  expect([refused.status, await refused.json()]).toMatchObject([400, { error: { param: 'Idempotency-Key' } }]);
  expect(proxy.upstream.hits).toEqual([]);
});
