import { existsSync, readFileSync } from 'node:fs';
import { type Server, type ServerProcess, startServer } from '@aipassport/launcher';
import { createReplicaFetch, type Fetch } from './replica-fetch.js';

/** A replica of one of our servers, on its own port. It can be stopped and started again. */
export class Replica {
  readonly port: number;
  /** The URL of this replica. If the server checks the Host header, use `fetch` instead. */
  readonly url: string;
  /** The URL of its metrics; undefined if it serves none. */
  readonly metricsUrl: string | undefined;
  /** Sends a request with any http URL to this replica. */
  readonly fetch: Fetch;
  readonly #server: Server;
  readonly #closeFetch: () => Promise<void>;
  #process: ServerProcess | undefined;
  #earlierOutput = '';

  constructor(server: Server, port: number) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    const { fetch, close } = createReplicaFetch(port);
    this.fetch = fetch;
    const metricsPort = server.environment['METRICS_PORT'];
    this.metricsUrl = metricsPort === undefined ? undefined : `http://127.0.0.1:${metricsPort}/metrics`;
    this.#server = server;
    this.#closeFetch = close;
  }

  async start(): Promise<void> {
    this.#earlierOutput = this.output();
    this.#process = startServer(this.#server);
    await this.#process.ready;
  }

  /** Ends the process; `start` brings it back on the same port. */
  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error(`${this.#server.name} does not run`);
    return pid;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#closeFetch();
  }

  /** The whole output (stdout and stderr) of this replica since its first start. */
  output(): string {
    const { logFile } = this.#server;
    return this.#earlierOutput + (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  }
}
