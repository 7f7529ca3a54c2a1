import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { openTokenFile } from '../src/terminal/token-file.js';

const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-tokens-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const tokens = { accessToken: 'a', accessTokenExpiresAt: 1, refreshToken: 'r', scope: 'cap:chat', grantId: 'g' };

it('only the user can read the file of a terminal’s tokens, even if an earlier file was open to others', async () => {
  const file = path.join(directory, 'tokens.json');
  writeFileSync(file, '{}', { mode: 0o644 });
  const store = openTokenFile(file);
  await store.save(tokens);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await store.load()).toEqual(tokens);
  expect(readdirSync(directory)).toEqual(['tokens.json']);
  await store.delete();
  expect(await store.load()).toBeUndefined();
});

it('a temporary file that a crash has left behind does not make the tokens readable to others', async () => {
  const file = path.join(directory, 'tokens.json');
  writeFileSync(`${file}.new`, '{}', { mode: 0o644 });
  await openTokenFile(file).save(tokens);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
