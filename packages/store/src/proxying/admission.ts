import type { LimitDenial, PassingDenial, RemainderKind, ScopeToken } from '@aipassport/policy';
import { readTokens } from '../scopes-above.js';

/**
 * How much of each limit is left after a request was admitted or refused. If grants above this grant have the same
 * limit, it is the smallest amount that any of them has left. `cost` is in nano-US-dollars. It is the smallest amount
 * that any spending limit has left, including the account's monthly limit.
 */
export interface Remainder extends Readonly<Record<RemainderKind, number | bigint | undefined>> {
  readonly requests: bigint | undefined;
  readonly cost: bigint | undefined;
  /** Requests that may follow at once. */
  readonly rate: number | undefined;
  /** Tokens that may be requested at once. */
  readonly tokens: number | undefined;
}

/** Which budget has too little left. */
export type ExhaustedBudget =
  | Extract<LimitDenial, `${string}budget_exhausted`>
  | 'account_budget_exhausted'
  /** The operator's cap, for the account or for all accounts together. */
  | 'operator_budget_exhausted';

export type Admission =
  /**
   * `reserved` is the estimate, or less, because less was left or room was kept for other requests. If it is less, the
   * caller must lower the request's cost.
   */
  | {
      readonly verdict: 'admitted';
      readonly reserved: bigint;
      readonly left: Remainder;
      /**
       * The account's own provider key for the upstream when the statement began; undefined: it had none. A request
       * that waits in the statement for the lock of its grant may get a provider key that was deleted or replaced
       * meanwhile. A later request does not.
       */
      readonly providerKeyId: string | undefined;
      /**
       * Whether the account had no provider key of its own when the request was counted, and this replica has a
       * provider key of the operator. Then the request must be sent with the operator's provider key.
       */
      readonly usesOperatorKey: boolean;
      /**
       * The part of the grant's scope that all grants above it allow too, when the statement began. It may allow less
       * than a token that was issued earlier. A request that arrives after the scope was changed sees the change.
       */
      readonly tokens: readonly ScopeToken[];
    }
  | {
      readonly verdict:
        | 'unknown'
        | 'revoked'
        | 'expired'
        | 'proof_used'
        | Exclude<LimitDenial, ExhaustedBudget | PassingDenial>;
    }
  /**
   * `mayFitLater`: other requests of the grant that refuses, which is this grant or one above it, are in progress. The
   * request may fit when they have ended.
   */
  | { readonly verdict: 'too_many_streams'; readonly mayFitLater: boolean }
  | { readonly verdict: ExhaustedBudget; readonly mayFitLater: false }
  /**
   * The request would be admitted if no other request, in progress or not yet settled, had a reservation of the budget.
   * For a grant's budget, the others are the requests of the grant, for an account's budget those of the account, for
   * the operator's budget all requests. The time until they end is a guess.
   */
  | { readonly verdict: ExhaustedBudget; readonly mayFitLater: true; readonly retryAfterSeconds: number }
  | { readonly verdict: 'rate_limited'; readonly retryAfterSeconds: number }
  | { readonly verdict: 'token_rate_limited'; readonly retryAfterSeconds: number; readonly mayFitLater: boolean };

/** A verdict as `admit_requests` returns it. */
export interface AdmissionRow {
  /** The position in the parameters, counted from 1. */
  readonly item: number;
  readonly verdict: Admission['verdict'];
  readonly others_hold: boolean;
  readonly reserved: bigint | null;
  readonly retry_after: number | null;
  readonly requests_left: bigint | null;
  readonly cost_left: bigint | null;
  readonly rate_left: number | null;
  readonly tokens_left: number | null;
  readonly key_id: string | null;
  readonly uses_operator_key: boolean;
  readonly scope: string | null;
  readonly scopes_above: readonly string[] | null;
}

export function toAdmission(row: AdmissionRow): Admission {
  const { verdict, others_hold: mayFitLater } = row;
  switch (verdict) {
    case 'admitted':
      return {
        verdict,
        reserved: row.reserved ?? 0n,
        left: {
          requests: row.requests_left ?? undefined,
          cost: row.cost_left ?? undefined,
          rate: row.rate_left ?? undefined,
          tokens: row.tokens_left ?? undefined,
        },
        providerKeyId: row.key_id ?? undefined,
        usesOperatorKey: row.uses_operator_key,
        tokens: readTokens(row),
      };
    case 'rate_limited':
      return { verdict, retryAfterSeconds: toWholeSeconds(row.retry_after) };
    case 'token_rate_limited':
      return { verdict, retryAfterSeconds: toWholeSeconds(row.retry_after), mayFitLater };
    case 'too_many_streams':
      return { verdict, mayFitLater };
    default:
      if (!isBudget(verdict)) return { verdict };
      if (!mayFitLater) return { verdict, mayFitLater };
      return { verdict, mayFitLater, retryAfterSeconds: toWholeSeconds(row.retry_after) };
  }
}

function isBudget(verdict: AdmissionRow['verdict']): verdict is ExhaustedBudget {
  return verdict.endsWith('budget_exhausted');
}

function toWholeSeconds(retryAfter: number | null): number {
  return Math.max(1, Math.ceil(retryAfter ?? 1));
}
