import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

export interface Lease {
  readonly replicaId: string;
  readonly leaseSeconds: number;
}

/**
 * Announces a replica: from now on it may admit, for as long as it renews.
 * @returns the time by the database's clock
 */
export async function insertReplica(db: Database, { replicaId, leaseSeconds }: Lease): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`
    insert into replicas (id, lease_until) values (${replicaId}, now() + make_interval(secs => ${leaseSeconds}))
    returning now() as now`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the replica was not announced');
  return row.now;
}

/**
 * Renews a lease, also one that has ended, as long as nobody has swept it: after an outage of the database the
 * living keep what they have set aside.
 * @returns the time by the database's clock; undefined when it was swept: the replica is dead for the others, and has
 *          to take a new name
 */
export async function renewLease(db: Database, { replicaId, leaseSeconds }: Lease): Promise<Date | undefined> {
  const { rows } = await sql<{ now: Date }>`
    update replicas set lease_until = now() + make_interval(secs => ${leaseSeconds})
    where id = ${replicaId} returning now() as now`.execute(db);
  return rows[0]?.now;
}

/** Ends a lease in an orderly way; what the replica has not settled is charged by the next sweep. */
export async function endLease(db: Database, replicaId: string): Promise<void> {
  await sql`update replicas set lease_until = now() where id = ${replicaId}`.execute(db);
}

/** A request that is admitted and not settled. */
export interface OpenReservation {
  readonly requestId: string;
  readonly grantId: string;
  readonly accountId: string;
}

/** What a replica has set aside and not settled, but for the last seconds, in which much is under way. */
export async function listOpenReservations(db: Database, replicaId: string): Promise<readonly OpenReservation[]> {
  const { rows } = await sql<OpenReservation>`
    select request_id as "requestId", grant_id as "grantId", account_id as "accountId" from reservations
    where replica_id = ${replicaId} and admitted_at < now() - interval '2 seconds'`.execute(db);
  return rows;
}

/**
 * Charges the reservations of dead replicas, as many as fit into one statement. Any process may call it at any time.
 * @returns how many requests were charged
 */
export async function settleDeadReplicas(db: Database): Promise<number> {
  let charged = 0;
  for (;;) {
    const { rows } = await sql<{ count: number }>`select settle_dead_replicas() as count`.execute(db);
    const count = rows[0]?.count ?? 0;
    charged += count;
    if (count === 0) return charged;
  }
}
