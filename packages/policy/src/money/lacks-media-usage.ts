import type { Estimate } from './estimate/estimate.js';
import type { Usage, UsageKind } from './usage.js';

const mediaKinds: readonly UsageKind[] = ['inputAudioTokens', 'inputImageTokens', 'inputVideoTokens'];
const cachedMediaKinds: readonly UsageKind[] = ['cacheReadAudioTokens', 'cacheReadImageTokens'];

/**
 * Audio costs more than text. A usage report that does not distinguish them is not trusted after a recording was sent.
 */
export function lacksMediaUsage({ inputs }: Pick<Estimate, 'inputs'>, usage: Usage): boolean {
  const has = (counts: Usage, kinds: readonly UsageKind[]): boolean => kinds.some((kind) => (counts[kind] ?? 0) > 0);
  return inputs.every((input) => has(input, mediaKinds)) && !has(usage, [...mediaKinds, ...cachedMediaKinds]);
}
