import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Postgres, startPostgres } from '@aipassport/launcher';
import { ask, formatConnection, makeStandbyDirectory, requireStandbys, waitUntilSent } from './standby.js';

export interface PostgresUnderFaultOptions {
  readonly maxConnections?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, string>>;
}

export interface StandbyOptions {
  /** By default any free port. */
  readonly port?: number;
  /** The port at which the standby reaches this PostgreSQL. By default the port on which this PostgreSQL listens. */
  readonly sourcePort?: number;
}

const standbyName = 'standby';

/** The test's own PostgreSQL, as durable as in production. A test can kill it and restart it on the same port. */
export class PostgresUnderFault {
  readonly #directory: string;
  readonly #options: PostgresUnderFaultOptions;
  #postgres: Postgres;

  private constructor(directory: string, options: PostgresUnderFaultOptions, postgres: Postgres) {
    this.#directory = directory;
    this.#options = options;
    this.#postgres = postgres;
  }

  static async start(options: PostgresUnderFaultOptions = {}): Promise<PostgresUnderFault> {
    const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-faults-'));
    const postgres = await startPostgres({ directory, durable: true, ...options });
    return new PostgresUnderFault(directory, options, postgres);
  }

  /** SECRET: holds the password. */
  get url(): string {
    return this.#postgres.url;
  }

  get port(): number {
    return this.#postgres.port;
  }

  /** Starts a standby: a copy of this PostgreSQL's files, to which it sends its changes. */
  async startStandby({ port, sourcePort = this.port }: StandbyOptions = {}): Promise<PostgresUnderFault> {
    const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-faults-'));
    await makeStandbyDirectory({ url: this.url, from: this.#directory, to: directory });
    const source = new URL(this.url);
    source.port = String(sourcePort);
    const settings = { ...this.#options.settings, primary_conninfo: formatConnection(source, standbyName) };
    const options = { ...this.#options, settings };
    const postgres = await startPostgres({ directory, durable: true, port, ...options });
    return new PostgresUnderFault(directory, options, postgres);
  }

  /**
   * Makes each commit wait until the standby has it on its disk. Waits until the standby has all earlier commits.
   */
  async requireStandby(): Promise<void> {
    await requireStandbys(this.url, [standbyName]);
  }

  /** Waits until its asynchronous standby has everything that is committed now. */
  async waitUntilSent(): Promise<void> {
    await waitUntilSent(this.url, 'async');
  }

  /** Makes this standby the primary. The old primary must be dead. */
  async promote(): Promise<void> {
    await ask(this.url, 'select pg_promote()');
  }

  /** Kills PostgreSQL's main process and all its children with SIGKILL, so that they write nothing more. */
  async killAll(): Promise<void> {
    const pids = [this.#postgres.pid, ...listChildren(this.#postgres.pid)];
    for (const pid of pids) sendSignal(pid, 'SIGKILL');
    for (const pid of pids) await waitUntilGone(pid);
  }

  /**
   * Ends the server as `pg_ctl stop` does: `fast` breaks connections and writes a checkpoint, `immediate` writes none.
   */
  async end(mode: 'fast' | 'immediate'): Promise<void> {
    sendSignal(this.#postgres.pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await waitUntilGone(this.#postgres.pid);
  }

  async startAgain(): Promise<void> {
    this.#postgres = await startPostgres({
      directory: this.#directory,
      durable: true,
      port: this.port,
      ...this.#options,
    });
  }

  async stop(): Promise<void> {
    await this.#postgres.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function listChildren(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => readStatus(pid)?.parent === parent);
}

/** @returns undefined when there is no such process */
function readStatus(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    // skip the name: it is in parentheses and may contain any character
    const [state = '', parent] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // the process has just ended
  }
}

async function waitUntilGone(pid: number): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end; ) {
    const status = readStatus(pid);
    if (status === undefined || status.state === 'Z') return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`process ${pid} does not end`);
}
