import { canonicalFieldName } from '../../fields/canonical-name.js';
import type { PricedBody } from '../../fields/field.js';
import type { PricedBodyOf } from '../../fields/field-tables.js';
import type { generationConfigFields } from '../../fields/google/content-fields.js';
import type { BodyOperationId } from '../../operations/dialect-operations.js';
import { isCount, isJsonObject, type JsonObject } from '../json.js';
import { refuseCost } from './cost-refusal.js';
import { leastOutputTokens } from './estimate.js';

/** Anthropic's smallest thinking budget. It is part of the output limit and must be below it. */
const leastThinkingTokens = 1_024;

/** How many answers a request asks for. null counts as absent. */
export function readChoices<Holder extends object>(holder: Holder, name: keyof Holder & string): number {
  return readCount(holder, name) ?? 1;
}

/**
 * How many texts the model writes for a legacy completion: several for each prompt, all or the best of which are shown.
 */
export function readCompletions(body: PricedBodyOf<'openai.completions'>): number {
  const { prompt } = body;
  const prompts = Array.isArray(prompt) && typeof prompt[0] !== 'number' ? Math.max(1, prompt.length) : 1;
  return prompts * Math.max(readChoices(body, 'n'), readChoices(body, 'best_of'));
}

/** @returns undefined when it is absent or null */
export function readCount<Holder extends object>(holder: Holder, name: keyof Holder & string): number | undefined {
  const value: unknown = holder[name];
  if (value === undefined || value === null) return undefined;
  return isCount(value, 1_000_000) ? value : refuseCost(name, 'malformed');
}

/** The smallest useful output limit for a request that asks for `tokens`. */
export function leastOf(tokens: number, least = leastOutputTokens): number {
  return Math.min(tokens, least);
}

type ThinkingBody = PricedBodyOf<'anthropic.messages'>;

/** The smallest output limit with thinking: Anthropic refuses a limit that leaves no room for the thinking budget. */
export function leastWithThinking({ thinking }: ThinkingBody): number {
  return readThinkingBudget(thinking) === undefined ? leastOutputTokens : leastThinkingTokens + leastOutputTokens;
}

/**
 * Anthropic accepts a thinking budget of at least 1,024 and below the output limit. With tools it may be larger,
 * because it can cover several answers (interleaved thinking).
 */
export function requireThinkingBudget({ thinking, tools }: ThinkingBody, maxTokens: number): void {
  if (!isJsonObject(thinking)) return;
  const budget = thinking.budget_tokens;
  if (budget === undefined || budget === null) return;
  const isCount = typeof budget === 'number' && Number.isSafeInteger(budget);
  const hasTools = Array.isArray(tools) && tools.length > 0;
  if (!isCount || budget < leastThinkingTokens || (budget >= maxTokens && !hasTools))
    refuseCost('thinking.budget_tokens', 'malformed');
}

function readThinkingBudget(thinking: unknown): number | undefined {
  return isJsonObject(thinking) && typeof thinking.budget_tokens === 'number' ? thinking.budget_tokens : undefined;
}

type LimitWriter = (body: JsonObject, tokens: number) => JsonObject;

function limitGoogleContent(body: JsonObject, tokens: number): JsonObject {
  const { name, config } = readGenerationConfig(body);
  const each = Math.floor(tokens / (readSpelledCount(config, 'candidateCount') ?? 1));
  return { ...body, [name]: { ...config, [nameOf(config, 'maxOutputTokens')]: each } };
}

/** Its answers have no limit that a request could set. */
const unlimited: LimitWriter = (body) => body;

const writers = {
  'openai.chat/completions': (body, tokens) => {
    const each = Math.floor(tokens / readChoices(body, 'n'));
    // The older name where the client used it: a server that is only like OpenAI's may know no other.
    const older = isSet(body.max_tokens) && { max_tokens: each };
    const newer = (!older || isSet(body.max_completion_tokens)) && { max_completion_tokens: each };
    return { ...body, ...older, ...newer };
  },
  'openai.completions': (body, tokens) => ({ ...body, max_tokens: Math.floor(tokens / readCompletions(body)) }),
  'openai.responses': (body, tokens) => ({ ...body, max_output_tokens: tokens }),
  'openai.responses/input_tokens': unlimited,
  'openai.moderations': unlimited,
  'openai.embeddings': unlimited,
  'openai.images/generations': unlimited,
  'openai.images/edits': unlimited,
  'openai.images/edits.json': unlimited,
  'openai.images/variations': unlimited,
  'openai.audio/speech': unlimited,
  'anthropic.messages': (body, tokens) => ({ ...body, max_tokens: tokens, ...lowerThinking(body, tokens) }),
  'anthropic.messages/count_tokens': unlimited,
  'google.generateContent': limitGoogleContent,
  'google.streamGenerateContent': limitGoogleContent,
  'google.countTokens': unlimited,
  'google.embedContent': unlimited,
  'google.batchEmbedContents': unlimited,
} satisfies Readonly<Record<BodyOperationId, LimitWriter>>;

/**
 * Writes an output limit into a request's body, at the place for its operation. Returns a new body.
 *
 * @param tokens for all choices together, as `lowerOutputLimit` returns it; divided evenly between the choices
 */
export function withOutputLimit(operationId: BodyOperationId, body: JsonObject, tokens: number): JsonObject {
  const write: LimitWriter = writers[operationId];
  return write(body, tokens);
}

/** null counts as absent. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function lowerThinking({ thinking }: JsonObject, tokens: number): JsonObject {
  const budget = readThinkingBudget(thinking);
  if (budget === undefined || budget < tokens || !isJsonObject(thinking)) return {};
  return { thinking: { ...thinking, budget_tokens: Math.max(leastThinkingTokens, tokens - leastOutputTokens) } };
}

/** The member in the client's spelling, or an empty object. */
export function readGenerationConfig(body: PricedBodyOf<'google.generateContent'>): {
  readonly name: string;
  readonly config: GenerationConfig;
} {
  const name = nameOf(body, 'generationConfig');
  const config = readMember(body, 'generationConfig') ?? {};
  return isJsonObject(config) ? { name, config } : refuseCost('generationConfig', 'malformed');
}

export type GenerationConfig = PricedBody<typeof generationConfigFields>;

/** A member under its canonical name, whichever way the client spelled it. */
export function readMember<Holder extends object>(holder: Holder, canonicalName: keyof Holder & string): unknown {
  return Reflect.get(holder, nameOf(holder, canonicalName));
}

/** The same as `readCount`, whichever way the client spelled the name. */
export function readSpelledCount<Holder extends object>(
  holder: Holder,
  canonicalName: keyof Holder & string,
): number | undefined {
  const found: Readonly<Record<string, unknown>> = { [canonicalName]: readMember(holder, canonicalName) };
  return readCount<typeof found>(found, canonicalName);
}

/**
 * The spelling that an object uses for a member. @throws CostRefused for both spellings: Google does not say which
 * counts
 */
export function nameOf<Holder extends object>(holder: Holder, canonicalName: keyof Holder & string): string {
  const names = Object.keys(holder).filter((name) => canonicalFieldName(name) === canonicalName);
  return names.length > 1 ? refuseCost(canonicalName, 'malformed') : (names[0] ?? canonicalName);
}
