// Starts one real PostgreSQL for the whole run, unless TEST_DATABASE_URL names one. Makes a migrated database there.
// Each test file makes its own database as a copy of that one.
import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Enough for the databases of the test files that run at the same time (scripts/test.mjs says how many), and for the
 * write-ahead log.
 */
const neededBytes = 4 * 2 ** 30;
/** Leaves enough memory for the tests themselves, which include a browser. */
const neededMemoryBytes = 2 * neededBytes;

export default async function startTestPostgres() {
  if (!process.env.TEST_DATABASE_URL) await startOwn();
  const { createTestTemplate } = await import('../../packages/store/dist/src/testing.js');
  process.env.TEST_DATABASE_TEMPLATE = await createTestTemplate(process.env.TEST_DATABASE_URL);
}

async function startOwn() {
  const { startPostgres } = await import('../../packages/launcher/dist/src/postgres/start-postgres.js');
  const directory = mkdtempSync(path.join(chooseParent(), 'aipassport-test-'));
  const postgres = await startPostgres({ directory, durable: false, maxConnections: 400, environment: fakeClock() });
  globalThis.testPostgres = { postgres, directory };
  process.env.TEST_DATABASE_URL = postgres.url;

  // jest does not call the teardown when a run is interrupted
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  process.once('exit', () => {
    if (!globalThis.testPostgres) return;
    // jest would catch an error that is thrown here, and go on with the tests without their database
    try {
      process.kill(postgres.pid, 'SIGQUIT');
      waitUntilGone(path.join(directory, 'postgres', 'postmaster.pid'));
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // PostgreSQL is already gone, or its files could not be removed and stay
    }
  });
}

/**
 * PostgreSQL gets nothing of this process's environment, except the clock that `faketime` has set for the whole run.
 * With another clock, it would disagree with the servers.
 */
function fakeClock() {
  const { LD_PRELOAD, FAKETIME } = process.env;
  return FAKETIME === undefined ? {} : { LD_PRELOAD, FAKETIME };
}

/** Files in memory are faster: a database consists of 300 files. */
function chooseParent() {
  try {
    const inMemory = '/dev/shm';
    accessSync(inMemory, constants.W_OK);
    const { bavail, bsize } = statfsSync(inMemory);
    if (bavail * bsize >= neededBytes && process.availableMemory() >= neededMemoryBytes) return inMemory;
  } catch {
    // there is no such directory, or it cannot be written to
  }
  return tmpdir();
}

/** Waits synchronously, because nothing asynchronous runs when a process exits. */
function waitUntilGone(file) {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; attempt < 60 && existsSync(file); attempt++) Atomics.wait(clock, 0, 0, 50);
}
