import type { SettingInForce } from '@aipassport/contracts';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

export interface Lease {
  readonly replicaId: string;
  readonly leaseSeconds: number;
}

/** An upstream, and where a replica has read the operator's provider key for it. */
export interface OperatorKeySource {
  readonly upstream: string;
  readonly source: 'environment' | 'file';
}

/** What a replica says about itself. The operator's pages show it. It contains no secret. */
export interface ReplicaReport {
  /** The upstreams for which the replica has a provider key of the operator. */
  readonly operatorKeys?: readonly OperatorKeySource[];
  readonly settings?: readonly SettingInForce[];
}

/**
 * Announces a replica. From now on it may admit requests, for as long as it renews its lease.
 * @returns the time by the database's clock
 */
export async function insertReplica(
  db: Database,
  { replicaId, leaseSeconds }: Lease,
  { operatorKeys = [], settings = [] }: ReplicaReport = {},
): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`
    with replica as (
      insert into replicas (id, lease_until) values (${replicaId}, now() + make_interval(secs => ${leaseSeconds}))
      returning id
    ), keys as (
      insert into operator_keys (replica_id, upstream, source)
      select id, k.upstream, k.source from replica
      cross join unnest(${operatorKeys.map(({ upstream }) => upstream)}::text[],
        ${operatorKeys.map(({ source }) => source)}::text[]) as k (upstream, source)
    ), reported as (
      insert into replica_settings (replica_id, settings) select id, ${JSON.stringify(settings)}::jsonb from replica
    )
    select now() as now from replica`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the replica was not announced');
  return row.now;
}

/**
 * Renews a lease. A lease that has ended can be renewed until a sweep removes it. So running replicas keep their
 * reservations after an outage of the database.
 * @returns the time by the database's clock; undefined when the lease was swept. The other replicas then consider this
 * replica dead, and it must take a new name
 */
export async function renewLease(db: Database, { replicaId, leaseSeconds }: Lease): Promise<Date | undefined> {
  const { rows } = await sql<{ now: Date }>`
    update replicas set lease_until = now() + make_interval(secs => ${leaseSeconds})
    where id = ${replicaId} returning now() as now`.execute(db);
  return rows[0]?.now;
}

/** Ends a lease in an orderly way. The next sweep charges the reservations that the replica has not settled. */
export async function endLease(db: Database, replicaId: string): Promise<void> {
  await sql`update replicas set lease_until = now() where id = ${replicaId}`.execute(db);
}

/** Records the vendor's last refusal of an operator's provider key. @param reason the status, and the vendor's code */
export async function noteOperatorKeyRefusal(
  db: Database,
  { replicaId, upstream, reason }: { readonly replicaId: string; readonly upstream: string; readonly reason: string },
): Promise<void> {
  await sql`
    update operator_keys set refused_at = now(), refusal = ${reason}
    where replica_id = ${replicaId} and upstream = ${upstream}`.execute(db);
}

/** Removes the vendor's last refusal of an operator's provider key of one proxy. */
export async function clearOperatorKeyRefusal(
  db: Database,
  { replicaId, upstream }: { readonly replicaId: string; readonly upstream: string },
): Promise<void> {
  await sql`
    update operator_keys set refused_at = null, refusal = null
    where replica_id = ${replicaId} and upstream = ${upstream} and refused_at is not null`.execute(db);
}

/** An admitted request that is not settled. */
export interface OpenReservation {
  readonly requestId: string;
  readonly grantId: string;
  readonly accountId: string;
}

/**
 * Lists a replica's open reservations. Those of the last two seconds are left out, because many of their requests are
 * in progress.
 */
export async function listOpenReservations(db: Database, replicaId: string): Promise<readonly OpenReservation[]> {
  const { rows } = await sql<OpenReservation>`
    select request_id as "requestId", grant_id as "grantId", account_id as "accountId" from reservations
    where replica_id = ${replicaId} and admitted_at < now() - interval '2 seconds'`.execute(db);
  return rows;
}

/**
 * Charges the reservations of dead replicas, a limited number in each statement. Any process may call it at any time.
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
