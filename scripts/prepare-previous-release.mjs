// Builds the previous release for the test that runs it beside this one, and prints its directory.
// packages/store/release.json says which release that is. It is built once, atomically, under .toolchain/. Without a
// git directory, as in an unpacked archive, it prints nothing. Any other problem is an error.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runStep, StepFailure } from './bootstrap/run-step.mjs';
import { createEnvironment, root, withoutNodeEnv } from './bootstrap/surroundings.mjs';
import { takeTurn } from './bootstrap/take-turn.mjs';

const { commit } = JSON.parse(readFileSync(path.join(root, 'packages/store/release.json'), 'utf8')).previous;
const home = path.join(root, '.toolchain');
const directory = path.join(home, `release-${commit}`);
const fetchMilliseconds = 120_000;
const environment = { ...withoutNodeEnv(createEnvironment()), GIT_TERMINAL_PROMPT: '0' };
// git sets these for its hooks, and a hook may run the tests
for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) delete environment[name];

try {
  if (existsSync(path.join(root, '.git'))) {
    const endTurn = await takeTurn();
    if (!existsSync(directory)) make();
    endTurn();
    console.log(directory);
  }
} catch (error) {
  if (!(error instanceof StepFailure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function make() {
  requireCommit();
  mkdirSync(home, { recursive: true });
  const unfinished = mkdtempSync(path.join(home, 'unfinished-'));
  try {
    const index = { env: { ...environment, GIT_INDEX_FILE: path.join(unfinished, 'index') } };
    const sources = path.join(unfinished, 'release');
    runGit(['read-tree', commit], index);
    runGit(['checkout-index', '--all', `--prefix=${sources}${path.sep}`], index);
    const inside = { cwd: sources, env: { ...environment, CI: 'true' } };
    const filters = ['--filter', 'aipassport', '--filter', '@aipassport/launcher...'];
    runStep(
      'Install the previous release',
      'pnpm',
      ['install', '--frozen-lockfile', '--prefer-offline', ...filters],
      inside,
    );
    const compiler = path.join(sources, 'node_modules/typescript/bin/tsc');
    runStep('Compile the previous release', process.execPath, [compiler, '-b', 'packages/launcher'], inside);
    for (const name of readdirSync(home).filter((one) => one.startsWith('release-')))
      rmSync(path.join(home, name), { recursive: true, force: true });
    renameSync(sources, directory);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** A shallow clone does not have the commit, so it is fetched from the clone's origin. */
function requireCommit() {
  if (runGit(['cat-file', '-e', `${commit}^{commit}`], { mayFail: true }).status === 0) return;
  const { status, stderr } = runGit(['fetch', '--no-tags', '--depth=1', 'origin', commit], {
    mayFail: true,
    timeout: fetchMilliseconds,
  });
  if (status !== 0)
    throw new StepFailure(
      `The previous release is the commit ${commit} (packages/store/release.json). This clone does not have it, and it cannot be fetched: ${stderr.trim()}`,
    );
}

/** `safe.directory`: the checkout may not belong to the user who runs the tests. */
function runGit(args, { mayFail = false, ...options } = {}) {
  const program = ['-c', 'safe.directory=*', ...args];
  const result = spawnSync('git', program, { cwd: root, env: environment, encoding: 'utf8', ...options });
  if (result.error)
    throw new StepFailure(
      `The previous release is read from the git directory, but git does not run: ${result.error.message}`,
    );
  if (result.status !== 0 && !mayFail) throw new StepFailure(`git ${args[0]}: ${result.stderr.trim()}`);
  return result;
}
