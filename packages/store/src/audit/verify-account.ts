import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { type AccountHead, findChangedHeads } from './account-heads.js';
import type { AuditFault, SealFault } from './audit-fault.js';
import { AuditLogChanged, type ChainState } from './chain-state.js';
import { readMicroseconds, sealColumns } from './columns.js';
import { type AccountEnds, type AuditKeys, type ChainEnd, digestAccount, emptyChain } from './seal-codes.js';
import type { SignedHead } from './signed-heads.js';
import { findUnmatchedSeal, readState } from './verify-events.js';
import { addEvents, type ChainLink, type DatedSeal, findSealFault, isDue, type Terms } from './walk-seals.js';

export interface AccountVerification {
  readonly fault: AuditFault | undefined;
  readonly verified: number;
  /** The last seal of the account; undefined when none of its events is sealed. */
  readonly last: ChainEnd | undefined;
}

/**
 * Verifies the events of one account: each against its seal, and the seals as the chain of the account. It reads only a
 * few rows of other accounts, so it can miss changes elsewhere in the log. `verifyEvents` finds all of them.
 * @param expected heads that were kept elsewhere, of the log and of this account
 */
export function verifyAccountEvents(
  db: Database,
  keys: AuditKeys,
  {
    accountId,
    expected = [],
  }: { readonly accountId: string; readonly expected?: readonly (AccountHead | SignedHead)[] },
): Promise<AccountVerification> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (snapshot) => {
      const state = await readState(snapshot, keys);
      if (state instanceof AuditLogChanged)
        return { fault: { kind: 'changed', problem: state.message } as const, verified: 0, last: undefined };
      const terms = { keys, deleted: new Map(), removed: state?.removed };
      const walk = await walkAccount(snapshot, { ...terms, accountId });
      const fault =
        walk.fault ??
        (await findBroken(snapshot, expected, state)) ??
        (await findGap(snapshot, state)) ??
        (await findAdded(snapshot, accountId, state?.completeTo ?? 0n));
      return { ...walk, fault };
    });
}

/**
 * Compares the seals with the heads that were kept elsewhere. Seals that were removed because their time of retention
 * had ended are not compared.
 */
async function findBroken(
  snapshot: Database,
  expected: readonly (AccountHead | SignedHead)[],
  state: ChainState | undefined,
): Promise<AuditFault | undefined> {
  const removed = state?.removed.sequence ?? 0n;
  const kept = expected.filter(({ sequence }) => sequence > removed);
  const unexpected = await findUnmatchedSeal(snapshot, kept);
  if (unexpected !== undefined) return unexpected;
  const changed = await findChangedHeads(snapshot, kept, removed);
  return changed && { kind: 'account_ends_changed', ...changed };
}

interface AccountTerms extends Terms {
  readonly accountId: string;
}

const pageSize = 2_000;

/** Compares the seals of an account with each other and with its events, up to the first seal that is wrong. */
async function walkAccount(snapshot: Database, terms: AccountTerms): Promise<AccountVerification> {
  const digests = terms.keys.map((key) => digestAccount(key, terms.accountId) ?? '');
  const ends: AccountEnds = new Map();
  let verified = 0;
  let last: ChainEnd | undefined;
  for (;;) {
    const links = await readAccountPage(snapshot, digests, last?.sequence ?? 0n);
    for (const link of links) {
      const fault = findSealFault(link, endBefore(link, terms), terms) ?? findMissing(link, ends, terms);
      if (fault !== undefined) return { fault, verified, last };
      if (link.event !== undefined) verified += 1;
      last = link.seal;
      ends.set(link.seal.account_digest ?? '', link.seal.sequence);
    }
    if (links.length < pageSize) return { fault: undefined, verified, last };
  }
}

interface AccountLink extends ChainLink {
  /** The code of the seal before this one in the chain of the log; null when that seal does not exist. */
  readonly previousCode: Buffer | null;
}

async function readAccountPage(
  snapshot: Database,
  digests: readonly string[],
  after: bigint,
): Promise<readonly AccountLink[]> {
  const { rows } = await sql<DatedSeal & { previous_code: Buffer | null }>`
    select ${sealColumns}, ${isDue}, p.code as previous_code
    from audit_seals s left join audit_seals p on p.sequence = s.sequence - 1
    where s.account_digest = any (${[...digests]}::text[]) and s.sequence > ${after}
    order by s.sequence limit ${pageSize}`.execute(snapshot);
  const previousCodes = new Map(rows.map((row) => [row.sequence, row.previous_code]));
  const links = await addEvents(snapshot, rows);
  return links.map((link) => ({ ...link, previousCode: previousCodes.get(link.seal.sequence) ?? null }));
}

/** The seal before this one in the chain of the log. If there is none, `findSealFault` finds that seals are missing. */
function endBefore({ seal, previousCode }: AccountLink, { removed = emptyChain }: AccountTerms): ChainEnd {
  return previousCode === null ? removed : { sequence: seal.sequence - 1n, code: previousCode };
}

/** Checks that the seal before this one in the chain of the account is there, or was removed after its time. */
function findMissing(
  { seal }: AccountLink,
  ends: AccountEnds,
  { removed = emptyChain }: AccountTerms,
): SealFault | undefined {
  const previous = seal.account_previous;
  const found = ends.get(seal.account_digest ?? '');
  if (previous === null || previous === (found ?? 0n) || (found === undefined && previous <= removed.sequence))
    return undefined;
  const place = { eventId: seal.event_id, at: readMicroseconds(seal.at_microseconds) };
  return { kind: 'seals_missing', sequence: previous, ...place };
}

/** Finds the first gap in the chain of the log. The last seals of an account may be missing there. */
async function findGap(snapshot: Database, state: ChainState | undefined): Promise<AuditFault | undefined> {
  const { rows } = await sql<{ sequence: bigint }>`
    select s.sequence from audit_seals s
    where not exists (select from audit_seals n where n.sequence = s.sequence + 1)
    order by s.sequence limit 1`.execute(snapshot);
  const end = rows[0]?.sequence ?? state?.removed.sequence ?? 0n;
  return end === (state?.last.sequence ?? 0n) ? undefined : { kind: 'end_missing', sequence: end };
}

/** Finds an event of the account without a seal, although the servers have sealed all their events up to its number. */
async function findAdded(snapshot: Database, accountId: string, completeTo: bigint): Promise<AuditFault | undefined> {
  const { rows } = await sql<{ id: bigint; at: Date }>`
    select e.id, e.at from audit_events e
    where e.account_id = ${accountId} and e.id <= ${completeTo}
      and not exists (select from audit_seals s where s.event_id = e.id offset 0)
    order by e.id limit 1`.execute(snapshot);
  return rows[0] && { kind: 'added', eventId: rows[0].id, at: rows[0].at };
}
