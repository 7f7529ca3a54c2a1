import { sql } from 'kysely';
import type { EventProgress } from '../audit/event-progress.js';
import type { Database } from '../database/open-database.js';

/** Where the next batch of the journal continues. */
export interface JournalState extends EventProgress {
  /** The server that writes; empty when any server may write the next batch. */
  readonly writer: string;
  /** When the last batch was begun. */
  readonly readAt: string;
  /** Every request that is settled after the last batch was admitted at this time or later. */
  readonly openSince: string;
}

export interface JournalPosition {
  /** A time in microseconds, in the future if the clock was set back; 0: nothing was written yet. */
  readonly position: bigint;
  /** Undefined: the next batch is the first one, or the first one after all access was ended. */
  readonly state: JournalState | undefined;
  readonly now: Date;
  /** The present time in microseconds, and later than `position`. */
  readonly next: bigint;
  /** The day of the present time (UTC). */
  readonly day: string;
}

/** Locks the position. @returns undefined while another server writes a batch */
export async function lockPosition(transaction: Database): Promise<JournalPosition | undefined> {
  const { rows } = await sql<Omit<JournalPosition, 'state'> & { readonly state: string }>`
    select position, state, now() as now, (now() at time zone 'UTC')::date::text as day,
      greatest(position + 1, (extract(epoch from now()) * 1000000)::bigint) as next
    from journal for update skip locked`.execute(transaction);
  const [row] = rows;
  return row && { ...row, state: parseState(row.state) };
}

export async function storePosition(transaction: Database, position: bigint, state: JournalState): Promise<void> {
  const text = JSON.stringify({
    ...state,
    completeTo: String(state.completeTo),
    pendingTo: String(state.pendingTo),
  });
  await sql`update journal set position = ${position}, state = ${text}`.execute(transaction);
}

/**
 * The day from which a replay needs the files of the journal: the day before that of the position, because the clock may
 * have been set back since then, by up to a day.
 * @returns `2026-01-31` (UTC); undefined when the database has no position
 */
export async function readFirstNeededDay(db: Database): Promise<string | undefined> {
  const { rows } = await sql<{ day: string }>`
    select ((to_timestamp(position / 1000000.0) at time zone 'UTC')::date - 1)::text as day
    from journal where position > 0`.execute(db);
  return rows[0]?.day;
}

/** Restarts the journal after all access was ended. A backup that was made before this cannot use it. */
export async function restartJournal(transaction: Database): Promise<void> {
  await sql`
    update journal set state = '', position = greatest(position + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint)
    where position > 0`.execute(transaction);
}

function parseState(text: string): JournalState | undefined {
  if (text === '') return undefined;
  const state = JSON.parse(text) as JournalState & { readonly completeTo: string; readonly pendingTo: string };
  return { ...state, completeTo: BigInt(state.completeTo), pendingTo: BigInt(state.pendingTo) };
}
