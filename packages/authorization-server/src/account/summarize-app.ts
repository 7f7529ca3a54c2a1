import { hasSpendingLimit, type Limits, type ScopeToken } from '@aipassport/policy';
import type { ListedGrant, OpenRequests } from '@aipassport/store/authorization';
import { findReached } from '../limits/find-reached.js';
import { isEndingSoon } from '../limits/is-ending-soon.js';
import { isExhausted } from '../limits/is-exhausted.js';
import { countOpenRequests, listOpenOfTree } from '../limits/open-requests.js';
import { deriveAppId } from './app-id.js';

/** All live grants of one client together, for one entry of a list. */
export interface AppSummary {
  readonly id: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly redirectUris: readonly string[];
  readonly isVouchedFor: boolean;
  readonly tokens: readonly ScopeToken[];
  /** The cost of finished requests, in nano-US-dollars. */
  readonly spent: bigint;
  /** The sum of the grants' limits on cost, in nano-US-dollars; undefined when one of the grants has no such limit. */
  readonly maxCost: Limits['maxCost'];
  /** Whether each of the grants has a spending limit: in total, by month or by day. */
  readonly isMoneyLimited: boolean;
  /** How many requests are in progress. */
  readonly openRequests: number;
  /** When the last of the grants ends. */
  readonly expiresAt: Date;
  readonly isEndingSoon: boolean;
  /** Whether every grant has used up a limit that does not start again with a new day or month. */
  readonly isExhausted: boolean;
  /**
   * When a grant can be used again, if each of the grants has used up a limit. Undefined when a grant can be used now,
   * or when none of them can be used again without a change by the owner.
   */
  readonly pausedUntil: Date | undefined;
}

/** @param grants live grants that owners made. The order of their clients is kept. */
export function summarizeApps(grants: readonly ListedGrant[], view: SummaryView): readonly AppSummary[] {
  return [...Map.groupBy(grants, ({ clientId }) => clientId)].flatMap(([, ofClient]) => {
    const [newest] = ofClient;
    return newest === undefined ? [] : [summarize(newest, { grants: ofClient, ...view })];
  });
}

interface SummaryView {
  readonly open: readonly OpenRequests[];
  readonly timeZone: string;
  readonly now: Date;
}

interface Parts extends SummaryView {
  readonly grants: readonly ListedGrant[];
}

function summarize(newest: ListedGrant, { grants, ...view }: Parts): AppSummary {
  const { open, now } = view;
  const { clientId, clientName, redirectUris, isVouchedFor } = newest;
  const last = grants.reduce((latest, grant) => (grant.expiresAt > latest.expiresAt ? grant : latest));
  const limits = grants.map(({ limits: { maxCost } }) => maxCost);
  return {
    id: deriveAppId(clientId),
    clientId,
    clientName,
    redirectUris,
    isVouchedFor,
    tokens: [...new Map(grants.flatMap(({ tokens }) => tokens).map((token) => [token.text, token])).values()],
    spent: grants.reduce((sum, { usage }) => sum + usage.spent, 0n),
    maxCost: limits.every((limit) => limit !== undefined) ? limits.reduce((sum, limit) => sum + limit, 0n) : undefined,
    isMoneyLimited: grants.every((grant) => hasSpendingLimit(grant.limits)),
    openRequests: grants.reduce((sum, grant) => sum + countOpenRequests(grant, open), 0),
    expiresAt: last.expiresAt,
    isEndingSoon: isEndingSoon(last, now),
    isExhausted: grants.every(isExhausted),
    pausedUntil: findPause(grants, view),
  };
}

function findPause(grants: readonly ListedGrant[], view: SummaryView): Date | undefined {
  const reached = grants.map((grant) => findReached(grant, { ...view, open: listOpenOfTree(grant.id, view.open) }));
  if (reached.includes(undefined)) return undefined;
  const ends = reached.flatMap((one) => one?.until ?? []);
  return ends.toSorted((a, b) => a.getTime() - b.getTime())[0];
}
