import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { mp3Of } from './support/recording.js';
import type { Behaviour } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start();
});
afterEach(() => proxy.upstream.reset());
afterAll(() => proxy?.stop());

/** Sends these events. Then it ends the answer if `isWhole`, and otherwise breaks the connection. */
const stream =
  (events: readonly object[], { isWhole = false } = {}): Behaviour =>
  (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
    if (isWhole) response.end(text);
    else response.write(text, () => response.destroy());
  };

interface Row {
  readonly settlement: string;
  readonly cost: bigint;
  readonly estimate: bigint;
}

async function settle(behaviour: Behaviour, send: (token: string) => Promise<Response>): Promise<Row> {
  const { grant, token } = await proxy.connect('model:gpt-image-1 model:gpt-4o-transcribe cap:images cap:audio');
  proxy.upstream.behaviour = behaviour;
  const answer = await send(token);
  await answer.text().catch(() => undefined);
  const rows = () =>
    sql<Row>`select settlement, cost, estimate from ledger where grant_id = ${grant.id}`.execute(proxy.database.db);
  await waitUntil(async () => (await rows()).rows.length === 1, 'it is settled');
  const [row] = (await rows()).rows;
  if (row === undefined) throw new Error('there is no row');
  return row;
}

const partial = { type: 'image_generation.partial_image', partial_image_index: 0, b64_json: 'AAAA' };
const usage = { input_tokens: 20, output_tokens: 272, total_tokens: 292 };
const completed = { type: 'image_generation.completed', b64_json: 'AAAA', usage };
const paint = (token: string) =>
  proxy.post(
    '/openai/v1/images/generations',
    { model: 'gpt-image-1', prompt: 'a dog', n: 2, stream: true, partial_images: 1, quality: 'low', size: '1024x1024' },
    token,
  );
/** The reserved output at $40 per million tokens: two pictures of 640 tokens, each with a partial picture of 100. */
const output = BigInt(2 * (640 + 100) * 40_000);

it('when the vendor breaks off a stream of pictures, the input and the pictures that arrived are charged', async () => {
  const none = await settle(stream([partial, partial]), paint);
  expect(none).toMatchObject({ settlement: 'produced', cost: none.estimate - output + 200n * 40_000n });
  const one = await settle(stream([partial, completed, partial]), paint);
  expect(one).toMatchObject({ settlement: 'produced', cost: 20n * 5_000n + (272n + 100n) * 40_000n });
});

it('pictures whose usage is missing or wrong are charged the whole reservation', async () => {
  const row = await settle(stream([partial, { ...completed, usage: undefined }]), paint);
  expect(row).toMatchObject({ settlement: 'estimated', cost: row.estimate });
  const whole = await settle(
    stream([completed, { ...completed, usage: { ...usage, total_tokens: 1 } }], { isWhole: true }),
    paint,
  );
  expect(whole).toMatchObject({ settlement: 'estimated', cost: whole.estimate });
});

function transcribe(token: string): Promise<Response> {
  const form = new FormData();
  form.set('model', 'gpt-4o-transcribe');
  form.set('stream', 'true');
  form.set('file', new Blob([mp3Of(2_000)]), 'a.mp3');
  return fetch(`${proxy.url}/openai/v1/audio/transcriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
}

it('when the vendor breaks off a streamed transcript, the input and the text that arrived are charged', async () => {
  const delta = (text: string) => ({ type: 'transcript.text.delta', delta: text });
  const row = await settle(stream([delta('Hello, '), delta('world')]), transcribe);
  // per million tokens: at most 16,000 input tokens at $6, and at most one output token per byte at $10
  expect(row).toMatchObject({ settlement: 'produced', cost: 16_000n * 6_000n + 12n * 10_000n });
  expect(row.estimate).toBeGreaterThan(2n * row.cost);
});

it('a complete streamed transcript costs the usage that it reports', async () => {
  const done = {
    type: 'transcript.text.done',
    text: 'Hello',
    usage: {
      type: 'tokens',
      input_tokens: 14,
      input_token_details: { text_tokens: 0, audio_tokens: 14 },
      output_tokens: 5,
      total_tokens: 19,
    },
  };
  const row = await settle(stream([done], { isWhole: true }), transcribe);
  // $6 per million audio tokens
  expect(row).toMatchObject({ settlement: 'reported', cost: 14n * 6_000n + 5n * 10_000n });
});
