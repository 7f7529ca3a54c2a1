import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Deployment } from './deployment.js';

/** One of the operator's commands, as a process of its own, with the keys and the database of a deployment. */
export interface OperatorCommand {
  readonly child: ChildProcess;
  /** All that it printed, once it has ended well. Rejects with that when it ended otherwise. */
  readonly output: Promise<string>;
}

/** Begins a command about keys: `rotate-sealing-key` and its like. */
export function beginKeyCommand(
  { keyFiles, databaseUrl }: Pick<Deployment, 'keyFiles' | 'databaseUrl'>,
  args: readonly string[],
): OperatorCommand {
  const main = fileURLToPath(new URL('main.js', import.meta.resolve('@aipassport/launcher')));
  const directory = path.dirname(keyFiles.resourceProxy.directory);
  const child = spawn(process.execPath, [main, ...args, '--directory', directory], {
    env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl },
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
