import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import OpenAI, { toFile } from 'openai';
import { answerJson } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const path = '/openai/v1/images/edits';
const scope = 'model:gpt-image-1 model:gpt-4o cap:images';
const megabyte = 1_000_000;

let proxy: TestProxy;
beforeAll(async () => {
  const bodyMemory = {
    totalBytes: 20 * megabyte,
    perAccountBytes: 10 * megabyte,
    perGrantBytes: 6 * megabyte,
    reserveBytes: megabyte,
    smallBytes: megabyte / 10,
  };
  proxy = await TestProxy.start({ limits: { bodyMemory, maxUploadBytes: 4 * megabyte } });
});
beforeEach(() => {
  proxy.upstream.reset();
  proxy.upstream.behaviour = answerJson({ created: 1, data: [{ b64_json: 'AAAA' }], usage });
});
afterAll(() => proxy?.stop());

const usage = {
  input_tokens: 340,
  output_tokens: 272,
  total_tokens: 612,
  input_tokens_details: { text_tokens: 17, image_tokens: 323 },
};
/** gpt-image-1: per million tokens, $5 for text, $10 for input pictures and $40 for output pictures. */
const cost = BigInt(17 * 5_000 + 323 * 10_000 + 272 * 40_000);

async function connect(granted = scope) {
  const { grant, token } = await proxy.connect(granted);
  const sdk = new OpenAI({ apiKey: token, baseURL: `${proxy.url}/openai/v1`, maxRetries: 0 });
  const rows = async () =>
    (
      await sql<{ settlement: string; cost: bigint; estimate: bigint }>`
        select settlement, cost, estimate from ledger where grant_id = ${grant.id} order by admitted_at`.execute(
        proxy.database.db,
      )
    ).rows;
  const readLedger = async (count = 1) => {
    await waitUntil(async () => (await rows()).length >= count, 'it is settled');
    return rows();
  };
  return { token, sdk, rows, readLedger };
}

const picture = (name: string, bytes = Buffer.from([1, 13, 10, 45, 45, 255])) =>
  toFile(bytes, name, { type: 'image/png' });

/** The form that the upstream received, part by part. */
async function received(): Promise<[string, string][]> {
  const { headers, body } = proxy.upstream.last;
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': headers['content-type'] ?? '' },
  }).formData();
  return Promise.all(
    [...form].map(async ([name, value]): Promise<[string, string]> => {
      if (typeof value === 'string') return [name, value];
      return [name, `${value.name} ${value.type} ${Buffer.from(await value.arrayBuffer()).toString('hex')}`];
    }),
  );
}

it('the official SDK edits one picture and several, and the usage that the answer reports is charged', async () => {
  const { sdk, readLedger } = await connect();
  const answer = await sdk.images.edit({
    model: 'gpt-image-1',
    prompt: 'Ein Hut für den Hund',
    image: await picture('dog.png'),
    mask: await picture('mask.png', Buffer.from('m')),
    n: 1,
    size: '1024x1024',
    quality: 'low',
    background: 'auto',
    input_fidelity: 'low',
    output_format: 'webp',
    output_compression: 80,
    user: 'u',
  });
  expect(answer.data?.[0]?.b64_json).toBe('AAAA');
  expect(proxy.upstream.last.target).toBe('/v1/images/edits');
  expect(Object.fromEntries(await received())).toEqual({
    model: 'gpt-image-1',
    prompt: 'Ein Hut für den Hund',
    image: 'dog.png image/png 010d0a2d2dff',
    mask: 'mask.png image/png 6d',
    n: '1',
    size: '1024x1024',
    quality: 'low',
    background: 'auto',
    input_fidelity: 'low',
    output_format: 'webp',
    output_compression: '80',
    user: 'u',
  });
  const image = await Promise.all(Array.from({ length: 16 }, (_, index) => picture(`${index}.png`)));
  await sdk.images.edit({ model: 'gpt-image-1', prompt: 'x', image });
  expect((await received()).map(([name]) => name)).toEqual(['model', 'prompt', ...image.map(() => 'image[]')]);
  const [one, many] = await readLedger(2);
  for (const row of [one, many]) expect(row).toMatchObject({ settlement: 'reported', cost });
  // The first request has two input pictures and a small output picture; the second has sixteen input pictures and the
  // largest output picture.
  for (const [row, least] of [
    [one, 2 * 768 * 10_000 + 640 * 40_000],
    [many, 16 * 768 * 10_000 + 6_656 * 40_000],
  ] as const) {
    expect(row?.estimate).toBeGreaterThan(BigInt(least));
    expect(row?.estimate).toBeLessThan(BigInt(least) + 10_000_000n);
  }
});

it('a stream of edited pictures is passed on, and the usage that it reports is charged', async () => {
  const { sdk, readLedger } = await connect();
  const events = [
    { type: 'image_edit.partial_image', b64_json: 'AA', partial_image_index: 0 },
    { type: 'image_edit.completed', b64_json: 'AAAA', usage },
  ];
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
  };
  const image = await picture('a.png');
  const params = { model: 'gpt-image-1', prompt: 'x', image, stream: true, partial_images: 1 } as const;
  const seen: unknown[] = [];
  for await (const event of await sdk.images.edit(params)) seen.push(event);
  expect(seen).toEqual(events);
  expect(Object.fromEntries(await received())).toMatchObject({ stream: 'true', partial_images: '1' });
  expect((await readLedger())[0]).toMatchObject({ settlement: 'reported', cost });
});

interface Part {
  readonly name: string;
  readonly value: string | Buffer;
  readonly filename?: string;
}
const image: Part = { name: 'image', value: 'abc', filename: 'a.png' };
const model: Part = { name: 'model', value: 'gpt-image-1' };
const prompt: Part = { name: 'prompt', value: 'x' };
const text = (name: string, value: string): Part => ({ name, value });

function form(parts: readonly Part[]): Buffer {
  const written = parts.flatMap(({ name, value, filename }) => [
    `--b\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n\r\n`,
    value,
    '\r\n',
  ]);
  return Buffer.concat([...written, '--b--\r\n'].map((piece) => Buffer.from(piece)));
}

const send = (token: string, parts: readonly Part[], contentType = 'multipart/form-data; boundary=b') =>
  proxy.post(path, form(parts), token, { headers: { 'content-type': contentType } });

// The ids at the beginning of titles are rows of docs/security.md.
it('3.5: a form of pictures is rewritten, with its parts in any order', async () => {
  const { token } = await connect();
  const other = { name: 'extra', value: 'e', filename: 'e.txt' };
  const answer = await send(token, [
    image,
    other,
    text('n', '02'),
    { ...image, name: 'image[]', value: 'def' },
    text('top_k', '5'),
    prompt,
    model,
  ]);
  expect([answer.status, answer.headers.get('aipassport-dropped')]).toEqual([200, 'top_k, extra']);
  const octets = 'a.png application/octet-stream';
  expect(await received()).toEqual([
    ['n', '2'],
    ['prompt', 'x'],
    ['model', 'gpt-image-1'],
    ['image[]', `${octets} 616263`],
    ['image[]', `${octets} 646566`],
  ]);
});

it('3.5: a form of pictures that is expensive, ambiguous or too large is refused and not forwarded', async () => {
  const { token, rows } = await connect();
  const cases: [readonly Part[], number, string][] = [
    [[model, prompt], 400, 'a file named `image`'],
    [[image, prompt], 400, 'name its model'],
    [[...Array.from({ length: 17 }, () => image), model, prompt], 400, 'it may have 16'],
    [[image, model, prompt, { ...image, name: 'mask' }, { ...image, name: 'mask' }], 400, 'may occur only once'],
    [[image, model, prompt, prompt], 400, 'It is `prompt`'],
    // the next two: the id of a stored file in place of a file, and a file in place of a text
    [[text('image', 'file-123'), model, prompt], 400, 'malformed'],
    [[image, model, { ...prompt, filename: 'p.txt' }], 400, 'malformed'],
    [[image, model, text('prompt', 'x'.repeat(1024 * 1024 + 1))], 400, 'too long'],
    [[image, model, { name: 'prompt', value: Buffer.from([0xff]) }], 400, 'malformed'],
    [[image, model, prompt, text('n', '11')], 400, 'from 1 to 10'],
    [[image, model, prompt, text('n', '1e0')], 400, 'from 1 to 10'],
    [[image, model, prompt, text('stream', 'yes')], 400, 'send true or false'],
    [[image, model, prompt, text('quality', 'max')], 400, 'costs more'],
    [[image, model, prompt, text('input_fidelity', 'highest')], 400, 'costs more'],
    [[image, model, prompt, text('output_format', 'gif')], 400, 'costs more'],
    [[image, model, prompt, text('svg', 'x')], 400, '`svg`'],
    [[image, text('model', 'gpt-4o'), prompt], 400, 'does not support this operation'],
    [[{ ...image, value: Buffer.alloc(4 * megabyte) }, model, prompt], 413, ''],
  ];
  for (const [parts, status, message] of cases) {
    const answer = await send(token, parts);
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(message)]);
  }
  const other = await send(token, [image, model], 'application/x-www-form-urlencoded');
  expect([other.status, await other.text()]).toEqual([415, expect.stringContaining('or application/json in UTF-8')]);
  expect([proxy.upstream.hits, await rows()]).toEqual([[], []]);
});

const dataUrl = 'data:image/png;base64,iVBORw0KGgo=';
const lastJson = () => JSON.parse(proxy.upstream.last.body.toString()) as unknown;

it('an edit in JSON is sent as JSON, its pictures bound its reservation, and the usage that the answer reports is charged', async () => {
  const { sdk, readLedger } = await connect();
  const body = {
    model: 'gpt-image-1',
    prompt: 'Ein Hut für den Hund',
    images: [{ image_url: dataUrl }, { image_url: `DATA:${dataUrl.slice(5)}`, file_id: null }],
    mask: { image_url: dataUrl },
    n: 1,
    size: '1024x1024',
    quality: 'low',
    background: 'auto',
    input_fidelity: 'low',
    output_format: 'webp',
    output_compression: 80,
    moderation: 'low',
    user: 'u',
  };
  const answer = await sdk.post<OpenAI.ImagesResponse>('/images/edits', { body });
  expect(answer.data?.[0]?.b64_json).toBe('AAAA');
  expect(proxy.upstream.last.target).toBe('/v1/images/edits');
  expect(proxy.upstream.last.headers['content-type']).toBe('application/json');
  expect(lastJson()).toEqual(body);
  const [row] = await readLedger();
  expect(row).toMatchObject({ settlement: 'reported', cost });
  const least = 3 * 768 * 10_000 + 640 * 40_000;
  expect(row?.estimate).toBeGreaterThan(BigInt(least));
  expect(row?.estimate).toBeLessThan(BigInt(least) + 10_000_000n);
});

it('a picture at a URL needs cap:tools.web; a stored picture is refused, and the answer names its field', async () => {
  const { token, rows } = await connect();
  const ask = (body: object, by = token) => proxy.post(path, { model: 'gpt-image-1', prompt: 'x', ...body }, by);
  const picture = { image_url: dataUrl };
  const cases: [object, number, string][] = [
    [{ images: [{ image_url: 'https://example.com/a.png' }] }, 403, 'cap:tools.web'],
    [{ images: [picture], mask: { image_url: 'http://example.com/a.png' } }, 403, 'cap:tools.web'],
    [{ images: [picture, { file_id: 'file-1' }] }, 400, '`images[1].file_id`'],
    [{ images: [picture], mask: { file_id: 'file-1' } }, 400, '`mask.file_id`'],
    [{ images: [{ image_url: 'ftp://example.com/a.png' }] }, 400, '`images[0].image_url`'],
    [{ images: [] }, 400, 'images'],
    [{ images: Array.from({ length: 17 }, () => picture) }, 400, 'images'],
    [{ images: picture }, 400, 'a list'],
    [{ image: dataUrl }, 400, 'images'],
    [{ images: [picture], n: 11 }, 400, 'from 1 to 10'],
    [{ images: [picture], quality: 'max' }, 400, 'costs more'],
    [{ images: [picture], model: 'gpt-4o' }, 400, 'does not support this operation'],
  ];
  for (const [body, status, message] of cases) {
    const answer = await ask(body);
    expect([body, answer.status, await answer.text()]).toEqual([body, status, expect.stringContaining(message)]);
  }
  expect([proxy.upstream.hits, await rows()]).toEqual([[], []]);
  const { token: reader } = await connect(`${scope} cap:tools.web`);
  const images = [{ image_url: 'https://example.com/a.png', top_k: 5 }];
  const answer = await ask({ images, image: dataUrl }, reader);
  expect([answer.status, answer.headers.get('aipassport-dropped')]).toEqual([200, 'images[0].top_k, image']);
  expect(lastJson()).toEqual({ model: 'gpt-image-1', prompt: 'x', images: [{ image_url: images[0]?.image_url }] });
});

it('an edit without cap:images is refused, and the answer names cap:images', async () => {
  const { token } = await connect('model:gpt-image-1 cap:chat');
  const answer = await send(token, [image, model, prompt]);
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([403, expect.stringContaining('cap:images')]);
  expect(proxy.upstream.hits).toEqual([]);
});

it('3.5, X1: forms of pictures use memory from their grant’s share, and release it', async () => {
  const { token } = await connect();
  // The proxy reserves two bytes of memory for each byte of a form.
  const parts = (bytes: number) => [{ ...image, value: Buffer.alloc(bytes, 7) }, model, prompt];
  expect((await send(token, parts(3.2 * megabyte))).status).toBe(429);
  for (let round = 0; round < 8; round += 1) {
    expect((await send(token, parts(2.9 * megabyte))).status).toBe(200);
    expect(proxy.upstream.last.body.length).toBeGreaterThan(2.9 * megabyte);
    expect((await send(token, [...parts(2.9 * megabyte), text('n', '11')])).status).toBe(400);
  }
  const [, , sent] = await received();
  expect(sent?.[1].endsWith('07'.repeat(1_000))).toBe(true);
});
