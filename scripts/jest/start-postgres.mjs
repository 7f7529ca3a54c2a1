// One real PostgreSQL for the whole run, unless TEST_DATABASE_URL names one; each test file makes its own database in it.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export default async function startTestPostgres() {
  if (process.env.TEST_DATABASE_URL) return;
  const { startPostgres } = await import('../../packages/launcher/dist/src/postgres/start-postgres.js');
  const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-test-'));
  const postgres = await startPostgres({ directory, durable: false, maxConnections: 400 });
  globalThis.testPostgres = { postgres, directory };
  process.env.TEST_DATABASE_URL = postgres.url;

  // a run that is interrupted never reaches the teardown
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  process.once('exit', () => {
    if (!globalThis.testPostgres) return;
    // what is thrown here would be caught by jest, which would go on without its database
    try {
      process.kill(postgres.pid, 'SIGQUIT');
      waitUntilGone(path.join(directory, 'postgres', 'postmaster.pid'));
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // it is gone already, or its files are left to the temporary directory
    }
  });
}

/** At the end of a process nothing asynchronous happens any more. */
function waitUntilGone(file) {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; attempt < 60 && existsSync(file); attempt++) Atomics.wait(clock, 0, 0, 50);
}
