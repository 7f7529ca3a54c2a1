import type { Database } from '../database/open-database.js';
import type { JournalState } from './journal-position.js';
import { termsEvents, tokenEvents } from './journaled-events.js';
import {
  type JournaledEvent,
  listNewEvents,
  listOpenRequests,
  listRefreshTokens,
  listReservations,
  listTerms,
  type OpenRequest,
} from './read-changes.js';
import { listCorrections, listSettledOf, listSettledSince, type SettledRow } from './read-settled.js';

/**
 * The transaction that admits a request ends within this time after `admitted_at`: the proxies' statements end after
 * 1.5 seconds.
 */
const admissionMilliseconds = 5_000;
/** The same for the transactions that write other rows of the ledger. */
const settlementMilliseconds = 10_000;

/** What the last batch of this server had, so that the next one does not have it again. */
export interface Known {
  readonly open: ReadonlyMap<string, OpenRequest>;
  readonly events: ReadonlySet<bigint>;
  /** The requests of the last seconds whose rows of the ledger were written. */
  readonly settled: ReadonlySet<string>;
}

export interface Changes {
  readonly isEmpty: boolean;
  /** The entries of the batch. They can be read once. */
  readonly entries: AsyncIterable<readonly string[]>;
  readonly state: Omit<JournalState, 'writer'>;
  /** It is complete when all entries were read. */
  readonly known: Known;
}

export interface LastBatch {
  readonly state: JournalState;
  readonly now: Date;
  /** Undefined: another server wrote the last batch, or this server does not know whether it was committed. */
  readonly known: Known | undefined;
}

/** Reads what has changed since the last batch, and perhaps a little more. */
export async function collectChanges(transaction: Database, last: LastBatch): Promise<Changes> {
  const { known, now } = last;
  const { events, progress } = await listNewEvents(transaction, last.state);
  const newEvents = events.filter(({ id }) => known === undefined || !known.events.has(id));
  const open = new Map((await listOpenRequests(transaction)).map((request) => [nameOpen(request), request]));
  const first = await listFirstEntries(transaction, last, { newEvents, open });
  const corrections = await listAllCorrections(transaction, newEvents);
  const gone = [...(known?.open ?? [])].filter(([name]) => !open.has(name)).map(([, request]) => request);
  const settled = [...corrections, ...(await listSettledOf(transaction, gone))];
  const recent = known === undefined ? undefined : await listRecent(transaction, last);
  const seen = new Set<string>();
  const pages = recent === undefined ? listMissed(transaction, last) : toPages(recent);
  const ended = new Set(settled.map(({ requestId }) => requestId));
  const isWritten = ({ requestId }: SettledRow) => known?.settled.has(requestId) === true || ended.has(requestId);
  const isEmpty = recent?.every(isWritten) === true && first.length + settled.length === 0;

  async function* listEntries(): AsyncGenerator<readonly string[]> {
    yield first;
    yield settled.map(({ line }) => line);
    for await (const page of pages) {
      yield page.filter((row) => !isWritten(row)).map(({ line }) => line);
      for (const { requestId, isRecent } of page) if (isRecent) seen.add(requestId);
    }
  }

  return {
    isEmpty,
    entries: listEntries(),
    state: { ...progress, readAt: now.toISOString(), openSince: findOldest(open, now).toISOString() },
    known: { open, events: new Set(events.map(({ id }) => id)), settled: seen },
  };
}

const nameOpen = ({ kind, requestId }: OpenRequest) => `${kind} ${requestId}`;

interface NewChanges {
  readonly newEvents: readonly JournaledEvent[];
  readonly open: ReadonlyMap<string, OpenRequest>;
}

async function listFirstEntries(
  transaction: Database,
  { state, known }: LastBatch,
  { newEvents, open }: NewChanges,
): Promise<readonly string[]> {
  const grantsOf = (kinds: readonly string[]) => [
    ...new Set(newEvents.filter(({ event }) => kinds.includes(event)).flatMap(({ grantId }) => grantId ?? [])),
  ];
  const opened = [...open].filter(([name, { kind }]) => kind === 'reservation' && known?.open.has(name) !== true);
  return [
    ...newEvents.map(({ line }) => line),
    ...(await listReservations(
      transaction,
      opened.map(([, { requestId }]) => requestId),
    )),
    ...(await listTerms(transaction, grantsOf(termsEvents))),
    ...(await listRefreshTokens(transaction, grantsOf(tokenEvents), state.readAt)),
  ];
}

async function listAllCorrections(
  transaction: Database,
  events: readonly JournaledEvent[],
): Promise<readonly SettledRow[]> {
  const rows: SettledRow[] = [];
  for (const { event, grantId, request } of events)
    if (event === 'charge_corrected' && grantId !== undefined && request !== undefined)
      rows.push(...(await listCorrections(transaction, { grantId, request })));
  return rows;
}

/** The rows of requests that were admitted shortly before the last batch, or later. */
async function listRecent(transaction: Database, { state }: LastBatch): Promise<readonly SettledRow[]> {
  const rows: SettledRow[] = [];
  const admittedAfter = subtract(state.readAt, admissionMilliseconds);
  for await (const page of listSettledSince(transaction, { admittedAfter })) rows.push(...page);
  return rows;
}

/** All rows that were settled since the last batch. This reads more rows than `listRecent`. */
function listMissed(transaction: Database, { state }: LastBatch): AsyncGenerator<readonly SettledRow[]> {
  return listSettledSince(transaction, {
    admittedAfter: subtract(state.openSince, admissionMilliseconds),
    settledAfter: subtract(state.readAt, settlementMilliseconds),
  });
}

async function* toPages(rows: readonly SettledRow[]): AsyncGenerator<readonly SettledRow[]> {
  yield rows;
}

function subtract(time: string, milliseconds: number): string {
  return new Date(Date.parse(time) - milliseconds).toISOString();
}

function findOldest(open: ReadonlyMap<string, OpenRequest>, now: Date): Date {
  const times = [...open.values()].filter(({ kind }) => kind === 'reservation').map(({ admitted }) => admitted);
  return times.reduce((one, other) => (one < other ? one : other), now);
}
