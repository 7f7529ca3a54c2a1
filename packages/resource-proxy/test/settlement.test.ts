import { gzipSync } from 'node:zlib';
import { findGrantStatus } from '@aipassport/store/proxying';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { mp3Of } from './support/recording.js';
import { answerJson, type Behaviour } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2, limits: { idleTimeoutMilliseconds: 300 } });
});
afterEach(() => proxy.upstream.reset());
afterAll(() => proxy.stop());

/** The output limit of a request, far above its output. */
const limit = 10_000;
const messages = [{ role: 'user', content: 'Hello' }];

interface Kind {
  readonly path: string;
  readonly body: Record<string, unknown>;
  /** The prices of an input token and of an output token, in nano-dollars. */
  readonly prices: readonly [bigint, bigint];
}

const chat: Kind = {
  path: '/openai/v1/chat/completions',
  body: { model: 'gpt-4o-mini', max_tokens: limit, messages },
  prices: [150n, 600n],
};
const streamed: Kind = { ...chat, body: { ...chat.body, stream: true } };
const response: Kind = {
  path: '/openai/v1/responses',
  body: { model: 'gpt-4o-mini', max_output_tokens: limit, input: 'Hello', stream: true },
  prices: [150n, 600n],
};
const message: Kind = {
  path: '/anthropic/v1/messages',
  body: { model: 'claude-haiku-4-5', max_tokens: limit, messages, stream: true },
  prices: [1_000n, 5_000n],
};
const content: Kind = {
  path: '/google/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
  body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }], generationConfig: { maxOutputTokens: limit } },
  prices: [300n, 2_500n],
};

interface Row {
  readonly settlement: string;
  readonly cost: bigint;
  readonly estimate: bigint;
}

/** Sends a request to one replica or the other. @returns its row in the ledger */
async function settle({ path, body }: Kind, behaviour: Behaviour, replica = 0): Promise<Row> {
  proxy.upstream.behaviour = behaviour;
  const { grant, token } = await proxy.connect(
    'model:gpt-4o-mini model:gpt-5-mini model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat cap:tools.web',
  );
  const answer = await proxy.post(path, body, token, { proxy: replica });
  await answer.arrayBuffer().catch(() => undefined);
  return readRow(grant.id);
}

async function readRow(grantId: string): Promise<Row> {
  const { db } = proxy.database;
  const isSettled = async () => (await findGrantStatus(db, grantId))?.usage.reserved === 0n;
  await waitUntil(isSettled, 'everything is settled');
  const { rows } = await sql<Row>`
    select settlement, cost, estimate from ledger where grant_id = ${grantId}`.execute(db);
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error('there is not exactly one row');
  return row;
}

/** The cost of the estimated input and of this number of output tokens. */
const inputAnd = ({ prices }: Kind, { estimate }: Row, tokens: number): bigint =>
  estimate - BigInt(limit - tokens) * prices[1];

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
const stream =
  (...events: readonly string[]): Behaviour =>
  (_hit, answer) =>
    void answer.writeHead(200, { 'content-type': 'text/event-stream' }).end(events.join(''));
const page = '<html><body>502 Bad Gateway</body></html>';
const answerPage =
  (status: number): Behaviour =>
  (_hit, answer) =>
    void answer.writeHead(status, { 'content-type': 'text/html' }).end(page);

describe('an answer that no vendor bills costs nothing', () => {
  it.each([
    400, 401, 403, 404, 408, 409, 413, 418, 422, 425, 429, 451, 499, 500, 501, 502, 503, 504, 505, 507, 511, 520, 521,
    522, 523, 524, 525, 529, 599,
  ])('an error of status %d, as JSON, as a page and as a stream', async (status) => {
    const answers = [
      answerJson({ error: { message: 'not now' }, usage: null }, status),
      answerPage(status),
      stream(event({ error: { message: 'not now' } })),
    ];
    for (const [replica, answer] of answers.entries())
      expect(await settle(chat, answer, replica % 2)).toMatchObject({ settlement: 'unbilled', cost: 0n });
  });

  it.each([204, 205, 300, 301, 302, 303, 304, 307, 308])('an answer of status %d', async (status) => {
    const answer: Behaviour = (_hit, answering) => void answering.writeHead(status, { location: '/' }).end();
    expect(await settle(chat, answer)).toMatchObject({ settlement: 'unbilled', cost: 0n });
  });

  it.each([200, 400, 502])('an encoded body, of status %d', async (status) => {
    const encoded: Behaviour = (_hit, answer) =>
      void answer
        .writeHead(status, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync('{}'));
    expect(await settle(chat, encoded)).toMatchObject({ settlement: 'unbilled', cost: 0n });
  });

  it('an HTML page in place of an answer', async () => {
    for (const kind of [chat, streamed, message, content])
      expect(await settle(kind, answerPage(200))).toMatchObject({ settlement: 'unbilled', cost: 0n });
  });

  it.each([
    ['of a chat', streamed, event({ error: { message: 'The server had an error', type: 'server_error' } })],
    ['of a response', response, event({ type: 'error', code: 'server_error', message: 'x', sequence_number: 1 })],
    ['of a message', message, event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })],
    ['of content', content, event({ error: { code: 503, status: 'UNAVAILABLE', message: 'x' } })],
    [
      'of a response that failed and has no usage',
      response,
      event({ type: 'response.created', response: { status: 'in_progress', usage: null } }) +
        event({
          type: 'response.failed',
          response: { status: 'failed', error: { code: 'server_error' }, usage: null },
        }),
    ],
    [
      'of a message that had begun',
      message,
      event({ type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } }) +
        event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
        event({ type: 'error', error: { type: 'api_error', message: 'Internal server error' } }),
    ],
  ])('an error event before any content, %s', async (_name, kind, events) => {
    const broken: Behaviour = (_hit, answer) =>
      void answer
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(events, () => setTimeout(() => answer.destroy(), 20));
    for (const answer of [stream(events), stream(`${events}data: [DONE]\n\n`), broken])
      expect(await settle(kind, answer)).toMatchObject({ settlement: 'unbilled', cost: 0n });
  });

  it('a failed response that is not streamed', async () => {
    const failed = {
      id: 'resp_1',
      status: 'failed',
      error: { code: 'server_error', message: 'x' },
      output: [],
      usage: null,
    };
    const whole = { ...response, body: { ...response.body, stream: false } };
    expect(await settle(whole, answerJson(failed))).toMatchObject({ settlement: 'unbilled', cost: 0n });
  });
});

it('an error costs the usage that is in its body', async () => {
  const body = {
    error: { message: 'content filter' },
    usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
  };
  for (const status of [400, 408, 500])
    expect(await settle(chat, answerJson(body, status))).toMatchObject({ settlement: 'reported', cost: 3_150n });
});

/** Twenty words of five bytes each. */
const words = 'word '.repeat(20);
/** Events that contain these words, for each kind of stream of OpenAI and Anthropic. */
const written: readonly (readonly [string, Kind, string, number])[] = [
  ['a chat', streamed, event({ choices: [{ index: 0, delta: { content: words } }], usage: null }), 100],
  ['a response', response, event({ type: 'response.output_text.delta', delta: words }), 100],
  [
    'a message',
    message,
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } }),
    100,
  ],
];

it.each(written)(
  '%s that broke off costs its input and the most tokens that the received output can have',
  async (_name, kind, events, tokens) => {
    const failure = event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    const begin = (answer: Parameters<Behaviour>[1], then: () => void) =>
      answer.writeHead(200, { 'content-type': 'text/event-stream' }).write(events, then);
    const answers: Behaviour[] = [
      (_hit, answer) => void begin(answer, () => setTimeout(() => answer.destroy(), 20)),
      // sends nothing more
      (_hit, answer) => void begin(answer, () => undefined),
      stream(events, failure),
      // ends without reporting its usage
      stream(events),
    ];
    for (const [index, answer] of answers.entries()) {
      const row = await settle(kind, answer, index % 2);
      expect([index, row.settlement, row.cost]).toEqual([index, 'produced', inputAnd(kind, row, tokens)]);
    }
  },
);

it('an answer of Google that broke off costs the reported input, the received output and the reported thoughts', async () => {
  const usageMetadata = { promptTokenCount: 9, candidatesTokenCount: 20, thoughtsTokenCount: 40, totalTokenCount: 69 };
  const part = event({ candidates: [{ content: { parts: [{ text: words }] } }], usageMetadata });
  const broken: Behaviour = (_hit, answer) =>
    void answer
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .write(part, () => setTimeout(() => answer.destroy(), 20));
  expect(await settle(content, broken)).toMatchObject({
    settlement: 'produced',
    cost: 9n * 300n + (100n + 20n + 40n) * 2_500n,
  });
});

it('a broken-off answer of a model whose thinking is not visible is charged for the time and not for the whole output limit', async () => {
  const thinking = { ...streamed, body: { ...streamed.body, model: 'gpt-5-mini' }, prices: [250n, 2_000n] as const };
  const broken: Behaviour = (_hit, answer) =>
    void answer
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .write(written[0]?.[2], () => setTimeout(() => answer.destroy(), 300));
  const row = await settle(thinking, broken);
  expect(row.settlement).toBe('produced');
  expect(row.cost).toBeGreaterThan(inputAnd(thinking, row, 400));
  expect(row.cost).toBeLessThan(row.estimate);
});

it('a connection that ends without an answer is charged for the time in which a model may have written', async () => {
  const row = await settle(chat, (_hit, answer) => void answer.destroy());
  expect(row.settlement).toBe('produced');
  expect(row.cost).toBeGreaterThanOrEqual(inputAnd(chat, row, 0));
  expect(row.cost * 4n).toBeLessThan(row.estimate);
});

describe('a usage that is less than the received output is not believed', () => {
  const text = 'word '.repeat(300);
  const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }];
  const textBytes = Buffer.byteLength(text);

  it.each([
    ['no output tokens for 300 words', { prompt_tokens: 9, completion_tokens: 0, total_tokens: 9 }],
    ['one output token for 300 words', { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 }],
  ])('%s', async (_name, usage) => {
    const body = { choices, usage };
    const whole = await settle(chat, answerJson(body));
    expect(whole).toMatchObject({
      settlement: 'produced',
      cost: 9n * 150n + BigInt(JSON.stringify(body).length) * 600n,
    });
    const events = event({ choices: [{ index: 0, delta: { content: text } }] }) + event({ choices: [], usage });
    const row = await settle(streamed, stream(events));
    expect(row).toMatchObject({ settlement: 'produced', cost: 9n * 150n + BigInt(textBytes) * 600n });
  });

  const begun =
    event({ type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } }) +
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
  const delta = (usage: unknown) => event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage });
  it.each([
    ['a last count that is below an earlier count', delta({ output_tokens: 400 }) + delta({ output_tokens: 40 }), 2n],
    ['a count that is missing', delta({ input_tokens: 9 }), 1n],
    ['a usage that is missing', delta(undefined), 1n],
  ])('of a message: %s', async (_name, deltas, ends) => {
    expect(await settle(message, stream(begun, deltas))).toMatchObject({
      settlement: 'produced',
      cost: 9n * 1_000n + (BigInt(textBytes) + ends) * 5_000n,
    });
  });

  it('a usage that is possible for the received text is believed, even if the text could have more tokens', async () => {
    const usage = { prompt_tokens: 9, completion_tokens: 301, total_tokens: 310 };
    expect(await settle(chat, answerJson({ choices, usage }))).toMatchObject({
      settlement: 'reported',
      cost: 9n * 150n + 301n * 600n,
    });
  });
});

describe('the usage of a large answer is found wherever it is in the answer', () => {
  const text = 'word '.repeat(300_000);
  const usage = { input_tokens: 9, output_tokens: 310_000, total_tokens: 310_009 };
  const output = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }];
  const answer = { id: 'resp_1', status: 'completed', output, usage, user: null, metadata: { note: 'x'.repeat(512) } };
  const gpt5 = { model: 'gpt-5-mini', max_output_tokens: 100_000, input: 'Hello' };

  it.each([
    ['streamed', true, stream(event({ type: 'response.completed', sequence_number: 7, response: answer }))],
    ['whole', false, answerJson(answer)],
  ])('%s', async (_name, isStreamed, behaviour) => {
    expect(await settle({ ...response, body: { ...gpt5, stream: isStreamed } }, behaviour)).toMatchObject({
      settlement: 'reported',
      cost: 9n * 250n + 310_000n * 2_000n,
    });
  });
});

describe('the vendor’s tool calls are counted in the answer and in the usage, and the larger number is charged', () => {
  const uses = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      type: 'server_tool_use',
      id: `srvtoolu_${index}`,
      name: 'web_search',
    }));
  const failed = {
    type: 'web_search_tool_result',
    content: { type: 'web_search_tool_result_error', error_code: 'unavailable' },
  };
  const calls = (count: number) =>
    Array.from({ length: count }, () => ({ type: 'web_search_call', status: 'completed', action: { type: 'search' } }));
  const searching: Kind = {
    ...message,
    body: { ...message.body, tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 10 }] },
  };
  const searchingResponse: Kind = {
    path: response.path,
    body: { ...response.body, model: 'gpt-5-mini', tools: [{ type: 'web_search' }], max_tool_calls: 10 },
    prices: [250n, 2_000n],
  };
  const of = (kind: Kind, isStream: boolean): Kind => ({ ...kind, body: { ...kind.body, stream: isStream } });
  const counted = (searches: number | undefined) => ({
    input_tokens: 9,
    output_tokens: 3,
    ...(searches !== undefined && { server_tool_use: { web_search_requests: searches } }),
  });

  it.each([
    ['seven blocks without a count', uses(7), undefined, 7n],
    ['seven blocks and a count of two', uses(7), 2, 7n],
    ['one block and a count of three', uses(1), 3, 3n],
    ['three blocks, and one of them failed', [...uses(3), failed], undefined, 2n],
  ])('of a message: %s', async (_name, blocks, searches, charged) => {
    const expected = { settlement: 'reported', cost: 9n * 1_000n + 3n * 5_000n + charged * 10_000_000n };
    const whole = { type: 'message', content: blocks, usage: counted(searches) };
    expect(await settle(of(searching, false), answerJson(whole))).toMatchObject(expected);
    const events = [
      event({ type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } }),
      ...blocks.map((block, index) => event({ type: 'content_block_start', index, content_block: block })),
      event({ type: 'message_delta', delta: {}, usage: counted(searches) }),
    ];
    expect(await settle(of(searching, true), stream(...events))).toMatchObject(expected);
  });

  it('of a response: calls that are in the stream but not in its last event', async () => {
    const events = [
      ...calls(3).map((item) => event({ type: 'response.output_item.done', item })),
      event({
        type: 'response.completed',
        response: { output: calls(1), usage: { input_tokens: 9, output_tokens: 3 } },
      }),
    ];
    expect(await settle(of(searchingResponse, true), stream(...events))).toMatchObject({
      settlement: 'reported',
      cost: 9n * 250n + 3n * 2_000n + 3n * 10_000_000n,
    });
  });

  it('of a response that failed after a call', async () => {
    const events = [
      ...calls(1).map((item) => event({ type: 'response.output_item.added', item })),
      event({ type: 'response.failed', response: { error: { code: 'server_error' }, usage: null } }),
    ];
    const row = await settle(of(searchingResponse, true), stream(...events));
    expect(row.settlement).toBe('produced');
    expect(row.cost).toBeGreaterThan(10_000_000n);
  });
});

describe('a transcript of Whisper', () => {
  const transcript = {
    task: 'transcribe',
    language: 'english',
    duration: 6.4,
    text: 'Hello there. --> Bye.',
    segments: [
      { id: 0, start: 0, end: 4.005, text: ' Hello there.', tokens: [1, 2] },
      { id: 1, start: 3_661.2, end: 3_662.25, text: ' --> Bye.', tokens: [3] },
    ],
  };
  const rendered = {
    text: 'Hello there. --> Bye.\n',
    srt: '1\n00:00:00,000 --> 00:00:04,005\nHello there.\n\n2\n01:01:01,200 --> 01:01:02,250\n-> Bye.\n\n',
    vtt: 'WEBVTT\n\n00:00:00.000 --> 00:00:04.005\nHello there.\n\n01:01:01.200 --> 01:01:02.250\n-> Bye.\n\n',
  };
  type Format = keyof typeof rendered;

  async function transcribe(fields: readonly (readonly [string, string])[], behaviour: Behaviour) {
    proxy.upstream.behaviour = behaviour;
    const { grant, token } = await proxy.connect('model:whisper-1 cap:audio');
    const form = new FormData();
    for (const [name, value] of fields) {
      if (name === 'file') form.set('file', new Blob([mp3Of(20_000)]), 'a.mp3');
      else form.set(name, value);
    }
    const answer = await fetch(`${proxy.url}/openai/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: form,
    });
    const text = await answer.text();
    return { type: answer.headers.get('content-type'), text, row: await readRow(grant.id) };
  }

  const orders = ['model file response_format', 'response_format file model', 'file model response_format'];
  it.each((['text', 'srt', 'vtt'] as const).flatMap((format) => orders.map((order) => [format, order] as const)))(
    'as %s costs its length and has the requested format: %s',
    async (format: Format, order) => {
      const values: Record<string, string> = { model: 'whisper-1', response_format: format, file: '' };
      const fields = order.split(' ').map((name) => [name, values[name] ?? ''] as const);
      const { type, text, row } = await transcribe(fields, answerJson(transcript));
      expect(proxy.upstream.last.body.toString('latin1')).toContain('name="response_format"\r\n\r\nverbose_json\r\n');
      expect([type, text]).toEqual(['text/plain; charset=utf-8', rendered[format]]);
      // 6.4 seconds count as seven
      expect(row).toMatchObject({ settlement: 'reported', cost: 700_000n });
    },
  );

  it('as JSON is requested and passed on as JSON, and an error is passed on as an error', async () => {
    const fields = (format: string) =>
      [
        ['model', 'whisper-1'],
        ['response_format', format],
        ['file', ''],
      ] as const;
    for (const format of ['json', 'verbose_json']) {
      const { text, row } = await transcribe(fields(format), answerJson(transcript));
      expect(proxy.upstream.last.body.toString('latin1')).toContain(`\r\n\r\n${format}\r\n`);
      expect([JSON.parse(text), row.cost]).toEqual([transcript, 700_000n]);
    }
    const error = {
      error: { message: 'Invalid file format.', type: 'invalid_request_error', param: null, code: null },
    };
    const failed = await transcribe(fields('srt'), answerJson(error, 400));
    expect([failed.type, failed.row.cost]).toEqual(['application/json', 0n]);
  });

  it('that the vendor sends as plain text is passed on unchanged, and charged the reservation', async () => {
    const plain: Behaviour = (_hit, answer) => void answer.writeHead(200, { 'content-type': 'text/plain' }).end('Hi\n');
    const { text, row } = await transcribe(
      [
        ['model', 'whisper-1'],
        ['response_format', 'text'],
        ['file', ''],
      ],
      plain,
    );
    expect([text, row.settlement, row.cost]).toEqual(['Hi\n', 'produced', row.estimate]);
  });
});

it('an answer with an impossible usage is charged the whole reservation, and the row says so', async () => {
  const usage = { prompt_tokens: 20, completion_tokens: 1e15, total_tokens: 1e15 + 20 };
  const row = await settle(chat, answerJson({ choices: [], usage }));
  expect(row).toMatchObject({ settlement: 'doubted', cost: row.estimate });
  expect(proxy.lines.some((line) => line.includes('"usage_doubted"'))).toBe(true);
});
