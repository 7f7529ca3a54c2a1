import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { parseSealingKey, sealProviderKey } from '@aipassport/authorization-server/operating';
import { insertAccount, upsertProviderKey } from '@aipassport/store/authorization';
import { findProviderKey } from '@aipassport/store/proxying';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { JWK } from 'jose';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';
import { type KeyFiles, locateKeyFiles } from '../src/keys/key-files.js';
import { makeKeyFiles } from '../src/keys/make-key-files.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
let database: TestDatabase;
let directory: string;
let files: KeyFiles;
let now = new Date('2026-11-22T12:00:00Z');

beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => database.close());
beforeEach(async () => {
  now = new Date('2026-11-22T12:00:00Z');
  directory = makeDirectory();
  files = locateKeyFiles(directory);
  await database.db.deleteFrom('provider_keys').execute();
  await database.db.deleteFrom('retired_sealing_keys').execute();
  await makeKeyFiles(files, now);
});

/** Runs one command line on these keys, in this process. */
async function run(...args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const variables = { DATABASE_URL: database.url };
  const environment = launcherEnvironment.read({ variables, readFile: (file) => readFileSync(file, 'utf8') });
  const program = createProgram({ environment, variables, print: (line) => lines.push(line), now: () => now });
  await program.parseAsync(['node', 'aipassport', ...args, '--directory', directory]);
  return lines.join('\n');
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const publicId = () => parseSealingKey(readJson(files.authorizationServer.sealingPublicKey)).kid;
const privateIds = () => {
  const held = readJson(files.resourceProxy.sealingPrivateKey) as JWK & { readonly keys?: readonly JWK[] };
  return (held.keys ?? [held]).map(({ kid }) => kid);
};
const signing = () =>
  (readJson(files.authorizationServer.signingKeys) as { readonly keys: readonly JWK[] }).keys.map(({ kid }) => kid);

let owners = 0;
/** Stores a provider key as the authorization server does. @returns its account */
async function addKey(key = 'sk-proj-0123456789', changes: { readonly version?: number } = {}): Promise<string> {
  const account = await insertAccount(database.db, { email: `${++owners}@example.org`, passwordHash: '' });
  const accountId = account?.id ?? '';
  const sealingKey = parseSealingKey(readJson(files.authorizationServer.sealingPublicKey));
  const binding = { upstream: 'openai', host: 'api.openai.com', version: 1 } as const;
  const jwe = await sealProviderKey(sealingKey, { account: accountId, ...binding }, key);
  const row = { ...binding, ...changes, accountId, sealingKeyId: sealingKey.kid, jwe, lastFour: key.slice(-4) };
  await upsertProviderKey(database.db, row);
  return accountId;
}

it('rotates the sealing key in one go: everything is sealed to the new one, and both files hold it alone', async () => {
  const accounts = [await addKey(), await addKey()];
  const output = await run('rotate-sealing-key');
  expect(output.split('\n')).toEqual([
    'Made the sealing key px-2026-11-2: resource proxies open what is sealed to it, and to px-2026-11-1.',
    'The authorization server seals to px-2026-11-2 from now on.',
    'Sealed anew: 2 provider keys.',
    'Dropped the sealing key px-2026-11-1.',
    'The rotation is complete.',
  ]);
  expect([publicId(), privateIds()]).toEqual(['px-2026-11-2', ['px-2026-11-2']]);
  expect(readJson(files.authorizationServer.sealingPublicKey)).not.toHaveProperty('d');
  for (const accountId of accounts)
    expect(await findProviderKey(database.db, { accountId, upstream: 'openai' })).toMatchObject({
      sealingKeyId: 'px-2026-11-2',
      version: 1,
    });
  expect(await run('rotate-sealing-key')).toContain('Dropped the sealing key px-2026-11-2.');
  expect([publicId(), privateIds()]).toEqual(['px-2026-11-3', ['px-2026-11-3']]);
});

it('takes one step at a time for servers that do not share the files, and says what to hand over', async () => {
  await addKey();
  expect(await run('rotate-sealing-key', '--one-step')).toContain('Give the private file to every resource proxy');
  expect([publicId(), privateIds()]).toEqual(['px-2026-11-1', ['px-2026-11-2', 'px-2026-11-1']]);
  expect(await run('rotate-sealing-key', '--one-step')).toContain('Give the public file to every authorization server');
  expect([publicId(), privateIds()]).toEqual(['px-2026-11-2', ['px-2026-11-2', 'px-2026-11-1']]);
  // a start meanwhile finds every key, and changes none
  expect(await makeKeyFiles(files, now)).toEqual([]);
  expect(await run('rotate-sealing-key', '--one-step')).toContain('The rotation is complete.');
  expect([publicId(), privateIds()]).toEqual(['px-2026-11-2', ['px-2026-11-2']]);
});

it('names the keys that nobody could open, leaves them as they are, and finishes', async () => {
  const moved = await addKey('sk-proj-moved-0123456789', { version: 7 });
  const good = await addKey();
  const before = await findProviderKey(database.db, { accountId: moved, upstream: 'openai' });
  const output = await run('rotate-sealing-key');
  expect(output).toContain('Sealed anew: 1 provider key.');
  expect(output).toContain(
    `The key of account ${moved} for openai could not be opened: its owner must enter it again.`,
  );
  expect(output).not.toContain('moved-0123456789');
  expect(await findProviderKey(database.db, { accountId: moved, upstream: 'openai' })).toEqual(before);
  const after = await findProviderKey(database.db, { accountId: good, upstream: 'openai' });
  expect(after?.sealingKeyId).toBe('px-2026-11-2');
});

it('changes nothing when the two halves do not belong together', async () => {
  const others = locateKeyFiles(makeDirectory());
  await makeKeyFiles(others, new Date('2026-10-01'));
  writeFileSync(files.resourceProxy.sealingPrivateKey, readFileSync(others.resourceProxy.sealingPrivateKey));
  await expect(run('rotate-sealing-key')).rejects.toThrow('which is not in');
  expect([publicId(), privateIds()]).toEqual(['px-2026-11-1', ['px-2026-10-1']]);
});

it('keeps the mode of the files that it replaces, and leaves no others behind', async () => {
  chmodSync(files.authorizationServer.sealingPublicKey, 0o644);
  const list = () => [files.authorizationServer, files.resourceProxy].map(({ directory: each }) => readdirSync(each));
  const before = list();
  await run('rotate-sealing-key');
  await run('rotate-signing-key');
  expect(list()).toEqual(before);
  const modes = [
    files.authorizationServer.sealingPublicKey,
    files.resourceProxy.sealingPrivateKey,
    files.authorizationServer.signingKeys,
  ].map((file) => statSync(file).mode & 0o777);
  expect(modes).toEqual([0o644, 0o600, 0o600]);
});

it('rotates the signing key in three steps, each not before its time and once', async () => {
  const [old] = signing();
  const passMinutes = (minutes: number) => {
    now = new Date(now.getTime() + minutes * 60_000);
  };
  expect(await run('rotate-signing-key')).toMatch(/^Published the signing key .* after 2026-11-22T12:15:00.000Z/);
  const [, made] = signing();
  passMinutes(14);
  expect(await run('rotate-signing-key')).toBe(
    'Nothing to do before 2026-11-22T12:15:00.000Z: then the new key signs.',
  );
  expect(signing()).toEqual([old, made]);
  passMinutes(1);
  expect(await run('rotate-signing-key')).toContain(`${made} signs. Run this again after 2026-11-22T12:30:00.000Z`);
  expect(signing()).toEqual([made, old]);
  passMinutes(14);
  expect(await run('rotate-signing-key')).toContain('Nothing to do before 2026-11-22T12:30:00.000Z');
  passMinutes(1);
  expect(await run('rotate-signing-key')).toBe(`Retired ${old}. The rotation is complete.`);
  expect(signing()).toEqual([made]);
  expect(await run('rotate-signing-key')).toContain('Published the signing key');
});

it('finishes a rotation of the signing key that was begun by hand, no sooner than it may', async () => {
  const {
    keys: [old],
  } = readJson(files.authorizationServer.signingKeys) as { readonly keys: readonly JWK[] };
  const byHand = { keys: [{ ...old, kid: 'by-hand' }, old] };
  writeFileSync(files.authorizationServer.signingKeys, JSON.stringify(byHand));
  expect(await run('rotate-signing-key')).toContain('by-hand signs.');
  expect(signing()).toEqual(['by-hand', old?.kid]);
  now = new Date(now.getTime() + 15 * 60_000);
  expect(await run('rotate-signing-key')).toContain(`Retired ${old?.kid}.`);
});
