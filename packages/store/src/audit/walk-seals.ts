import { sql } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';
import type { SealFault } from './audit-fault.js';
import { isSame } from './chain-state.js';
import { eventColumns, readMicroseconds, retention, sealColumns } from './columns.js';
import type { DeletedAccounts } from './deleted-accounts.js';
import {
  type AuditKey,
  type AuditKeys,
  type ChainEnd,
  codeSeal,
  digestAccount,
  digestContent,
  digestIpAddress,
  emptyChain,
  type Seal,
  type SealedEvent,
} from './seal-codes.js';

const pageSize = 2_000;

export interface Terms {
  readonly keys: AuditKeys;
  readonly deleted: DeletedAccounts;
  readonly removed: ChainEnd | undefined;
}

interface Walk {
  readonly fault: SealFault | undefined;
  readonly verified: number;
  readonly end: ChainEnd;
}

export interface ChainLink {
  readonly seal: Seal;
  /** Undefined when there is no such event. */
  readonly event: SealedEvent | undefined;
  /** Whether the event is old enough to have been removed. */
  readonly is_due: boolean;
}

/** Compares every seal with the seal before it and with the event that it seals, up to the first seal that is wrong. */
export async function walkSeals(snapshot: Database, terms: Terms): Promise<Walk> {
  let end = terms.removed ?? emptyChain;
  let verified = 0;
  // The first page also has the seals before the beginning of the chain. There should be none, so `findSealFault`
  // reports them.
  for (let after = 0n; ; after = end.sequence) {
    const links = await readPage(snapshot, after);
    for (const link of links) {
      const fault = findSealFault(link, end, terms);
      if (fault !== undefined) return { fault, verified, end };
      if (link.event !== undefined) verified += 1;
      end = link.seal;
    }
    if (links.length < pageSize) return { fault: undefined, verified, end };
  }
}

async function readPage(snapshot: Database, after: bigint): Promise<readonly ChainLink[]> {
  const { rows: seals } = await sql<DatedSeal>`
    select ${sealColumns}, ${isDue} from audit_seals s
    where s.sequence > ${after} order by s.sequence limit ${pageSize}`.execute(snapshot);
  return addEvents(snapshot, seals);
}

export type DatedSeal = Seal & Pick<ChainLink, 'is_due'>;

export const isDue = sql`coalesce(s.at < now() - ${retention}, false) as is_due`;

/** Reads the events of some seals by a separate statement. For a join the database might read both whole tables. */
export async function addEvents(snapshot: Database, seals: readonly DatedSeal[]): Promise<readonly ChainLink[]> {
  const { rows: events } = await sql<SealedEvent>`
    select ${eventColumns} from audit_events e
    where e.id = any (${formatArray(seals.map(({ event_id }) => event_id))}::bigint[])`.execute(snapshot);
  const eventsById = new Map(events.map((event) => [event.id, event]));
  return seals.map(({ is_due, ...seal }) => ({ seal, event: eventsById.get(seal.event_id), is_due }));
}

/** @param end the seal before this one in the chain of the log */
export function findSealFault(
  { seal, event, is_due }: ChainLink,
  end: ChainEnd,
  { keys, deleted }: Terms,
): SealFault | undefined {
  const place = { eventId: seal.event_id, at: readMicroseconds(seal.at_microseconds) };
  if (seal.sequence > end.sequence + 1n) return { kind: 'seals_missing', sequence: end.sequence + 1n, ...place };
  const key = keys.find(({ id }) => id === seal.key_id);
  if (key === undefined) return { kind: 'unknown_key', keyId: seal.key_id, ...place };
  if (seal.sequence <= end.sequence || !isSame(seal.code, codeSeal(key, end, seal)))
    return { kind: 'seal_changed', ...place };
  if (event === undefined) return is_due ? undefined : { kind: 'deleted', ...place };
  return isAsSealed(key, { seal, event }, deleted) ? undefined : { kind: 'edited', ...place };
}

function isAsSealed(
  key: AuditKey,
  { seal, event }: { readonly seal: Seal; readonly event: SealedEvent },
  deleted: DeletedAccounts,
): boolean {
  // the event's account may have been deleted later
  const isDeleted =
    event.account_id !== null &&
    seal.account_digest !== null &&
    deleted.get(event.account_id)?.has(seal.account_digest) === true;
  if (!isDeleted && digestAccount(key, event.account_id) !== seal.account_digest) return false;
  if (seal.address_digest === null)
    return isSame(
      seal.content_digest,
      digestContent(key, { ...event, detail: event.detail_with_address ?? event.detail }),
    );
  const isIpAddressRemoved = isDeleted && event.address === null;
  if (!isIpAddressRemoved && digestIpAddress(key, event) !== seal.address_digest) return false;
  return isSame(seal.content_digest, digestContent(key, event));
}
