// One real PostgreSQL for the whole run, unless TEST_DATABASE_URL names one. Each test file makes its own database in it,
// as a copy of one that is migrated here.
import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The databases of two test files at a time, and the log of their changes. */
const neededBytes = 4 * 2 ** 30;
/** So that the tests themselves, a browser among them, keep enough. */
const neededMemoryBytes = 2 * neededBytes;

export default async function startTestPostgres() {
  if (!process.env.TEST_DATABASE_URL) await startOwn();
  const { createTestTemplate } = await import('../../packages/store/dist/src/testing.js');
  process.env.TEST_DATABASE_TEMPLATE = await createTestTemplate(process.env.TEST_DATABASE_URL);
}

async function startOwn() {
  const { startPostgres } = await import('../../packages/launcher/dist/src/postgres/start-postgres.js');
  const directory = mkdtempSync(path.join(chooseParent(), 'aipassport-test-'));
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

/** Files in memory are faster: a database consists of 300. */
function chooseParent() {
  try {
    const inMemory = '/dev/shm';
    accessSync(inMemory, constants.W_OK);
    const { bavail, bsize } = statfsSync(inMemory);
    if (bavail * bsize >= neededBytes && process.availableMemory() >= neededMemoryBytes) return inMemory;
  } catch {
    // there is none
  }
  return tmpdir();
}

/** At the end of a process nothing asynchronous happens any more. */
function waitUntilGone(file) {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; attempt < 60 && existsSync(file); attempt++) Atomics.wait(clock, 0, 0, 50);
}
