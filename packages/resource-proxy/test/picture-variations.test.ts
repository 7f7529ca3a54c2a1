import { readPriceOverrides } from '@aipassport/policy';
import { afterEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import OpenAI, { toFile } from 'openai';
import { answerJson } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const dallE2 = { upstream: 'openai', id: 'dall-e-2', capabilities: ['images'], prices: { output_images_kcount: 20 } };

let proxy: TestProxy | undefined;
afterEach(() => proxy?.stop());

/** A proxy with these prices of the operator. `priceAs`: the model at whose price unknown models are charged. */
async function start(priceAs: string | undefined, ...models: object[]): Promise<TestProxy> {
  const priceOverrides = readPriceOverrides(
    { readFile: () => JSON.stringify({ models }) },
    { PRICES_FILE: 'prices.json', UNKNOWN_MODELS: priceAs === undefined ? [] : [{ upstream: 'openai', id: priceAs }] },
  );
  proxy = await TestProxy.start(priceOverrides && { priceOverrides });
  return proxy;
}

async function connect(to: TestProxy) {
  const { grant, token } = await to.connect('model:openai/* cap:images');
  const sdk = new OpenAI({ apiKey: token, baseURL: `${to.url}/openai/v1`, maxRetries: 0 });
  const rows = async () =>
    (
      await sql<{ settlement: string; cost: bigint; estimate: bigint; model: string }>`
        select settlement, cost, estimate, model from ledger where grant_id = ${grant.id} order by admitted_at`.execute(
        to.database.db,
      )
    ).rows;
  const readLedger = async (count: number) => {
    await waitUntil(async () => (await rows()).length >= count, 'all are settled');
    return rows();
  };
  return { sdk, rows, readLedger };
}

const picture = () => toFile(Buffer.from([1, 13, 10, 45, 45, 255]), 'dog.png', { type: 'image/png' });
const answerWith = (...pictures: string[]) =>
  answerJson({ created: 1, data: pictures.map((b64_json) => ({ b64_json })) });

it('variations of a model without a known price are refused, and the message says what to do', async () => {
  const running = await start(undefined);
  const { sdk, rows } = await connect(running);
  await expect(sdk.images.createVariation({ image: await picture() })).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
    message: expect.stringContaining('UNKNOWN_MODELS'),
  });
  expect([running.upstream.hits, await rows()]).toEqual([[], []]);
});

it('with a price from the operator, variations and other pictures are charged by the picture', async () => {
  const running = await start('dall-e-2', dallE2);
  const { upstream } = running;
  const { sdk, readLedger } = await connect(running);
  upstream.behaviour = answerWith('AAAA', 'BBBB');
  const answer = await sdk.images.createVariation({
    image: await picture(),
    n: 3,
    size: '256x256',
    response_format: 'b64_json',
    user: 'u',
  });
  expect(answer.data?.map(({ b64_json }) => b64_json)).toEqual(['AAAA', 'BBBB']);
  expect(upstream.last.target).toBe('/v1/images/variations');
  const sent = await new Response(new Uint8Array(upstream.last.body), {
    headers: { 'content-type': upstream.last.headers['content-type'] ?? '' },
  }).formData();
  const { image, ...texts } = Object.fromEntries(sent);
  expect(texts).toEqual({ model: 'dall-e-2', n: '3', size: '256x256', response_format: 'b64_json', user: 'u' });
  expect(image).toMatchObject({ name: 'dog.png', type: 'image/png', size: 6 });
  // an answer that is larger than the buffer
  upstream.behaviour = answerWith('A'.repeat(1_500_000));
  await sdk.images.edit({ model: 'dall-e-2', prompt: 'x', image: await picture() });
  // dall-e-3 is not in the catalogue, so it is charged at the price of dall-e-2.
  upstream.behaviour = answerWith('AAAA');
  await sdk.images.generate({ model: 'dall-e-3', prompt: 'x' });
  // $0.02 a picture
  const rows = await readLedger(3);
  expect(rows).toEqual([
    { settlement: 'reported', estimate: 60_000_000n, cost: 40_000_000n, model: 'dall-e-2' },
    { settlement: 'produced', estimate: 20_000_000n, cost: 20_000_000n, model: 'dall-e-2' },
    { settlement: 'reported', estimate: 20_000_000n, cost: 20_000_000n, model: 'dall-e-3' },
  ]);
});

it('variations at the price of a model that is billed by tokens are charged what was reserved for them', async () => {
  const running = await start('gpt-image-1');
  const { sdk, readLedger } = await connect(running);
  running.upstream.behaviour = answerWith('AAAA');
  await sdk.images.createVariation({ image: await picture(), size: '1024x1024' });
  await sdk.images.createVariation({ image: await picture(), size: '1024x1024', n: 2 });
  const [one, two] = await readLedger(2);
  // A million output tokens of gpt-image-1 cost $40, and 4,608 are estimated for a picture.
  expect(one).toMatchObject({ settlement: 'estimated', cost: one?.estimate });
  expect(one?.estimate).toBeGreaterThan(BigInt(4_608 * 40_000));
  expect(two).toMatchObject({ settlement: 'estimated', cost: 2n * (one?.cost ?? 0n) });
});

it('a form must have exactly one picture and ask for at most ten variations; a prompt is left out, and the answer says so', async () => {
  const running = await start(undefined, dallE2);
  const { sdk, rows } = await connect(running);
  const send = (parts: [string, string | File][]) => {
    const body = new FormData();
    for (const [name, value] of parts) body.append(name, value);
    return sdk.post('/images/variations', { body }).asResponse();
  };
  const file = await picture();
  await expect(send([['n', '1']])).rejects.toMatchObject({ status: 400, message: expect.stringContaining('`image`') });
  await expect(
    send([
      ['image', file],
      ['image[]', file],
    ]),
  ).rejects.toMatchObject({ status: 400, message: expect.stringContaining('may occur only once') });
  await expect(
    send([
      ['image', file],
      ['n', '11'],
    ]),
  ).rejects.toMatchObject({ status: 400, message: expect.stringContaining('from 1 to 10') });
  await expect(sdk.post('/images/variations', { body: { image: 'data:image/png;base64,AAAA' } })).rejects.toMatchObject(
    { status: 415 },
  );
  expect([running.upstream.hits, await rows()]).toEqual([[], []]);
  running.upstream.behaviour = answerWith('AAAA');
  const answer = await send([
    ['image', file],
    ['prompt', 'x'],
  ]);
  expect(answer.headers.get('aipassport-dropped')).toBe('prompt');
});
