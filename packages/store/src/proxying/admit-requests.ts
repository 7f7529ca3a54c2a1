import { CompiledQuery } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';
import { readSqlState } from '../database/sql-state.js';
import { scopesAbove } from '../scopes-above.js';
import { type Admission, type AdmissionRow, toAdmission } from './admission.js';

/** One request that asks for admission. */
export interface AdmissionRequest {
  /** A UUID that identifies the request permanently. The request is settled exactly once under this id. */
  readonly requestId: string;
  readonly grantId: string;
  readonly accountId: string;
  /** The maximum cost, in nano-US-dollars. */
  readonly estimate: bigint;
  /** The smallest reservation with which the request is worth sending. If less is left, the budget is exhausted. */
  readonly floor: bigint;
  /**
   * The smallest reservation to make while other requests have reservations of the same budget. Less is reserved if the
   * budget is small. Default: `floor`.
   */
  readonly share?: bigint;
  /** Whether the request has no output limit of its own. Then it leaves room for other requests of its grant. */
  readonly isOpen?: boolean;
  /**
   * Whether the request prefers to wait for a larger reservation. If so, and if other requests now hold the money for
   * it, the request is refused instead of getting a smaller reservation. The caller soon repeats a refused request.
   */
  readonly isPatient?: boolean;
  /** The maximum number of tokens that the request can use, input and output together. */
  readonly tokens: number;
  readonly isStream: boolean;
  readonly upstream: string;
  readonly model: string;
  readonly operation: string;
  /**
   * The hash of the request's DPoP proof. The verdict is `proof_used` when another request was sent with the same
   * proof.
   */
  readonly proofHash?: string | undefined;
}

export interface AdmissionBatch {
  readonly replicaId: string;
  /** The version of the prices from which the estimates were computed. */
  readonly catalogueVersion: string;
  readonly requests: readonly AdmissionRequest[];
  /** The operator's provider keys that this replica has. They serve accounts that have no provider key of their own. */
  readonly operatorKeys?: OperatorKeys | undefined;
}

export interface OperatorKeys {
  readonly upstreams: readonly string[];
  /** The caps on the monthly (UTC) cost of these provider keys, in nano-US-dollars. */
  readonly maxCostPerMonth: bigint | undefined;
  readonly maxCostPerMonthOfAccount: bigint | undefined;
}

/** The replica did not renew its lease in time. It must take a new name, and its open reservations are charged. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** The statement runs for every batch of requests. It is a constant, so that no text has to be built each time. */
const statement = `
  select item, verdict, others_hold, reserved, retry_after, requests_left, cost_left, rate_left, tokens_left,
    uses_operator_key, k.id as key_id, grants.scope, ${scopesAbove} as scopes_above
  from admit_requests($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) a
  left join provider_keys k on k.account_id = a.account_id and k.upstream = a.upstream
  left join grants on grants.id = ($21::text[])[a.item]`;

/**
 * Decides a batch of requests in one statement, in order within each grant. The rules are in `admit_requests` in the
 * schema. When this returns, the reservations are committed. When it throws, they may or may not be committed. Then the
 * caller must settle every request of the batch as `released`.
 *
 * @returns the verdicts in the order of the requests
 * @throws LeaseLostError
 */
export async function admitRequests(db: Database, batch: AdmissionBatch): Promise<readonly Admission[]> {
  const { requests, replicaId, catalogueVersion, operatorKeys } = batch;
  // Sorted by code unit, as the schema's collate "C" does: every batch locks grants in the same order.
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
  const proofs = sorted.some(({ proofHash }) => proofHash !== undefined)
    ? formatArray(sorted.map(({ proofHash }) => proofHash))
    : null;
  const idOfEach = formatArray(sorted.map(({ grantId }) => grantId));
  const parameters = [replicaId, catalogueVersion, ...arrays.map(formatArray), ...caps, proofs, idOfEach];
  const { rows } = await db
    .executeQuery<AdmissionRow>(CompiledQuery.raw(statement, parameters))
    .catch((error: unknown) => {
      throw isLeaseLost(error) ? new LeaseLostError('the lease of this replica has ended', { cause: error }) : error;
    });
  const admissions: Admission[] = requests.map(() => ({ verdict: 'unknown' }));
  for (const row of rows) admissions[order[row.item - 1] ?? -1] = toAdmission(row);
  return admissions;
}

/** The largest integer of the database. */
const maxInteger = 2_147_483_647;
/** The largest value of a money column. No budget is that large. */
const maxMoney = 2n ** 63n - 1n;

function toMoney(amount: bigint): bigint {
  return amount > maxMoney ? maxMoney : amount;
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isLeaseLost(error: unknown): boolean {
  return readSqlState(error) === 'AP001';
}
