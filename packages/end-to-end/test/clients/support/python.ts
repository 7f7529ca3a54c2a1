import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../../../test/clients/python/oauth_clients.py', import.meta.url));

/**
 * Runs the Python program that uses an OAuth library of Python. When it prints an address for the owner, `sendOwner`
 * opens that address, and the program gets the address to which the owner came back.
 *
 * @param directory the directory of a Python environment that has the library
 * @returns the last line that the program prints, parsed as JSON
 */
export async function runPython(
  directory: string,
  args: readonly string[],
  sendOwner: (url: URL) => Promise<URL>,
): Promise<unknown> {
  const child = spawn(path.join(directory, 'bin/python'), [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (line.startsWith('http')) child.stdin.end(`${(await sendOwner(new URL(line))).href}\n`);
  }
  return JSON.parse(last);
}
