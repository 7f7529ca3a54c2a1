import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { AuditLogChanged, type ChainState, isSame } from './chain-state.js';
import { readMicroseconds, retention, sealColumns } from './columns.js';
import { type AuditKeys, type ChainEnd, codeSeal, type Seal } from './seal-codes.js';

const most = 1_000;

/**
 * Removes the seals at the beginning of the chain whose events the cleaning has removed, because the events' time of
 * retention had ended. One call removes at most `most` seals.
 * @returns the members of the state that say where the chain begins now; empty when no seal was removed
 * @throws AuditLogChanged when one of these seals was changed or is missing, or its audit key is unknown. Only an
 * unchanged seal proves that its event was old enough to be removed
 */
export async function removeOldSeals(
  transaction: Database,
  keys: AuditKeys,
  { removed }: ChainState,
): Promise<Partial<ChainState>> {
  // Usually the first seal must be kept. Then no other seal is read.
  const [first] = await listFirst(transaction, 1);
  if (first?.is_over !== true) return {};
  const rows = await listFirst(transaction, most);
  const kept = rows.findIndex((row) => row.is_over !== true);
  const over = kept === -1 ? rows : rows.slice(0, kept);
  let end: ChainEnd = removed;
  for (const seal of over) {
    const key = keys.find(({ id }) => id === seal.key_id);
    if (seal.sequence !== end.sequence + 1n || key === undefined || !isSame(seal.code, codeSeal(key, end, seal)))
      throw new AuditLogChanged(`The seal ${seal.sequence} is not the one that was made.`);
    end = seal;
  }
  const last = over.at(-1);
  if (last === undefined) return {};
  await sql`delete from audit_seals where sequence <= ${last.sequence}`.execute(transaction);
  return { removed: last, removedUntil: readMicroseconds(last.at_microseconds) };
}

/**
 * The first seals of the chain. `is_over`: whether the time of retention has ended and the event was removed. It is
 * never true when events are kept for ever.
 */
async function listFirst(
  transaction: Database,
  limit: number,
): Promise<readonly (Seal & { readonly is_over: boolean | null })[]> {
  const { rows } = await sql<Seal & { readonly is_over: boolean | null }>`
    select ${sealColumns}, s.at < now() - ${retention} and not exists (
      select from audit_events e where e.id = s.event_id offset 0
    ) as is_over
    from audit_seals s order by s.sequence limit ${limit}`.execute(transaction);
  return rows;
}
