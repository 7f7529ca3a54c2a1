import { costOf, createPriceCatalogue, parsePriceOverrides } from '@aipassport/policy';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import OpenAI from 'openai';
import { answerJson } from './support/recording-upstream.js';
import { operatorKey, TestProxy } from './support/test-proxy.js';
import { vendors } from './support/vendors.js';
import { waitUntil } from './support/wait-until.js';

/** The price list has no embedding models of Fireworks, so the operator gives this price. */
const parsed = parsePriceOverrides(
  JSON.stringify({
    models: [
      {
        upstream: 'fireworks',
        id: 'nomic-ai/nomic-embed-text-v1.5',
        capabilities: ['embeddings'],
        context_window: 8_192,
        max_output_tokens: 1,
        prices: { input_mtok: 0.008 },
      },
    ],
  }),
);
if (!parsed.ok) throw new Error(parsed.message);
const priceOverrides = parsed.overrides;
const prices = createPriceCatalogue(priceOverrides);
const texts = ['Good morning.', 'Good night.', 'Goodbye.'];

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ priceOverrides });
});
afterEach(() => proxy.upstream.reset());
afterAll(() => proxy?.stop());

const offered = Object.entries(vendors).flatMap(([name, { embeddings }]) =>
  embeddings === undefined ? [] : [[name, embeddings] as const],
);

describe.each(offered)('%s', (name, { model, path, smaller, usage, means }) => {
  const answer = (numbers: readonly unknown[]) => ({
    id: 'e1',
    object: 'list',
    model,
    data: numbers.map((embedding, index) => ({ object: 'embedding', index, embedding })),
    usage,
  });
  const lastBody = () => JSON.parse(proxy.upstream.last.body.toString()) as Record<string, unknown>;

  async function connect(scope: string) {
    const { grant, token } = await proxy.connect(scope);
    const readLedger = async () => {
      const rows = async () =>
        (
          await sql<{ settlement: string; cost: bigint; estimate: bigint; operation: string }>`
            select settlement, cost, estimate, operation from ledger where grant_id = ${grant.id}`.execute(
            proxy.database.db,
          )
        ).rows;
      await waitUntil(async () => (await rows()).length > 0, 'it is settled');
      return rows();
    };
    return { token, readLedger };
  }

  it('several texts are sent at once, with fewer dimensions, and the reported usage is charged', async () => {
    proxy.upstream.behaviour = answerJson(answer([[0.25], [0.5], [0.75]]));
    const { token, readLedger } = await connect(`model:${name}/${model} cap:embeddings`);
    const body = { model, input: texts, encoding_format: 'float', ...smaller };
    const response = await proxy.post(`/${name}/v1/embeddings`, body, token);
    expect([response.status, response.headers.get('aipassport-dropped')]).toEqual([200, null]);
    expect(await response.json()).toEqual(answer([[0.25], [0.5], [0.75]]));
    expect(proxy.upstream.last.target).toBe(path);
    expect(proxy.upstream.last.headers.authorization).toBe(`Bearer ${operatorKey}`);
    expect(lastBody()).toEqual(body);
    const price = prices.findPrice(name, model, new Date());
    const cost = price && costOf(price, means);
    if (cost?.ok !== true) throw new Error('the usage has no price');
    expect(cost.nanoUsd).toBeGreaterThan(0n);
    const [row] = await readLedger();
    expect(row).toMatchObject({ settlement: 'reported', cost: cost.nanoUsd, operation: `${name}.openai.embeddings` });
    expect(row?.estimate).toBeGreaterThanOrEqual(cost.nanoUsd);
  });

  it('the openai SDK reads the numbers that it asks for in base64', async () => {
    proxy.upstream.behaviour = answerJson(answer([Buffer.from(new Float32Array([0.5, -1]).buffer).toString('base64')]));
    const { token } = await connect(`model:${name}/${model} cap:embeddings`);
    const sdk = new OpenAI({ apiKey: token, baseURL: `${proxy.url}/${name}/v1`, maxRetries: 0 });
    const { data } = await sdk.embeddings.create({ model, input: 'Good morning.' });
    expect(data[0]?.embedding).toEqual([0.5, -1]);
    expect(lastBody()['encoding_format']).toBe('base64');
  });

  it('a token for chats is refused', async () => {
    const { token } = await connect(`model:${name}/${model} cap:chat`);
    const response = await proxy.post(`/${name}/v1/embeddings`, { model, input: texts }, token);
    expect([response.status, proxy.upstream.hits.length]).toEqual([403, 0]);
  });
});
