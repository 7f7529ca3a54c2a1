import { randomUUID } from 'node:crypto';
import { type Database, openDatabase } from '@aipassport/store';
import type { Admission, AdmissionRequest, OperatorKeys } from '@aipassport/store/proxying';
import { sql } from 'kysely';
import { AdmissionStatement } from '../../src/admission/admission-statement.js';
import { createSettler, type Settler } from '../../src/admission/create-settler.js';
import { keepLease, type LeaseKeeper } from '../../src/admission/keep-lease.js';

/** A proxy's admission and settlement on its own connections. It can be killed at any moment. */
export class MortalReplica {
  readonly #statement: AdmissionStatement;
  isAlive = true;
  readonly #db: Database;
  readonly #name: string;
  readonly #settler: Settler;
  readonly #lease: LeaseKeeper;

  private constructor(parts: {
    db: Database;
    name: string;
    settler: Settler;
    lease: LeaseKeeper;
    statement: AdmissionStatement;
  }) {
    this.#db = parts.db;
    this.#name = parts.name;
    this.#settler = parts.settler;
    this.#lease = parts.lease;
    this.#statement = parts.statement;
  }

  static async start(url: string, operatorKeys?: OperatorKeys): Promise<MortalReplica> {
    const name = `replica ${randomUUID()}`;
    const db = openDatabase({ url, applicationName: name, maxConnections: 3 });
    const openRequests = new Set<string>();
    const settler = createSettler({
      db,
      onError: () => undefined,
      onSettled: ({ requestId }) => openRequests.delete(requestId),
    });
    const lease = await keepLease({
      db,
      leaseSeconds: 30,
      settler,
      openRequests,
      handedOver: new Set(),
      onEvent: () => undefined,
    });
    const accounting = { db, lease, settler, catalogueVersion: 'test', openRequests };
    const statement = new AdmissionStatement({ ...accounting, ...(operatorKeys && { operatorKeys }) });
    return new MortalReplica({ db, name, settler, lease, statement });
  }

  /** The name under which the replica admits requests. */
  get id(): string {
    return this.#lease.replicaId();
  }

  admit(request: AdmissionRequest): Promise<Admission> {
    return this.#statement.admit(request);
  }

  /** A dead replica ignores this. */
  settle(...settlement: Parameters<Settler['settle']>): void {
    if (this.isAlive) this.#settler.settle(...settlement);
  }

  /** Waits until all settlements are written, for ten seconds at most. @returns how many are not written */
  async drain(): Promise<number> {
    return this.#settler.drain(10_000);
  }

  /**
   * Kills the replica: it takes no more settlements, its connections break in the middle of their statements, and its
   * lease ends. Settlements that it took earlier may still be written.
   * @returns a function for the end of the test, which waits for those settlements and closes the connections
   */
  async die(db: Database): Promise<() => Promise<void>> {
    this.isAlive = false;
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${this.#name}`.execute(
      db,
    );
    await this.#lease.close();
    return async () => {
      await this.drain();
      await this.#db.destroy();
    };
  }

  async stop(): Promise<void> {
    await this.#lease.close();
    await this.#db.destroy();
  }
}
