import { expect } from '@jest/globals';
import type { Database } from '../../src/index.js';
import type { Admission, OperatorKeys } from '../../src/proxying/index.js';

/** The AI provider's reaction to a request, and how the request is settled. */
export interface Outcome {
  readonly how: 'reported' | 'estimated' | 'unbilled' | 'released';
  /** How much of the reservation the AI provider bills. */
  readonly percent: number;
}

export interface ModelGrant {
  readonly id: string;
  maxRequests: number | undefined;
  maxCost: bigint | undefined;
  isRevoked: boolean;
  requests: number;
  spent: bigint;
  /** The cost that the grant begins with: 0, or an amount a little below `ceiling`. */
  readonly spentBefore: bigint;
}

export interface ModelRequest {
  readonly id: string;
  readonly grant: ModelGrant;
  /** The lease that the process had when the request was admitted. */
  readonly lease: string;
  readonly process: ModelProcess;
  readonly reserved: bigint;
  readonly outcome: Outcome;
  /** Whether the request is sent with the operator's provider key, and so counts towards the operator's cap. */
  readonly usesOperatorKey: boolean;
  isOpen: boolean;
  /**
   * Whether the whole reservation was charged because the replica of the request was declared dead. A later settlement
   * corrects the charge once.
   */
  isAbandoned: boolean;
}

/** A process of a replica. It runs from a start to a crash, and may have several leases, one after the other. */
export interface ModelProcess {
  lease: string;
  isRunning: boolean;
}

/** The expected state after a sequence of acts, by the rules of admission in their simplest form. */
export interface Model {
  readonly grants: ModelGrant[];
  readonly requests: ModelRequest[];
  /** The two replicas. */
  readonly processes: ModelProcess[];
  /** Whether each lease has ended. A lease that was swept is removed. */
  readonly leases: Map<string, { hasEnded: boolean }>;
  /** Whether the account has a provider key of its own. */
  hasOwnKey: boolean;
  /** The cap of the operator's provider keys, and the cost of the settled requests that used them. */
  readonly operator: { readonly cap: bigint | undefined; spent: bigint };
  /** How many charges were corrected. */
  corrections: number;
}

/** Half of the maximum of a counter. Admission never lets the sum of spent and reserved cost exceed it. */
export const ceiling = 2n ** 62n;

/** The AI provider's own record of what it bills, which is independent of our ledger. */
export class Upstream {
  readonly bills = new Map<string, bigint>();
  readonly #grants = new Map<string, { forwarded: number; billed: bigint }>();

  of(grantId: string): { readonly forwarded: number; readonly billed: bigint } {
    return this.#grants.get(grantId) ?? { forwarded: 0, billed: 0n };
  }

  /**
   * Receives an admitted request, and compares the requests and the cost of its grant with the owner's limits at this
   * instant.
   */
  receive(request: Pick<ModelRequest, 'id' | 'grant' | 'reserved' | 'outcome'>): void {
    const { id, grant, reserved, outcome } = request;
    expect(grant.isRevoked).toBe(false);
    if (outcome.how === 'released') return;
    const bill = outcome.how === 'unbilled' ? 0n : billOf(reserved, outcome);
    const before = this.of(grant.id);
    const now = { forwarded: before.forwarded + 1, billed: before.billed + bill };
    this.#grants.set(grant.id, now);
    this.bills.set(id, bill);
    expect(now.forwarded).toBeLessThanOrEqual(grant.maxRequests ?? Number.POSITIVE_INFINITY);
    const { maxCost, spentBefore } = grant;
    if (maxCost !== undefined) expect(spentBefore + now.billed).toBeLessThanOrEqual(maxCost);
  }
}

export interface Real {
  readonly db: Database;
  /** One pool of connections for each replica. */
  readonly replicas: readonly Database[];
  readonly accountId: string;
  readonly clientId: string;
  readonly upstream: Upstream;
  /** The operator's keys, as the replicas know them. The counters include all earlier sequences. */
  readonly operatorKeys: OperatorKeys;
}

export function reservedOf(model: Model, grant: ModelGrant): bigint {
  return openOf(model, grant).reduce((sum, { reserved }) => sum + reserved, 0n);
}

export function reservedOfOperator({ requests }: Model): bigint {
  return requests.reduce((sum, one) => (one.isOpen && one.usesOperatorKey ? sum + one.reserved : sum), 0n);
}

export function openOf(model: Model, grant: ModelGrant): readonly ModelRequest[] {
  return model.requests.filter((request) => request.isOpen && request.grant === grant);
}

export interface RequestTerms {
  readonly estimate: bigint;
  readonly share: bigint;
  readonly floor: bigint;
  readonly isOpen: boolean;
  readonly isPatient: boolean;
}

type Prediction = bigint | { readonly verdict: Admission['verdict']; readonly mayFitLater?: boolean };

const lesser = (a: bigint, b: bigint) => (a < b ? a : b);
const greater = (a: bigint, b: bigint) => (a > b ? a : b);

/**
 * @param asking how many requests of the batch are not decided yet, including this one
 * @returns the expected reservation, or the reason of the expected refusal
 */
export function predict(model: Model, grant: ModelGrant, asked: RequestTerms, asking: bigint): Prediction {
  if (grant.isRevoked) return { verdict: 'revoked' };
  if (grant.requests >= (grant.maxRequests ?? Number.POSITIVE_INFINITY)) return { verdict: 'request_limit_reached' };
  const used = grant.spent + reservedOf(model, grant);
  const ofGrant = (grant.maxCost === undefined || grant.maxCost > ceiling ? ceiling : grant.maxCost) - used;
  const { cap, spent } = model.operator;
  const reservedByAll = reservedOfOperator(model);
  const ofOperator = cap === undefined || model.hasOwnKey ? undefined : cap - spent - reservedByAll;
  const left = lesser(ofGrant, ofOperator ?? ofGrant);
  const alone = lesser(
    ofGrant + reservedOf(model, grant),
    ofOperator === undefined ? ceiling : ofOperator + reservedByAll,
  );
  const given = share({ left, alone, asking, hasCompany: reservedOf(model, grant) > 0n || asking > 1n }, asked);
  if (given !== undefined) return given;
  // The budget that does not suffice is the grant's or the operator's. The model does not distinguish the two.
  return { verdict: 'budget_exhausted', mayFitLater: alone >= asked.floor };
}

interface Left {
  readonly left: bigint;
  /** What would be left if nothing were reserved. */
  readonly alone: bigint;
  readonly asking: bigint;
  /** Whether other requests of the grant are in progress, or are in the same batch. */
  readonly hasCompany: boolean;
}

/** @returns the reservation of a request; undefined: the request is refused */
function share(of: Left, { estimate, share: least, floor, isOpen, isPatient }: RequestTerms): bigint | undefined {
  const { left, alone, asking, hasCompany } = of;
  const isAlone = left === alone;
  if (estimate === 0n || (estimate <= left && !(isOpen && hasCompany))) return estimate;
  const withNothingReserved = () => {
    if (estimate <= alone && (asking === 1n || !isOpen)) return estimate;
    if (asking === 1n && alone / 2n < least) return lesser(estimate, alone);
    return lesser(estimate, greater(alone / (asking + 1n), lesser(least, alone)));
  };
  const best = withNothingReserved();
  if (isAlone) return best >= floor ? best : undefined;
  const given = lesser(estimate, greater(left / (asking + 1n), lesser(least, greater(alone / 2n, floor))));
  if (given > left || (isPatient && given < best)) return undefined;
  return given;
}

/** Ends a request in the model, or corrects its charge. */
export function close(model: Model, request: ModelRequest, how: Outcome['how'] | 'abandoned'): void {
  const { grant, reserved, outcome, usesOperatorKey } = request;
  const cost =
    how === 'estimated' || how === 'abandoned' ? reserved : how === 'reported' ? billOf(reserved, outcome) : 0n;
  const difference = request.isAbandoned ? cost - reserved : cost;
  if (request.isAbandoned) model.corrections += 1;
  request.isOpen = false;
  request.isAbandoned = how === 'abandoned';
  if (how === 'released') grant.requests -= 1;
  grant.spent += difference;
  if (usesOperatorKey) model.operator.spent += difference;
}

export function billOf(reserved: bigint, { percent }: Outcome): bigint {
  return (reserved * BigInt(percent)) / 100n;
}
