import { spawn } from 'node:child_process';

export interface Program {
  readonly command: readonly string[];
  readonly directory: string;
  /** Its environment variables besides PATH. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A program that runs longer is killed, because it probably hangs. */
const limitMilliseconds = 180_000;

/**
 * Runs a program until it ends.
 * @returns its standard output
 * @throws an error with its standard output and standard error if it fails or runs too long
 */
export function runProgram({ command, directory, environment }: Program): Promise<string> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: directory,
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMilliseconds,
      killSignal: 'SIGKILL',
    });
    let printed = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(printed);
      else reject(new Error(`${program} ended with ${signal ?? code}: ${printed}${said}`));
    });
  });
}
