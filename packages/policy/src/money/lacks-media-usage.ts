import type { Estimate } from './estimate/estimate.js';
import type { Usage, UsageKind } from './usage.js';

const mediaKinds: readonly UsageKind[] = ['inputAudioTokens', 'inputImageTokens', 'inputVideoTokens'];
const cachedMediaKinds: readonly UsageKind[] = ['cacheReadAudioTokens', 'cacheReadImageTokens'];

/**
 * Whether a usage report counts no audio, pictures or video although the estimate counts some for every way in which
 * the input may be billed. Such a report is not trusted: audio, for example, costs more than text.
 */
export function lacksMediaUsage({ inputs }: Pick<Estimate, 'inputs'>, usage: Usage): boolean {
  const has = (counts: Usage, kinds: readonly UsageKind[]): boolean => kinds.some((kind) => (counts[kind] ?? 0) > 0);
  return inputs.every((input) => has(input, mediaKinds)) && !has(usage, [...mediaKinds, ...cachedMediaKinds]);
}
