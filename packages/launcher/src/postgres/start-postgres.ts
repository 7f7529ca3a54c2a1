import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.js';
import { clearLeftovers } from './clear-leftovers.js';
import { createCluster } from './create-cluster.js';
import { findBinaries } from './find-binaries.js';
import { dataArgument, decideRunAs, postgresEnvironment, type RunAs } from './run-as.js';

export interface PostgresOptions {
  /**
   * Contains the cluster and its password, which are made if there is no cluster. The caller holds the lock of the
   * directory.
   */
  readonly directory: string;
  /** false: no fsync, for tests */
  readonly durable: boolean;
  /** undefined: any free port */
  readonly port?: number | undefined;
  readonly maxConnections?: number;
  /** The start fails after this time without a line from PostgreSQL. The default is 5 minutes. */
  readonly maxSilenceMilliseconds?: number;
  /** Configuration parameters by name. All other parameters keep their defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: (line: string) => void;
  /** Aborts the start. To end a PostgreSQL that runs, use `stop`. */
  readonly signal?: AbortSignal | undefined;
  /** Added to the environment of the PostgreSQL server. Tests use it for a clock that shows another time. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A running PostgreSQL. */
export interface Postgres {
  /** SECRET: contains the password. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /**
   * Ends within about 2.5 s. If PostgreSQL has not written all changes to its files when it ends, it recovers them from
   * its log at the next start.
   */
  stop(): Promise<void>;
  /** Calls back when PostgreSQL has ended although `stop` was not called. */
  onExit(listener: (why: string) => void): void;
}

const startMilliseconds = 15_000;
/** A recovery may take long. PostgreSQL writes a line every 10 s during most of it, but none during its checkpoint. */
const maxSilenceMilliseconds = 300_000;
const politeStopMilliseconds = 2500;
/** Turns off the settings that preserve acknowledged rows when the power fails or after `kill -9`. */
const notDurable = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
/**
 * Messages after which another attempt may succeed. The children of a killed postmaster may need a moment to end, or
 * another process may have taken the port.
 */
const worthRetrying = /pre-existing shared memory block|lock file "postmaster.pid"/;
const portTaken = /could not create any TCP\/IP sockets/;
/** A standby accepts only read-only connections. */
const ready = /ready to accept (read-only )?connections/;

/**
 * Starts the PostgreSQL of one data directory, and makes its cluster first if there is none.
 *
 * @throws when PostgreSQL ends before it is ready, writes nothing for 5 minutes before it is ready, or is not of the
 * major version of the data. After some messages the start is attempted again, but no attempt begins after about 15 s
 * @throws the signal's reason, when the start is aborted
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const log = options.log ?? (() => undefined);
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const directory = realpathSync(options.directory);
  const cluster = path.join(directory, 'postgres');
  const passwordFile = path.join(directory, 'postgres.password');
  const runAs = decideRunAs(cluster);
  const binaries = await findBinaries(runAs);
  if (!existsSync(cluster)) {
    const password = randomBytes(24).toString('base64url');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    await createCluster({ binaries, cluster, password, runAs, durable: options.durable, signal: options.signal });
  }
  const password = readFileSync(passwordFile, 'utf8');
  requireSameMajor(cluster, binaries, runAs);
  await clearLeftovers(cluster, log);

  const end = Date.now() + startMilliseconds;
  for (;;) {
    options.signal?.throwIfAborted();
    const port = options.port ?? (await freePort());
    const child = spawnPostgres({ binaries, cluster, runAs, port }, options);
    const giveUp = () => child.kill('SIGQUIT'); // immediate shutdown
    options.signal?.addEventListener('abort', giveUp, { once: true });
    const failure = await waitUntilReady(child, log, options.maxSilenceMilliseconds ?? maxSilenceMilliseconds);
    options.signal?.removeEventListener('abort', giveUp);
    if (failure === undefined) return createHandle(child, port, password);
    options.signal?.throwIfAborted();
    const retry = worthRetrying.test(failure) || (portTaken.test(failure) && options.port === undefined);
    if (!retry || Date.now() > end) throw new Error(`PostgreSQL did not start: ${failure}`);
    await sleep(300);
  }
}

interface Place {
  readonly binaries: string;
  readonly cluster: string;
  readonly runAs: RunAs;
  readonly port: number;
}

function spawnPostgres({ binaries, cluster, runAs, port }: Place, options: PostgresOptions): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: options.maxConnections ?? 100,
    ...(options.durable ? {} : notDurable),
    ...options.settings,
  };
  const settingArguments = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(path.join(binaries, 'bin/postgres'), ['-D', dataArgument(cluster, runAs), ...settingArguments], {
    ...runAs,
    env: { ...postgresEnvironment, ...options.environment },
    cwd: cluster,
    // PostgreSQL has its own process group. Ctrl-C reaches only the launcher, which stops the programs in order.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // PostgreSQL must not outlive this process, for instance when this process exits before PostgreSQL has stopped.
  const end = () => child.kill('SIGQUIT'); // immediate shutdown
  process.on('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

function requireSameMajor(cluster: string, binaries: string, runAs: RunAs): void {
  const dataMajor = readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8').trim();
  const options = { ...runAs, env: postgresEnvironment, cwd: '/', encoding: 'utf8' } as const;
  const version = spawnSync(path.join(binaries, 'bin/postgres'), ['--version'], options).stdout;
  const major = /\d+/.exec(version)?.[0];
  if (dataMajor !== major)
    throw new Error(
      `the data in ${cluster} is of PostgreSQL ${dataMajor}, this is PostgreSQL ${major ?? '(unknown)'}; dump and restore it, or move it away`,
    );
}

/**
 * Waits until PostgreSQL is ready. Ends it if it is silent for too long.
 * @returns undefined when PostgreSQL is ready; otherwise why it could not be run, or how it ended and what it wrote
 */
async function waitUntilReady(
  child: ChildProcess,
  log: (line: string) => void,
  maxSilence: number,
): Promise<string | undefined> {
  let silence: NodeJS.Timeout | undefined;
  const outcome = await new Promise<string | undefined>((resolve) => {
    let output = '';
    let isReady = false;
    silence = setTimeout(() => {
      resolve(`it was not ready and wrote nothing for ${maxSilence / 1_000} s\n${output}`);
    }, maxSilence);
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended (${code ?? signal})\n${output}`));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      for (const line of chunk.split('\n')) if (line !== '') log(line);
      if (isReady) return;
      silence?.refresh();
      output += chunk;
      isReady = ready.test(output);
      if (isReady) resolve(undefined);
    });
  });
  clearTimeout(silence);
  if (outcome !== undefined) await endAtOnce(child);
  return outcome;
}

/** Ends a PostgreSQL that did not become ready, even one that does not react. */
async function endAtOnce(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGQUIT'); // immediate shutdown
  await Promise.race([gone, sleep(politeStopMilliseconds)]);
  child.kill('SIGKILL');
}

function createHandle(child: ChildProcess, port: number, password: string): Postgres {
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  let isStopping = false;
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid: child.pid ?? 0,
    onExit(listener) {
      child.once('exit', (code, signal) => {
        if (!isStopping) listener(`PostgreSQL ended (${code ?? signal})`);
      });
    },
    async stop() {
      isStopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGINT'); // fast shutdown, with a checkpoint
      const timer = setTimeout(() => child.kill('SIGQUIT'), politeStopMilliseconds); // immediate shutdown
      await gone;
      clearTimeout(timer);
    },
  };
}
