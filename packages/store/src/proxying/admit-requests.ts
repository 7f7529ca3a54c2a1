import type { LimitDenial, RemainderKind } from '@aipassport/policy';
import { CompiledQuery } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';

/** One request that asks to be let through. */
export interface AdmissionRequest {
  /** A UUID, the request's name for ever: settling is by it, and happens once. */
  readonly requestId: string;
  readonly grantId: string;
  readonly accountId: string;
  /** The most it can cost, in nano-US-dollars. */
  readonly estimate: bigint;
  /** The least that is worth sending it for: below this the budget is exhausted. */
  readonly floor: bigint;
  /** The least that it is given while others hold money of the same budget; by default the floor. */
  readonly share?: bigint;
  /** Whether it has no output limit of its own: then it leaves room for others of its grant. */
  readonly isOpen?: boolean;
  /** Whether it prefers being refused to getting less than it would get with nothing held: it asks again soon. */
  readonly isPatient?: boolean;
  /** The most tokens it can use, of input and output. */
  readonly tokens: number;
  readonly isStream: boolean;
  readonly upstream: string;
  readonly model: string;
  readonly operation: string;
}

export interface AdmissionBatch {
  readonly replicaId: string;
  /** Of the prices behind the estimates. */
  readonly catalogueVersion: string;
  readonly requests: readonly AdmissionRequest[];
  /** The upstreams for which this replica has keys of the operator's, for accounts without their own. */
  readonly operatorKeys?: OperatorKeys | undefined;
}

export interface OperatorKeys {
  readonly upstreams: readonly string[];
  /** The caps of these keys in a month (UTC), in nano-US-dollars. */
  readonly maxCostPerMonth: bigint | undefined;
  readonly maxCostPerMonthOfAccount: bigint | undefined;
}

/** What is left after a verdict, of the limits that there are. Money in nano-US-dollars, of the tightest budget. */
export interface Remainder extends Readonly<Record<RemainderKind, number | bigint | undefined>> {
  readonly requests: bigint | undefined;
  readonly cost: bigint | undefined;
  /** Requests that may follow at once. */
  readonly rate: number | undefined;
  /** Tokens that may be asked for at once. */
  readonly tokens: number | undefined;
}

/** Which budget has too little left. */
export type ExhaustedBudget =
  | Extract<LimitDenial, `${string}budget_exhausted`>
  | 'account_budget_exhausted'
  /** The operator's cap, for the account or for all accounts together. */
  | 'operator_budget_exhausted';

/** Refusals that pass: the same request may be admitted a little later. */
type PassingDenial = 'rate_limited' | 'token_rate_limited' | 'too_many_streams';

export type Admission =
  /** `reserved` is the estimate, or less where the budget had less left: the request must be made to fit it. */
  | {
      readonly verdict: 'admitted';
      readonly reserved: bigint;
      readonly left: Remainder;
      /**
       * Of the account's own key for the upstream, as it was when the statement began; undefined: it had none. A request
       * that waited in it for its grant's turn may see a key that was deleted or replaced meanwhile, a later one does not.
       */
      readonly providerKeyId: string | undefined;
      /**
       * Whether the account had no key of its own when the request was counted, and the operator has one. Then the
       * request must be sent with the operator's key.
       */
      readonly usesOperatorKey: boolean;
    }
  | { readonly verdict: 'unknown' | 'revoked' | 'expired' | Exclude<LimitDenial, ExhaustedBudget | PassingDenial> }
  /** `othersHold`: what others of the grant hold may be enough, once it is free. */
  | { readonly verdict: 'too_many_streams'; readonly othersHold: boolean }
  | { readonly verdict: ExhaustedBudget; readonly othersHold: false }
  /**
   * The floor would fit if nothing of the budget were held by requests that are under way or not settled yet: of the same
   * grant, of the same account for its budget, of all for the operator's. When they end is a guess.
   */
  | { readonly verdict: ExhaustedBudget; readonly othersHold: true; readonly retryAfterSeconds: number }
  | { readonly verdict: 'rate_limited'; readonly retryAfterSeconds: number }
  | { readonly verdict: 'token_rate_limited'; readonly retryAfterSeconds: number; readonly othersHold: boolean };

/** The replica did not renew its lease in time: it must take a new name, and what it had set aside is charged. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

interface Row {
  /** Counted from 1, in the order in which the requests were asked about. */
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
}

/** Asked for every request: written out, so that nothing has to be put together for it. */
const statement = `
  select item, verdict, others_hold, reserved, retry_after, requests_left, cost_left, rate_left, tokens_left,
    uses_operator_key, k.id as key_id
  from admit_requests($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) a
  left join provider_keys k on k.account_id = a.account_id and k.upstream = a.upstream`;

/**
 * Decides a batch of requests, in order within each grant, in one statement: the rules are `admit_requests` in the
 * schema. When this returns, reservations are committed. When it throws, they may be or may not be: whoever asked must
 * settle every request of the batch as `released`.
 *
 * @returns the verdicts in the order of the requests
 * @throws LeaseLostError
 */
export async function admitRequests(db: Database, batch: AdmissionBatch): Promise<readonly Admission[]> {
  const { requests, replicaId, catalogueVersion, operatorKeys } = batch;
  // By code unit, as the schema's collate "C": every batch locks grants in the same order.
  const order = requests
    .map((_, index) => index)
    .sort((a, b) => compare(requests[a]?.grantId, requests[b]?.grantId) || a - b);
  const sorted = order.flatMap((index) => requests[index] ?? []);
  const grantIds: string[] = [];
  const ends: number[] = [];
  sorted.forEach(({ grantId }, index) => {
    if (grantIds.at(-1) !== grantId) grantIds.push(grantId);
    ends[grantIds.length - 1] = index + 1;
  });
  const arrays = [
    grantIds,
    ends,
    [...new Set(sorted.map(({ accountId }) => accountId))],
    sorted.map(({ requestId }) => requestId),
    sorted.map(({ estimate }) => toMoney(estimate)),
    sorted.map(({ share, floor }) => toMoney(share ?? floor)),
    sorted.map(({ floor }) => toMoney(floor)),
    sorted.map(({ isOpen = false }) => isOpen),
    sorted.map(({ isPatient = false }) => isPatient),
    sorted.map(({ tokens }) => Math.min(tokens, maxInteger)),
    sorted.map(({ isStream }) => isStream),
    sorted.map(({ upstream }) => upstream),
    sorted.map(({ model }) => model),
    sorted.map(({ operation }) => operation),
  ];
  const { upstreams = [], maxCostPerMonth = null, maxCostPerMonthOfAccount = null } = operatorKeys ?? {};
  const caps = [upstreams.length === 0 ? null : formatArray(upstreams), maxCostPerMonth, maxCostPerMonthOfAccount];
  const parameters = [replicaId, catalogueVersion, ...arrays.map(formatArray), ...caps];
  const { rows } = await db.executeQuery<Row>(CompiledQuery.raw(statement, parameters)).catch((error: unknown) => {
    throw isLeaseLost(error) ? new LeaseLostError('the lease of this replica has ended', { cause: error }) : error;
  });
  const admissions: Admission[] = requests.map(() => ({ verdict: 'unknown' }));
  for (const row of rows) admissions[order[row.item - 1] ?? -1] = toAdmission(row);
  return admissions;
}

/** The largest integer of the database. */
const maxInteger = 2_147_483_647;
/** The largest value of a money column. No budget covers it. */
const maxMoney = 2n ** 63n - 1n;

function toMoney(amount: bigint): bigint {
  return amount > maxMoney ? maxMoney : amount;
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'AP001';
}

function toAdmission(row: Row): Admission {
  const { verdict, others_hold: othersHold } = row;
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
      };
    case 'rate_limited':
      return { verdict, retryAfterSeconds: toWholeSeconds(row.retry_after) };
    case 'token_rate_limited':
      return { verdict, retryAfterSeconds: toWholeSeconds(row.retry_after), othersHold };
    case 'too_many_streams':
      return { verdict, othersHold };
    case 'budget_exhausted':
    case 'day_budget_exhausted':
    case 'month_budget_exhausted':
    case 'account_budget_exhausted':
    case 'operator_budget_exhausted':
      if (!othersHold) return { verdict, othersHold };
      return { verdict, othersHold, retryAfterSeconds: toWholeSeconds(row.retry_after) };
    default:
      return { verdict };
  }
}

function toWholeSeconds(retryAfter: number | null): number {
  return Math.max(1, Math.ceil(retryAfter ?? 1));
}
