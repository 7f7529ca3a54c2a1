/**
 * The kinds of usage that a request can be billed for. The kinds do not overlap: a token that was read from a cache is
 * counted under `cacheReadTokens` and not under `inputTokens`, so that the price of a request is a plain sum.
 */
export const usageKinds = [
  /** Text, and everything else that the vendor bills at the price of input text. */
  'inputTokens',
  'inputAudioTokens',
  'inputImageTokens',
  'inputVideoTokens',
  'cacheReadTokens',
  'cacheReadAudioTokens',
  'cacheReadImageTokens',
  /** For caches that are kept for five minutes, and for all caches whose time the client cannot choose. */
  'cacheWriteTokens',
  'cacheWrite1hTokens',
  /** Text and thinking. Every vendor bills thinking as output. */
  'outputTokens',
  'outputAudioTokens',
  'outputImageTokens',
  /** Pictures that a model generates, for models that are billed by the picture. */
  'outputImages',
  'inputCharacters',
  'audioSeconds',
  'webSearches',
  /**
   * Sessions of a container that runs code. A started session counts as a whole session. `Billing.codeSession` has the
   * length of a session.
   */
  'codeSessions',
] as const;
export type UsageKind = (typeof usageKinds)[number];

/** Whole, non-negative counts; an absent kind is zero. */
export type Usage = Readonly<Partial<Record<UsageKind, number>>>;

const inputKinds: readonly UsageKind[] = usageKinds.slice(0, usageKinds.indexOf('outputTokens'));
const outputKinds: readonly UsageKind[] = ['outputTokens', 'outputAudioTokens', 'outputImageTokens'];

/** All input tokens, cached or not. The vendors' tiers for long prompts depend on this number. */
export function totalInputTokens(usage: Usage): number {
  return sum(usage, inputKinds);
}

export function totalOutputTokens(usage: Usage): number {
  return sum(usage, outputKinds);
}

function sum(usage: Usage, kinds: readonly UsageKind[]): number {
  let total = 0;
  for (const kind of kinds) total += usage[kind] ?? 0;
  return total;
}
