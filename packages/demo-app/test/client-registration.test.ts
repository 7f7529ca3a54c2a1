import { mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from '@jest/globals';
import { openRegistrationFile } from '../src/oauth/client-registration.js';

const registration = {
  issuer: 'http://localhost:4000',
  redirectUri: 'http://127.0.0.1:4200/callback',
  clientId: 'client',
  clientSecret: 'secret',
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'demo-app-'));
});

it('stores a registration in a file that only its owner can read', async () => {
  const path = join(directory, 'client.json');
  await openRegistrationFile(path).save(registration);
  expect(await openRegistrationFile(path).find()).toEqual(registration);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(['client.json']);
});

it.each(['', '{', '[]', 'null', '{"clientId":"only"}'])(
  'treats a file that contains %p as a missing file',
  async (content) => {
    const path = join(directory, 'client.json');
    await writeFile(path, content);
    expect(await openRegistrationFile(path).find()).toBeUndefined();
  },
);

it('stores nothing without a file', async () => {
  const file = openRegistrationFile(undefined);
  await file.save(registration);
  expect(await file.find()).toBeUndefined();
});

it('reports a file that cannot be read', async () => {
  await expect(openRegistrationFile(directory).find()).rejects.toThrow('EISDIR');
});
