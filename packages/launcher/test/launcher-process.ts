import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from '@jest/globals';
import { freePort } from '../src/free-port.js';

const program = fileURLToPath(new URL('../src/main.js', import.meta.url));
const readyMilliseconds = 40_000;

/** The data directory and the ports of one test. */
export type Place = Readonly<Record<string, string>>;

export interface Launcher {
  readonly pid: number;
  /** Everything that the launcher has printed so far. */
  output(): string;
  /** Resolves when the launcher says that everything runs. Rejects when it ends instead. */
  readonly ready: Promise<void>;
  readonly ended: Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the channel to the process, as happens when the process that started it ends. */
  disconnect(): void;
}

/** A data directory and ports for one test. The launcher gets no other environment variables. */
export async function makePlace(directory: string): Promise<Place> {
  const names = ['AUTHORIZATION_SERVER', 'RESOURCE_PROXY', 'DEMO_APP', 'SIMULATED_UPSTREAM'];
  const ports = new Set<number>();
  while (ports.size < names.length) ports.add(await freePort());
  const entries = [...ports].map((port, index) => [`${names[index]}_PORT`, String(port)]);
  return { AIPASSPORT_DATA: path.join(directory, 'data'), ...Object.fromEntries(entries) };
}

/**
 * @param afterwards when the processes that are left are killed: after each test, or after all tests of the group
 * @param command the arguments of Node.js
 * @returns a function that runs the command, by default `start`
 */
export function useLaunchers(
  afterwards: typeof afterEach = afterEach,
  command: () => readonly string[] = () => [program, 'start'],
): (place: Place) => Launcher {
  const children: ChildProcess[] = [];
  afterwards(() => {
    for (const { pid } of children.splice(0)) {
      if (pid === undefined) continue;
      for (const process of [pid, ...listDescendants(pid)]) killProcess(process);
    }
  });
  return (place) => {
    // with an IPC channel, as `npm start` opens one
    const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
    const child = spawn(process.execPath, command(), { env: { ...place }, stdio: [...stdio] });
    children.push(child);
    return observe(child);
  };
}

function observe(child: ChildProcess): Launcher {
  let output = '';
  const ended = new Promise<{ status: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (status, signal) => resolve({ status, signal }));
  });
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready:\n${output}`)), readyMilliseconds);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.includes('AIPassport runs')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    void ended.then(() => {
      clearTimeout(timer);
      reject(new Error(`ended before it was ready:\n${output}`));
    });
  });
  ready.catch(() => undefined); // a test may wait for `ended` only
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ready,
    ended,
    kill: (signal) => void child.kill(signal),
    disconnect: () => child.disconnect(),
  };
}

/** Runs one of the operator's commands until it ends. */
export function runCommand(place: Place, ...args: readonly string[]) {
  return spawnSync(process.execPath, [program, ...args], { env: { ...place }, encoding: 'utf8' });
}

/** The descendants of a process: its children, their children, and so on. */
export function listDescendants(pid: number): number[] {
  const children = readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) && readRelations(Number(name))?.parent === pid ? [Number(name)] : [],
  );
  return children.flatMap((child) => [child, ...listDescendants(child)]);
}

/** The ids of the parent and of the process group. Undefined when the process has ended. */
function readRelations(pid: number): { readonly parent: number; readonly group: number } | undefined {
  try {
    // "pid (name) state ppid pgrp ...": the name may contain any character, even parentheses
    const [, parent, group] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return { parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}

/** Interrupts a process and the descendants that are in its process group, as Ctrl-C in a terminal does. */
export function pressCtrlC(pid: number): void {
  const group = readRelations(pid)?.group;
  for (const one of [pid, ...listDescendants(pid)])
    if (readRelations(one)?.group === group) process.kill(one, 'SIGINT');
}

/** The program of a process with its arguments. */
export function readCommand(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}

export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // the process has ended
  }
}

/** A zombie counts as a process that has ended. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
