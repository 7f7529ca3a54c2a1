import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from '@aipassport/launcher';
import type { Deployment } from '../harness/deployment.js';
import { waitUntil } from '../harness/wait-until.js';

/** The path of a file of `examples/`. */
export const locateExample = (file: string): string =>
  fileURLToPath(new URL(`../../../../../examples/${file}`, import.meta.url));

/** A server of `examples/`, as a separate process. */
export interface ExampleServer {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Starts a server of `examples/`, and waits until it listens.
 *
 * @param register registers a client for the server's origin, and returns the environment variables of the client
 */
export async function startExample(
  program: string,
  { issuer, resourceProxyUrl }: Deployment,
  register: (origin: string) => Promise<Readonly<Record<string, string>>>,
): Promise<ExampleServer> {
  const port = String(await freePort());
  const origin = `http://localhost:${port}`;
  const own = { PORT: port, ORIGIN: origin, ISSUER: issuer, RESOURCE_PROXY_URL: resourceProxyUrl };
  const child: ChildProcess = spawn(process.execPath, [program], {
    env: { PATH: process.env['PATH'], ...own, ...(await register(origin)) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await waitUntil(() => output.includes(origin) || child.exitCode !== null, `${program} listens`, 30_000);
  if (child.exitCode !== null) throw new Error(`${program} ended: ${output}`);
  return {
    origin,
    close: async () => {
      if (child.exitCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}
