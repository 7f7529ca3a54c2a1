import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort, type KeyFiles } from '@aipassport/launcher';
import { buildServerEnvironments } from './server-environments.js';
import { waitUntil } from './wait-until.js';

export type ServerKind = 'authorization-server' | 'resource-proxy';

export interface AloneOptions {
  readonly keyFiles: KeyFiles;
  readonly environment?: Readonly<Record<string, string>>;
  /** A command that replaces itself with the server (`exec`). */
  readonly before?: readonly string[];
}

export interface AloneServer {
  readonly child: ChildProcess;
  readonly output: () => string;
}

/**
 * Starts one server as a container does: without the launcher and without a database. It waits for the database,
 * listens, and refuses every request. The caller must kill it.
 */
export async function startAlone(kind: ServerKind, options: AloneOptions): Promise<AloneServer> {
  const { keyFiles, environment = {}, before = [] } = options;
  const nowhere = 'postgres://nobody@127.0.0.1:1/nothing';
  const environments = buildServerEnvironments({
    issuer: 'http://127.0.0.1:4000',
    resourceProxyUrl: 'http://127.0.0.1:4100',
    databaseUrls: { 'authorization-server': nowhere, 'resource-proxy': nowhere },
    keyFiles,
    upstreamUrl: 'http://127.0.0.1:9',
    hasOperatorKeys: false,
  });
  const port = await freePort();
  const main = fileURLToPath(import.meta.resolve(`@aipassport/${kind}/main`));
  const [command, ...args] = [...before, process.execPath, main];
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], ...environments[kind], PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const listens = () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      () => true,
      () => false,
    );
  await waitUntil(listens, 'it listens', 40_000);
  return { child, output: () => output };
}
