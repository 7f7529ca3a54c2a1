import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { rotateLog } from '../src/start/bound-logs.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
const bounds = { maxBytes: 100, keptFiles: 2 };

it('does not change a log that is within its limit, and ignores a missing log', () => {
  const directory = makeDirectory();
  const log = path.join(directory, 'log');
  rotateLog(log, bounds);
  appendFileSync(log, 'x'.repeat(100));
  rotateLog(log, bounds);
  expect(readdirSync(directory)).toEqual(['log']);
});

it('keeps the newest full logs completely, and an open log continues at the beginning of the emptied file', () => {
  const log = path.join(makeDirectory(), 'log');
  const open = openSync(log, 'a', 0o600);
  for (const letter of ['a', 'b', 'c']) {
    writeSync(open, letter.repeat(150));
    rotateLog(log, bounds);
  }
  writeSync(open, 'd');
  expect(readFileSync(log, 'utf8')).toBe('d');
  expect(readFileSync(`${log}.1`, 'utf8')).toBe('c'.repeat(150));
  expect(readFileSync(`${log}.2`, 'utf8')).toBe('b'.repeat(150));
  expect(existsSync(`${log}.3`)).toBe(false);
});

it('empties a full log even if there is no room to keep a copy, and notes there that lines were lost', () => {
  const log = path.join(makeDirectory(), 'log');
  appendFileSync(log, 'x'.repeat(50_000));
  const module = new URL('../src/start/bound-logs.js', import.meta.url).href;
  const code = `import { rotateLog } from '${module}'; rotateLog('${log}', { maxBytes: 100, keptFiles: 2 });`;
  // with this limit on the size of files, only the first part of a write succeeds, as on a full disk
  const shell = `ulimit -f 4; exec "$0" --input-type=module -e "$1"`;
  const { status, stderr } = spawnSync('bash', ['-c', shell, process.execPath, code], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(readFileSync(log, 'utf8'))).toEqual({ level: 'error', event: 'log_lines_lost', bytes: 50_000 });
});
