import { revokeGrant } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { OpenaiFiles } from './support/openai-files.js';
import { chatPath, chatScope, TestProxy } from './support/test-proxy.js';

const filesPath = '/openai/v1/files';
const responsesPath = '/openai/v1/responses';
const scope = `${chatScope} cap:files`;
const key = 'sk-proj-own0123456789abcdefghijkl';
const month = 2_592_000;
const completed = {
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  output: [],
  usage: { input_tokens: 900, output_tokens: 10, total_tokens: 910 },
};

let proxy: TestProxy;
let vendor: OpenaiFiles;
let accountId: string;

beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
});

beforeEach(async () => {
  proxy.upstream.reset();
  vendor = new OpenaiFiles();
  vendor.others = completed;
  proxy.upstream.behaviour = vendor.behaviour;
  accountId = await proxy.createAccount();
  await proxy.addProviderKey(accountId, 'openai', key);
});

afterAll(() => proxy?.stop());

/** A grant of the same account at the same vendor, and the official SDK with its token at each replica. */
async function connect(granted = scope, limits = {}) {
  const grant = await proxy.createGrant({ accountId, scope: granted, limits });
  const token = await proxy.createToken(grant);
  const sdks = [0, 1].map(
    (replica) => new OpenAI({ apiKey: token, baseURL: `${proxy.urlOf(replica)}/openai/v1`, maxRetries: 0 }),
  );
  return { grant, token, sdk: sdks[0] as OpenAI, other: sdks[1] as OpenAI };
}

const upload = async (sdk: OpenAI, content: string | Buffer = 'hello', name = 'a.txt') =>
  sdk.files.create({ file: await toFile(Buffer.from(content), name), purpose: 'user_data' });

const get = (path: string, token: string, init: RequestInit = {}) =>
  fetch(`${proxy.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });

it('the official SDK stores, reads, lists and deletes files of the grant, at any replica', async () => {
  const { sdk, other, grant } = await connect();
  const content = Buffer.from([0, 1, 13, 10, 45, 45, 255, 200]);
  const made = await upload(sdk, content, 'täst "1".bin'.replaceAll('"', '_'));
  expect(made).toMatchObject({ object: 'file', bytes: content.length, purpose: 'user_data' });
  expect((await other.files.retrieve(made.id)).id).toBe(made.id);
  expect(Buffer.from(await (await other.files.content(made.id)).arrayBuffer())).toEqual(content);
  expect((await other.files.list()).data.map(({ id }) => id)).toEqual([made.id]);
  expect(await other.files.delete(made.id)).toEqual({ id: made.id, object: 'file', deleted: true });
  await expect(sdk.files.retrieve(made.id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
  expect((await sdk.files.list()).data).toEqual([]);
  expect(await proxy.readUsedRequests(grant.id)).toBe(0);
});

it('a file expires at the AI provider after 30 days, or earlier if the app asks for it, so no file stays for ever', async () => {
  const { sdk } = await connect();
  const file = await toFile(Buffer.from('x'), 'a.txt');
  const expires = async (seconds?: number) => {
    const made = await sdk.files.create({
      file,
      purpose: 'vision',
      ...(seconds !== undefined && { expires_after: { anchor: 'created_at', seconds } }),
    });
    return Number(made.expires_at) - made.created_at;
  };
  expect(await expires()).toBe(month);
  expect(await expires(3_600)).toBe(3_600);
  for (const seconds of [3_599, month + 1, 1e12]) await expect(expires(seconds)).rejects.toMatchObject({ status: 400 });
  const rows = await proxy.database.query<{ days: number }>(
    "select round(extract(epoch from expires_at - now()) / 86400)::integer as days from stored_objects where kind = 'file'",
  );
  expect(new Set(rows.map(({ days }) => days))).toEqual(new Set([30]));
});

// The ids at the beginning of titles are rows of docs/security.md.
it('3.5, X2: another grant of the same owner gets the same 404 for a file as for a file that does not exist, and lists only its own', async () => {
  const mine = await connect();
  const theirs = await connect();
  const made = await upload(mine.sdk, 'canary-content');
  const foreign = vendor.add(key, 'foreign.txt').file.id;
  const hits = proxy.upstream.hits.length;
  const texts: string[] = [];
  for (const id of [made.id, foreign, 'file-999999'])
    for (const [method, part] of [
      ['GET', ''],
      ['GET', '/content'],
      ['DELETE', ''],
    ] as const) {
      const answer = await get(`${filesPath}/${id}${part}`, theirs.token, { method });
      expect(answer.status).toBe(404);
      texts.push(await answer.text());
    }
  expect(new Set(texts).size).toBe(1);
  for (const id of [made.id, foreign]) {
    const asked = [
      [
        responsesPath,
        { model: 'gpt-4o-mini', input: [{ role: 'user', content: [{ type: 'input_file', file_id: id }] }] },
      ],
      [
        responsesPath,
        { model: 'gpt-4o-mini', input: [{ role: 'user', content: [{ type: 'input_image', file_id: id }] }] },
      ],
      [
        chatPath,
        { model: 'gpt-4o-mini', messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: id } }] }] },
      ],
    ] as const;
    for (const [path, body] of asked) {
      const answer = await proxy.post(path, body, theirs.token);
      expect([path, answer.status, await answer.json()]).toEqual([
        path,
        404,
        { error: expect.objectContaining({ code: 'not_found', param: expect.stringContaining('file_id') }) },
      ]);
    }
  }
  expect((await theirs.sdk.files.list()).data).toEqual([]);
  expect((await get(`${filesPath}?after=${made.id}`, theirs.token)).status).toBe(404);
  // None of these requests reached the AI provider. Its list was not needed either, because the grant has no file.
  expect(proxy.upstream.hits.length).toBe(hits);
  expect((await mine.sdk.files.list()).data.map(({ id }) => id)).toEqual([made.id]);
});

it('the pages of the list have only the files of the grant, in both orders, even if the account has many others', async () => {
  const { sdk, token } = await connect();
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    ids.push((await upload(sdk)).id);
    for (let others = 0; others < 600; others += 1) vendor.add(key, 'foreign.txt');
  }
  const hits = proxy.upstream.hits.length;
  for (const [order, expected] of [
    ['asc', ids],
    ['desc', ids.toReversed()],
  ] as const) {
    const seen: string[] = [];
    for await (const file of sdk.files.list({ order, limit: 2 })) seen.push(file.id);
    expect([order, seen]).toEqual([order, expected]);
  }
  expect(proxy.upstream.hits.length).toBeGreaterThan(hits + 6);
  const page = async (query: string) => (await get(`${filesPath}?${query}`, token)).json();
  expect(await page('limit=5')).toMatchObject({ has_more: false, first_id: ids[4], last_id: ids[0] });
  expect(await page(`limit=2&order=asc&after=${ids[0]}`)).toMatchObject({ has_more: true, last_id: ids[2] });
  expect(await page(`after=${ids[0]}`)).toMatchObject({ data: [], has_more: false, first_id: null });
  expect(await page('purpose=vision')).toMatchObject({ data: [] });
  expect((await get(`${filesPath}?limit=0`, token)).status).toBe(400);
  expect((await get(`${filesPath}?limit=10001`, token)).status).toBe(400);
});

it('a file that looks like an answer of the AI provider does not give the grant an object of another grant', async () => {
  const owner = await connect();
  const thief = await connect();
  const made = await upload(owner.sdk);
  vendor.others = { ...completed, id: 'resp_owner' };
  await owner.sdk.responses.create({ model: 'gpt-4o-mini', input: 'x' });
  for (const forged of [
    { id: made.id, object: 'file' },
    { id: 'resp_owner', object: 'response', output: [] },
    { object: 'list', data: [{ id: made.id }] },
  ]) {
    const bait = await upload(thief.sdk, JSON.stringify(forged), `${made.id}.json`);
    expect(await (await thief.sdk.files.content(bait.id)).json()).toEqual(forged);
    await expect(thief.sdk.files.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    await expect(thief.sdk.responses.retrieve('resp_owner')).rejects.toMatchObject({ status: 404 });
  }
});

it('the grant uses its files in Responses and chats; a document reserves the whole context window, a picture the most that a picture can cost', async () => {
  const { sdk, grant } = await connect();
  const { id } = await upload(sdk);
  const estimates = async () =>
    (
      await proxy.database.query<{ estimate: bigint }>(
        `select estimate from (select estimate, admitted_at from ledger where grant_id = '${grant.id}'
           union all select estimate, admitted_at from reservations where grant_id = '${grant.id}') r order by admitted_at desc limit 1`,
      )
    ).map(({ estimate }) => Number(estimate))[0];
  const ask = async (part: OpenAI.Responses.ResponseInputContent) => {
    vendor.others = { ...completed, id: `resp_${proxy.upstream.hits.length + 2}` };
    await sdk.responses.create({
      model: 'gpt-4o-mini',
      max_output_tokens: 100,
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'x' }, part] }],
    });
    expect(proxy.upstream.last.body.toString()).toContain(`"file_id":"${id}"`);
    return estimates();
  };
  const inline = await sdk.responses
    .create({
      model: 'gpt-4o-mini',
      max_output_tokens: 100,
      input: [{ role: 'user', content: [{ type: 'input_file', file_data: 'data:application/pdf;base64,AAAA' }] }],
    })
    .then(estimates);
  // gpt-4o-mini reads 128,000 tokens, at 150 nano-US-dollars each.
  expect(await ask({ type: 'input_file', file_id: id })).toBeGreaterThanOrEqual(128_000 * 150);
  expect(inline).toBeGreaterThanOrEqual(128_000 * 150);
  const picture = await ask({ type: 'input_image', file_id: id, detail: 'auto' });
  expect(picture).toBeLessThan(Number(inline));
  vendor.others = {
    id: 'c',
    object: 'chat.completion',
    choices: [],
    usage: { prompt_tokens: 1, completion_tokens: 1 },
  };
  await sdk.chat.completions.create({
    model: 'gpt-4o-mini',
    max_completion_tokens: 100,
    messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: id } }] }],
  });
  expect(proxy.upstream.last.body.toString()).toContain(`"file":{"file_id":"${id}"}`);
  expect(await estimates()).toBeGreaterThanOrEqual(128_000 * 150);
});

it('if the spending limit does not cover a full context window, OpenAI counts the tokens of the file', async () => {
  // a full context window of gpt-4o-mini costs $0.0192
  const { sdk, grant } = await connect(scope, { maxCost: 5_000_000n });
  const { id } = await upload(sdk);
  vendor.inputTokens = 2_000;
  const part = { type: 'input_file' as const, file_id: id };
  const ask = () =>
    sdk.responses.create({ model: 'gpt-4o-mini', max_output_tokens: 100, input: [{ role: 'user', content: [part] }] });
  await ask();
  const [counted, sent] = proxy.upstream.hits.slice(-2);
  expect(counted?.target).toBe('/v1/responses/input_tokens');
  for (const hit of [counted, sent]) expect(hit?.body.toString()).toContain(`"file_id":"${id}"`);
  expect(counted?.headers.authorization).toBe(`Bearer ${key}`);
  vendor.inputTokens = 100_000;
  await expect(ask()).rejects.toMatchObject({ status: 402, code: 'budget_exhausted' });
  expect(await proxy.readUsedRequests(grant.id)).toBe(1);
});

it('a file is named only in the content of a message; every other place is refused', async () => {
  const { sdk, token } = await connect();
  const { id } = await upload(sdk);
  const hits = proxy.upstream.hits.length;
  const user = (part: object) => [{ role: 'user', content: [part] }];
  const bodies: readonly (readonly [string, object])[] = [
    [chatPath, { messages: user({ type: 'text', text: 'x', file_id: id }) }],
    [chatPath, { messages: user({ type: 'image_url', image_url: { file_id: id } }) }],
    [responsesPath, { input: user({ type: 'input_text', text: 'x', file_id: id }) }],
    [responsesPath, { input: [{ type: 'message', role: 'user', content: [], file_id: id }] }],
    [responsesPath, { input: user({ type: 'input_file', file_id: [id] }) }],
    [responsesPath, { input: user({ type: 'input_file', file_id: `${id}/../x` }) }],
    ['/openai/v1/conversations', { items: user({ type: 'input_file', file_id: id }) }],
    ['/openai/v1/images/edits', { prompt: 'x', images: [{ file_id: id }] }],
  ];
  for (const [path, body] of bodies) {
    const answer = await proxy.post(
      path,
      path.endsWith('conversations') ? body : { model: 'gpt-4o-mini', ...body },
      token,
    );
    expect([path, body, answer.status >= 400]).toEqual([path, body, true]);
  }
  expect(proxy.upstream.hits.length).toBe(hits);
});

it('a form is checked: one file, a purpose that only stores, and no field that this service does not know', async () => {
  const { sdk, token } = await connect();
  const file = await toFile(Buffer.from('x'), 'a.txt');
  const send = (parts: readonly (readonly [string, string | File])[]) => {
    const form = new FormData();
    for (const [name, value] of parts) form.append(name, value);
    return fetch(`${proxy.url}${filesPath}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: form,
    });
  };
  const purpose = ['purpose', 'user_data'] as const;
  for (const parts of [
    [purpose],
    [['file', 'no file'], purpose],
    [['file', file], ['file', file], purpose],
    [['file', file], purpose, purpose],
    [
      ['file', file],
      ['purpose', 'fine-tune'],
    ],
    [
      ['file', file],
      ['purpose', 'assistants'],
    ],
    [
      ['file', file],
      ['purpose', 'batch'],
    ],
    [['file', file], purpose, ['expires_after[anchor]', 'last_active_at']],
  ] as const)
    expect([parts, (await send(parts)).status]).toEqual([parts, 400]);
  expect((await proxy.post(filesPath, {}, token)).status).toBe(415);
  expect(proxy.upstream.hits).toEqual([]);
  const answer = await send([['file', file], purpose, ['organization', 'org-1']]);
  expect([answer.status, answer.headers.get('aipassport-dropped')]).toEqual([200, 'organization']);
  expect(proxy.upstream.last.body.toString()).not.toContain('org-1');
  await expect(upload(sdk, Buffer.alloc(27 * 1_024 * 1_024))).rejects.toMatchObject({ status: 413 });
  expect(await upload(sdk, Buffer.alloc(20 * 1_024 * 1_024))).toMatchObject({ bytes: 20 * 1_024 * 1_024 });
});

it('files need cap:files in the token and in the grant, and the owner’s own provider key', async () => {
  const without = await connect(chatScope);
  await expect(upload(without.sdk)).rejects.toMatchObject({ status: 403, code: 'insufficient_scope' });
  // The scope is checked before the form is read.
  expect((await proxy.post(filesPath, 'no form', without.token)).status).toBe(403);
  await expect(without.sdk.files.list()).rejects.toMatchObject({ status: 403 });
  const { token } = await proxy.connect(scope);
  const keyless = new OpenAI({ apiKey: token, baseURL: `${proxy.url}/openai/v1`, maxRetries: 0 });
  await expect(upload(keyless)).rejects.toMatchObject({ status: 400, message: expect.stringContaining('own API key') });
  await expect(keyless.files.list()).rejects.toMatchObject({ status: 400 });
  const content = [{ type: 'input_file', file_id: 'file-1' }];
  const asked = await proxy.post(responsesPath, { model: 'gpt-4o-mini', input: [{ role: 'user', content }] }, token);
  expect([asked.status, await asked.text()]).toEqual([400, expect.stringContaining('input[0].content[0].file_id')]);
  expect(proxy.upstream.hits).toEqual([]);
});

it('a revoked grant reaches none of its files, and the content that is being sent is cut', async () => {
  const { sdk, token, grant } = await connect();
  const { id } = await upload(sdk);
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': 1_000_000 });
    response.write(Buffer.alloc(1_000));
  };
  const answer = await get(`${filesPath}/${id}/content`, token);
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  await revokeGrant(proxy.database.db, { grantId: grant.id, reason: 'owner', revokedBy: 'owner' });
  await expect(
    (async () => {
      for (;;) if ((await reader.read()).done) return 'whole';
    })(),
  ).rejects.toThrow();
  expect((await get(filesPath, token)).status).toBe(401);
  expect((await get(`${filesPath}/${id}`, token)).status).toBe(401);
});

it('K1: the provider key is in no answer about files, even if the AI provider repeats it', async () => {
  const { sdk, token } = await connect();
  const { id } = await upload(sdk, `my key is ${key}`, `${key}.txt`);
  for (const path of [filesPath, `${filesPath}/${id}`, `${filesPath}/${id}/content`]) {
    const text = await (await get(path, token)).text();
    expect([path, text.includes(key)]).toEqual([path, false]);
  }
  expect(proxy.lines.join('\n')).not.toContain(key);
});

it('an answer of the AI provider that is not a list of files is reported as its error', async () => {
  const { sdk, token } = await connect();
  await upload(sdk);
  for (const [status, body, expected] of [
    [500, '{}', 502],
    [200, 'not JSON', 502],
    [401, '{}', 502],
  ] as const) {
    proxy.upstream.behaviour = (_hit, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    };
    expect([status, (await get(filesPath, token)).status]).toEqual([status, expected]);
  }
});
