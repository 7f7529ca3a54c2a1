import { verifyLedger } from '@aipassport/store';
import { type Bill, priceOf, readOwners } from './billing-upstream.js';
import type { Laboratory, Query } from './laboratory.js';
import type { Access, ChatResult } from './load.js';
import { buildChat, estimateOf } from './numbered-chat.js';

interface LedgerRow {
  readonly request_id: string;
  readonly grant_id: string;
  readonly settlement:
    | 'reported'
    | 'produced'
    | 'estimated'
    | 'doubted'
    | 'abandoned'
    | 'unbilled'
    | 'released'
    | 'corrected'
    | 'withdrawn';
  readonly counted: boolean;
  readonly cost: bigint;
  readonly estimate: bigint;
}

/** What the clients and the AI provider recorded about the requests of a test. */
export interface Books {
  readonly accesses: readonly Access[];
  /** The requests that the AI provider received. */
  readonly bills: readonly Bill[];
  /** The requests that the clients sent. */
  readonly seen: readonly ChatResult[];
}

/** Longer than a lease and the following sweep take together, even on a busy machine. */
const maxMilliseconds = 40_000;
/** A request that its client has given up may still be admitted within this time. */
const quietMilliseconds = 250;

/**
 * Waits until no request is open in the database. Then the replicas have settled their own requests and those of dead
 * replicas.
 */
export async function waitForQuiet({ query }: Pick<Laboratory, 'query'>): Promise<void> {
  const end = performance.now() + maxMilliseconds;
  let open = 0;
  for (let quietSince = performance.now(); performance.now() - quietSince < quietMilliseconds; ) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    open = await countOpen(query);
    if (open > 0) quietSince = performance.now();
    if (performance.now() > end)
      throw new Error(`${open} requests are still open, long after the last of them has ended`);
  }
}

async function countOpen(query: Query): Promise<number> {
  const [row] = await query<{ count: number }>('select count(*)::integer as count from reservations');
  return row?.count ?? 0;
}

/**
 * Compares the records with our ledger, and the ledger with the counters of the grants. No request may be open.
 *
 * @returns each difference as a sentence
 */
export async function findViolations(laboratory: Pick<Laboratory, 'db' | 'query'>, books: Books): Promise<string[]> {
  const { db, query } = laboratory;
  const rows = await readLedger(query);
  const violations: string[] = [];
  for (const { grantId, counter, counted, expected } of await verifyLedger(db))
    violations.push(`grant ${grantId}: ${counter} is ${counted}, the ledger says ${expected}`);
  violations.push(...(await findHeld(query)));
  if (new Set(rows.map(({ request_id }) => request_id)).size !== rows.length)
    violations.push('a request is in the ledger twice');
  for (const access of books.accesses) {
    violations.push(
      ...(await findViolationsOfGrant(query, access, {
        bills: books.bills.filter(({ grant }) => grant === access.grant),
        seen: books.seen.filter(({ grant }) => grant === access.grant),
        rows: rows.filter(({ grant_id }) => grant_id === access.grantId),
      })),
    );
  }
  return violations;
}

interface BooksOfGrant {
  readonly bills: readonly Bill[];
  readonly seen: readonly ChatResult[];
  readonly rows: readonly LedgerRow[];
}

async function findViolationsOfGrant(query: Query, access: Access, books: BooksOfGrant): Promise<string[]> {
  const { bills, seen, rows } = books;
  const violations: string[] = [];
  const billed = bills.reduce((sum, bill) => sum + priceOf(bill), 0n);
  const charged = rows.reduce((sum, { cost }) => sum + cost, 0n);
  const [limits] = await query<{ max_requests: string | null; max_cost: string | null }>(
    'select max_requests::text, max_cost::text from grants where id = $1',
    [access.grantId],
  );
  const note = (what: string) => violations.push(`grant ${access.grant}: ${what}`);
  if (bills.length > Number(limits?.max_requests ?? Number.POSITIVE_INFINITY))
    note(`${bills.length} requests were forwarded, ${limits?.max_requests} were granted`);
  if (billed > BigInt(limits?.max_cost ?? billed))
    note(`the AI provider billed ${billed}, the budget was ${limits?.max_cost}`);
  if (charged < billed) note(`the AI provider billed ${billed}, the ledger has ${charged}`);

  const rowsByEstimate = Map.groupBy(rows, ({ estimate }) => estimate);
  const billsByNumber = Map.groupBy(bills, ({ number }) => number);
  const find = (number: number, isStream: boolean) =>
    rowsByEstimate.get(estimateOf(buildChat({ grant: access.grant, number }, { isStream }))) ?? [];
  for (const { number, isStream, isWhole, text } of seen) {
    const [bill, second] = billsByNumber.get(number) ?? [];
    const [row, ...others] = find(number, isStream);
    const name = `request ${number}`;
    if (readOwners(text).some((owner) => owner.grant !== access.grant || owner.number !== number))
      note(`${name} has got a part of the answer to another one`);
    if (second !== undefined) note(`${name} was forwarded twice`);
    if (others.length > 0) note(`${name} has ${others.length + 1} rows in the ledger`);
    if (isWhole && bill === undefined) note(`${name} was answered, but never forwarded`);
    if (bill !== undefined && row === undefined) note(`${name} was forwarded, and is not in the ledger`);
    if (bill === undefined || row === undefined) continue;
    if (!row.counted) note(`${name} was forwarded, and does not count`);
    if (row.cost < priceOf(bill)) note(`${name} cost ${priceOf(bill)}, and ${row.cost} is charged (${row.settlement})`);
  }
  // The usage of a dead proxy's request is unknown, so the whole reservation is charged. Without a budget, the whole
  // estimate is reserved.
  for (const { settlement, cost, estimate } of rows)
    if (settlement === 'abandoned' && limits?.max_cost === null && cost !== estimate)
      note(`${estimate} was reserved for a request of a dead proxy, and ${cost} is charged`);
  const known = new Set(seen.map(({ number }) => number));
  for (const { number } of bills)
    if (!known.has(number)) note(`request ${number} was forwarded, but no client sent it`);
  return violations;
}

async function readLedger(query: Query): Promise<readonly LedgerRow[]> {
  const rows = await query<Omit<LedgerRow, 'cost' | 'estimate'> & Record<'cost' | 'estimate', string>>(
    // add the correction of a charge, which exists if the proxy was alive after all
    `select l.request_id, l.grant_id, coalesce(c.settlement, l.settlement) as settlement,
       l.counted and c.settlement is distinct from 'withdrawn' as counted, (l.cost + coalesce(c.cost, 0))::text as cost,
       l.estimate::text
     from ledger l left join ledger c on c.corrects = l.request_id where l.corrects is null`,
  );
  return rows.map((row) => ({ ...row, cost: BigInt(row.cost), estimate: BigInt(row.estimate) }));
}

async function findHeld(query: Query): Promise<string[]> {
  const held = await query<{ id: string; held: string; streams: number }>(
    'select id, held::text, open_streams as streams from grants where held > 0 or open_streams > 0',
  );
  return held.map(({ id, held: cost, streams }) => `grant ${id}: ${cost} and ${streams} streams are held`);
}

/** Counts the rows of the ledger by their settlement. */
export async function countSettlements({ query }: Pick<Laboratory, 'query'>): Promise<Record<string, number>> {
  const rows = await query<{ settlement: string; count: number }>(
    'select settlement, count(*)::integer as count from ledger group by settlement order by settlement',
  );
  return Object.fromEntries(rows.map(({ settlement, count }) => [settlement, count]));
}
