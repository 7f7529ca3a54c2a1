import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@aipassport/launcher';

/** One port for each server. The ports were free when the test looked for them. */
export type Ports = Readonly<
  Record<'AUTHORIZATION_SERVER' | 'RESOURCE_PROXY' | 'DEMO_APP' | 'SIMULATED_UPSTREAM', number>
>;

export async function findPorts(): Promise<Ports> {
  const [AUTHORIZATION_SERVER = 0, RESOURCE_PROXY = 0, DEMO_APP = 0, SIMULATED_UPSTREAM = 0] = await Promise.all(
    Array.from({ length: 4 }, freePort),
  );
  return { AUTHORIZATION_SERVER, RESOURCE_PROXY, DEMO_APP, SIMULATED_UPSTREAM };
}

const readyMilliseconds = 60_000;
const lateMilliseconds = 10_000;

/** Makes an empty data directory for starts. */
export function makeDataDirectory(): string {
  return mkdtempSync(path.join(tmpdir(), 'aipassport-start-'));
}

/** Ends a PostgreSQL that a killed start left running in the directory, and removes the directory. */
export function removeDataDirectory(directory: string): void {
  const pidFile = path.join(directory, 'postgres', 'postmaster.pid');
  if (existsSync(pidFile)) {
    const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    try {
      process.kill(pid, 'SIGQUIT');
    } catch {
      // the process has ended already
    }
  }
  rmSync(directory, { recursive: true, force: true });
}

/** The program that `npm start` runs after installing and compiling, on the test's own data directory. */
export class LaunchedStart {
  readonly issuer: string;
  readonly resourceProxyUrl: string;
  readonly demoAppUrl: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #output = '';

  private constructor(directory: string, ports: Ports) {
    this.issuer = `http://localhost:${ports.AUTHORIZATION_SERVER}`;
    this.resourceProxyUrl = `http://localhost:${ports.RESOURCE_PROXY}`;
    this.demoAppUrl = `http://127.0.0.1:${ports.DEMO_APP}`;
    const portVariables = Object.entries(ports).map(([name, port]) => [`${name}_PORT`, String(port)]);
    this.#child = spawn(
      process.execPath,
      [fileURLToPath(new URL('main.js', import.meta.resolve('@aipassport/launcher'))), 'start'],
      {
        env: { PATH: process.env['PATH'], AIPASSPORT_DATA: directory, ...Object.fromEntries(portVariables) },
        // the channel closes when the test ends, which ends the start
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', resolve);
    });
  }

  /** @throws with its output, if it ends before it is ready or is not ready in time */
  static async begin(directory: string, ports: Ports): Promise<LaunchedStart> {
    const start = new LaunchedStart(directory, ports);
    const ready = new Promise<void>((resolve) => {
      start.#child.stdout?.on('data', () => /ready in [\d.]+ s/.test(start.#output) && resolve());
    });
    const late = new Promise<string>((resolve) => setTimeout(resolve, readyMilliseconds, 'too late').unref());
    const failure = await Promise.race([ready, start.#ended.then((code) => `it ended (${code})`), late]);
    if (failure === undefined) return start;
    await start.interrupt();
    throw new Error(`${failure}:\n${start.#output}`);
  }

  get output(): string {
    return this.#output;
  }

  /** Sends SIGINT, as Ctrl-C does. @returns the exit code and how long the process took to end */
  async interrupt(): Promise<{ readonly exitCode: number | null; readonly milliseconds: number }> {
    const startedAt = performance.now();
    this.#child.kill('SIGINT');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), lateMilliseconds);
    const exitCode = await this.#ended;
    clearTimeout(late);
    return { exitCode, milliseconds: performance.now() - startedAt };
  }

  /** Kills it with SIGKILL, so that it cannot clean up. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
