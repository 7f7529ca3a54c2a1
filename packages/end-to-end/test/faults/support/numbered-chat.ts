import { createPriceCatalogue, estimateCall, type JsonObject, type Price } from '@aipassport/policy';

/** The model of every request in these tests; its price is exact in nano-dollars. */
export const model = 'gpt-4o-mini';

const catalogue = createPriceCatalogue();
const limits = catalogue.findLimits('openai', model);

export function findPrice(): Price {
  const price = catalogue.findPrice('openai', model, new Date());
  if (price === undefined) throw new Error(`${model} has no price`);
  return price;
}

/** Identifies a request at the client, at the AI provider and in the ledger. */
export interface ChatNumber {
  /** The index of its grant in the test. */
  readonly grant: number;
  /** From 0 on, and below `maxNumber` in `load.ts`. */
  readonly number: number;
}

export interface ChatOptions {
  readonly isStream?: boolean;
  readonly asksForUsage?: boolean;
}

/** The output limit of the request with the number 0. */
const leastTokens = 64;

/**
 * A unique request. The AI provider sees its number in its text. The ledger has no text, so the number is also in the
 * output limit: no other request of the grant has the same estimate.
 */
export function buildChat(
  { grant, number }: ChatNumber,
  { isStream = false, asksForUsage = false }: ChatOptions = {},
): JsonObject {
  return {
    model,
    messages: [
      { role: 'user', content: `request ${String(grant).padStart(4, '0')} ${String(number).padStart(6, '0')}` },
    ],
    max_completion_tokens: leastTokens + number,
    stream: isStream,
    ...(asksForUsage ? { stream_options: { include_usage: true } } : {}),
  };
}

/** Reads the number from a request that reached the AI provider. */
export function readChatNumber(body: string): ChatNumber {
  const [, grant, number] = /request (\d{4}) (\d{6})/.exec(body) ?? [];
  return { grant: Number(grant), number: Number(number) };
}

const estimates = new Map<string, bigint>();

/** The proxy's estimate for a chat, from the proxy's own function. Tests use it only to identify the request. */
export function estimateOf(chat: JsonObject): bigint {
  const key = JSON.stringify(chat).replace(/request \d{4} \d{6}/, '');
  let estimate = estimates.get(key);
  if (estimate === undefined) {
    if (limits === undefined) throw new Error(`${model} has no limits`);
    const result = estimateCall(chat, { operationId: 'openai.chat/completions', price: findPrice(), limits });
    if (!result.ok) throw new Error('this request has no estimate');
    estimate = result.estimate.worstCaseNanoUsd;
    estimates.set(key, estimate);
  }
  return estimate;
}
