import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../../test/clients/python/', import.meta.url));
const requirements = path.join(folder, 'requirements.txt');
/** Outside of the sources, and kept: installing takes a while. */
const environment = fileURLToPath(new URL('../../../../node_modules/.cache/python-clients', import.meta.url));
const python = path.join(environment, 'bin/python');

/**
 * Makes a Python environment with the libraries that are pinned, where it is not there yet.
 * @returns why there is none; undefined when there is
 */
export function preparePython(): string | undefined {
  if (process.env['CLIENTS'] !== 'all') return 'run npm run test:clients';
  const wanted = readFileSync(requirements, 'utf8');
  const mark = path.join(environment, 'installed.txt');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return undefined;
  mkdirSync(path.dirname(environment), { recursive: true });
  if (spawnSync('python3', ['-m', 'venv', '--clear', environment]).status !== 0) return 'there is no Python 3 here';
  const installing = ['-m', 'pip', '--quiet', '--disable-pip-version-check', 'install', '-r', requirements];
  if (spawnSync(python, installing, { timeout: 300_000 }).status !== 0) return 'the libraries cannot be installed';
  writeFileSync(mark, wanted);
  return undefined;
}

/** Runs a program of the folder, sends its owner where it says, and returns the last line that it prints. */
export async function runPython(args: readonly string[], sendOwner: (url: URL) => Promise<URL>): Promise<unknown> {
  const child = spawn(python, [path.join(folder, 'oauth_clients.py'), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (line.startsWith('http')) child.stdin.end(`${(await sendOwner(new URL(line))).href}\n`);
  }
  return JSON.parse(last);
}
