import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createEnvironment, root } from '../bootstrap/surroundings.mjs';
import { go, ownClient, python, readPinned } from './pinned.mjs';

/** The tools are large, and some are not free software. They stay in this folder of the checkout. */
const cache = path.join(root, '.toolchain/clients');
/** How many tools are installed at the same time. They mostly wait for the network and the disk. */
const atATime = 3;
/** A tool that takes longer is skipped, so that a slow network does not hold up the run for hours. */
const limitMilliseconds = 10 * 60_000;

/** The commands that install the packages of a tool. pip gives up soon when its registry cannot be reached. */
const installers = {
  npm: (directory, packages) => [
    ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--prefix', directory, ...packages],
  ],
  python: (directory, packages) => [
    [python, '-m', 'venv', directory],
    [path.join(directory, 'bin/python'), '-m', 'pip', 'install', '-q', '--retries=1', '--timeout=15', ...packages],
  ],
  go: (directory, packages) => [
    [go, '-C', directory, 'mod', 'init', 'example'],
    [go, '-C', directory, 'get', ...packages],
    [go, '-C', directory, 'build', ...packages.map((requirement) => requirement.split('@')[0])],
  ],
};

/**
 * Installs each tool in a folder of its own, because their dependencies conflict. An existing folder is kept.
 *
 * @returns an object whose keys are the kinds and names of the tools (`npm/opencode`). Each value has the folder of the
 * tool, or the reason why the tool is missing
 */
export async function installClients() {
  const pinned = readPinned();
  const packed = await packOwnClient();
  const waiting = Object.keys(installers).flatMap((kind) =>
    Object.entries(pinned[kind]).map(([name, listed]) => {
      const packages = listed.map((requirement) => (requirement === ownClient ? packed : requirement));
      return { kind, name, packages };
    }),
  );
  const installed = {};
  const installNext = async () => {
    for (let tool = waiting.shift(); tool !== undefined; tool = waiting.shift())
      installed[`${tool.kind}/${tool.name}`] = await installOne(tool);
  };
  await Promise.all(Array.from({ length: atATime }, installNext));
  return installed;
}

/**
 * @returns the file of the packed library. Its name changes with its content, so that a changed library is installed
 * anew
 */
async function packOwnClient() {
  const directory = path.join(cache, 'packed');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const own = path.join(root, 'packages/client');
  const problem = await runInstaller(['pnpm', '--dir', own, 'pack', '--pack-destination', directory]);
  if (problem !== undefined) throw new Error(`${own} cannot be packed: ${problem}`);
  const file = path.join(directory, readdirSync(directory)[0]);
  const content = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
  const named = path.join(directory, `aipassport-client-${content}.tgz`);
  renameSync(file, named);
  return named;
}

async function installOne({ kind, name, packages }) {
  const parent = path.join(cache, kind, name);
  const directory = path.join(parent, createHash('sha256').update(packages.join()).digest('hex').slice(0, 12));
  if (existsSync(directory)) return { directory };
  const startedAt = performance.now();
  rmSync(parent, { recursive: true, force: true }); // older versions
  mkdirSync(parent, { recursive: true });
  const unfinished = mkdtempSync(path.join(parent, 'unfinished-'));
  for (const command of installers[kind](unfinished, packages)) {
    const missing = await runInstaller(command);
    if (missing === undefined) continue;
    rmSync(parent, { recursive: true, force: true });
    console.error(`Not installed: ${packages.join(' ')} (${missing})`);
    return { missing };
  }
  renameSync(unfinished, directory);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.error(`Installed ${packages.join(' ')} ... ${seconds} s`);
  return { directory };
}

/** @returns undefined on success, or the reason of the failure */
function runInstaller([program, ...args]) {
  const child = spawn(program, args, {
    env: createEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMilliseconds,
    killSignal: 'SIGKILL',
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else if (signal !== null) resolve(`ended by ${signal}; the time limit is ${limitMilliseconds / 60_000} minutes`);
      else resolve(findReason(said) || `${program} failed`);
    });
  });
}

/** The first two lines that npm or pip mark as errors, or else the first two lines. */
function findReason(said) {
  const lines = said.trim().split('\n');
  const errors = lines.filter((line) => /^(npm error|ERROR:)/.test(line));
  return (errors.length > 0 ? errors : lines).slice(0, 2).join(' ');
}
