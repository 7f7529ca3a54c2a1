import { sql } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';
import type { AuditFault } from './audit-fault.js';
import { AuditLogChanged, type ChainState, isSame, parseState, recordMissing } from './chain-state.js';
import { findFalseDeletion, listDeletedAccounts } from './deleted-accounts.js';
import type { AuditKeys } from './seal-codes.js';
import { walkSeals } from './walk-seals.js';

export interface AuditVerification {
  readonly fault: AuditFault | undefined;
  readonly verified: number;
  /** Undefined when nothing is sealed, or when the state was changed. */
  readonly state: ChainState | undefined;
  readonly unsealed: number;
  /** The age of the oldest event that is not sealed; 0 when there is none. */
  readonly unsealedMinutes: number;
  /** How many of the expected seals were removed, because the time of retention of their events had ended. */
  readonly expectedRemoved: number;
}

/** A seal that must be there, as the servers' log or a signed head names it. */
export interface ExpectedSeal {
  readonly sequence: bigint;
  /** The beginning of the seal's code, in hexadecimal digits. */
  readonly code: string;
}

/** Verifies every event against its seal, in one snapshot. May run while events are written, sealed and removed. */
export function verifyEvents(
  db: Database,
  keys: AuditKeys,
  expected: readonly ExpectedSeal[] = [],
): Promise<AuditVerification> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (snapshot) => {
      const read = await readState(snapshot, keys);
      const state = read instanceof AuditLogChanged ? undefined : read;
      const rest = await readUnsealed(snapshot, state?.completeTo ?? 0n);
      const kept = expected.filter(({ sequence }) => sequence > (state?.removed.sequence ?? 0n));
      const expectedRemoved = expected.length - kept.length;
      const found = { verified: 0, state, unsealed: rest.count, unsealedMinutes: rest.minutes, expectedRemoved };
      if (read instanceof AuditLogChanged)
        return { ...found, fault: { kind: 'changed', problem: read.message } as const };
      const deleted = await listDeletedAccounts(snapshot);
      const walk = await walkSeals(snapshot, { keys, deleted, removed: state?.removed });
      const fault =
        walk.fault ??
        findWrongEnd(state, walk.end) ??
        (await findUnmatchedSeal(snapshot, kept)) ??
        rest.added ??
        (await findFalseDeletion(snapshot, keys, deleted));
      return { ...found, verified: walk.verified, fault };
    });
}

export async function readState(
  snapshot: Database,
  keys: AuditKeys,
): Promise<ChainState | undefined | AuditLogChanged> {
  const row = await snapshot.selectFrom('audit_chain').select(['state', 'key_id', 'code']).executeTakeFirst();
  if (row === undefined) return new AuditLogChanged(recordMissing);
  try {
    return parseState(keys, row);
  } catch (error) {
    if (error instanceof AuditLogChanged) return error;
    throw error;
  }
}

function findWrongEnd(
  state: ChainState | undefined,
  end: { readonly sequence: bigint; readonly code: Buffer },
): AuditFault | undefined {
  const sequence = state?.last.sequence ?? 0n;
  if (end.sequence < sequence) return { kind: 'end_missing', sequence: end.sequence };
  if (end.sequence > sequence || !isSame(end.code, state?.last.code ?? Buffer.alloc(0)))
    return { kind: 'changed', problem: 'The record of how far the log is sealed does not fit the seals.' };
  return undefined;
}

/** @returns the first expected seal that is missing or has another code, as a fault */
export async function findUnmatchedSeal(
  snapshot: Database,
  expected: readonly ExpectedSeal[],
): Promise<AuditFault | undefined> {
  if (expected.length === 0) return undefined;
  const sequences = expected.map(({ sequence }) => sequence);
  const { rows } = await sql<{ sequence: bigint; code: Buffer }>`
    select sequence, code from audit_seals where sequence = any (${formatArray(sequences)}::bigint[])`.execute(
    snapshot,
  );
  const codes = new Map(rows.map((row) => [row.sequence, row.code.toString('hex')]));
  const found = expected
    .toSorted((one, other) => Number(one.sequence - other.sequence))
    .find(({ sequence, code }) => codes.get(sequence)?.startsWith(code) !== true);
  return found && { kind: 'not_expected', sequence: found.sequence };
}

interface Unsealed {
  readonly count: number;
  readonly minutes: number;
  readonly added: AuditFault | undefined;
}

/**
 * Counts the events without a seal. All events of the servers up to the number `completeTo` have a seal. So an event up
 * to this number without a seal was not written by the servers: it was added.
 */
async function readUnsealed(snapshot: Database, completeTo: bigint): Promise<Unsealed> {
  const { rows } = await sql<{ count: number; minutes: number | null; added: bigint | null; added_at: Date | null }>`
    select count(*)::int as count, extract(epoch from now() - min(e.at))::float8 / 60 as minutes, min(e.id) filter (where e.id <= ${completeTo}) as added,
      (array_agg(e.at order by e.id) filter (where e.id <= ${completeTo}))[1] as added_at
    from audit_events e where not exists (select from audit_seals s where s.event_id = e.id)`.execute(snapshot);
  const [row] = rows;
  const added = row?.added ?? undefined;
  return {
    count: row?.count ?? 0,
    minutes: row?.minutes ?? 0,
    added: added === undefined ? undefined : { kind: 'added', eventId: added, at: row?.added_at ?? new Date(0) },
  };
}
