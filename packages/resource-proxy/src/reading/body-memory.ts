import { rootOf } from '@aipassport/store/proxying';
import { Denied } from '../denials/denial.js';
import type { BodyOwner } from '../preparing/fair-queue.js';

export interface BodyMemoryLimits {
  readonly totalBytes: number;
  readonly perAccountBytes: number;
  readonly perGrantBytes: number;
  /** The part of the total that is reserved for small bodies. */
  readonly reserveBytes: number;
  /** A body that takes at most this much memory is small. */
  readonly smallBytes: number;
}

/** The reserved memory of one request's body. */
export interface BodyReservation {
  /** @throws Denied `body_share_exceeded` or `overloaded`. In this case no memory is taken */
  readonly take: (bytes: number) => void;
  /** Releases the memory above this size. */
  readonly keep: (bytes: number) => void;
  /** Releases all memory. May be called more than once. */
  readonly close: () => void;
}

/**
 * The memory that request bodies take in this process: in total, for each account and for each grant. All grants of a
 * tree together may take no more than one grant. So a client cannot get more memory by making grants below its own.
 * When an account or a tree has used up its share, only its own requests are refused. A part of the total is reserved
 * for small bodies, so that a few large ones cannot block all other requests.
 */
export class BodyMemory {
  readonly #limits: BodyMemoryLimits;
  readonly #byAccount = new Map<string, number>();
  /** The memory of each tree of grants, by the identifier of its root grant. */
  readonly #byGrant = new Map<string, number>();
  #takenBytes = 0;

  constructor(limits: BodyMemoryLimits) {
    this.#limits = limits;
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  get totalBytes(): number {
    return this.#limits.totalBytes;
  }

  open(owner: BodyOwner): BodyReservation {
    let taken = 0;
    const change = (bytes: number) => {
      taken += bytes;
      this.#takenBytes += bytes;
      add(this.#byAccount, owner.accountId, bytes);
      add(this.#byGrant, rootOf(owner.grantId), bytes);
    };
    return {
      take: (bytes) => {
        this.#requirePlace(owner, taken, bytes);
        change(bytes);
      },
      keep: (bytes) => change(Math.min(bytes, taken) - taken),
      close: () => change(-taken),
    };
  }

  #requirePlace({ accountId, grantId }: BodyOwner, taken: number, bytes: number): void {
    const { totalBytes, perAccountBytes, perGrantBytes, reserveBytes, smallBytes } = this.#limits;
    if ((this.#byGrant.get(rootOf(grantId)) ?? 0) + bytes > perGrantBytes)
      throw new Denied({ reason: 'body_share_exceeded', of: 'grant' });
    if ((this.#byAccount.get(accountId) ?? 0) + bytes > perAccountBytes)
      throw new Denied({ reason: 'body_share_exceeded', of: 'account' });
    const available = taken + bytes <= smallBytes ? totalBytes : totalBytes - reserveBytes;
    if (this.#takenBytes + bytes > available) throw new Denied({ reason: 'overloaded' });
  }
}

function add(sums: Map<string, number>, key: string, bytes: number): void {
  const sum = (sums.get(key) ?? 0) + bytes;
  if (sum > 0) sums.set(key, sum);
  else sums.delete(key);
}
