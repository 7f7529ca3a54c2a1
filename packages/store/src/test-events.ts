/** Runs one statement. @returns its rows */
interface Queried {
  readonly query: <Row>(text: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>;
}

/** These tables change with any request, or in the background. */
const unwatched = [
  'artifacts',
  'attempts',
  'audit_chain',
  'audit_heads',
  'audit_seals',
  'client_uses',
  'mails',
  'maintenance',
  'notice_checks',
  'replica_settings',
  'replicas',
  'sign_in_challenges',
];

/** These columns change with any request. */
const unwatchedColumns = ['last_seen_at', 'last_used_at'];

/**
 * For tests of this rule: an act is undone if its event cannot be recorded. Reads the watched tables, and refuses events.
 */
export class EventRefusal {
  readonly #database: Queried;

  private constructor(database: Queried) {
    this.#database = database;
  }

  static async prepare(database: Queried): Promise<EventRefusal> {
    await database.query(`
      create function refuse_event() returns trigger language plpgsql as $$
        begin raise exception 'no event of this test can be recorded'; end $$`);
    return new EventRefusal(database);
  }

  /** A hash of the rows of each watched table. */
  async readTables(): Promise<Readonly<Record<string, string | null>>> {
    const tables = await this.#database.query<{ name: string }>(
      `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and not c.relispartition and c.relname <> all ($1)`,
      [unwatched],
    );
    const hashes: Record<string, string | null> = {};
    for (const { name } of tables) {
      const [row] = await this.#database.query<{ hash: string | null }>(
        `select md5(string_agg(t::text, '|' order by t::text)) as hash
          from (select to_jsonb(one) - $1::text[] as t from ${name} one) rows`,
        [unwatchedColumns],
      );
      hashes[name] = row?.hash ?? null;
    }
    return hashes;
  }

  /** Does something while no event can be recorded. */
  async whileRefused<T>(act: () => Promise<T>): Promise<T> {
    await this.#database.query(
      'create trigger refuse_event before insert on audit_events for each row execute function refuse_event()',
    );
    try {
      return await act();
    } finally {
      await this.#database.query('drop trigger refuse_event on audit_events');
    }
  }
}
