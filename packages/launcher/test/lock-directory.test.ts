import { spawn } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { lockDirectory } from '../src/data/lock-directory.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
const moduleUrl = new URL('../src/data/lock-directory.js', import.meta.url).href;

it('locks a directory for one process, and the refusal of a second lock names that process', async () => {
  const directory = makeDirectory();
  const unlock = await lockDirectory(directory);
  await expect(lockDirectory(directory)).rejects.toThrow(`is in use by another launcher (process ${process.pid})`);
  unlock();
  (await lockDirectory(directory))();
});

it('recognises a locked directory when its path is written differently', async () => {
  const directory = makeDirectory();
  const unlock = await lockDirectory(directory);
  await expect(lockDirectory(`${directory}/../${directory.split('/').at(-1)}`)).rejects.toThrow('in use');
  unlock();
});

it('a directory can be locked again as soon as the process that locked it was killed', async () => {
  const directory = makeDirectory();
  const script = `const { lockDirectory } = await import(${JSON.stringify(moduleUrl)});
    await lockDirectory(${JSON.stringify(directory)}); console.log('locked'); setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => owner.stdout.once('data', resolve));
  await expect(lockDirectory(directory)).rejects.toThrow(`(process ${owner.pid})`);
  owner.kill('SIGKILL');
  await new Promise((resolve) => owner.once('exit', resolve));
  (await lockDirectory(directory))();
});
