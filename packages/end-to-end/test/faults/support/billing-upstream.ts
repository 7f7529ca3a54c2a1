import type { ServerResponse } from 'node:http';
import { costOf } from '@aipassport/policy';
import { RecordingUpstream, type UpstreamHit } from '../../harness/recording-upstream.js';
import { type ChatNumber, findPrice, model, readChatNumber } from './numbered-chat.js';

/** The usage of one request that the AI provider bills. */
export interface Bill extends ChatNumber {
  readonly arrivedAtMilliseconds: number;
  promptTokens: number;
  completionTokens: number;
}

/** A request as it reached the AI provider. */
export interface UpstreamCall {
  readonly hit: UpstreamHit;
  readonly isStream: boolean;
  readonly asksForUsage: boolean;
  /** The output limit. */
  readonly maxTokens: number;
  /** The bill for the owner's provider key. It grows with every generated token, delivered or not. */
  readonly bill: Bill;
}

export type UpstreamMode = (call: UpstreamCall, response: ServerResponse) => void;

interface ChatBody {
  readonly max_completion_tokens?: number;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

/** An AI provider that records a bill for each request. Tests compare the bills with the ledger. */
export class BillingUpstream {
  readonly bills: Bill[] = [];
  readonly recorder: RecordingUpstream;
  /** How the next requests are answered. */
  mode: UpstreamMode = answerSoon();

  private constructor(recorder: RecordingUpstream) {
    this.recorder = recorder;
    recorder.behaviour = (hit, response) => {
      const body = readBody(hit.body);
      const bill: Bill = {
        ...readChatNumber(hit.body),
        arrivedAtMilliseconds: hit.arrivedAtMilliseconds,
        promptTokens: 20,
        completionTokens: 0,
      };
      this.bills.push(bill);
      this.mode(
        {
          hit,
          bill,
          isStream: body.stream === true,
          asksForUsage: body.stream_options?.include_usage === true,
          maxTokens: body.max_completion_tokens ?? 16_384,
        },
        response,
      );
    };
  }

  /** @param host the address to listen on */
  static async start(host?: string): Promise<BillingUpstream> {
    return new BillingUpstream(await RecordingUpstream.start(host));
  }

  get url(): string {
    return this.recorder.url;
  }

  async stop(): Promise<void> {
    await this.recorder.stop();
  }
}

function readBody(text: string): ChatBody {
  try {
    return JSON.parse(text) as ChatBody;
  } catch {
    return {};
  }
}

/** The AI provider's bill to the owner, in nano-dollars. */
export function priceOf({ promptTokens, completionTokens }: Bill): bigint {
  const cost = costOf(findPrice(), { inputTokens: promptTokens, outputTokens: completionTokens });
  if (!cost.ok) throw new Error(`${model} has no price for ${cost.unpriced}`);
  return cost.nanoUsd;
}

/** Complete answers that use the whole output limit: the most expensive ones within the request's limits. */
export function answerSoon({ afterMilliseconds = 0 } = {}): UpstreamMode {
  return (call, response) => {
    const answer = () => {
      if (call.isStream) return streamTokens({ chunks: 5, everyMilliseconds: 0 })(call, response);
      call.bill.completionTokens = call.maxTokens;
      answerWith(call, response, { usage: usageOf(call.bill) });
    };
    if (afterMilliseconds === 0) answer();
    else setTimeout(answer, afterMilliseconds);
  };
}

/**
 * As `answerSoon`, but no faster than a model. For an answer that the proxy did not see, the charge covers only what a
 * model can produce in that time, so the bill for a faster answer could exceed the charge. An answer ends when its
 * connection is closed, and is billed until then.
 */
export function answerAtPace(tokensPerSecond: number): UpstreamMode {
  return (call, response) => {
    const milliseconds = (call.maxTokens / tokensPerSecond) * 1_000;
    if (call.isStream) return streamTokens({ chunks: 5, everyMilliseconds: milliseconds / 5 })(call, response);
    const from = performance.now();
    const timer = setTimeout(() => {
      call.bill.completionTokens = call.maxTokens;
      answerWith(call, response, { usage: usageOf(call.bill) });
    }, milliseconds);
    response.once('close', () => {
      if (response.writableEnded) return;
      clearTimeout(timer);
      const produced = Math.ceil(((performance.now() - from) / 1_000) * tokensPerSecond);
      call.bill.completionTokens = Math.min(call.maxTokens, produced);
    });
  };
}

/** A complete JSON answer with the given usage. */
export function answerWith(
  { bill }: Pick<UpstreamCall, 'bill'>,
  response: ServerResponse,
  members: Readonly<Record<string, unknown>>,
): void {
  const message = { role: 'assistant', content: 'Hello.' };
  const body = {
    ...envelope('chat.completion', bill),
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    ...members,
  };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export interface StreamShape {
  /** The number of chunks. The output limit is spread over them. */
  readonly chunks: number;
  readonly everyMilliseconds: number;
  /**
   * Called before each chunk, with its index from 0 on. If it returns false, nothing more is written, and the answer is
   * not ended.
   */
  readonly onChunk?: (index: number, response: ServerResponse) => boolean;
}

/** A stream that uses the whole output limit, evenly over its chunks, and reports the usage at the end if asked to. */
export function streamTokens({ chunks, everyMilliseconds, onChunk = () => true }: StreamShape): UpstreamMode {
  return (call, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let index = 0;
    const next = () => {
      if (response.destroyed) return;
      if (index === chunks) return endStream(call, response);
      const before = call.bill.completionTokens;
      call.bill.completionTokens = Math.floor((call.maxTokens * (index + 1)) / chunks);
      // With every tokenizer, a token has at least one byte of text. So a text with at least one word for each token is
      // long enough for all its tokens.
      const content = 'word '.repeat(Math.max(1, call.bill.completionTokens - before));
      if (!onChunk(index, response)) return;
      response.write(formatChunk(call, { choices: [{ index: 0, delta: { content } }] }));
      index += 1;
      if (everyMilliseconds === 0) setImmediate(next);
      else setTimeout(next, everyMilliseconds);
    };
    next();
  };
}

function endStream(call: UpstreamCall, response: ServerResponse): void {
  response.write(formatChunk(call, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
  if (call.asksForUsage) response.write(formatChunk(call, { choices: [], usage: usageOf(call.bill) }));
  response.end('data: [DONE]\n\n');
}

export function formatChunk({ bill }: Pick<UpstreamCall, 'bill'>, members: Readonly<Record<string, unknown>>): string {
  return `data: ${JSON.stringify({ ...envelope('chat.completion.chunk', bill), ...members })}\n\n`;
}

/** Each chunk of an answer names its request. */
function envelope(object: string, { grant, number }: ChatNumber) {
  return { id: `chatcmpl-${grant}-${number}`, object, created: 1, model };
}

/** @returns the requests whose answers occur in a text */
export function readOwners(text: string): readonly ChatNumber[] {
  return [...text.matchAll(/"id":"chatcmpl-(\d+)-(\d+)"/g)].map(([, grant, number]) => ({
    grant: Number(grant),
    number: Number(number),
  }));
}

export function usageOf({ promptTokens, completionTokens }: Bill) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}
