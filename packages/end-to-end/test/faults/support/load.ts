import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { buildChat, type ChatNumber } from './numbered-chat.js';

/** A grant, and the access token that the client has for it. */
export interface Access {
  /** The index of this grant in the test. */
  readonly grant: number;
  readonly grantId: string;
  /** SECRET. */
  accessToken: string;
}

/** The client's record of one request. All times are `performance.now()` of this process. */
export interface ChatResult extends ChatNumber {
  /** The address of the proxy; undefined where the test needs none. */
  readonly target: string | undefined;
  readonly isStream: boolean;
  readonly sentAtMilliseconds: number;
  readonly endedAtMilliseconds: number;
  /** undefined: there was no answer. */
  readonly status: number | undefined;
  /** Whether the status is 200 and the answer is complete. */
  readonly isWhole: boolean;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

export interface LoadOptions {
  /** The grants of the requests, in turn. The test may add grants while the load runs. */
  readonly accesses: readonly Access[];
  /** Addresses of the proxies, which callers use in turn. */
  readonly targets: readonly string[];
  /** The number of parallel requests. */
  readonly callers: number;
  /** The number of streams in ten requests. */
  readonly streamsOfTen?: number;
  /** The first request number of each grant. */
  readonly firstNumber?: number;
  /** How long a caller waits for a connection, and then for each part of the answer. */
  readonly patience?: Patience;
  readonly isOver: () => boolean;
}

export interface Patience {
  readonly connectMilliseconds: number;
  readonly answerMilliseconds: number;
}

const usualPatience: Patience = { connectMilliseconds: 10_000, answerMilliseconds: 60_000 };
/** Request numbers stay below this, because a request's output limit grows with its number and must not be too high. */
const maxNumber = 16_000;
/** A caller's pause after a refusal or an incomplete answer, so that it does not repeat requests without a pause. */
const pauseMilliseconds = 15;
/** A caller's pause when there was no answer. */
const awayMilliseconds = 100;

/** Runs callers until `isOver`. Each caller sends its next request when the previous one is answered or has failed. */
export async function runLoad(options: LoadOptions): Promise<ChatResult[]> {
  const { accesses, targets, callers, streamsOfTen = 3, firstNumber = 0, patience = usualPatience, isOver } = options;
  const agent = new Agent({
    pipelining: 1,
    connections: callers,
    connect: { timeout: patience.connectMilliseconds },
    bodyTimeout: patience.answerMilliseconds,
    headersTimeout: patience.answerMilliseconds,
  });
  const numbers = new Map<number, number>();
  const seen: ChatResult[] = [];
  let turn = 0;
  const call = async () => {
    while (!isOver()) {
      turn += 1;
      const access = accesses[turn % accesses.length];
      const target = targets[Math.floor(turn / accesses.length) % targets.length];
      if (access === undefined || target === undefined) throw new Error('there is no grant or proxy to ask');
      const number = numbers.get(access.grant) ?? firstNumber;
      if (number >= maxNumber) throw new Error('the numbers of a grant are used up: take new grants for this load');
      numbers.set(access.grant, number + 1);
      const result = await askChat({ access, number, target, agent, isStream: turn % 10 < streamsOfTen });
      seen.push(result);
      if (!result.isWhole) await sleep(result.status === undefined ? awayMilliseconds : pauseMilliseconds);
    }
  };
  try {
    await Promise.all(Array.from({ length: callers }, call));
  } finally {
    await agent.destroy();
  }
  return seen;
}

export interface ChatRequest {
  readonly access: Pick<Access, 'grant' | 'accessToken'>;
  readonly number: number;
  readonly target: string;
  readonly isStream?: boolean;
  readonly asksForUsage?: boolean;
  readonly agent?: Agent;
}

/** Sends one request and reads its answer to the end. Never throws. */
export async function askChat(chat: ChatRequest): Promise<ChatResult> {
  const { access, number, target, agent, isStream = false, asksForUsage = false } = chat;
  const { grant } = access;
  const sentAtMilliseconds = performance.now();
  let status: number | undefined;
  let retryAfter: string | undefined;
  let text = '';
  let isEnded = false;
  try {
    const answer = await request(`${target}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(buildChat({ grant, number }, { isStream, asksForUsage })),
      ...(agent === undefined ? {} : { dispatcher: agent }),
    });
    status = answer.statusCode;
    retryAfter = answer.headers['retry-after']?.toString();
    for await (const chunk of answer.body.setEncoding('utf8')) text += String(chunk);
    isEnded = true;
  } catch {
    // the connection broke: report the bytes that arrived
  }
  return {
    grant,
    number,
    isStream,
    target,
    sentAtMilliseconds,
    endedAtMilliseconds: performance.now(),
    status,
    isWhole: isEnded && status === 200 && (!isStream || text.includes('data: [DONE]')),
    retryAfter,
    text,
  };
}
