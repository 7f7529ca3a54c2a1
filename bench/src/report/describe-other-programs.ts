import type { TeamSamples } from '../measure/run-rounds.js';
import { median } from '../statistics/statistics.js';

/**
 * Says how much of the machine other programs used during the measurement. If it is more than a little, the figures are
 * unreliable.
 */
export function describeOtherPrograms(teams: readonly TeamSamples[]): string {
  const cores = teams.flatMap(({ samples }) => samples.flatMap(({ coresOfOthers }) => coresOfOthers ?? []));
  if (cores.length === 0) return '';
  return `Other programs used ${median(cores).toFixed(2)} cores (median of the rounds; at most ${Math.max(...cores).toFixed(2)}).`;
}
