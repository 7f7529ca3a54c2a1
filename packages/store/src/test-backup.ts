import pg from 'pg';

/**
 * A backup of all rows of a database, which is kept in a schema of the same database: `pg_dump` is not on every
 * machine. Restoring it brings back the rows that every table had.
 */
export class Backup {
  readonly #url: string;
  readonly #tables: readonly string[];

  private constructor(url: string, tables: readonly string[]) {
    this.#url = url;
    this.#tables = tables;
  }

  /** @param url SECRET: holds a superuser's password */
  static async make(url: string): Promise<Backup> {
    return inTransaction(url, async (client) => {
      const { rows } = await client.query<{ name: string }>(
        `select quote_ident(relname) as name from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
      );
      const tables = rows.map(({ name }) => name);
      await client.query('create schema backup');
      for (const table of tables) await client.query(`create table backup.${table} as table public.${table}`);
      return new Backup(url, tables);
    });
  }

  /** The servers must not run. */
  async restore(): Promise<void> {
    await inTransaction(this.#url, async (client) => {
      await client.query("set session_replication_role = 'replica'"); // neither triggers nor foreign keys
      for (const table of this.#tables) {
        await client.query(`delete from public.${table}`);
        await client.query(`insert into public.${table} overriding system value table backup.${table}`);
      }
    });
  }
}

/**
 * Runs one statement as a superuser, while servers run. It waits if a server is changing the same row.
 * @param url SECRET: holds a superuser's password
 */
export function queryAsSuperuser<Row extends pg.QueryResultRow>(url: string, text: string): Promise<readonly Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(text)).rows);
}

/** Runs `work` in one transaction, which sees one state of the database. */
function inTransaction<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  return withClient(url, async (client) => {
    await client.query('begin isolation level repeatable read');
    const result = await work(client);
    await client.query('commit');
    return result;
  });
}

async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
