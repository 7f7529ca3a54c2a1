import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Deployment } from './deployment.js';

/** An operator's command that runs as its own process, with the keys and the database of a deployment. */
export interface OperatorCommand {
  readonly child: ChildProcess;
  /** Resolves with its output if it succeeds. Rejects with its output if it fails. */
  readonly output: Promise<string>;
}

/** Starts a key command, such as `rotate-sealing-key`. */
export function beginKeyCommand(
  { keyFiles, databaseUrl }: Pick<Deployment, 'keyFiles' | 'databaseUrl'>,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): OperatorCommand {
  const directory = path.dirname(keyFiles.resourceProxy.directory);
  return beginCommand(databaseUrl, [...args, '--directory', directory], variables);
}

/** Starts a command that needs only the database, and perhaps further environment variables. */
export function beginCommand(
  databaseUrl: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): OperatorCommand {
  const main = fileURLToPath(new URL('main.js', import.meta.resolve('@aipassport/launcher')));
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  const output = new Promise<string>((resolve, reject) => {
    child.once('close', (code, signal) =>
      code === 0 ? resolve(printed) : reject(new Error(`${args.join(' ')} ended with ${code ?? signal}:\n${printed}`)),
    );
  });
  return { child, output };
}
