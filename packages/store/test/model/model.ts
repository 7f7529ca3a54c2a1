import { expect } from '@jest/globals';
import type { Database } from '../../src/index.js';
import type { Admission } from '../../src/proxying/index.js';

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
}

export interface ModelRequest {
  readonly id: string;
  readonly grant: ModelGrant;
  /** The name under which it was admitted. */
  readonly lease: string;
  readonly process: ModelProcess;
  readonly reserved: bigint;
  readonly outcome: Outcome;
  isOpen: boolean;
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
}

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
    const bill = outcome.how === 'unbilled' ? 0n : (reserved * BigInt(outcome.percent)) / 100n;
    const before = this.of(grant.id);
    const now = { forwarded: before.forwarded + 1, billed: before.billed + bill };
    this.#grants.set(grant.id, now);
    this.bills.set(id, bill);
    expect(now.forwarded).toBeLessThanOrEqual(grant.maxRequests ?? Number.POSITIVE_INFINITY);
    if (grant.maxCost !== undefined) expect(now.billed).toBeLessThanOrEqual(grant.maxCost);
  }
}

export interface Real {
  readonly db: Database;
  /** What the replicas reach the database by. */
  readonly replicas: readonly Database[];
  readonly accountId: string;
  readonly clientId: string;
  readonly upstream: Upstream;
}

export function held(model: Model, grant: ModelGrant): bigint {
  return openOf(model, grant).reduce((sum, { reserved }) => sum + reserved, 0n);
}

export function openOf(model: Model, grant: ModelGrant): readonly ModelRequest[] {
  return model.requests.filter((request) => request.isOpen && request.grant === grant);
}

export interface Asking {
  readonly estimate: bigint;
  readonly floor: bigint;
}

/** @returns what must be set aside, or why the request must be refused */
export function predict(model: Model, grant: ModelGrant, { estimate, floor }: Asking): bigint | Admission['verdict'] {
  if (grant.isRevoked) return 'revoked';
  if (grant.requests >= (grant.maxRequests ?? Number.POSITIVE_INFINITY)) return 'request_limit_reached';
  const available = grant.maxCost === undefined ? estimate : grant.maxCost - grant.spent - held(model, grant);
  const reserved = available < estimate ? available : estimate;
  return reserved < floor ? 'budget_exhausted' : reserved;
}

/** Ends a request in the model. */
export function close(request: ModelRequest, how: Outcome['how'] | 'abandoned'): void {
  const { grant, reserved, outcome } = request;
  request.isOpen = false;
  if (how === 'released') grant.requests -= 1;
  else if (how === 'reported') grant.spent += (reserved * BigInt(outcome.percent)) / 100n;
  else if (how !== 'unbilled') grant.spent += reserved;
}
