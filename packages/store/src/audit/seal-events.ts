import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { listAccountEnds } from './account-ends.js';
import {
  AuditLogChanged,
  beginState,
  type ChainState,
  isSame,
  parseState,
  recordMissing,
  writeState,
} from './chain-state.js';
import { eventColumns, readMicroseconds } from './columns.js';
import { advanceProgress, readWriting } from './event-progress.js';
import { removeOldSeals } from './remove-old-seals.js';
import {
  type AccountEnds,
  type AuditKeys,
  type ChainEnd,
  makeSeal,
  type Seal,
  type SealedEvent,
} from './seal-codes.js';
import { signDailyHead } from './signed-heads.js';

/** One transaction seals at most this many events, so that it is short. */
const most = 1_000;

export interface Sealing {
  readonly keys: AuditKeys;
  /** The end of the chain as this server last saw it. The chain must still contain it. */
  readonly seen: ChainEnd | undefined;
}

export interface SealingStep {
  readonly sealed: number;
  readonly last: ChainEnd;
  /** Whether there may be more events to seal. */
  readonly hasMore: boolean;
  /** The signed head of today, if this step has signed it. */
  readonly head: string | undefined;
}

/**
 * Seals the next events of the audit log that were written and not sealed yet. Writing events does not wait for this.
 * One server seals at a time.
 * @returns undefined while another server seals, or while an account is being deleted
 * @throws AuditLogChanged when the seals are not as the servers wrote them; then nothing is sealed
 */
export function sealEvents(db: Database, { keys, seen }: Sealing): Promise<SealingStep | undefined> {
  return db.transaction().execute(async (transaction) => {
    const before = await lockState(transaction, keys);
    if (before === undefined) return undefined;
    await requireEnd(transaction, before, seen);
    const writing = await readWriting(transaction);
    const events = await listUnsealed(transaction, before.completeTo);
    const accountEnds = await listAccountEnds(transaction, keys[0], events);
    const seals = chain(keys, { last: before.last, accountEnds }, events);
    await insertSeals(transaction, seals);
    const hasMore = events.length === most;
    const latest = events
      .map(({ at_microseconds: at }) => readMicroseconds(at))
      .toSorted(byTime)
      .at(-1);
    const after: ChainState = {
      ...before,
      ...advanceProgress(before, writing, hasMore ? events.at(-1)?.id : undefined),
      last: seals.at(-1) ?? before.last,
      sealedUntil: latest ?? before.sealedUntil,
    };
    const kept = { ...after, ...(await removeOldSeals(transaction, keys, after)) };
    if (after.last.sequence > 0n) await writeState(transaction, keys[0], kept);
    const head = hasMore ? undefined : await signDailyHead(transaction, keys, kept);
    return { sealed: seals.length, last: { sequence: after.last.sequence, code: after.last.code }, hasMore, head };
  });
}

const byTime = (one: Date, other: Date) => one.getTime() - other.getTime();

/**
 * Locks the state of the chain and reads it.
 *
 * @returns undefined when another transaction has the lock. That is a server that seals, or the deletion of an account,
 * which replaces the account id in events that may not be sealed yet
 * @throws AuditLogChanged when the state is missing, or was not written with one of the audit keys
 */
async function lockState(transaction: Database, keys: AuditKeys): Promise<ChainState | undefined> {
  const row = await transaction
    .selectFrom('audit_chain')
    .select(['state', 'key_id', 'code', sql<Date>`now()`.as('now')])
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (row !== undefined) return parseState(keys, row) ?? beginState(row.now);
  const { rows } = await sql`select from audit_chain`.execute(transaction);
  if (rows.length === 0) throw new AuditLogChanged(recordMissing);
  return undefined;
}

/** Checks that the last seal is the one in the state, and that the seal which this server saw last is still there. */
async function requireEnd(transaction: Database, state: ChainState, seen: ChainEnd | undefined): Promise<void> {
  const { last, removed } = state;
  const { rows } = await sql<ChainEnd>`select sequence, code from audit_seals order by sequence desc limit 1`.execute(
    transaction,
  );
  const end = rows[0] ?? removed;
  if (end.sequence !== last.sequence || !isSame(end.code, last.code))
    throw new AuditLogChanged(`The last seal should be ${last.sequence}, and it is ${end.sequence}.`);
  if (seen === undefined || seen.sequence <= removed.sequence) return;
  const { rows: found } = await sql<{ code: Buffer }>`
    select code from audit_seals where sequence = ${seen.sequence}`.execute(transaction);
  if (!isSame(found[0]?.code ?? null, seen.code))
    throw new AuditLogChanged(
      `This server has seen the seal ${seen.sequence}, which is now missing or has another code.`,
    );
}

async function listUnsealed(transaction: Database, completeTo: bigint): Promise<readonly SealedEvent[]> {
  const { rows } = await sql<SealedEvent>`
    select ${eventColumns} from audit_events e
    -- because of offset 0, PostgreSQL looks each event up in the index; it might compare the whole tables otherwise
    where e.id > ${completeTo} and not exists (select from audit_seals s where s.event_id = e.id offset 0)
    order by e.id limit ${most}`.execute(transaction);
  return rows;
}

function chain(
  [key]: AuditKeys,
  { last, accountEnds }: { readonly last: ChainEnd; readonly accountEnds: AccountEnds },
  events: readonly SealedEvent[],
): readonly Seal[] {
  const seals: Seal[] = [];
  for (const event of events) seals.push(makeSeal(key, { last: seals.at(-1) ?? last, accountEnds }, event));
  return seals;
}

async function insertSeals(transaction: Database, seals: readonly Seal[]): Promise<void> {
  if (seals.length === 0) return;
  const rows = seals.map((seal) => ({
    ...seal,
    sequence: String(seal.sequence),
    event_id: String(seal.event_id),
    account_previous: seal.account_previous === null ? null : String(seal.account_previous),
    content_digest: seal.content_digest.toString('hex'),
    code: seal.code.toString('hex'),
  }));
  await sql`
    insert into audit_seals (sequence, event_id, at, account_digest, account_previous, address_digest, content_digest, key_id, code)
    select sequence, event_id, timestamptz 'epoch' + at_microseconds * interval '1 microsecond', account_digest,
      account_previous, address_digest, decode(content_digest, 'hex'), key_id, decode(code, 'hex')
    from jsonb_to_recordset(${JSON.stringify(rows)}) as s (sequence bigint, event_id bigint, at_microseconds bigint,
      account_digest text, account_previous bigint, address_digest text,
      content_digest text, key_id text, code text)`.execute(transaction);
}
