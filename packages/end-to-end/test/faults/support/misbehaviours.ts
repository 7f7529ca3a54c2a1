import { answerWith, formatChunk, streamTokens, type UpstreamMode, usageOf } from './billing-upstream.js';

/** A faulty way in which an AI provider answers. */
export interface Misbehaviour {
  readonly name: string;
  readonly mode: UpstreamMode;
  /** The outcomes that clients may see: the status, and whether the answer is complete. */
  readonly seen: readonly string[];
  /** The settlements that the ledger may show. */
  readonly settled: readonly string[];
  readonly streams?: 0 | 10;
}

export const eventStream = { 'content-type': 'text/event-stream' };
/** Bills as much output as the request allows. */
const makeAll = (call: Parameters<UpstreamMode>[0]) => {
  call.bill.completionTokens = call.maxTokens;
};
const modelTokensPerSecond = 256;
/** The model produces output at full speed until the connection ends, but none of it is delivered. */
const makeUnseen: UpstreamMode = ({ bill, maxTokens }, response) => {
  const startedAt = performance.now();
  response.once('close', () => {
    const made = Math.floor(((performance.now() - startedAt) / 1_000) * modelTokensPerSecond);
    bill.completionTokens = Math.min(maxTokens, made);
  });
};
const usage =
  (change: (usage: ReturnType<typeof usageOf>) => unknown): UpstreamMode =>
  (call, response) => {
    makeAll(call);
    // The text has at least one byte for each billed token, as at a real provider. If an answer has no usable usage,
    // the proxy charges one token for each byte; with a shorter text it would charge less than the bill.
    const message = { role: 'assistant', content: 'word '.repeat(call.bill.completionTokens) };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    answerWith(call, response, { choices, usage: change(usageOf(call.bill)) });
  };
const fail =
  (status: number): UpstreamMode =>
  ({ bill }, response) => {
    // AI providers do not bill errors
    bill.promptTokens = 0;
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '7' });
    response.end(JSON.stringify({ error: { message: 'not now', type: 'server_error' } }));
  };

export const misbehaviours: readonly Misbehaviour[] = [
  {
    name: 'closes the connection without an answer',
    mode: (call, response) => {
      makeUnseen(call, response);
      response.destroy();
    },
    seen: ['502 whole'],
    settled: ['produced'],
  },
  { name: 'sends nothing', mode: makeUnseen, seen: ['504 whole'], settled: ['produced'] },
  {
    name: 'closes the connection in the middle of a stream',
    mode: streamTokens({
      chunks: 10,
      everyMilliseconds: 1,
      onChunk: (index, response) => {
        if (index === 5) response.socket?.resetAndDestroy();
        return index !== 5;
      },
    }),
    seen: ['200 broken'],
    settled: ['produced'],
    streams: 10,
  },
  {
    name: 'stops sending in the middle of a stream',
    mode: streamTokens({ chunks: 10, everyMilliseconds: 1, onChunk: (index) => index !== 5 }),
    seen: ['200 broken'],
    settled: ['produced'],
    streams: 10,
  },
  {
    name: 'sends a stream very slowly',
    mode: (call, response) => streamTokens({ chunks: 100, everyMilliseconds: 300 })(call, response),
    seen: ['200 broken'],
    settled: ['produced'],
    streams: 10,
  },
  {
    name: 'answers with garbage',
    mode: (_call, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('\u0000\u0001{"usage": {"prompt_tokens"');
    },
    seen: ['200 whole'],
    settled: ['produced'],
  },
  {
    name: 'streams garbage',
    mode: (_call, response) => {
      response.writeHead(200, eventStream).end(Buffer.alloc(200_000, 0xff));
    },
    seen: ['200 broken'],
    settled: ['produced'],
    streams: 10,
  },
  {
    name: 'sends less than its content-length says',
    mode: (call, response) => {
      makeUnseen(call, response);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"usage":', () => response.destroy());
    },
    seen: ['200 broken'],
    settled: ['produced'],
  },
  {
    name: 'sends more than its content-length says',
    mode: (_call, response) => {
      response.socket?.end(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n',
      );
    },
    seen: ['200 whole', '200 broken', '502 whole'],
    settled: ['produced'],
  },
  {
    name: 'answers in a protocol other than HTTP',
    mode: (call, response) => {
      call.bill.promptTokens = 0;
      response.socket?.end('220 mail.example.org ESMTP\r\n');
    },
    seen: ['502 whole'],
    settled: ['unbilled'],
  },
  { name: 'answers 429', mode: fail(429), seen: ['429 whole'], settled: ['unbilled'] },
  { name: 'answers 529', mode: fail(529), seen: ['529 whole'], settled: ['unbilled'] },
  { name: 'answers 500', mode: fail(500), seen: ['500 whole', '502 whole'], settled: ['unbilled'] },
  { name: 'reports no usage', mode: usage(() => undefined), seen: ['200 whole'], settled: ['produced'] },
  { name: 'reports null as its usage', mode: usage(() => null), seen: ['200 whole'], settled: ['produced'] },
  {
    name: 'reports a usage of zero',
    mode: usage(() => ({ prompt_tokens: 0, completion_tokens: 0 })),
    seen: ['200 whole'],
    settled: ['produced'],
  },
  {
    name: 'reports a negative usage',
    mode: usage((all) => ({ ...all, completion_tokens: -all.completion_tokens })),
    seen: ['200 whole'],
    settled: ['produced'],
  },
  {
    name: 'reports a usage that contradicts itself',
    mode: usage((all) => ({ ...all, total_tokens: all.total_tokens - 1 })),
    seen: ['200 whole'],
    settled: ['produced'],
  },
  {
    name: 'reports its usage as text',
    mode: usage((all) => ({ ...all, prompt_tokens: String(all.prompt_tokens) })),
    seen: ['200 whole'],
    settled: ['produced'],
  },
  {
    name: 'reports its usage and then fails',
    mode: (call, response) => {
      makeAll(call);
      response.writeHead(200, eventStream).write(formatChunk(call, { choices: [], usage: usageOf(call.bill) }));
      setTimeout(() => response.destroy(), 20);
    },
    seen: ['200 broken'],
    settled: ['produced', 'reported'],
    streams: 10,
  },
  {
    name: 'reports its usage twice, and less the first time',
    mode: (call, response) => {
      makeAll(call);
      response.writeHead(200, eventStream);
      response.write(formatChunk(call, { choices: [], usage: usageOf({ ...call.bill, completionTokens: 1 }) }));
      response.write(formatChunk(call, { choices: [], usage: usageOf(call.bill) }));
      response.end('data: [DONE]\n\n');
    },
    seen: ['200 whole'],
    settled: ['reported'],
    streams: 10,
  },
  {
    name: 'reports an impossibly large usage',
    mode: usage(() => ({ prompt_tokens: 20, completion_tokens: 9e15 - 20, total_tokens: 9e15 })),
    seen: ['200 whole'],
    settled: ['doubted'],
  },
];
