import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ConfigurationError, readFileVersion, SecretFiles } from '../src/index.js';

let directory: string;
let file: string;
let logged: unknown[];
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-'));
  file = path.join(directory, 'secret');
  logged = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

const log = {
  info: (line: object) => void logged.push(line),
  error: ({ err, ...line }: { readonly err?: Error }) => void logged.push({ ...line, problem: err?.message }),
};

function read(): string {
  const text = readFileSync(file, 'utf8');
  if (text === '') throw new ConfigurationError('the file is empty');
  return text;
}

/** As a rotation does: a reader never sees a part of the file. */
function replace(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function follow() {
  replace('one');
  const files = new SecretFiles({ variables: { A_FILE: file } });
  files.reportTo(log);
  return { files, secret: files.follow('A_FILE', read) };
}

it('a secret is read again when its file was replaced, and only then', () => {
  const { secret, files } = follow();
  expect(secret()).toBe('one');
  replace('two');
  expect([secret(), secret()]).toEqual(['two', 'two']);
  expect(logged).toEqual([{ event: 'secret_changed', variable: 'A_FILE' }]);
  expect(files.listUnreadable()).toEqual([]);
});

it('a file that is not valid or is gone changes nothing; it is logged once, named, and read again when it is back', () => {
  const { secret, files } = follow();
  replace('');
  expect([secret(), secret()]).toEqual(['one', 'one']);
  expect(files.listUnreadable()).toEqual(['A_FILE']);
  const empty = { event: 'secret_unreadable', variable: 'A_FILE', problem: 'the file is empty' };
  expect(logged).toEqual([empty]);
  rmSync(file);
  expect(secret()).toBe('one');
  expect(logged).toEqual([empty, { ...empty, problem: expect.stringContaining('ENOENT') }]);
  replace('three');
  expect(files.listUnreadable()).toEqual([]);
  expect(secret()).toBe('three');
  expect(logged.at(-1)).toEqual({ event: 'secret_changed', variable: 'A_FILE' });
});

it('at the start, a file that is not valid is an error; a secret that is in no file never changes', () => {
  replace('');
  const files = new SecretFiles({ variables: { A_FILE: file } });
  expect(() => files.follow('A_FILE', read)).toThrow('the file is empty');
  let value = 'one';
  const secret = files.follow('B_FILE', () => value);
  value = 'two';
  expect(secret()).toBe('one');
});

it('the version of a file changes when the file is written or replaced', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-'));
  const file = path.join(directory, 'keys.json');
  const versions = [readFileVersion(file)];
  writeFileSync(file, 'one');
  versions.push(readFileVersion(file));
  expect(readFileVersion(file)).toBe(versions[1]);
  writeFileSync(file, 'three');
  versions.push(readFileVersion(file));
  writeFileSync(`${file}.new`, 'seven');
  renameSync(`${file}.new`, file);
  versions.push(readFileVersion(file));
  rmSync(directory, { recursive: true });
  expect(new Set(versions).size).toBe(4);
});
