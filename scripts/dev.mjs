// `npm run dev`: whenever a file of a program changes, compiles and restarts the whole system. While the code does not
// compile, the last version keeps running. Arguments go to `npm start`.
import { spawn } from 'node:child_process';
import { readdirSync, watch } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './bootstrap/surroundings.mjs';

/** Changes within this time cause one restart, as when a checkout changes many files. */
const settleMilliseconds = 300;
/** Changes of files with these names are ignored: temporary files of editors, and installed or compiled files. */
const ignored = /^(?:[.#].*|.*~|\d+|dist|node_modules|test)$/;
const compiler = [path.join(root, 'scripts/compile.mjs')];
const launcher = ['--enable-source-maps', path.join(root, 'packages/launcher/dist/src/main.js')];

let isChanged = true;
let isStopping = false;
let system;

let watchers = [];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
process.on('disconnect', stop); // the process that started this one has ended
process.channel?.unref(); // this listener must not keep the process alive

for (; !isStopping; await sleep(settleMilliseconds)) {
  if (!isChanged) continue;
  isChanged = false;
  watchFolders();
  console.error('Compile ...');
  if (!(await run(compiler))) continue;
  await end(system);
  if (!isStopping) system = start();
}
closeWatchers();
await end(system);

/**
 * Watches every folder that the programs are compiled from or that they read, each by itself: Node.js's recursive watch
 * notices only the first time that an editor replaces a file.
 */
function watchFolders() {
  closeWatchers();
  watchers = ['openapi', 'packages']
    .flatMap((name) => listFolders(path.join(root, name)))
    .map((folder) =>
      watch(folder, (_event, name) => {
        isChanged ||= !ignored.test(name ?? '');
      }),
    );
}

function closeWatchers() {
  for (const watcher of watchers) watcher.close();
}

/** The folder and the folders below it. */
function listFolders(folder) {
  const inside = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !ignored.test(entry.name),
  );
  return [folder, ...inside.flatMap((entry) => listFolders(path.join(folder, entry.name)))];
}

function stop() {
  isStopping = true;
}

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
