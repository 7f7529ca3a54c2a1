import { expect } from '@jest/globals';
import type { Database } from '../../src/index.js';
import type { Admission, OperatorKeys } from '../../src/proxying/index.js';

/** What an AI provider does with a request, and how that is settled. */
export interface Outcome {
  readonly how: 'reported' | 'estimated' | 'unbilled' | 'released';
  /** How much of what was set aside it bills. */
  readonly percent: number;
}

export interface ModelGrant {
  readonly id: string;
  maxRequests: number | undefined;
  maxCost: bigint | undefined;
  isRevoked: boolean;
  requests: number;
  spent: bigint;
  /** What it counts already when it begins, near to what a counter can hold. */
  readonly spentBefore: bigint;
}

export interface ModelRequest {
  readonly id: string;
  readonly grant: ModelGrant;
  /** The name under which it was admitted. */
  readonly lease: string;
  readonly process: ModelProcess;
  readonly reserved: bigint;
  readonly outcome: Outcome;
  /** Whether it goes out with the operator's key, and so counts towards the operator's cap. */
  readonly usesOperatorKey: boolean;
  isOpen: boolean;
  /** Charged as set aside, because its replica was taken for dead: what it settles after that corrects it, once. */
  isAbandoned: boolean;
}

/** From a start to a crash; it may take several names. */
export interface ModelProcess {
  lease: string;
  isRunning: boolean;
}

/** What the books must be after a sequence of acts: the rules of admission in their simplest form. */
export interface Model {
  readonly grants: ModelGrant[];
  readonly requests: ModelRequest[];
  /** The two replicas. */
  readonly processes: ModelProcess[];
  /** Whether the time of a lease is over; a lease that was swept is not here any more. */
  readonly leases: Map<string, { hasEnded: boolean }>;
  /** Whether the account has a provider key of its own. */
  hasOwnKey: boolean;
  /** What the operator's keys may spend, and what they have spent of it by settled requests. */
  readonly operator: { readonly cap: bigint | undefined; spent: bigint };
  /** How many charges were corrected. */
  corrections: number;
}

/** Half of what a counter can hold: admission lets no more be spent and held together. */
export const ceiling = 2n ** 62n;

/** The AI provider's own books, which know nothing of ours. */
export class Upstream {
  readonly bills = new Map<string, bigint>();
  readonly #grants = new Map<string, { forwarded: number; billed: bigint }>();

  of(grantId: string): { readonly forwarded: number; readonly billed: bigint } {
    return this.#grants.get(grantId) ?? { forwarded: 0, billed: 0n };
  }

  /** Takes what was admitted, and holds what it has had of this grant against what its owner allows at this instant. */
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
  /** What the replicas reach the database by. */
  readonly replicas: readonly Database[];
  readonly accountId: string;
  readonly clientId: string;
  readonly upstream: Upstream;
  /** What the replicas are told of the operator's keys; the counters are those of all sequences before, too. */
  readonly operatorKeys: OperatorKeys;
}

export function held(model: Model, grant: ModelGrant): bigint {
  return openOf(model, grant).reduce((sum, { reserved }) => sum + reserved, 0n);
}

export function heldOfOperator({ requests }: Model): bigint {
  return requests.reduce((sum, one) => (one.isOpen && one.usesOperatorKey ? sum + one.reserved : sum), 0n);
}

export function openOf(model: Model, grant: ModelGrant): readonly ModelRequest[] {
  return model.requests.filter((request) => request.isOpen && request.grant === grant);
}

export interface Asking {
  readonly estimate: bigint;
  readonly share: bigint;
  readonly floor: bigint;
  readonly isOpen: boolean;
  readonly isPatient: boolean;
}

type Prediction = bigint | { readonly verdict: Admission['verdict']; readonly othersHold?: boolean };

const lesser = (a: bigint, b: bigint) => (a < b ? a : b);
const greater = (a: bigint, b: bigint) => (a > b ? a : b);

/**
 * @param asking how many of the same batch are still to be judged, with this one
 * @returns what must be set aside, or why the request must be refused
 */
export function predict(model: Model, grant: ModelGrant, asked: Asking, asking: bigint): Prediction {
  if (grant.isRevoked) return { verdict: 'revoked' };
  if (grant.requests >= (grant.maxRequests ?? Number.POSITIVE_INFINITY)) return { verdict: 'request_limit_reached' };
  const used = grant.spent + held(model, grant);
  const ofGrant = (grant.maxCost === undefined || grant.maxCost > ceiling ? ceiling : grant.maxCost) - used;
  const { cap, spent } = model.operator;
  const heldByAll = heldOfOperator(model);
  const ofOperator = cap === undefined || model.hasOwnKey ? undefined : cap - spent - heldByAll;
  const left = lesser(ofGrant, ofOperator ?? ofGrant);
  const alone = lesser(ofGrant + held(model, grant), ofOperator === undefined ? ceiling : ofOperator + heldByAll);
  const given = share({ left, alone, asking, hasCompany: held(model, grant) > 0n || asking > 1n }, asked);
  if (given !== undefined) return given;
  // which of the two a patient request lacks is not said: it could have less of both
  return { verdict: 'budget_exhausted', othersHold: alone >= asked.floor };
}

interface Left {
  readonly left: bigint;
  /** With nothing held. */
  readonly alone: bigint;
  readonly asking: bigint;
  /** Whether others of the grant are under way, or ask at the same time. */
  readonly hasCompany: boolean;
}

/** @returns what a request is given; undefined: it is refused */
function share(of: Left, { estimate, share: least, floor, isOpen, isPatient }: Asking): bigint | undefined {
  const { left, alone, asking, hasCompany } = of;
  const isAlone = left === alone;
  if (estimate === 0n || (estimate <= left && !(isOpen && hasCompany))) return estimate;
  const withNothingHeld = () => {
    if (estimate <= alone && (asking === 1n || !isOpen)) return estimate;
    if (asking === 1n && alone / 2n < least) return lesser(estimate, alone);
    return lesser(estimate, greater(alone / (asking + 1n), lesser(least, alone)));
  };
  const best = withNothingHeld();
  if (isAlone) return best >= floor ? best : undefined;
  const given = lesser(estimate, greater(left / (asking + 1n), lesser(least, greater(alone / 2n, floor))));
  if (given > left || (isPatient && given < best)) return undefined;
  return given;
}

/** Ends a request in the model, or corrects what was charged for it. */
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
