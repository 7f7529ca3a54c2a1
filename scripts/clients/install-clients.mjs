import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createEnvironment, root } from '../bootstrap/surroundings.mjs';
import { python, readPinned } from './pinned.mjs';

/** They are large, and some are not free software: they stay in this folder of the checkout. */
const cache = path.join(root, '.toolchain/clients');

/** What is installed for a tool, and the programs that do it. */
const installers = {
  npm: {
    list: (name, version) => [`${name}@${version}`],
    steps: (directory, wanted) => [['npm', 'install', '--no-audit', '--no-fund', '--prefix', directory, ...wanted]],
  },
  python: {
    list: (_name, requirements) => requirements,
    steps: (directory, wanted) => [
      [python, '-m', 'venv', directory],
      [path.join(directory, 'bin/python'), '-m', 'pip', 'install', '--quiet', ...wanted],
    ],
  },
};

/**
 * Installs each tool in a folder of its own, for their needs contradict each other. What is there already is kept.
 *
 * @returns by the kind and name of a tool (`npm/opencode-ai`), its folder, or why there is none
 */
export function installClients() {
  const pinned = readPinned();
  const all = Object.keys(installers).flatMap((kind) =>
    Object.entries(pinned[kind]).map(([name, version]) => [`${kind}/${name}`, installOne(kind, name, version)]),
  );
  return Object.fromEntries(all);
}

function installOne(kind, name, version) {
  const { list, steps } = installers[kind];
  const wanted = list(name, version);
  const parent = path.join(cache, kind, name);
  const directory = path.join(parent, createHash('sha256').update(wanted.join()).digest('hex').slice(0, 12));
  if (existsSync(directory)) return { directory };
  process.stderr.write(`Install ${wanted.join(' ')} ... `);
  const startedAt = performance.now();
  rmSync(parent, { recursive: true, force: true }); // older versions
  mkdirSync(parent, { recursive: true });
  const unfinished = mkdtempSync(path.join(parent, 'unfinished-'));
  for (const [program, ...args] of steps(unfinished, wanted)) {
    const { status, stderr, error } = spawnSync(program, args, { env: createEnvironment(), encoding: 'utf8' });
    if (status === 0) continue;
    rmSync(parent, { recursive: true, force: true });
    const missing = error?.message ?? (stderr.trim().split('\n').at(-1) || `${program} failed`);
    process.stderr.write(`${missing}\n`);
    return { missing };
  }
  renameSync(unfinished, directory);
  process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
  return { directory };
}
