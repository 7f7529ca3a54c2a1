import { type ChatRules, isJsonObject, type JsonObject, type Price, type UsageKind } from '@aipassport/policy';

/** Adapts a chat to the vendor: see `ChatRules`. The limits that the estimate relies on are kept. */
export function adaptChat(body: JsonObject, rules: ChatRules, price: Price): JsonObject {
  const named = rules.outputLimit === undefined ? body : renameLimit(body, rules.outputLimit);
  const { stream_options: _options, ...withoutOptions } = named;
  const asked = rules.streamUsage === 'unasked' ? withoutOptions : named;
  return rules.capsPrices === true ? { ...asked, provider: capPrices(asked.provider, price) } : asked;
}

/**
 * Renames the output limit, because a vendor ignores or refuses a name that it does not know. If a request has both
 * names, the lower limit applies.
 */
function renameLimit(body: JsonObject, name: NonNullable<ChatRules['outputLimit']>): JsonObject {
  const { max_tokens: older, max_completion_tokens: newer, ...rest } = body;
  const limits = [older, newer].filter((limit) => typeof limit === 'number');
  return limits.length === 0 ? rest : { ...rest, [name]: Math.min(...limits) };
}

/** https://openrouter.ai/docs/features/provider-routing: prices are in dollars for a million tokens. */
function capPrices(provider: unknown, price: Price): JsonObject {
  const given = isJsonObject(provider) ? provider : {};
  const most = { prompt: mostUsd(price, 'inputTokens'), completion: mostUsd(price, 'outputTokens'), request: 0 };
  return { ...given, max_price: most };
}

/** The rate of the highest tier, in dollars for a million units. */
function mostUsd({ rates }: Price, kind: UsageKind): number {
  const rate = rates[kind];
  const picoUsd = [rate?.picoUsd ?? 0n, ...(rate?.tiers ?? []).map((tier) => tier.picoUsd)];
  return Number(picoUsd.reduce((most, one) => (one > most ? one : most))) / 1e6;
}
