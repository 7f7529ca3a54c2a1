import { median } from '../statistics/statistics.js';
import type { Sample } from './measure.js';
import type { TeamSamples } from './run-rounds.js';

type Reading = (sample: Sample) => number | undefined;

/** The median of one reading over the rounds; undefined when no round has it. */
export function medianOf({ samples }: TeamSamples, read: Reading): number | undefined {
  const values = samples.flatMap((sample) => read(sample) ?? []);
  return values.length === 0 ? undefined : median(values);
}

export const readRate: Reading = ({ requestsPerSecond }) => requestsPerSecond;

/** The rate of one team divided by that of another, for each round. */
export function ratios(team: TeamSamples, reference: TeamSamples | undefined): readonly number[] {
  return team.samples.flatMap((sample, round) => {
    const other = reference?.samples[round];
    return other === undefined ? [] : [sample.requestsPerSecond / other.requestsPerSecond];
  });
}

/** The ratio of the medians. */
export function ratioOfMedians(team: TeamSamples, reference: TeamSamples | undefined): number | undefined {
  const own = medianOf(team, readRate);
  const other = reference === undefined ? undefined : medianOf(reference, readRate);
  return own === undefined || other === undefined ? undefined : own / other;
}
