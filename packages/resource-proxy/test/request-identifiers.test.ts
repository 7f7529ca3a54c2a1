import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { answerJson } from './support/recording-upstream.js';
import { chat, operatorKey, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 };
const prompt = 'canary prompt: the wren sings at noon';
const completion = 'canary completion: so does the robin';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ trustedProxyHops: 1 });
  proxy.upstream.behaviour = answerJson({ choices: [{ message: { role: 'assistant', content: completion } }], usage });
});
afterAll(() => proxy.stop());

type Line = Readonly<Record<string, unknown>>;

const linesOf = (requestId: string): Line[] =>
  proxy.lines.map((line) => JSON.parse(line) as Line).filter((line) => line['request_id'] === requestId);

/** The line of a request, which is written after its answer. */
async function waitForLine(requestId: string): Promise<Line> {
  const find = () => linesOf(requestId).find(({ event }) => event === 'request' || event === 'proxied_request');
  await waitUntil(() => find() !== undefined, 'the request has its line');
  return find() ?? {};
}

async function ask(headers: Record<string, string>): Promise<{ id: string; line: Line; token: string }> {
  const { token } = await proxy.connect();
  const answer = await proxy.chat(token, { messages: [{ role: 'user', content: prompt }] }, { headers });
  expect(answer.status).toBe(200);
  await answer.text();
  const id = answer.headers.get('x-request-id') ?? '';
  return { id, line: await waitForLine(id), token };
}

it('the line of a request says who sent it from where, what was used and charged, and when the answer began', async () => {
  const { id, line } = await ask({ 'x-forwarded-for': '198.51.100.1, 203.0.113.7' });
  expect(line).toMatchObject({
    event: 'proxied_request',
    reason: 'answered',
    status: 200,
    request_id: id,
    address: '203.0.113.7',
    upstream: 'openai',
    model: 'gpt-4o-mini',
    upstream_status: 200,
    account_id: expect.any(String),
    grant_id: expect.any(String),
    client_id: 'client',
    settlement: 'reported',
    input_tokens: 5,
    output_tokens: 7,
    first_byte_ms: expect.any(Number),
    duration_ms: expect.any(Number),
  });
  await waitUntil(async () => (await readCost(id)) !== undefined, 'the request is in the ledger');
  expect(line['cost_usd']).toBe(Number(await readCost(id)) / 1e9);
  expect(line['cost_usd']).toBeGreaterThan(0);
});

async function readCost(requestId: string): Promise<bigint | undefined> {
  const { rows } = await sql<{
    cost: bigint;
  }>`select cost from ledger where request_id = ${requestId}::uuid`.execute(proxy.database.db);
  return rows[0]?.cost;
}

it('a well-formed x-request-id is in the answer, in every line, at the authorization server and at the provider', async () => {
  const given = 'req_01JEX4AMPLE.of-34-characters_x';
  const { id, line } = await ask({ 'x-request-id': given });
  expect(id).toBe(given);
  expect(proxy.upstream.hits.at(-1)?.headers['x-client-request-id']).toBe(given);
  expect(proxy.issuer.introspectionHeaders.at(-1)?.['x-request-id']).toBe(given);
  // the ledger has an identifier that no client can choose
  expect(line['ledger_id']).toMatch(uuid);
  await waitUntil(
    async () => (await readCost(String(line['ledger_id']))) !== undefined,
    'the request is in the ledger',
  );
});

it('errors contain the request identifier that the client sent, in the header and where the dialect has it', async () => {
  const headers = { 'x-request-id': 'mine-1' };
  const { token } = await proxy.connect('model:gpt-4o-mini cap:chat');
  const refused = await proxy.post('/anthropic/v1/messages', { model: 'claude-haiku-4-5', max_tokens: 5 }, token, {
    headers,
  });
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(refused.headers.get('x-request-id')).toBe('mine-1');
  expect(refused.headers.get('request-id')).toBe('mine-1');
  expect(await refused.json()).toMatchObject({ request_id: 'mine-1' });
  const own = await fetch(`${proxy.url}/v1/grant`, { headers: { 'x-request-id': 'mine-2' } });
  expect([own.status, own.headers.get('x-request-id')]).toEqual([401, 'mine-2']);
  expect(await waitForLine('mine-2')).toMatchObject({ status: 401, reason: 'token_missing' });
});

it('if many simultaneous requests have the same identifier, each has its own row in the ledger', async () => {
  const { token, grant } = await proxy.connect();
  const headers = { 'x-request-id': '11111111-1111-4111-8111-111111111111' };
  const answers = await Promise.all(Array.from({ length: 6 }, () => proxy.chat(token, {}, { headers })));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 200));
  const count = async () => {
    const { rows } = await sql<{
      rows: number;
    }>`select count(*)::integer as rows from ledger where grant_id = ${grant.id}`.execute(proxy.database.db);
    return rows[0]?.rows;
  };
  await waitUntil(async () => (await count()) === 6, 'each request has its row');
});

it('an x-request-id that is too long, or has other characters, is replaced, and is in no line', async () => {
  const { token } = await proxy.connect();
  const keys = [token, 'sk-0123456789abcdefghijklmnopqrstuvwxyz01234567', 'AIzaSyA0123456789abcdefghijklmnopqrstuv'];
  for (const given of [...keys, 'x'.repeat(37), 'two words', 'semi;colon', '{"a":1}', 'a,b', 'caf\u00e9', '']) {
    const answer = await proxy.chat(token, {}, { headers: { 'x-request-id': given } });
    const id = answer.headers.get('x-request-id') ?? '';
    if (given.length > 36 || !/^[\w.-]+$/.test(given)) expect(id).toMatch(uuid);
    await waitForLine(id);
  }
  const log = proxy.lines.join('');
  for (const given of keys.filter(({ length }) => length > 36)) expect(log).not.toContain(given);
});

it('a refusal that the audit log counts has the request identifier that the client sent', async () => {
  const grant = await proxy.createGrant({ limits: { maxRequests: 1 } });
  const token = await proxy.createToken(grant);
  await (await proxy.chat(token)).text();
  const refused = await proxy.chat(token, {}, { headers: { 'x-request-id': 'refused-by-limit' } });
  expect(refused.status).toBe(402);
  const find = () =>
    proxy.database.db.selectFrom('refusal_counts').select('request_id').where('grant_id', '=', grant.id).execute();
  await waitUntil(async () => (await find()).length > 0, 'the refusal is counted');
  expect(await find()).toEqual([{ request_id: 'refused-by-limit' }]);
});

it('no line contains a prompt, a completion, a token or a key', async () => {
  const { token } = await ask({});
  const log = proxy.lines.join('');
  expect(log).toContain('proxied_request');
  for (const secret of [prompt, completion, 'canary', chat.messages[0]?.content ?? '', operatorKey, token])
    expect([secret.slice(0, 8), log.includes(secret)]).toEqual([secret.slice(0, 8), false]);
});
