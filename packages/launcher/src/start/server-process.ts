import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readLogEnd } from './read-log-end.js';

/** One of our servers: its program, its settings, and the URL that shows whether it is up. */
export interface Server {
  readonly name: string;
  /** A module that listens when it runs. */
  readonly module: string;
  /** All settings of the server. The launcher's own environment is not added. SECRET. */
  readonly environment: Readonly<Record<string, string>>;
  /** The maximum heap size; undefined: the default of Node.js. */
  readonly heapMegabytes?: number | undefined;
  readonly healthUrl: string;
  readonly logFile: string;
}

export interface ServerProcess {
  /** undefined when the process could not be started. */
  readonly pid: number | undefined;
  /** Resolves when the server answers at its health URL. Rejects when it ended, or does not answer within 30 s. */
  readonly ready: Promise<void>;
  /** Resolves with a description when the server has ended or could not be started. */
  readonly ended: Promise<string>;
  isRunning(): boolean;
  /** Asks the server to end, and kills it if it has not ended after 5 s. The kill cuts requests that are still open. */
  stop(): Promise<void>;
}

/**
 * Each half (semi-space) of the young generation of the heap has up to 16 MB. If it were smaller, the objects of a
 * request that waits for the database would be copied by several garbage collections. Node.js itself chooses 16 MB on a
 * machine with enough memory. The Dockerfile has the same settings.
 */
const nodeOptions = ['--enable-source-maps', '--max-semi-space-size=16'];
/**
 * With these settings glibc returns freed large buffers to the system. By default glibc may keep some hundred
 * megabytes. The Dockerfile has the same settings.
 */
const allocatorSettings = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '2' };
const readyMilliseconds = 30_000;
/**
 * The proxy gives streams one second to end, and then takes up to two seconds to write its last settlements. If it is
 * killed earlier, requests that are still open are charged in full.
 */
const politeStopMilliseconds = 5_000;

/**
 * Starts one server as a separate process that writes to its log file. The log of the previous run is kept beside it.
 *
 * @param isRestart whether this is a restart within the same run, which appends to the log
 */
export function startServer(server: Server, { isRestart = false } = {}): ServerProcess {
  const log = isRestart ? openSync(server.logFile, 'a', 0o600) : openNewLog(server.logFile);
  const { heapMegabytes } = server;
  const heapOptions = heapMegabytes === undefined ? [] : [`--max-old-space-size=${heapMegabytes}`];
  const child = spawn(
    process.execPath,
    [...nodeOptions, ...heapOptions, fileURLToPath(import.meta.resolve(server.module))],
    {
      env: { ...allocatorSettings, ...server.environment },
      // when this channel closes, the server learns that the launcher has died, even after `kill -9`
      stdio: ['ignore', log, log, 'ipc'],
      // The server has its own process group. Ctrl-C reaches only the launcher, which stops the programs in order.
      detached: true,
    },
  );
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended (${code ?? signal})`));
  });
  return {
    pid: child.pid,
    ready: Promise.race([waitForHealth(server, ended), ended.then((why) => failToStart(server, why))]),
    ended,
    isRunning: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    stop: () => stop(child, ended),
  };
}

function openNewLog(file: string): number {
  try {
    renameSync(file, `${file}.previous`);
  } catch {
    // the first run has no older log
  }
  return openSync(file, 'a', 0o600);
}

/**
 * Waits until the server answers at its health URL. The wait also ends when the server has ended, because a longer wait
 * would keep the launcher running.
 */
async function waitForHealth(server: Server, ended: Promise<unknown>): Promise<void> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (const end = Date.now() + readyMilliseconds; Date.now() < end && !isOver; await sleep(50)) {
    const isHealthy = await fetch(server.healthUrl, { signal: AbortSignal.timeout(2000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (isHealthy) return;
  }
  failToStart(server, `it does not answer at ${server.healthUrl}`);
}

function failToStart({ name, logFile }: Server, why: string): never {
  throw new Error(`The ${name} did not start: ${why}. ${readLogEnd(logFile)}`);
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), politeStopMilliseconds);
  await ended;
  clearTimeout(timer);
}
