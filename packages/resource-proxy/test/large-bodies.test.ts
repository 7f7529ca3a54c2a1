import { setFlagsFromString } from 'node:v8';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { defaultLimits } from '../src/index.js';
import { FairQueue } from '../src/preparing/fair-queue.js';
import { chat, chatPath, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const everything =
  'model:gpt-4o-mini model:claude-haiku-4-5 model:gemini-2.5-flash model:text-embedding-3-small cap:chat cap:embeddings cap:tools.web';

let proxy: TestProxy;
let token: string;
/** A proxy that prepares every body in a thread. */
let threaded: TestProxy;
let threadedToken: string;

beforeAll(async () => {
  proxy = await TestProxy.start();
  threaded = await TestProxy.start({ limits: { smallBodyBytes: 0 } });
  ({ token } = await proxy.connect(everything));
  ({ token: threadedToken } = await threaded.connect(everything));
});

beforeEach(() => {
  proxy.upstream.reset();
  threaded.upstream.reset();
});

afterAll(async () => {
  await proxy?.stop();
  await threaded?.stop();
});

const picture = (bytes: number) => ({
  type: 'image_url',
  image_url: { url: `data:image/png;base64,${'iVBORw0KGgo+/'.repeat(bytes / 13)}` },
});
const valuesOf = (count: number) => Array.from({ length: count }, () => 1);

// The ids at the beginning of titles are rows of docs/security.md.
it('X1: a body that exceeds a bound is refused, the error names the bound, and nothing is forwarded', async () => {
  const of = (content: string) => `{"model":"gpt-4o-mini","messages":[{"role":"user","content":${content}}]}`;
  const cases = [
    [of(`[${Array(1_000_000).fill('{}').join()}]`), 'too many values'],
    [of(`[${Array(3_000_000).fill('1').join()}]`), 'too many values'],
    [of(`"${'\\"'.repeat(3_000_000)}"`), 'too many escapes'],
    [of(`"${'a b '.repeat(4_000_000)}"`), 'too much text'],
  ];
  for (const [body, words] of cases) {
    const answer = await proxy.post(chatPath, body, token);
    expect([words, answer.status]).toEqual([words, 400]);
    const { error } = (await answer.json()) as { error: { message: string; code: string } };
    expect(error.code).toBe('invalid_request');
    expect(error.message).toContain(words);
    expect(error.message).toMatch(/it may have [\d,]{7,}/);
  }
  expect(proxy.upstream.hits).toEqual([]);
});

it('bodies that are prepared in a thread are sent, refused and answered like those that are prepared without one', async () => {
  const cases: [string, string, unknown][] = [
    ['a chat', chatPath, chat],
    ['a stream', chatPath, { ...chat, stream: true, n: 2, max_tokens: 100 }],
    ['pictures', chatPath, { ...chat, messages: [{ role: 'user', content: [picture(50_000), picture(60_000)] }] }],
    [
      'written in another way',
      chatPath,
      '\n {"messages" :[ {"role":"user","content":"\\u0041é😀"}] ,"model":"gpt-4o-mini"} ',
    ],
    [
      'a tool',
      '/anthropic/v1/messages',
      {
        model: 'claude-haiku-4-5',
        max_tokens: 5,
        messages: [],
        tools: [{ type: 'web_search_20250305', name: 'web_search' }],
      },
    ],
    [
      'content',
      '/google/v1beta/models/gemini-2.5-flash:generateContent',
      { contents: [{ parts: [{ inlineData: { mimeType: 'audio/mp3', data: 'A'.repeat(40_000) } }] }] },
    ],
    ['tokens', '/openai/v1/embeddings', { model: 'text-embedding-3-small', input: valuesOf(20_000) }],
    ['stored state', '/openai/v1/responses', { model: 'gpt-4o-mini', input: 'x', previous_response_id: 'resp_1' }],
    ['another model', chatPath, { ...chat, model: 'gpt-4o' }],
    ['no model', chatPath, { messages: [] }],
    ['an unknown field', chatPath, { ...chat, best_of: 3 }],
    [
      'no price',
      chatPath,
      { ...chat, messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] },
    ],
    ['twice', chatPath, '{"model":"gpt-4o-mini","messages":[],"model":"gpt-4o-mini"}'],
    ['no JSON', chatPath, '{"model":'],
  ];
  for (const [name, path, body] of cases) {
    const [here, there] = [await proxy.post(path, body, token), await threaded.post(path, body, threadedToken)];
    const anonymous = (text: string) => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id');
    const describe = async (answer: Response) => [
      answer.status,
      answer.headers.get('aipassport-dropped'),
      anonymous(await answer.text()),
    ];
    expect([name, await describe(there)]).toEqual([name, await describe(here)]);
  }
  const sent = ({ upstream }: TestProxy) => upstream.hits.map(({ target, body }) => [target, body.toString()]);
  expect(sent(threaded)).toEqual(sent(proxy));
  expect(proxy.upstream.hits).toHaveLength(8);
});

it('the output limit of a large body is lowered until the remaining budget covers it', async () => {
  const text = 'A word of it. '.repeat(30_000);
  const ask = (by: TestProxy, token: string) =>
    by.chat(token, { max_tokens: 16_000, messages: [{ role: 'user', content: text }] });
  const sent: unknown[] = [];
  for (const each of [proxy, threaded]) {
    const { token } = await each.connect(undefined, { maxCost: 25_000_000n });
    each.upstream.reset();
    expect((await ask(each, token)).status).toBe(200);
    sent.push(JSON.parse(each.upstream.last.body.toString()));
  }
  expect(sent[1]).toEqual(sent[0]);
  const { max_tokens: tokens } = sent[0] as { max_tokens: number };
  expect(tokens).toBeGreaterThan(16);
  expect(tokens).toBeLessThan(16_000);
});

it('31 MB of base64 arrive as they were sent', async () => {
  const content = [{ type: 'text', text: 'What is this? "😀"' }, picture(31_000_000)];
  expect((await proxy.chat(token, { messages: [{ role: 'user', content }] })).status).toBe(200);
  const { body, headers } = proxy.upstream.last;
  expect(headers['content-length']).toBe(String(body.length));
  expect((JSON.parse(body.toString()) as { messages: unknown }).messages).toEqual([{ role: 'user', content }]);
});

const workers = defaultLimits.bodyWorkers;

it.each([
  // measured: a thread needs 19 MB to serve the smaller body, and the heavy one does not fit into 24 MB
  ['memory', { ...workers, heapMegabytes: 22 }],
  ['time', { ...workers, timeoutMilliseconds: 1 }],
])(
  'X1: a body that needs more %s than a thread may use is refused, and the next one is served',
  async (detail, bodyWorkers) => {
    setFlagsFromString('--max-old-space-size=1280'); // as in a container with a memory limit
    const narrow = await TestProxy.start({ limits: { bodyWorkers } });
    try {
      const { grant, token } = await narrow.connect();
      const heavy = await narrow.chat(token, { messages: [{ role: 'user', content: '中'.repeat(3_900_000) }] });
      expect([heavy.status, heavy.headers.get('x-should-retry')]).toEqual([413, 'false']);
      expect(await heavy.json()).toMatchObject({ error: { code: 'request_too_large' } });
      expect(narrow.lines.some((line) => line.includes(`"reason":"body_too_heavy","detail":"${detail}"`))).toBe(true);
      expect((await narrow.chat(token)).status).toBe(200);
      const large = { messages: [{ role: 'user', content: 'x'.repeat(300_000) }] };
      if (detail === 'memory') expect((await narrow.chat(token, large)).status).toBe(200);
      expect(await narrow.readUsedRequests(grant.id)).toBe(detail === 'memory' ? 2 : 1);
      expect(narrow.lines.filter((line) => line.includes('"unexpected_error"'))).toEqual([]);
    } finally {
      await narrow.stop();
    }
  },
  60_000,
);

it('X1: the bodies of one grant take only some of the places in the queue for a thread, and another grant is served meanwhile', async () => {
  const narrow = await TestProxy.start({
    limits: { bodyWorkers: { ...workers, threads: 1, queue: { total: 100, perAccount: 100, perGrant: 2 } } },
  });
  try {
    const body = { messages: [{ role: 'user', content: valuesOf(390_000) }] };
    const [{ token: greedy }, { token: modest }] = [await narrow.connect(), await narrow.connect()];
    const asked = Array.from({ length: 12 }, () => narrow.chat(greedy, body));
    await waitUntil(() => narrow.lines.some((line) => line.includes('"body_share_exceeded"')), 'its share is full');
    expect((await narrow.chat(modest, body)).status).toBe(200);
    const answers = await Promise.all(asked);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers } of refused) expect(headers.get('retry-after')).toBe('1');
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  } finally {
    await narrow.stop();
  }
}, 60_000);

it('a stopping proxy refuses requests that wait for a thread', async () => {
  const stopping = await TestProxy.start({ limits: { bodyWorkers: { ...workers, threads: 1 } } });
  const { token } = await stopping.connect();
  const body = { messages: [{ role: 'user', content: valuesOf(390_000) }] };
  const asked = Array.from({ length: 6 }, () =>
    stopping.chat(token, body).then(
      ({ status }) => status,
      () => 0,
    ),
  );
  await waitUntil(() => stopping.upstream.hits.length > 0, 'the first one has passed');
  await stopping.stop();
  for (const status of await Promise.all(asked)) expect([0, 200, 503]).toContain(status);
});

it('accounts take turns, and so do the grants of an account; accounts, grants and the whole queue have a bounded number of places', () => {
  const queue = new FairQueue<string>({ total: 9, perAccount: 6, perGrant: 4 });
  const push = (accountId: string, grantId: string, item: string) => queue.push({ accountId, grantId }, item);
  for (const item of ['a1', 'a2', 'a3', 'a4']) expect(push('A', 'a', item)).toBeUndefined();
  expect(push('A', 'a', 'a5')).toBe('grant');
  for (const item of ['b1', 'b2']) expect(push('A', 'b', item)).toBeUndefined();
  expect(push('A', 'b', 'b3')).toBe('account');
  for (const item of ['c1', 'c2', 'c3']) expect(push('C', 'c', item)).toBeUndefined();
  expect(push('D', 'd', 'd1')).toBe('total');
  const order = Array.from({ length: 10 }, () => queue.shift());
  expect(order).toEqual(['a1', 'c1', 'b1', 'c2', 'a2', 'c3', 'b2', 'a3', 'a4', undefined]);
  expect(queue.size).toBe(0);
});
