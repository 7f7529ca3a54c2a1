import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { readWriting } from '../audit/event-progress.js';
import type { AuditKey } from '../audit/seal-codes.js';
import type { Database } from '../database/open-database.js';
import { type BatchFiles, formatBatch } from './batch.js';
import { collectChanges, type Known } from './collect-changes.js';
import type { JournalPlace } from './journal-place.js';
import { type JournalPosition, type JournalState, lockPosition, storePosition } from './journal-position.js';
import { noteDatabase } from './note-database.js';

/** While nothing happens, a batch without entries is written after this time. */
const idleMilliseconds = 2_000;
/** Another server continues the journal after this time without a batch. */
const leaseMilliseconds = 5_000;
/** After the clock of the database was set back, this much is read again: it is unknown by how much it was set back. */
const lookBackMilliseconds = 3_600_000;

const pendingEvents = 1_000n;

export interface JournalOptions {
  readonly db: Database;
  /** A place outside of the database. If it is a directory, the directory exists already. */
  readonly place: JournalPlace;
  /** Called when a batch was written. */
  readonly onBatch?: (bytes: number) => void;
  /** SECRET: signs the batches. */
  readonly key: AuditKey;
}

/**
 * Writes the journal: signed files outside of the database, with changes that a restored backup lacks and that must not
 * be lost. Any number of servers may call this; one of them writes at a time, into its own files.
 *
 * A batch is in the file before the position in the database is committed. If a server crashes in between, another one
 * writes the same changes again. Reading them twice does no harm.
 */
export class JournalWriter {
  readonly #options: JournalOptions;
  readonly #files: BatchFiles;
  readonly #id = randomUUID();
  /** What this server wrote last, so that it need not look for it again; undefined: another server wrote last. */
  #known: (Known & { readonly position: bigint }) | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#files = options.place.openFiles();
  }

  /**
   * Writes what has changed since the last batch.
   * @param isLast whether this server stops, so that another server may continue at once
   * @returns whether this server has written a batch, or would have if anything had changed
   * @throws DatabaseRestored when the journal is ahead of the database; then nothing is written
   */
  async write(isLast = false): Promise<boolean> {
    const { db, place } = this.#options;
    try {
      await noteDatabase(db, place);
      return await db.transaction().execute((transaction) => this.#write(transaction, isLast));
    } catch (error) {
      this.#known = undefined;
      await this.#files.close(); // the next batch gets a new file, because this one may have been removed
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  async #write(transaction: Database, isLast: boolean): Promise<boolean> {
    const locked = await lockPosition(transaction);
    if (locked === undefined || this.#isOthers(locked)) return false;
    const { position, next, state, now } = locked;
    const writer = isLast ? '' : this.#id;
    if (state === undefined) {
      await this.#append(locked, noEntries());
      await storePosition(transaction, next, { ...(await beginState(transaction, now)), writer });
      return true;
    }
    const age = measureAge(state, now);
    const known = this.#known?.position === position && age !== undefined ? this.#known : undefined;
    const changes = await collectChanges(transaction, {
      state: age === undefined ? lookBack(state, now) : state,
      now,
      known,
    });
    if (changes.isEmpty && !isLast && age !== undefined && age < idleMilliseconds) return true;
    await this.#append(locked, changes.entries);
    await storePosition(transaction, next, { ...changes.state, writer });
    this.#known = { ...changes.known, position: next };
    return true;
  }

  /** The position does not say how old the last batch is: after the clock was set back, it is in the future. */
  #isOthers({ state, now }: JournalPosition): boolean {
    if (state === undefined || state.writer === '' || state.writer === this.#id) return false;
    const age = measureAge(state, now);
    return age !== undefined && age < leaseMilliseconds;
  }

  async #append(
    { position: from, next: to, day }: JournalPosition,
    entries: AsyncIterable<readonly string[]>,
  ): Promise<void> {
    const { key, onBatch } = this.#options;
    const bytes = await this.#files.append(day, entries, (written) => formatBatch(key, { from, to, ...written }));
    onBatch?.(bytes);
  }
}

/** The milliseconds since the last batch; undefined: the clock of the database was set back since then. */
function measureAge({ readAt }: JournalState, now: Date): number | undefined {
  const age = now.getTime() - Date.parse(readAt);
  return age < 0 ? undefined : age;
}

function lookBack(state: JournalState, now: Date): JournalState {
  const since = new Date(now.getTime() - lookBackMilliseconds).toISOString();
  return { ...state, readAt: since, openSince: since };
}

/** A journal begins with the present: a backup that was made before cannot use it. */
async function beginState(transaction: Database, now: Date): Promise<Omit<JournalState, 'writer'>> {
  const { newest, transactions } = await readWriting(transaction);
  const { rows } = await sql<{ since: Date | null }>`select min(admitted_at) as since from reservations`.execute(
    transaction,
  );
  return {
    readAt: now.toISOString(),
    openSince: (rows[0]?.since ?? now).toISOString(),
    // the transactions that write events at present have numbers among the latest ones; usually there are none
    completeTo: transactions.length === 0 ? newest : newest > pendingEvents ? newest - pendingEvents : 0n,
    pendingTo: newest,
    pending: transactions,
  };
}

async function* noEntries(): AsyncGenerator<readonly string[]> {
  // the first batch only says where the journal begins
}
