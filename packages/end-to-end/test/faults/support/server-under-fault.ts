import { existsSync, readFileSync } from 'node:fs';
import { type Server, type ServerProcess, startServer } from '@aipassport/launcher';
import type { FaultLine } from './fault-line.js';

/** One server process with its own fault line to the database, and functions that kill, stop or restart it. */
export class ServerUnderFault {
  readonly port: number;
  readonly url: string;
  readonly databaseLine: FaultLine;
  readonly #server: Server;
  #process: ServerProcess | undefined;
  #earlierOutput = '';
  /** The number of times that `supervise` has restarted the server. */
  restarts = 0;

  constructor(server: Server, port: number, databaseLine: FaultLine) {
    this.#server = server;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.databaseLine = databaseLine;
  }

  /** @param environment variables for this run only */
  async start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#earlierOutput = this.output();
    this.#process = startServer({ ...this.#server, environment: { ...this.#server.environment, ...environment } });
    await this.#process.ready;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error(`${this.#server.name} does not run`);
    return pid;
  }

  signal(name: NodeJS.Signals): void {
    try {
      process.kill(this.pid, name);
    } catch {
      // the process has already ended
    }
  }

  /** Kills the server with SIGKILL and waits until it has ended. */
  async kill(): Promise<void> {
    const { ended } = this.#running();
    this.signal('SIGKILL');
    await ended;
  }

  /** Resolves when the server has ended, in any way. */
  get ended(): Promise<string> {
    return this.#running().ended;
  }

  /** Restarts the server whenever it ends, as container engines do, until the test stops supervising. */
  async supervise(
    isWanted: () => boolean,
    environment: () => Readonly<Record<string, string>> = () => ({}),
  ): Promise<void> {
    while (isWanted()) {
      await this.ended;
      if (!isWanted()) return;
      this.restarts += 1;
      // a process that ends before it is ready is restarted too
      await this.start(environment()).catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }

  /** The whole output of the server since its first start. */
  output(): string {
    const { logFile } = this.#server;
    return this.#earlierOutput + (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  }

  /** Resident memory, in megabytes. */
  memoryMegabytes(): number {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes) / 1024;
  }

  #running(): ServerProcess {
    if (this.#process === undefined) throw new Error(`${this.#server.name} does not run`);
    return this.#process;
  }
}
