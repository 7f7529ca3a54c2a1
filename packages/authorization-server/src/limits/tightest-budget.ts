import { limitTable, type UsdKind, usdKinds } from '@aipassport/policy';
import type { Grant, OpenRequests } from '@aipassport/store/authorization';
import { countFinished } from './count-use.js';

/** A spending limit, in nano-US-dollars, and how much of it is spent. */
export interface Budget {
  readonly kind: UsdKind;
  readonly limit: bigint;
  readonly used: bigint;
  /** From 0 to 1, for sorting. */
  readonly usedShare: number;
}

export interface BudgetView {
  /** The owner's requests in progress. Amounts that are reserved for them do not count as spent. */
  readonly open: readonly OpenRequests[];
  readonly timeZone: string;
  readonly now: Date;
}

/** Finds the budget of which the grant has used the largest share; undefined when the grant has no spending limit. */
export function findTightestBudget(
  grant: Pick<Grant, 'id' | 'limits' | 'usage'>,
  view: BudgetView,
): Budget | undefined {
  const use = countFinished(grant, view);
  return usdKinds
    .flatMap((kind) => {
      const limit = grant.limits[kind];
      const used = use[limitTable[kind].usage];
      return limit === undefined ? [] : [{ kind, limit, used, usedShare: Math.min(1, Number(used) / Number(limit)) }];
    })
    .toSorted((a, b) => b.usedShare - a.usedShare)[0];
}
