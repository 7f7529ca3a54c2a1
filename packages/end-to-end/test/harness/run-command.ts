import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface CommandRun {
  readonly status: number | null;
  /** The result. */
  readonly stdout: string;
  /** Progress and errors. */
  readonly stderr: string;
}

/** Runs an operator's command to its end. Its environment has only `PATH` and `variables`. */
export async function runCommand(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  input = '',
): Promise<CommandRun> {
  const main = fileURLToPath(new URL('main.js', import.meta.resolve('@aipassport/launcher')));
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env['PATH'], ...variables } });
  const read = async (stream: NodeJS.ReadableStream) => {
    let text = '';
    for await (const chunk of stream.setEncoding('utf8')) text += String(chunk);
    return text;
  };
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  child.stdin.end(input);
  const [stdout, stderr, status] = await Promise.all([read(child.stdout), read(child.stderr), ended]);
  return { status, stdout, stderr };
}
