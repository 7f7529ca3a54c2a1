import { type Postgres, type PostgresOptions, startPostgres } from './start-postgres.js';

/** Runs PostgreSQL while the work runs. */
export async function withPostgres<T>(options: PostgresOptions, work: (postgres: Postgres) => Promise<T>): Promise<T> {
  const postgres = await startPostgres(options);
  try {
    return await work(postgres);
  } finally {
    await postgres.stop();
  }
}
