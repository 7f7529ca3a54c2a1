import { countedKinds, hasSpendingLimit, type Limits, limitTable } from '@aipassport/policy';
import type { Grant, OpenRequests } from '@aipassport/store/authorization';
import { exactly, partOf, type Texts } from '../texts/texts.js';
import { countFinished } from './count-use.js';
import { limitWords } from './limit-words.js';

interface UseView {
  /** The owner's requests in progress. They do not count as used. */
  readonly open: readonly OpenRequests[];
  readonly timeZone: string;
  readonly now: Date;
  readonly texts: Texts;
}

/**
 * Says how much of each budget a grant has used: `$0.03 of $0.05, 12 of 100 requests`. For several grants, it says only
 * how much money they have spent together, and the sum of their total limits if each grant has one. Limits by month and
 * by day are not added up.
 */
export function describeUse(grants: readonly [Grant, ...Grant[]], view: UseView): string {
  const [only, ...others] = grants;
  const { texts } = view;
  const parts = others.length === 0 ? describeBudgets(only, view) : [describeTotal(grants, texts)];
  return parts.length === 0 ? texts('existing.spent', { used: only.usage.spent }) : parts.join(', ');
}

function describeBudgets(grant: Grant, { texts, ...view }: UseView): readonly string[] {
  const use = countFinished(grant, view);
  return countedKinds.flatMap((kind) => {
    const limit = grant.limits[kind];
    const used = use[limitTable[kind].usage];
    return limit === undefined
      ? []
      : [texts(limitWords[kind].used.of, { used: partOf(limit, used), limit: exactly(limit) })];
  });
}

function describeTotal(grants: readonly Grant[], texts: Texts): string {
  const used = grants.reduce((sum, { usage }) => sum + usage.spent, 0n);
  const limit = sumOf(grants.map(({ limits }) => limits.maxCost));
  if (limit !== undefined) return texts('existing.sumOf', { used: partOf(limit, used), limit: exactly(limit) });
  const isLimited = grants.every(({ limits }) => hasSpendingLimit(limits));
  return texts(isLimited ? 'existing.spentOnly' : 'existing.spent', { used });
}

/** @returns undefined when one of the grants has no limit */
function sumOf(limits: readonly Limits['maxCost'][]): bigint | undefined {
  return limits.every((limit) => limit !== undefined) ? limits.reduce((sum, limit) => sum + limit, 0n) : undefined;
}
