import { createOpenAI } from '@ai-sdk/openai';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { generateText, isStepCount, streamText, tool } from 'ai';
import OpenAI from 'openai';
import pg from 'pg';
import { z } from 'zod';
import { ClientApp } from './harness/client-app.js';
import { type Connection, connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { StatefulOpenai } from './harness/stateful-openai.js';
import { makeProviderKey } from './harness/vendor-calls.js';
import { waitUntil } from './harness/wait-until.js';

const model = 'gpt-4o-mini';
const scope = `model:${model} cap:chat`;

let upstream: RecordingUpstream;
let vendor: StatefulOpenai;
let deployment: Deployment;
let client: ClientApp;
let own: Connection;
/** Another grant of the same account for the same client. */
let sibling: Connection;
/** A grant of another account. */
let stranger: Connection;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  client = await ClientApp.register(deployment);
  own = await connectWithOwnKey();
  sibling = await connect(deployment, { owner: own.owner, client, scope });
  stranger = await connectWithOwnKey();
});

beforeEach(() => {
  upstream.hits.length = 0;
  vendor = new StatefulOpenai();
  upstream.behaviour = vendor.behaviour;
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

async function connectWithOwnKey(): Promise<Connection> {
  const owner = await createOwner(deployment);
  await owner.addKey('openai', makeProviderKey('openai'));
  return connect(deployment, { owner, client, scope });
}

/** The official SDK against one of the proxies. */
function sdk({ accessToken }: Connection, replica = 0): OpenAI {
  const url = deployment.resourceProxies[replica]?.url ?? '';
  return new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: accessToken, maxRetries: 0 });
}

async function readGrant(grantId: string) {
  const {
    spent,
    held,
    used_requests: requests,
  } = await deployment.db
    .selectFrom('grants')
    .select(['spent', 'held', 'used_requests'])
    .where('id', '=', grantId)
    .executeTakeFirstOrThrow();
  return { spent, held, requests: Number(requests) };
}

/** Waits until all earlier requests are settled. @returns the grant */
async function readSettled({ grantId }: Connection) {
  await waitUntil(async () => (await readGrant(grantId)).held === 0n, 'everything is settled', 20_000);
  return readGrant(grantId);
}

async function readLastEstimate(grantId: string): Promise<bigint> {
  const database = new pg.Client({ connectionString: deployment.databaseUrl });
  await database.connect();
  const last = 'select estimate from ledger where grant_id = $1 order by admitted_at desc limit 1';
  const { rows } = await database.query<{ estimate: string }>(last, [grantId]);
  await database.end();
  return BigInt(rows[0]?.estimate ?? 0);
}

function failureOf(work: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  return work.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => error as InstanceType<typeof OpenAI.APIError>, // the SDK's only kind of failure here
  );
}

const weather = tool({
  description: 'The weather in a city',
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => `It is sunny in ${city}.`,
});

it('the two-step tool loop of the Vercel AI SDK works with its defaults, over two replicas, streamed and not', async () => {
  let sent = 0;
  const provider = createOpenAI({
    apiKey: own.accessToken,
    baseURL: 'http://proxy.test/openai/v1',
    // The steps go to the two replicas in turn.
    fetch: (url, init) => {
      const replica = deployment.resourceProxies[sent++ % 2];
      return fetch(`${replica?.url}${new URL(url instanceof Request ? url.url : url).pathname}`, init);
    },
  });
  const options = {
    model: provider(model),
    tools: { weather },
    stopWhen: isStepCount(3),
    prompt: 'Weather in Paris?',
    maxRetries: 0,
  };
  const { text, steps } = await generateText(options);
  expect([steps.length, text]).toEqual([2, expect.stringMatching(/^I have read [45] items\.$/)]);
  const streamed = streamText(options);
  expect(await streamed.text).toMatch(/^I have read [45] items\.$/);
  const bodies = upstream.hits.map(({ body }) => body);
  expect(bodies[1]).toContain('"item_reference"');
  expect(bodies[3]).toContain('"item_reference"');
  expect(bodies.some((body) => body.includes('"store":false'))).toBe(false);
});

it('the official SDK continues a response by its id, and by sending its output back unchanged', async () => {
  const first = await sdk(own).responses.create({ model, input: 'One?' });
  const second = await sdk(own, 1).responses.create({ model, input: 'Two?', previous_response_id: first.id });
  expect(second.output_text).toBe('I have read 3 items.');
  const stream = await sdk(own).responses.create({
    model,
    input: 'Three?',
    previous_response_id: second.id,
    stream: true,
  });
  let text = '';
  for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
  expect(text).toBe('I have read 5 items.');
  const output = first.output as OpenAI.Responses.ResponseInputItem[];
  const counted = await sdk(own, 1).responses.inputTokens.count({
    model,
    input: 'Two?',
    previous_response_id: first.id,
  });
  expect(counted.input_tokens).toBe(17);
  const sentBack = await sdk(own, 1).responses.create({
    model,
    input: [{ role: 'user', content: 'One?' }, ...output, { role: 'user', content: 'And?' }],
  });
  expect(sentBack.output_text).toBe('I have read 3 items.');
});

it('the grant that made a response can read it, list its input and delete it; after that it is unknown', async () => {
  const { id } = await sdk(own).responses.create({ model, input: 'Keep this.' });
  const used = await readGrant(own.grantId);
  expect((await sdk(own, 1).responses.retrieve(id)).output_text).toBe('I have read 1 items.');
  const items = [];
  for await (const item of sdk(own, 1).responses.inputItems.list(id, { order: 'asc' })) items.push(item);
  expect(items).toMatchObject([{ role: 'user', content: 'Keep this.' }]);
  await sdk(own, 1).responses.delete(id);
  expect(vendor.responses.size).toBe(0);
  expect(await failureOf(sdk(own).responses.retrieve(id))).toMatchObject({ status: 404 });
  const reply = sdk(own).responses.create({ model, input: 'x', previous_response_id: id });
  expect(await failureOf(reply)).toMatchObject({ status: 404, code: 'previous_response_not_found' });
  // Only the first of these requests was counted.
  expect((await readGrant(own.grantId)).requests).toBe(used.requests);
});

it('an object that is stored for one grant gets the same answer under another grant as an unknown object', async () => {
  const response = await sdk(own).responses.create({ model, input: 'A secret.' });
  const conversation = await sdk(own).conversations.create({
    items: [{ type: 'message', role: 'user', content: 'Mine.' }],
  });
  const [message] = response.output;
  const reached = upstream.hits.length;
  const names = { response: response.id, conversation: conversation.id, item: message?.id ?? '' };
  const nobodys = { response: 'resp_0000', conversation: 'conv_0000', item: 'msg_0000' };
  const tries = (openai: OpenAI, { response: id, conversation: talk, item }: typeof names) => [
    openai.responses.retrieve(id),
    openai.responses.retrieve(id, { stream: true }),
    openai.responses.delete(id),
    openai.responses.cancel(id),
    openai.responses.inputItems.list(id),
    openai.conversations.retrieve(talk),
    openai.conversations.update(talk, { metadata: { mine: 'yes' } }),
    openai.conversations.delete(talk),
    openai.conversations.items.list(talk),
    openai.conversations.items.create(talk, { items: [{ type: 'message', role: 'user', content: 'x' }] }),
    openai.conversations.items.retrieve(item, { conversation_id: talk }),
    openai.conversations.items.delete(item, { conversation_id: talk }),
    openai.responses.create({ model, input: 'x', previous_response_id: id }),
    openai.responses.create({ model, input: 'x', conversation: talk }),
    openai.responses.create({ model, input: 'x', conversation: { id: talk } }),
    openai.responses.create({ model, input: [{ type: 'item_reference', id: item }] }),
    openai.responses.create({ model, input: [{ type: 'reasoning', id: item, summary: [] }] }),
  ];
  const listRefusals = async (attempts: readonly Promise<unknown>[]) =>
    (await Promise.all(attempts.map(failureOf))).map(({ status, error }) => ({ status, error }));
  const unknown = await listRefusals(tries(sdk(own), nobodys));
  expect(new Set(unknown.map(({ status }) => status))).toEqual(new Set([404]));
  for (const other of [sibling, stranger]) expect(await listRefusals(tries(sdk(other), names))).toEqual(unknown);
  // None of these requests has reached the AI provider, and none was counted.
  expect(upstream.hits.length).toBe(reached);
  expect((await readGrant(sibling.grantId)).requests).toBe(0);
});

it('ids that a client chooses are not recorded; only objects that the provider made are', async () => {
  const { id } = await sdk(own).responses.create({ model, input: 'Mine.' });
  await sdk(sibling).responses.create({
    model,
    input: [{ role: 'user', content: 'x' }],
    metadata: { id, object: 'response' },
  });
  expect(await failureOf(sdk(sibling).responses.retrieve(id))).toMatchObject({ status: 404 });
  const copied = await sdk(sibling).responses.create({
    model,
    input: [{ id: 'msg_chosen', type: 'message', role: 'user', content: 'x' } as never],
  });
  expect(copied.output_text).toBe('I have read 1 items.');
  expect(upstream.hits.at(-1)?.body).not.toContain('msg_chosen');
});

it('a conversation grows at both replicas, and its size is counted before each request', async () => {
  const { id } = await sdk(own).conversations.create();
  await sdk(own, 1).conversations.items.create(id, {
    items: [{ type: 'message', role: 'user', content: 'x'.repeat(4_000) }],
  });
  const first = await sdk(own).responses.create({ model, input: 'One?', conversation: id });
  expect(first.output_text).toBe('I have read 2 items.');
  const second = await sdk(own, 1).responses.create({ model, input: 'Two?', conversation: { id }, stream: true });
  for await (const event of second) expect(event).toBeDefined();
  const items = [];
  for await (const item of sdk(own, 1).conversations.items.list(id)) items.push(item);
  expect(items).toHaveLength(5);
  await readSettled(own);
  // 16,384 tokens of output, and at least 1,000 tokens of input for the 4,000 bytes of the conversation.
  expect(await readLastEstimate(own.grantId)).toBeGreaterThan(16_384n * 600n + 1_000n * 150n);
  await sdk(own).responses.create({ model, input: 'Slow.', conversation: id, background: true });
  const refused = await failureOf(sdk(own, 1).responses.create({ model, input: 'x', conversation: id }));
  expect(refused).toMatchObject({ code: 'conversation_locked' });
  vendor.finishAll();
  await readSettled(own);
  expect((await sdk(own, 1).responses.create({ model, input: 'x', conversation: id })).status).toBe('completed');
});

it('a background response is settled even if no client asks for it, and a client that asks gets it', async () => {
  const before = await readSettled(own);
  const { id, status } = await sdk(own).responses.create({ model, input: 'Take your time.', background: true });
  expect(status).toBe('queued');
  expect((await readGrant(own.grantId)).held).toBeGreaterThan(0n);
  expect((await sdk(own, 1).responses.retrieve(id)).status).toBe('queued');
  vendor.finishAll();
  const after = await readSettled(own);
  expect(after.requests).toBe(before.requests + 1);
  expect(after.spent).toBeGreaterThan(before.spent);
  expect(after.spent).toBeLessThan(before.spent + 100_000n);
  expect((await sdk(own, 1).responses.retrieve(id)).output_text).toBe('I have read 1 items.');
  const events = [];
  for await (const event of await sdk(own).responses.retrieve(id, { stream: true, starting_after: 2 }))
    events.push(event);
  expect(events.map(({ sequence_number: number }) => number)).toEqual([3, 4]);
});

it('a poll that shows the end of a background response settles it; a cancelled one is charged the most that it can have used', async () => {
  const { id } = await sdk(own).responses.create({ model, input: 'Think.', background: true });
  vendor.finishAll();
  expect((await sdk(own).responses.retrieve(id)).status).toBe('completed');
  expect((await readGrant(own.grantId)).held).toBe(0n);
  const before = await readGrant(own.grantId);
  const other = await sdk(own).responses.create({ model, input: 'Think.', background: true });
  expect((await sdk(own, 1).responses.cancel(other.id)).status).toBe('cancelled');
  expect((await readSettled(own)).spent - before.spent).toBeLessThan(2_000_000n);
});

it('revoking a grant cancels its background responses, and its stored objects cannot be reached any more', async () => {
  const mortal = await connectWithOwnKey();
  const { id } = await sdk(mortal).responses.create({ model, input: 'Take your time.', background: true });
  const done = await sdk(mortal).responses.create({ model, input: 'One?' });
  await mortal.client.revokeToken(mortal.tokens.refresh_token ?? mortal.accessToken);
  await waitUntil(() => vendor.responses.get(id)?.response.status === 'cancelled', 'it is cancelled', 10_000);
  await readSettled(mortal);
  for (const name of [id, done.id])
    expect(await failureOf(sdk(mortal).responses.retrieve(name))).toMatchObject({ status: 401 });
  // Another grant of the same account and client does not inherit anything.
  const next = await connect(deployment, { owner: mortal.owner, client, scope });
  expect(await failureOf(sdk(next).responses.retrieve(done.id))).toMatchObject({ status: 404 });
});

it('if a proxy is killed between two steps, or while a response runs, neither the stored state nor the charge is lost', async () => {
  const first = await sdk(own, 1).responses.create({ model, input: 'One?' });
  const before = await readSettled(own);
  const running = await sdk(own, 1).responses.create({ model, input: 'Take your time.', background: true });
  const victim = deployment.resourceProxies[1];
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  const second = await sdk(own).responses.create({ model, input: 'Two?', previous_response_id: first.id });
  expect(second.output_text).toBe('I have read 3 items.');
  vendor.finishAll();
  expect((await readSettled(own)).spent - before.spent).toBeLessThan(200_000n);
  expect((await sdk(own).responses.retrieve(running.id)).status).toBe('completed');
  await victim?.stop();
  await victim?.start();
});

it('with the operator’s provider key nothing is stored: the first answer says so, and requests that refer to stored objects are refused', async () => {
  const keyless = await connect(deployment, { client, scope });
  const openai = sdk(keyless);
  const { data, response } = await openai.responses.create({ model, input: 'One?' }).withResponse();
  expect(response.headers.get('aipassport-store')).toBe('false');
  expect(JSON.parse(upstream.hits.at(-1)?.body ?? '')).toMatchObject({ store: false });
  const explicit = await openai.responses.create({ model, input: 'One?', store: false }).withResponse();
  expect(explicit.response.headers.get('aipassport-store')).toBeNull();
  const reached = upstream.hits.length;
  for (const [field, refused] of [
    ['previous_response_id', openai.responses.create({ model, input: 'x', previous_response_id: data.id })],
    ['conversation', openai.responses.create({ model, input: 'x', conversation: 'conv_1' })],
    ['background', openai.responses.create({ model, input: 'x', background: true })],
    ['input[0]', openai.responses.create({ model, input: [{ type: 'item_reference', id: 'msg_1' }] })],
  ] as const)
    expect(await failureOf(refused)).toMatchObject({
      status: 400,
      param: field,
      message: expect.stringContaining('ask the owner to add their own API key'),
    });
  expect(await failureOf(openai.conversations.create())).toMatchObject({ status: 400 });
  expect(upstream.hits.length).toBe(reached);
});
