import { type ChildProcess, spawn } from 'node:child_process';
import { waitUntil } from './wait-until.js';

/** A running program of the client guide. The test acts as the reader. */
export class GuideRun {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #output = '';

  constructor(command: readonly string[], environment: Readonly<Record<string, string>>) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', resolve);
    });
    void this.#ended.then(() => {
      this.#output += '\n(it ended)';
    });
  }

  /** @returns the address that the reader is told to open */
  async readAuthorizationUrl(): Promise<URL> {
    const find = () => /^(http\S+)\s*$/m.exec(this.#output)?.[1];
    const isPrinted = () => find() !== undefined || this.#output.endsWith('(it ended)');
    // the program loads the libraries of three vendors and registers a client
    await waitUntil(isPrinted, 'an address is printed', 30_000);
    const url = find();
    if (url === undefined) throw new Error(`no address was printed:\n${this.#output}`);
    return new URL(url);
  }

  /** Types a line into the program, and ends its input. */
  type(line: string): void {
    this.#child.stdin?.end(`${line}\n`);
  }

  /** @returns the program's output @throws if the program failed */
  async finish(): Promise<string> {
    const code = await this.#ended;
    if (code !== 0) throw new Error(`it ended with ${code}:\n${this.#output}`);
    return this.#output;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
