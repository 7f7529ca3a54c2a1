import { canonicalFieldName } from '../../../fields/canonical-name.js';
import type { PricedBody } from '../../../fields/field.js';
import type { PricedBodyOf } from '../../../fields/field-tables.js';
import type { generationConfigFields } from '../../../fields/google/content-fields.js';
import { isJsonObject, type JsonObject } from '../../json.js';
import { refuseCost } from '../cost-refusal.js';
import { readCount } from '../output-limit.js';

type ContentBody = PricedBodyOf<'google.generateContent'>;

export function limitContent(body: ContentBody, tokens: number): JsonObject {
  const { name, config } = readGenerationConfig(body);
  const each = Math.floor(tokens / (readSpelledCount(config, 'candidateCount') ?? 1));
  return { ...body, [name]: { ...config, [nameOf(config, 'maxOutputTokens')]: each } };
}

/**
 * Reads the member `generationConfig`.
 * @returns its value, or an empty object if it is absent, and its name as the client spelled it
 * @throws CostRefused if the value is not an object
 */
export function readGenerationConfig(body: ContentBody): {
  readonly name: string;
  readonly config: GenerationConfig;
} {
  const name = nameOf(body, 'generationConfig');
  const config = readMember(body, 'generationConfig') ?? {};
  return isJsonObject(config) ? { name, config } : refuseCost('generationConfig', 'malformed');
}

export type GenerationConfig = PricedBody<typeof generationConfigFields>;

/** Reads a member by its canonical name. The client may have used either spelling. */
export function readMember<Holder extends object>(holder: Holder, canonicalName: keyof Holder & string): unknown {
  return Reflect.get(holder, nameOf(holder, canonicalName));
}

/** The same as `readCount`, for either spelling of the name. */
export function readSpelledCount<Holder extends object>(
  holder: Holder,
  canonicalName: keyof Holder & string,
): number | undefined {
  const found: Readonly<Record<string, unknown>> = { [canonicalName]: readMember(holder, canonicalName) };
  return readCount<typeof found>(found, canonicalName);
}

/**
 * The spelling that an object uses for a member. If the object lacks the member, this is the canonical name.
 * @throws CostRefused if both spellings are used, because Google does not say which spelling counts
 */
export function nameOf<Holder extends object>(holder: Holder, canonicalName: keyof Holder & string): string {
  const names = Object.keys(holder).filter((name) => canonicalFieldName(name) === canonicalName);
  return names.length > 1 ? refuseCost(canonicalName, 'malformed') : (names[0] ?? canonicalName);
}
