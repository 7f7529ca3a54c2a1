import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { clearLeftovers } from '../src/postgres/clear-leftovers.js';
import { findOwnerByCommand } from '../src/postgres/find-owner.js';

let cluster: string;
let pidFile: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  cluster = path.join(mkdtempSync(path.join(tmpdir(), 'aipassport leftovers ')), 'data');
  mkdirSync(cluster);
  pidFile = path.join(cluster, 'postmaster.pid');
});
afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  child = undefined;
  rmSync(path.dirname(cluster), { recursive: true, force: true });
});

/** Starts a program of this name with these parameters, and writes its process id to postmaster.pid. */
async function run(name: string, ...parameters: readonly string[]): Promise<ChildProcess> {
  const program = path.join(path.dirname(cluster), name);
  writeFileSync(program, 'process.on("SIGINT", () => process.exit()); console.log("ready"); setInterval(() => 0, 1e3)');
  const started = spawn(process.execPath, [program, ...parameters]);
  child = started;
  await once(started.stdout, 'data');
  writeFileSync(pidFile, `${started.pid}\n${cluster}\n`);
  return started;
}

async function clear(find = findOwnerByCommand): Promise<readonly string[]> {
  const lines: string[] = [];
  await clearLeftovers(cluster, (line) => lines.push(line), find);
  return lines;
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

it('without /proc, a process is stopped if its command line has the program and the cluster', async () => {
  const server = await run('postgres', '-D', cluster, '-c', 'port=1');
  const ended = once(server, 'exit');
  expect(await clear()).toEqual([`stopping a PostgreSQL (process ${server.pid}) left over from an earlier run`]);
  expect(await ended).toEqual([0, null]);
  expect(existsSync(pidFile)).toBe(false);
});

it.each([
  ['another program', 'editor', []],
  ['the server of another cluster', 'postgres', ['-D', '/elsewhere']],
  ['the server of a cluster whose path begins like this one', 'postgres', ['-D', 'CLUSTER2']],
  ['another program that names the cluster', 'tar', ['-D', 'CLUSTER']],
] as const)('without /proc, a stale process id is not a reason to stop %s', async (_name, program, parameters) => {
  const other = await run(program, ...parameters.map((each) => each.replace('CLUSTER', cluster)));
  expect(await clear()).toEqual([]);
  expect(isRunning(other)).toBe(true);
  expect(existsSync(pidFile)).toBe(false);
});

it('if the system does not say which program a process is, nothing is stopped or removed, and the log says so', async () => {
  const some = await run('postgres', '-D', cluster);
  expect(await clear(() => 'unknown')).toEqual([
    `${pidFile} names process ${some.pid}, which may be a PostgreSQL or another program; it is not stopped`,
  ]);
  expect(isRunning(some)).toBe(true);
  expect(existsSync(pidFile)).toBe(true);
});

it('a postmaster.pid with a process id that no process has is removed', async () => {
  const ended = await run('postgres', '-D', cluster);
  const exit = once(ended, 'exit');
  ended.kill('SIGKILL');
  await exit;
  expect(await clear()).toEqual([]);
  expect(existsSync(pidFile)).toBe(false);
});
