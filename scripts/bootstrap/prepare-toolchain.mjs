import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { runStep, StepFailure } from './run-step.mjs';
import { root, withoutNodeEnv } from './surroundings.mjs';

const neededMajor = 24;
const manifests = path.join(root, 'scripts/toolchain');
const home = path.join(root, '.toolchain');

/**
 * Makes Node 24 and pnpm available. Uses the running Node if it is new enough, or else one from npm. Packages from npm
 * are pinned by their hashes in scripts/toolchain/package-lock.json, and kept in .toolchain/ under the hash of that
 * file.
 *
 * @returns {{ node: string, pnpm: string, path: string[] }} the two programs, and the directories to put first on PATH
 */
export function prepareToolchain(environment) {
  const ownNodeIsEnough = Number(process.versions.node.split('.')[0]) >= neededMajor;
  if (!ownNodeIsEnough && !(process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)))
    throw new StepFailure(
      `Node ${neededMajor} or newer is needed and this is ${process.versions.node}. npm has no build of it for ${process.platform} ${process.arch}: please install it.`,
    );
  const lockHash = createHash('sha256')
    .update(readFileSync(path.join(manifests, 'package-lock.json')))
    .digest('hex');
  const directory = path.join(home, `${lockHash.slice(0, 12)}-${ownNodeIsEnough ? 'pnpm' : 'node'}`);
  if (!existsSync(directory)) install(directory, ownNodeIsEnough, environment);
  const bin = path.join(directory, 'node_modules/.bin');
  const node = ownNodeIsEnough ? process.execPath : path.join(bin, 'node');
  return {
    node,
    pnpm: path.join(directory, 'node_modules/pnpm/bin/pnpm.cjs'),
    path: [path.dirname(node), bin, path.join(root, 'node_modules/.bin')],
  };
}

/** The directory is complete or absent, because it is installed beside its final place and then renamed. */
function install(directory, ownNodeIsEnough, environment) {
  mkdirSync(home, { recursive: true });
  removeOlder(path.basename(directory).split('-')[0]);
  const unfinished = mkdtempSync(path.join(home, 'unfinished-'));
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(path.join(manifests, name), path.join(unfinished, name));
  const [program, ...npm] = findNpm();
  runStep(
    ownNodeIsEnough
      ? 'Get pnpm (once)'
      : `Get Node ${neededMajor} and pnpm from npm into .toolchain, since this is Node ${process.versions.node} (200 MB, once)`,
    program,
    [...npm, 'ci', '--no-audit', '--no-fund', ownNodeIsEnough ? '--omit=optional' : '--include=optional'],
    { cwd: unfinished, env: withoutNodeEnv(environment) },
  );
  if (!ownNodeIsEnough) requireRunning(path.join(unfinished, 'node_modules/.bin/node'));
  renameSync(unfinished, directory);
}

/**
 * Removes unfinished installations, and the toolchains of earlier releases except the newest one, because servers of
 * that release may still run. Keeps the toolchains of this release, also one for another Node.
 */
function removeOlder(currentHash) {
  const installedAt = (name) => statSync(path.join(home, name)).mtimeMs;
  const names = readdirSync(home);
  const [, ...older] = names
    .filter((name) => /^[0-9a-f]{12}-/.test(name) && !name.startsWith(currentHash))
    .sort((one, other) => installedAt(other) - installedAt(one));
  // only one set-up of a checkout runs at a time (takeTurn), so an unfinished directory is left over from a crash
  for (const name of [...older, ...names.filter((name) => name.startsWith('unfinished-'))])
    rmSync(path.join(home, name), { recursive: true, force: true });
}

/** The npm that started this process, if one did, or else the npm on PATH. */
function findNpm() {
  const started = process.env.npm_execpath ?? '';
  return started.endsWith('npm-cli.js') ? [process.execPath, started] : ['npm'];
}

function requireRunning(node) {
  const result = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (result.status !== 0)
    throw new StepFailure(
      `The Node ${neededMajor} from npm does not run here (${result.error?.message ?? result.stderr.trim()}): please install Node ${neededMajor} or newer.`,
    );
}
