import { type StatusClass, statusClassOf } from '@aipassport/contracts';

/** The statuses that operators tell apart. All others are counted by their class. */
const named = [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529] as const;

/** `other`: a number that is not an HTTP status. `none`: there was no answer. */
export type StatusLabel = `${(typeof named)[number]}` | StatusClass | 'other' | 'none';

const byStatus: ReadonlyMap<number, StatusLabel> = new Map(named.map((status) => [status, `${status}`]));

export function labelStatus(status: number | undefined): StatusLabel {
  if (status === undefined) return 'none';
  return byStatus.get(status) ?? statusClassOf(status) ?? 'other';
}
