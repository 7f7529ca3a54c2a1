import type { Capability } from '../catalogue/capabilities.js';
import { costOf } from './cost.js';
import { speechTokensPerSecond } from './estimate/estimate-table.js';
import type { NanoUsd } from './nano-usd.js';
import type { Price } from './price.js';
import type { Usage, UsageKind } from './usage.js';

/** The uses of a model with which pages explain amounts of money. Speech and transcription are measured in minutes. */
export type ExampleUse = 'chat' | 'picture' | 'speech' | 'transcription' | 'page';

/** One typical use of a model: a chat, a picture, a minute or a page. */
export interface Example {
  readonly use: ExampleUse;
  readonly usage: Usage;
  /** Above 0. */
  readonly cost: NanoUsd;
}

interface ExampleRow {
  readonly capability: Capability;
  readonly use: ExampleUse;
  /** The row is for models with a price of their own for one of these kinds. */
  readonly billedBy: readonly UsageKind[];
  /** undefined: all models. */
  readonly models?: RegExp;
  readonly usage: Usage;
}

/** For a capability of a model, the first row that fits the model's price counts. */
const rows: readonly ExampleRow[] = [
  // A question of about a page, and an answer of some paragraphs.
  { capability: 'chat', use: 'chat', billedBy: ['outputTokens'], usage: { inputTokens: 500, outputTokens: 300 } },
  { capability: 'images', use: 'picture', billedBy: ['outputImages'], usage: { outputImages: 1 } },
  // The vendors bill 1,056 to 1,756 tokens for a picture of medium quality with 1,024 by 1,024 pixels.
  {
    capability: 'images',
    use: 'picture',
    billedBy: ['outputImageTokens', 'outputTokens'],
    usage: { inputTokens: 100, outputImageTokens: 1_300 },
  },
  // A calm voice speaks 150 words a minute, which are about 900 characters.
  { capability: 'audio', use: 'speech', billedBy: ['inputCharacters'], usage: { inputCharacters: 900 } },
  {
    capability: 'audio',
    use: 'speech',
    billedBy: ['outputTokens'],
    models: /-tts\b/,
    usage: { inputTokens: 200, outputTokens: 60 * speechTokensPerSecond },
  },
  { capability: 'audio', use: 'transcription', billedBy: ['audioSeconds'], usage: { audioSeconds: 60 } },
  // A second of a recording is ten tokens.
  {
    capability: 'audio',
    use: 'transcription',
    billedBy: ['inputAudioTokens'],
    usage: { inputAudioTokens: 600, outputTokens: 200 },
  },
  { capability: 'embeddings', use: 'page', billedBy: ['inputTokens'], usage: { inputTokens: 500 } },
];

/**
 * A typical use of a model for a purpose, with its cost.
 * @returns undefined when the price list does not say what such a use costs, or when it is free
 */
export function findExample(capability: Capability, price: Price): Example | undefined {
  const row = rows.find(
    ({ capability: of, billedBy, models }) =>
      of === capability && billedBy.some((kind) => price.named.has(kind)) && (models?.test(price.modelId) ?? true),
  );
  const cost = row && costOf(price, row.usage);
  if (row === undefined || cost?.ok !== true || cost.nanoUsd === 0n) return undefined;
  return { use: row.use, usage: row.usage, cost: cost.nanoUsd };
}

/** About how many uses an amount pays for, rounded down to one significant digit. */
export function countUses(amount: NanoUsd, { cost }: Pick<Example, 'cost'>): number {
  const count = amount / cost;
  const unit = 10n ** BigInt(Math.max(count.toString().length - 1, 0));
  return Number((count / unit) * unit);
}
