import type { ServerResponse } from 'node:http';
import { costOf } from '@aipassport/policy';
import { RecordingUpstream, type UpstreamHit } from '../../harness/recording-upstream.js';
import { type ChatNumber, findPrice, model, readChatNumber } from './numbered-chat.js';

/** A request as the AI provider has it on its books. */
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
  /** The most that it may answer. */
  readonly maxTokens: number;
  /** What the owner's key pays for: grows with every token that is made, delivered or not. */
  readonly bill: Bill;
}

export type UpstreamMode = (call: UpstreamCall, response: ServerResponse) => void;

interface ChatBody {
  readonly max_completion_tokens?: number;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

/** An AI provider that keeps books of its own, against which the ledger is held. */
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

  static async start(): Promise<BillingUpstream> {
    return new BillingUpstream(await RecordingUpstream.start());
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

/** What the AI provider will ask the owner to pay, in nano-dollars. */
export function priceOf({ promptTokens, completionTokens }: Bill): bigint {
  const cost = costOf(findPrice(), { inputTokens: promptTokens, outputTokens: completionTokens });
  if (!cost.ok) throw new Error(`${model} has no price for ${cost.unpriced}`);
  return cost.nanoUsd;
}

/** Whole answers, as long as they may be: the dearest AI provider that keeps to what it was asked. */
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

/** A whole JSON answer, with whatever it says of its usage. */
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
  /** The tokens that the request may use are spread over them. */
  readonly chunks: number;
  readonly everyMilliseconds: number;
  /** Told before each chunk, from 0 on; `false`: it was dealt with. */
  readonly onChunk?: (index: number, response: ServerResponse) => boolean;
}

/** A stream that uses all that it may, a bit with each chunk, and says so at the end when it was asked to. */
export function streamTokens({ chunks, everyMilliseconds, onChunk = () => true }: StreamShape): UpstreamMode {
  return (call, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let index = 0;
    const next = () => {
      if (response.destroyed) return;
      if (index === chunks) return endStream(call, response);
      const before = call.bill.completionTokens;
      call.bill.completionTokens = Math.floor((call.maxTokens * (index + 1)) / chunks);
      // A token is at least a byte of text, with every tokenizer.
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

/** Every piece of an answer says whose it is. */
function envelope(object: string, { grant, number }: ChatNumber) {
  return { id: `chatcmpl-${grant}-${number}`, object, created: 1, model };
}

/** @returns whose answers there are in a text */
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
