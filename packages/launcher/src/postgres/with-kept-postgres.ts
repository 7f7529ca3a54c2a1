import { keepRunning, type Running } from '../start/keep-running.js';
import { type Postgres, type PostgresOptions, startPostgres } from './start-postgres.js';

export interface KeptPostgresOptions extends PostgresOptions {
  readonly logFile: string;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs PostgreSQL while the work runs. When PostgreSQL exits by itself, it is restarted on the same port, so that its
 * clients can reconnect.
 *
 * @param work gets the first PostgreSQL, and a promise that rejects when PostgreSQL cannot be kept running, or when the
 * signal is aborted
 */
export async function withKeptPostgres<T>(
  { logFile, print, signal, ...options }: KeptPostgresOptions,
  work: (postgres: Postgres, broken: Promise<never>) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const whileKept = AbortSignal.any([signal, ending.signal]);
  const first = await startPostgres({ ...options, signal });
  let current = Promise.resolve(first);
  const restart = async () => {
    current = startPostgres({ ...options, port: first.port, signal: whileKept });
    return observe(await current);
  };
  const broken = keepRunning(observe(first), { name: 'database', logFile, restart, print, signal: whileKept });
  broken.catch(() => undefined); // `broken` may reject before the work awaits it
  try {
    return await work(first, broken);
  } finally {
    ending.abort();
    // a restart that is still in progress has been aborted by `ending`
    const running = await current.catch(() => undefined);
    await running?.stop();
  }
}

function observe(postgres: Postgres): Running {
  return { ended: new Promise((resolve) => postgres.onExit(resolve)) };
}
