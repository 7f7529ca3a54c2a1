import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnswerSink } from '../src/forwarding/relay-options.js';
import { createStateReader } from '../src/state/openai/read-state.js';
import { RecordedAnswer } from '../src/state/recorded-answer.js';
import type { StateChanges } from '../src/state/stored-state.js';
import { answerJson } from './support/recording-upstream.js';
import { chatScope, TestProxy } from './support/test-proxy.js';

const responsesPath = '/openai/v1/responses';

let proxy: TestProxy;
let token: string;

beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
  const accountId = await proxy.createAccount();
  await proxy.addProviderKey(accountId, 'openai', 'sk-proj-own0123456789abcdefghijkl');
  token = await proxy.createToken(await proxy.createGrant({ accountId, scope: chatScope }));
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

const message = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
const usage = { input_tokens: 900, output_tokens: 100, total_tokens: 1_000 };
const completed = { id: 'resp_1', object: 'response', status: 'completed', output: [message], usage };

/** A relay that notes in `breaches` each identifier that reaches it before the identifier is recorded. */
function watchRelay() {
  const recorded: string[] = [];
  const seen: string[] = [];
  const breaches: string[] = [];
  const relay: AnswerSink = {
    isDone: false,
    attach: () => undefined,
    markReached: () => undefined,
    start: () => undefined,
    data: (chunk) => {
      seen.push(chunk.toString());
      for (const [id] of seen.join('').matchAll(/(resp|msg)_1/g)) if (!recorded.includes(id)) breaches.push(id);
    },
    end: () => seen.push('<end>'),
    fail: ({ reason }) => seen.push(`<${reason}>`),
  };
  const record = async ({ objects }: StateChanges) => {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    recorded.push(...objects.map(({ id }) => id));
  };
  return { relay, record, seen, breaches };
}

function recordTo({ relay, record }: Pick<ReturnType<typeof watchRelay>, 'relay' | 'record'>): RecordedAnswer {
  const read = createStateReader('openai.responses', undefined);
  const answer = new RecordedAnswer({ relay, read, record, onRefused: () => Promise.resolve(), isBackground: false });
  answer.markReached();
  return answer;
}

const events = [
  { type: 'response.created', response: { ...completed, status: 'in_progress', output: [], usage: null } },
  { type: 'response.output_item.added', output_index: 0, item: message },
  { type: 'response.output_text.delta', item_id: 'msg_1', delta: 'a "response" of msg_9\n' },
  { type: 'response.completed', response: completed },
];
const stream = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');

it('the identifier of a stored object is recorded before the client can see a byte of it, however the answer is cut into chunks', async () => {
  const answers = [
    ['text/event-stream', stream],
    ['application/json', JSON.stringify(completed)],
  ] as const;
  for (const [type, text] of answers)
    for (let size = 1; size < text.length; size += size < 40 ? 1 : 97) {
      const watch = watchRelay();
      const answer = recordTo(watch);
      answer.start(200, { 'content-type': type });
      for (let at = 0; at < text.length; at += size) answer.data(Buffer.from(text.slice(at, at + size)));
      answer.end();
      await answer.ended;
      expect([size, watch.breaches, watch.seen.join('')]).toEqual([size, [], `${text}<end>`]);
    }
});

it('an answer is broken off before an identifier that cannot be recorded', async () => {
  const { relay, seen } = watchRelay();
  const answer = recordTo({ relay, record: () => Promise.reject(new Error('the database is unavailable')) });
  answer.start(200, { 'content-type': 'text/event-stream' });
  answer.data(Buffer.from(stream));
  answer.end();
  await answer.ended;
  expect(seen).toEqual(['<database_unavailable>']);
});

it('the tokens of an earlier response or item are reserved for a request that refers to it', async () => {
  const reserve = async (body: Record<string, unknown>) => {
    proxy.upstream.behaviour = answerJson({ ...completed, id: `resp_${proxy.upstream.hits.length + 2}`, output: [] });
    const answer = await proxy.post(
      responsesPath,
      { model: 'gpt-4o-mini', input: 'x', max_output_tokens: 100, ...body },
      token,
    );
    expect(answer.status).toBe(200);
    const rows = await proxy.database.query<{ estimate: bigint }>(
      'select estimate from (select estimate, admitted_at from ledger union all select estimate, admitted_at from reservations) r order by admitted_at desc limit 1',
    );
    return Number(rows[0]?.estimate);
  };
  proxy.upstream.behaviour = answerJson(completed);
  const first = await proxy.post(responsesPath, { model: 'gpt-4o-mini', input: 'x' }, token);
  expect(first.status).toBe(200);
  const alone = await reserve({});
  // gpt-4o-mini costs 150 nano-US-dollars for each input token. The response has 1,000 tokens, 100 of them output.
  expect((await reserve({ previous_response_id: 'resp_1' })) - alone).toBeGreaterThanOrEqual(150 * 1_000);
  const referred = (await reserve({ input: [{ type: 'item_reference', id: 'msg_1' }] })) - alone;
  expect(referred).toBeGreaterThanOrEqual(150 * 60);
  expect(referred).toBeLessThan(150 * 300);
});

it('a large body, which a worker thread reads, can refer to stored state like any other', async () => {
  proxy.upstream.behaviour = answerJson(completed);
  expect((await proxy.post(responsesPath, { model: 'gpt-4o-mini', input: 'x' }, token)).status).toBe(200);
  const long = { role: 'user', content: 'x'.repeat(400_000) };
  const ask = (id: string) => {
    const body = {
      model: 'gpt-4o-mini',
      previous_response_id: 'resp_1',
      input: [{ type: 'item_reference', id }, long],
    };
    return proxy.post(responsesPath, body, token, { proxy: 1 });
  };
  expect((await ask('msg_1')).status).toBe(200);
  expect(proxy.upstream.last.body.toString()).toContain('{"type":"item_reference","id":"msg_1"}');
  expect((await ask('msg_2')).status).toBe(404);
});

it('an item with a tool that the vendor runs is refused if it would be stored, because a later use of the tool would not be charged', async () => {
  const scope = `${chatScope} model:gpt-5-mini cap:tools.web`;
  const accountId = await proxy.createAccount();
  await proxy.addProviderKey(accountId, 'openai', 'sk-proj-own0123456789abcdefghijkl');
  const searching = await proxy.createToken(await proxy.createGrant({ accountId, scope }));
  proxy.upstream.behaviour = answerJson(completed);
  const adding = (tool: object) => [{ type: 'additional_tools', role: 'developer', tools: [tool] }];
  const search = { type: 'web_search' };
  const ask = async (path: string, body: object) => (await proxy.post(path, body, searching)).status;
  const response = { model: 'gpt-5-mini', max_output_tokens: 100 };
  for (const tool of [search, { type: 'namespace', name: 'n', tools: [{ type: 'web_search_2025_08_26' }] }]) {
    expect(await ask(responsesPath, { ...response, input: adding(tool) })).toBe(400);
    expect(await ask('/openai/v1/conversations', { items: adding(tool) })).toBe(400);
  }
  expect(proxy.upstream.hits).toEqual([]);
  const own = { type: 'function', name: 'f', parameters: {} };
  expect(await ask(responsesPath, { ...response, input: adding(own) })).toBe(200);
  expect(await ask(responsesPath, { ...response, store: false, input: adding(search) })).toBe(200);
  expect(await ask(responsesPath, { ...response, input: 'x', tools: [search] })).toBe(200);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('3.7: a body that changes stored objects is refused before it is parsed if it has too many values; twenty long items are not too many', async () => {
  const conversations = '/openai/v1/conversations';
  proxy.upstream.behaviour = answerJson({ id: 'conv_2', object: 'conversation' });
  expect((await proxy.post(conversations, {}, token)).status).toBe(200);
  proxy.upstream.reset();
  const members = Object.fromEntries(Array.from({ length: 90_000 }, (_, index) => [`k${index}`, 1]));
  const bomb = { items: [members] };
  for (const [path, body] of [
    [conversations, bomb],
    [`${conversations}/conv_2/items`, bomb],
    [`${conversations}/conv_2`, { metadata: members }],
    // not even JSON, so it was refused before it was parsed
    [conversations, `[${'1,'.repeat(10_000)}`],
  ] as const) {
    const answer = await proxy.post(path, body, token);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('may have 10,000')]);
  }
  expect(proxy.upstream.hits).toEqual([]);
  proxy.upstream.behaviour = answerJson({ object: 'list', data: [] });
  const content = [{ type: 'input_text', text: 'x'.repeat(45_000) }];
  const items = Array.from({ length: 20 }, () => ({ type: 'message', role: 'user', content }));
  expect((await proxy.post(`${conversations}/conv_2/items`, { items }, token)).status).toBe(200);
});

it('a new object is refused before its body is read if the account has no provider key to store it with', async () => {
  const grantId = await proxy.createGrant({ accountId: await proxy.createAccount(), scope: chatScope });
  const keyless = await proxy.createToken(grantId);
  const answer = await proxy.post('/openai/v1/conversations', 'not JSON', keyless);
  expect([answer.status, await answer.text()]).toEqual([400, expect.not.stringContaining('JSON')]);
});

it('a response of OpenAI and its items are remembered for 30 days, and a conversation for 400 days after its last use', async () => {
  const accountId = await proxy.createAccount();
  await proxy.addProviderKey(accountId, 'openai', 'sk-proj-own0123456789abcdefghijkl');
  const grant = await proxy.createGrant({ accountId, scope: chatScope });
  const its = await proxy.createToken(grant);
  const conversation = { id: 'conv_1', object: 'conversation' };
  proxy.upstream.behaviour = answerJson(conversation);
  expect((await proxy.post('/openai/v1/conversations', {}, its)).status).toBe(200);
  const readDays = async () => {
    const rows = await proxy.database.query<{ kind: string; days: number }>(
      `select distinct kind, round(extract(epoch from expires_at - now()) / 86400)::integer as days
       from stored_objects where grant_id = '${grant.id}'`,
    );
    return Object.fromEntries(rows.map(({ kind, days }) => [kind, days]));
  };
  expect(await readDays()).toEqual({ conversation: 400 });
  await proxy.database.query(
    `update stored_objects set expires_at = now() + interval '1 day' where grant_id = '${grant.id}'`,
  );
  proxy.upstream.behaviour = answerJson({ ...completed, conversation });
  const turn = { model: 'gpt-4o-mini', input: 'x', conversation: 'conv_1' };
  expect((await proxy.post(responsesPath, turn, its)).status).toBe(200);
  expect(await readDays()).toEqual({ conversation: 400, response: 30, output_item: 30 });
});

it('a token without the scope that a new object needs gets the scope error, even if the account has no provider key', async () => {
  const accountId = await proxy.createAccount();
  const grant = await proxy.createGrant({ accountId, scope: 'model:gpt-4o-mini cap:embeddings' });
  const answer = await proxy.post('/openai/v1/conversations', {}, await proxy.createToken(grant));
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
    403,
    expect.stringMatching(/error="insufficient_scope".* scope="cap:chat"$/),
  ]);
});

it('while a request of a conversation runs, no items can be added to the conversation, because the usage of the running request, from which the proxy takes the size of the conversation, would not include them', async () => {
  const conversation = { id: 'conv_1', object: 'conversation' };
  proxy.upstream.behaviour = answerJson(conversation);
  expect((await proxy.post('/openai/v1/conversations', {}, token)).status).toBe(200);
  let finish = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    proxy.upstream.behaviour = (hit, answer) => {
      finish = () => answerJson({ ...completed, id: 'resp_7', conversation })(hit, answer);
      resolve();
    };
  });
  const turn = proxy.post(responsesPath, { model: 'gpt-4o-mini', input: 'x', conversation: 'conv_1' }, token);
  await reached;
  const add = () => {
    const items = [{ type: 'message', role: 'user', content: 'y' }];
    return proxy.post('/openai/v1/conversations/conv_1/items', { items }, token, { proxy: 1 });
  };
  const refused = await add();
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { error: expect.objectContaining({ code: 'conversation_locked' }) },
  ]);
  finish();
  expect((await turn).status).toBe(200);
  proxy.upstream.behaviour = answerJson({ object: 'list', data: [] });
  expect((await add()).status).toBe(200);
});

describe('another model', () => {
  /** The estimate for a response of `model` that continues the response to `first`. */
  const reserveAfter = async (first: object, model: string): Promise<number> => {
    const accountId = await proxy.createAccount();
    await proxy.addProviderKey(accountId, 'openai', 'sk-proj-own0123456789abcdefghijkl');
    const scope = `${chatScope} model:gpt-4o model:gpt-4.1-mini`;
    const grant = await proxy.createGrant({ accountId, scope });
    const its = await proxy.createToken(grant);
    proxy.upstream.behaviour = answerJson({ ...completed, output: [] });
    const limit = { max_output_tokens: 16 };
    expect((await proxy.post(responsesPath, { ...limit, ...first }, its)).status).toBe(200);
    proxy.upstream.behaviour = answerJson({ ...completed, id: 'resp_2', output: [] });
    // Reading the response does not change its recorded size.
    const path = `${responsesPath}/resp_1`;
    await (await fetch(`${proxy.url}${path}`, { headers: { authorization: `Bearer ${its}` } })).text();
    const next = { ...limit, model, input: 'x', previous_response_id: 'resp_1' };
    expect((await proxy.post(responsesPath, next, its, { proxy: 1 })).status).toBe(200);
    const rows = await proxy.database.query<{ estimate: bigint }>(
      `select estimate from (select estimate, grant_id, admitted_at from ledger union all select estimate, grant_id, admitted_at from reservations) r where grant_id = '${grant.id}' order by admitted_at desc limit 1`,
    );
    return Number(rows[0]?.estimate);
  };

  it('may charge more for pictures of an earlier turn, which the reservation includes', async () => {
    const picture = { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' };
    const input = [{ role: 'user', content: [picture, picture, picture] }];
    // gpt-4o-mini: 48,169 tokens for a picture, 150 nano-US-dollars for a token.
    expect(await reserveAfter({ model: 'gpt-4o', input }, 'gpt-4o-mini')).toBeGreaterThanOrEqual(3 * 48_169 * 150);
    expect(await reserveAfter({ model: 'gpt-4o', input: 'x' }, 'gpt-4o-mini')).toBeLessThan(48_169 * 150);
  });

  it('may read input that did not fit into the context window of the previous model', async () => {
    const first = { model: 'gpt-4o-mini', input: 'word '.repeat(40_000), truncation: 'auto' };
    // gpt-4.1-mini: a window of 1,047,576 tokens, 400 nano-US-dollars for a token.
    expect(await reserveAfter(first, 'gpt-4.1-mini')).toBeGreaterThanOrEqual(1_047_576 * 400);
    expect(await reserveAfter({ ...first, input: 'x' }, 'gpt-4.1-mini')).toBeLessThan(10_000 * 400);
  });
});
