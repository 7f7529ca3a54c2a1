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

/** What tells a request from all others, at the client, at the AI provider and in the ledger. */
export interface ChatNumber {
  /** The place of its grant among those of the test. */
  readonly grant: number;
  /** From 0 on, and at most 16,000. */
  readonly number: number;
}

export interface ChatOptions {
  readonly isStream?: boolean;
  readonly asksForUsage?: boolean;
}

/** Less than that is the least that is worth asking for. */
const leastTokens = 64;

/**
 * A request like no other. Its text carries its number to the AI provider; to the ledger, which holds no text, its
 * output limit carries it: no other request of the grant has the same estimate.
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

/** Finds the number again in what reached the AI provider. */
export function readChatNumber(body: string): ChatNumber {
  const [, grant, number] = /request (\d{4}) (\d{6})/.exec(body) ?? [];
  return { grant: Number(grant), number: Number(number) };
}

const estimates = new Map<string, bigint>();

/** What the proxy sets aside for it, by its own function; here it is only a name. */
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
