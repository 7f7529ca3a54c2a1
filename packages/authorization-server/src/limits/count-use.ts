import { type LifetimeKind, type LimitUse, lifetimeKinds, limitTable, type UsageCounter } from '@aipassport/policy';
import type { Grant, OpenRequests } from '@aipassport/store/authorization';
import { countOpenRequests, listOpenOfTree } from './open-requests.js';
import { findWindowCosts } from './window-cost.js';

/** What a grant has used. Amounts of money are in nano-US-dollars. */
export type CountedUse = { readonly [C in UsageCounter]: C extends 'requests' ? number : bigint };

interface UseOptions {
  readonly timeZone: string;
  readonly now: Date;
  /** The requests in progress whose reservations are to be left out of the counters of day and month. */
  readonly open?: readonly OpenRequests[];
}

/**
 * What a grant has used, by the counters of its limits. `cost` is what is spent, without what is reserved. `day` and
 * `month` include the reservations of requests in progress, except those in `open`.
 */
export function countUse({ usage }: Pick<Grant, 'usage'>, { open = [], ...view }: UseOptions): CountedUse {
  const { today, thisMonth } = findWindowCosts(usage, open, view);
  return { ...countLifetimeUse({ usage }), day: today, month: thisMonth };
}

/**
 * What a grant has used, without requests in progress. Pages and e-mails show this, because a request in progress may
 * turn out cheaper or fail.
 * @param view `open`: the owner's requests in progress
 */
export function countFinished(
  grant: Pick<Grant, 'id' | 'usage'>,
  { open, timeZone, now }: Required<UseOptions>,
): CountedUse {
  const use = countUse(grant, { timeZone, now, open: listOpenOfTree(grant.id, open) });
  return { ...use, requests: Math.max(0, use.requests - countOpenRequests(grant, open)) };
}

/** What a grant has used or reserved. */
export function countUseAndReserved(grant: Pick<Grant, 'usage'>, view: Omit<UseOptions, 'open'>): CountedUse {
  const { spent, reserved } = grant.usage;
  return { ...countUse(grant, view), cost: spent + reserved };
}

type LifetimeUse = Pick<CountedUse, (typeof limitTable)[LifetimeKind]['usage']>;

function countLifetimeUse({ usage }: Pick<Grant, 'usage'>): LifetimeUse {
  return { cost: usage.spent, requests: usage.requests };
}

/** The usage that counts over the whole life of the grant. Reserved money is left out, because it may be released. */
export function listUse(grant: Pick<Grant, 'usage'>): LimitUse {
  const used = countLifetimeUse(grant);
  // `fromEntries` loses the type of the keys
  return Object.fromEntries(lifetimeKinds.map((kind) => [kind, used[limitTable[kind].usage]])) as LimitUse;
}
