// `npm run dev`: compiles whenever a source file changes, and restarts the whole system with the result. While the code
// does not compile, the last version keeps running. Arguments go to `npm start`.
import { spawn } from 'node:child_process';
import { globSync, watch } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './bootstrap/surroundings.mjs';

/** Changes within this time cause one restart, as when a checkout changes many files. */
const settleMilliseconds = 300;
const compiler = [path.join(root, 'scripts/compile.mjs')];
const launcher = ['--enable-source-maps', path.join(root, 'packages/launcher/dist/src/main.js')];

let isChanged = true;
let isStopping = false;
let system;

const watchers = globSync('packages/*/src', { cwd: root }).map((folder) =>
  watch(path.join(root, folder), { recursive: true }, () => {
    isChanged = true;
  }),
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    isStopping = true;
  });

for (; !isStopping; await sleep(settleMilliseconds)) {
  if (!isChanged) continue;
  isChanged = false;
  console.error('Compile ...');
  if (!(await run(compiler))) continue;
  await end(system);
  if (!isStopping) system = start();
}
for (const watcher of watchers) watcher.close();
await end(system);

function start() {
  // The system gets its own process group. So Ctrl-C reaches only this process, which then ends the system. Otherwise
  // the terminal would also send the signal to the system.
  const child = spawnNode([...launcher, 'start', ...process.argv.slice(2)], { detached: true });
  child.on('exit', (code) => {
    if (code && !isStopping) console.error('It ended. Change a file to start it again.');
  });
  return child;
}

/** @returns whether the program succeeded */
function run(args) {
  return new Promise((resolve) => {
    spawnNode(args, {}).on('exit', (code) => resolve(code === 0));
  });
}

function spawnNode(args, options) {
  return spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], ...options });
}

function end(child) {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  child.kill('SIGTERM');
  return new Promise((resolve) => {
    child.once('exit', resolve);
  });
}
