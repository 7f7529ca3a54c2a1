import { sql } from 'kysely';
import { readWriting } from '../audit/event-progress.js';
import type { AuditKeys } from '../audit/seal-codes.js';
import { insertAuditEvent } from '../authorization/audit-events.js';
import { revokeGrant } from '../authorization/revoke-grant.js';
import type { Database } from '../database/open-database.js';
import { noteRestored } from '../database/restore-mark.js';
import { lockPosition, storePosition } from './journal-position.js';
import { type FoundBatch, JournalUnusable, readEntries, readJournal } from './read-journal.js';
import { listMissing, type ReplayedEvent, replayEvent } from './replay-events.js';
import { chargeUnended, prepareReplay, type ReplayedSpending, replayLedger } from './replay-ledger.js';
import { describeAccounts, isReported, listEndedSecrets, type ReplayReport } from './replay-report.js';
import { endSignIns, replayRefreshTokens, replayTerms } from './replay-rows.js';
import { formatTime, selectBatches } from './select-batches.js';

/** Grants that were used in this last part of the journal are ended, because what they did afterwards is unknown. */
const lastMicroseconds = 10_000_000n;

export interface ReplayOptions {
  readonly directories: readonly string[];
  /** SECRET: the keys with which the journal is verified. */
  readonly keys: AuditKeys;
  /** If true, nothing is changed: the report says what would be changed. */
  readonly isDryRun: boolean;
}

/** Thrown to roll the transaction back. */
class DryRun extends Error {
  readonly report: ReplayReport;
  constructor(report: ReplayReport) {
    super('nothing is changed');
    this.report = report;
  }
}

/**
 * Repeats in a restored database what the journal has after the backup: everything that ended, was limited or was
 * spent. All sessions, links and unused invitations end, and clients lose the scopes of the admin API. A second run
 * repeats no spending and no event, but does the rest again: it ends what was begun since the first run, takes these
 * scopes away, and adds an audit event. The servers must be stopped, or refuse all requests.
 * @throws JournalUnusable when the journal was changed or is not complete; then nothing is changed
 */
export async function replayJournal(db: Database, options: ReplayOptions): Promise<ReplayReport> {
  const journal = await readJournal(options.directories, options.keys);
  try {
    return await db.transaction().execute(async (transaction) => {
      const locked = await lockPosition(transaction);
      if (locked === undefined) throw new JournalUnusable('A server writes the journal. Stop all servers first.');
      const { newest } = await readWriting(transaction);
      const batches = selectBatches(journal, locked.position);
      const end = batches.at(-1)?.to ?? locked.position;
      const used = await listUsedGrants(journal.batches.filter(({ to }) => to > end - lastMicroseconds));
      const part = { batches, used, from: locked.position, to: end };
      const report = await replayBatches(transaction, options.keys, part);
      await endSignIns(transaction);
      await noteRestored(transaction);
      const detail = { by: 'command', until: report.to, batches: report.batches };
      await insertAuditEvent(transaction, { event: 'backup_restored', detail });
      // the next batch of the journal will contain what this function did
      await storePosition(transaction, end, {
        writer: '',
        readAt: locked.now.toISOString(),
        openSince: (await findOldestCharge(transaction, locked.now)).toISOString(),
        completeTo: newest,
        pendingTo: newest,
        pending: [],
      });
      if (options.isDryRun) throw new DryRun(report);
      return report;
    });
  } catch (error) {
    if (error instanceof DryRun) return error.report;
    throw error;
  }
}

interface Part {
  readonly batches: readonly FoundBatch[];
  /** The grants that were used in the last part of the journal. */
  readonly used: readonly string[];
  readonly from: bigint;
  readonly to: bigint;
}

async function replayBatches(
  transaction: Database,
  keys: AuditKeys,
  { batches, used, from, to }: Part,
): Promise<ReplayReport> {
  await prepareReplay(transaction);
  const open = new Map<string, string>();
  const reported: ReplayedEvent[] = [];
  const spending: ReplayedSpending[] = [];
  for (const batch of batches) {
    const entries = sortEntries(await readEntries(batch));
    const missing = await listMissing(transaction, entries.events);
    for (const event of missing) await replayEvent(transaction, keys, event);
    reported.push(...missing.filter(isReported));
    await replayTerms(transaction, entries.terms);
    await replayRefreshTokens(transaction, entries.refreshTokens);
    spending.push(
      ...(await replayLedger(
        transaction,
        entries.ledger.map(({ line }) => line),
      )),
    );
    for (const { id, line } of entries.open) open.set(id, line);
    for (const { id } of entries.ledger) open.delete(id);
  }
  spending.push(...(await chargeUnended(transaction, [...open.values()])));
  const grantsWithUnknownUse = new Set([...used, ...sortEntries([...open.values()]).grants]);
  return {
    from: formatTime(from),
    to: formatTime(to),
    batches: batches.length,
    grantsWithUnknownUse: await endGrants(transaction, grantsWithUnknownUse),
    accounts: await describeAccounts(transaction, spending, reported),
    endedSecrets: await listEndedSecrets(transaction, reported),
  };
}

interface SortedEntries {
  readonly events: readonly ReplayedEvent[];
  readonly terms: readonly string[];
  readonly refreshTokens: readonly string[];
  readonly ledger: readonly { readonly id: string; readonly line: string }[];
  readonly open: readonly { readonly id: string; readonly line: string }[];
  /** The grants that were used. */
  readonly grants: readonly string[];
}

interface Entry extends ReplayedEvent {
  readonly kind: string;
  readonly row?: { readonly request_id?: string; readonly grant_id?: string };
}

/** The lines, except those of events, go to PostgreSQL as they are, because JavaScript would round large numbers. */
function sortEntries(lines: readonly string[]): SortedEntries {
  const parsed = lines.map((line) => ({ line, entry: JSON.parse(line) as Entry })); // the signature was verified
  const ofKind = (kind: string) => parsed.filter(({ entry }) => entry.kind === kind);
  const toRequest = ({ line, entry }: (typeof parsed)[number]) => ({ id: entry.row?.request_id ?? '', line });
  return {
    events: ofKind('event').map(({ entry }) => entry),
    terms: ofKind('terms').map(({ line }) => line),
    refreshTokens: ofKind('refresh_token').map(({ line }) => line),
    ledger: ofKind('ledger').map(toRequest),
    open: ofKind('open').map(toRequest),
    grants: parsed.flatMap(({ entry }) => (entry.kind === 'event' ? tokenGrant(entry) : (entry.row?.grant_id ?? []))),
  };
}

const tokenGrant = ({ event, grant_id: id }: Entry) => (event === 'token_issued' && id !== null ? id : []);

async function listUsedGrants(batches: readonly FoundBatch[]): Promise<readonly string[]> {
  const grants: string[] = [];
  for (const batch of batches) grants.push(...sortEntries(await readEntries(batch)).grants);
  return grants;
}

async function endGrants(transaction: Database, grantIds: ReadonlySet<string>): Promise<number> {
  let ended = 0;
  for (const grantId of grantIds)
    if (await revokeGrant(transaction, { grantId, reason: 'operator', revokedBy: 'operator' })) ended += 1;
  return ended;
}

/** The earliest admission of a request that this transaction has charged. */
async function findOldestCharge(transaction: Database, now: Date): Promise<Date> {
  const { rows } = await sql<{ since: Date }>`
    select coalesce(min(admitted_at), ${now}) as since from replayed where settled_at = now()`.execute(transaction);
  return rows[0]?.since ?? now;
}
