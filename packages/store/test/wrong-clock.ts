import { sql } from 'kysely';
import { type Database, openDatabase } from '../src/index.js';
import type { TestDatabase } from '../src/testing.js';

export interface WrongClock {
  /** Connections on which the clock of the test applies. */
  readonly db: Database;
  /** Sets how much the clock is ahead, as a PostgreSQL interval. */
  readonly set: (ahead: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Replaces PostgreSQL's clock with one of the test: every call of `now()` returns the test's time. */
export async function createWrongClock(test: TestDatabase): Promise<WrongClock> {
  const path = 'public, pg_catalog, pg_temp';
  await sql`create table wrong_clock (ahead interval not null)`.execute(test.db);
  await sql`insert into wrong_clock values ('0')`.execute(test.db);
  await sql`grant select on wrong_clock to public`.execute(test.db);
  await sql`
    create function public.now() returns timestamptz language sql stable as
    'select pg_catalog.now() + ahead from wrong_clock'`.execute(test.db);
  await sql`
    do $$ declare each record; begin
      execute format('alter database %I set search_path = ${sql.raw(path)}', current_database());
      for each in
        select oid::regprocedure as name from pg_proc
        where pronamespace = 'public'::regnamespace and array_to_string(proconfig, ',') like '%search_path%'
      loop
        execute format('alter function %s set search_path = ${sql.raw(path)}', each.name);
      end loop;
    end $$`.execute(test.db);
  const db = openDatabase({ url: test.url, applicationName: 'test', maxConnections: 5 });
  const set = async (ahead: string) => {
    await sql`update wrong_clock set ahead = ${ahead}::interval`.execute(test.db);
  };
  return { db, set, close: () => db.destroy() };
}
