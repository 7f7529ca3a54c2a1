import { randomUUID } from 'node:crypto';
import { repeatUntilClosed } from '@aipassport/contracts';
import type { Database } from '@aipassport/store';
import {
  endLease,
  insertReplica,
  listOpenReservations,
  type ReplicaReport,
  renewLease,
  settleDeadReplicas,
} from '@aipassport/store/proxying';
import type { Settler } from './create-settler.js';

export interface LeaseOptions {
  readonly db: Database;
  /** A replica that does not renew its lease for this long counts as dead, and its reservations are charged. */
  readonly leaseSeconds: number;
  /** What the operator's pages show of this process. */
  readonly report?: ReplicaReport;
  readonly settler: Settler;
  /**
   * The requests that have asked for admission and are not settled. Every other reservation under this process's name
   * belongs to no request and is released.
   */
  readonly openRequests: Set<string>;
  /**
   * The open requests whose reservations any process may settle now. They count as open until the next renewal of the
   * lease, because a list of reservations that was read earlier may still contain them.
   */
  readonly handedOver: Set<string>;
  /**
   * Called with the time by the database's clock, in milliseconds since the epoch, when a lease begins or is renewed.
   */
  readonly onTime?: ((databaseMilliseconds: number) => void) | undefined;
  /** Called for failures of the lease, and when reservations of late admissions or of dead replicas were settled. */
  readonly onEvent: (event: LeaseEvent) => void;
}

export type LeaseEvent =
  | { readonly event: 'lease_renewal_failed'; readonly error: unknown }
  | { readonly event: 'lease_lost' }
  | { readonly event: 'late_admission_released'; readonly requestId: string }
  | { readonly event: 'dead_replicas_settled'; readonly requests: number };

export interface LeaseKeeper {
  /** The name under which this process admits now. */
  readonly replicaId: () => string;
  /**
   * Takes a new name, because another process declared this process dead. Concurrent calls take the same new name.
   */
  readonly replace: () => Promise<void>;
  /** The time since the lease began or was last renewed. */
  readonly ageMilliseconds: () => number;
  readonly close: () => Promise<void>;
}

/** After a failure, the lease is renewed soon, before another process declares this process dead. */
const soonMilliseconds = 500;

/**
 * Announces this process, renews its lease until `close` is called, and charges the reservations of processes that have
 * died. Each process has its own name, and takes a new one after a restart.
 */
export async function keepLease(options: LeaseOptions): Promise<LeaseKeeper> {
  const { db, leaseSeconds, report, settler, openRequests, handedOver, onTime, onEvent } = options;
  const leaseMilliseconds = leaseSeconds * 1_000;
  let sweepsFrom = performance.now() + leaseMilliseconds;
  let renewedAt = performance.now();
  let replicaId = await announce();
  let replacing: Promise<void> | undefined;

  async function announce(): Promise<string> {
    const id = randomUUID();
    await passOnTime(insertReplica(db, { replicaId: id, leaseSeconds }, report));
    return id;
  }

  /**
   * Passes the database's time on to `onTime`.
   * @returns false when the answer contains no time, because the lease no longer exists
   */
  async function passOnTime(asking: Promise<Date | undefined>): Promise<boolean> {
    const askedAt = performance.now();
    const time = await asking;
    if (time === undefined) return false;
    renewedAt = askedAt;
    // The database read its clock about half of a round trip ago.
    onTime?.(time.getTime() + (performance.now() - askedAt) / 2);
    return true;
  }

  async function replace(): Promise<void> {
    onEvent({ event: 'lease_lost' });
    replicaId = await announce();
  }

  const replaceOnce = () => (replacing ??= replace().finally(() => (replacing = undefined)));

  async function beat(): Promise<void> {
    if (!(await passOnTime(renewLease(db, { replicaId, leaseSeconds })))) await replaceOnce();
    await releaseLateAdmissions();
    // Right after an outage of the database, the leases of live processes have ended too. Give those processes time to
    // renew their leases.
    if (performance.now() < sweepsFrom) return;
    const requests = await settleDeadReplicas(db);
    if (requests > 0) onEvent({ event: 'dead_replicas_settled', requests });
  }

  /**
   * Releases reservations of late admissions. When the reply to an admission is lost, the admission is released at
   * once. Over a slow network, its transaction can still commit after that.
   */
  async function releaseLateAdmissions(): Promise<void> {
    const gone = [...handedOver];
    for (const reservation of await listOpenReservations(db, replicaId)) {
      if (openRequests.has(reservation.requestId)) continue;
      onEvent({ event: 'late_admission_released', requestId: reservation.requestId });
      settler.settle({ ...reservation, settlement: 'released', cost: 0n });
    }
    for (const requestId of gone) {
      handedOver.delete(requestId);
      openRequests.delete(requestId);
    }
  }

  const beating = repeatUntilClosed(leaseMilliseconds / 3, async () => {
    try {
      await beat();
      return undefined;
    } catch (error) {
      onEvent({ event: 'lease_renewal_failed', error });
      sweepsFrom = performance.now() + leaseMilliseconds;
      return soonMilliseconds;
    }
  });
  return {
    replicaId: () => replicaId,
    replace: replaceOnce,
    ageMilliseconds: () => performance.now() - renewedAt,
    close: async () => {
      await beating.close();
      await endLease(db, replicaId).catch((error: unknown) => onEvent({ event: 'lease_renewal_failed', error }));
    },
  };
}
