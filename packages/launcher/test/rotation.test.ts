import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
const idTokens = () =>
  (readJson(files.authorizationServer.idTokenKeys) as { readonly keys: readonly JWK[] }).keys.map(({ kid }) => kid);

let owners = 0;
/** Stores a provider key as the authorization server does. @returns the identifier of the key's account */
async function addKey(
  key = 'sk-proj-0123456789',
  changes: { readonly version?: number; readonly sealingKeyId?: string } = {},
): Promise<string> {
  const account = await insertAccount(database.db, { email: `${++owners}@example.org`, passwordHash: '' });
  const accountId = account?.id ?? '';
  const sealingKey = parseSealingKey(readJson(files.authorizationServer.sealingPublicKey));
  const binding = { upstream: 'openai', host: 'api.openai.com', version: 1 } as const;
  const jwe = await sealProviderKey(sealingKey, { account: accountId, ...binding }, Buffer.from(key));
  const row = { ...binding, accountId, sealingKeyId: sealingKey.kid, jwe, lastFour: key.slice(-4), ...changes };
  await upsertProviderKey(database.db, row);
  return accountId;
}

/** Renames the only sealing key. */
function renameKey(kid: string): void {
  for (const file of [files.authorizationServer.sealingPublicKey, files.resourceProxy.sealingPrivateKey])
    writeFileSync(file, JSON.stringify({ ...(readJson(file) as JWK), kid }));
}

it('rotates the sealing key in one run: all provider keys are sealed to the new key, and both files contain only the new key', async () => {
  const accounts = [await addKey(), await addKey()];
  const oldId = publicId();
  const output = await run('rotate-sealing-key');
  const newId = publicId();
  expect(output.split('\n')).toEqual([
    `Made the sealing key ${newId}: resource proxies open what is sealed to it, and to ${oldId}.`,
    `The authorization server seals to ${newId} from now on.`,
    'Resealed: 2 API keys.',
    `Dropped the sealing key ${oldId}.`,
    'The rotation is complete.',
  ]);
  expect(newId).not.toBe(oldId);
  expect(privateIds()).toEqual([newId]);
  expect(readJson(files.authorizationServer.sealingPublicKey)).not.toHaveProperty('d');
  for (const accountId of accounts)
    expect(await findProviderKey(database.db, { accountId, upstream: 'openai' })).toMatchObject({
      sealingKeyId: newId,
      version: 1,
    });
  expect(await run('rotate-sealing-key')).toContain(`Dropped the sealing key ${newId}.`);
  expect(privateIds()).toEqual([publicId()]);
});

it('with --one-step, does one step at a time and says which file to copy to the servers', async () => {
  await addKey();
  const oldId = publicId();
  expect(await run('rotate-sealing-key', '--one-step')).toContain('Give the private file to every resource proxy');
  const [newId] = privateIds();
  expect([publicId(), privateIds()]).toEqual([oldId, [newId, oldId]]);
  expect(await run('rotate-sealing-key', '--one-step')).toContain('Give the public file to every authorization server');
  expect([publicId(), privateIds()]).toEqual([newId, [newId, oldId]]);
  // A start in the middle of a rotation finds all keys and changes none.
  expect(await makeKeyFiles(files, now)).toEqual([]);
  const last = await run('rotate-sealing-key', '--one-step');
  expect(last).toContain('Give the private file to every resource proxy once more');
  expect(last).toContain('The rotation is complete.');
  expect([publicId(), privateIds()]).toEqual([newId, [newId]]);
});

it('keeps the old sealing key if a provider key sealed to it cannot be unsealed, unless --drop-anyway is given', async () => {
  const moved = await addKey('sk-proj-moved-0123456789', { version: 7 });
  const good = await addKey();
  const oldId = publicId();
  const before = await findProviderKey(database.db, { accountId: moved, upstream: 'openai' });
  const { host, pathname } = new URL(database.url);
  const stopped = run('rotate-sealing-key');
  await expect(stopped).rejects.toThrow(`in the database ${pathname.slice(1)} at ${host} are sealed to ${oldId}`);
  await expect(stopped).rejects.toThrow(
    `Number of these keys: 1. The first belongs to account ${moved}, for openai. Nothing was dropped.`,
  );
  const newId = publicId();
  expect(privateIds()).toEqual([newId, oldId]);
  expect(await database.db.selectFrom('retired_sealing_keys').selectAll().execute()).toEqual([]);

  const output = await run('rotate-sealing-key', '--drop-anyway');
  expect(output).toContain(
    `The API key of account ${moved} for openai could not be opened: its owner must enter it again.`,
  );
  expect(output).not.toContain('moved-0123456789');
  expect(privateIds()).toEqual([newId]);
  expect(await findProviderKey(database.db, { accountId: moved, upstream: 'openai' })).toEqual(before);
  const after = await findProviderKey(database.db, { accountId: good, upstream: 'openai' });
  expect(after?.sealingKeyId).toBe(newId);
});

it('a rotation names provider keys that no available key can unseal, does not change them, and finishes', async () => {
  await addKey();
  const lost = await addKey('sk-proj-lost-0123456789', { sealingKeyId: 'px-2020-01-1' });
  const output = await run('rotate-sealing-key');
  expect(output).toContain('Resealed: 1 API key.');
  expect(output).toContain(`The API key of account ${lost} for openai could not be opened`);
  expect(privateIds()).toEqual([publicId()]);
});

it('changes nothing if it can unseal no provider key of the database, unless --drop-anyway is given', async () => {
  const id = publicId();
  const { host, pathname } = new URL(database.url);
  const problem = `No API key in the database ${pathname.slice(1)} at ${host} opens with`;
  await expect(run('rotate-sealing-key')).rejects.toThrow(problem);
  expect([publicId(), privateIds()]).toEqual([id, [id]]);
  // The keys of another deployment have the same name: older versions could give two keys one name.
  const others = locateKeyFiles(makeDirectory());
  await makeKeyFiles(others, now);
  const own = files;
  files = others;
  renameKey('px-2026-11-1');
  await addKey();
  files = own;
  renameKey('px-2026-11-1');
  for (const args of [[], ['--one-step']])
    await expect(run('rotate-sealing-key', ...args)).rejects.toThrow(
      `${problem} ${files.resourceProxy.sealingPrivateKey}`,
    );
  expect([publicId(), privateIds()]).toEqual(['px-2026-11-1', ['px-2026-11-1']]);
  expect(await run('rotate-sealing-key', '--drop-anyway')).toContain('The rotation is complete.');
});

it('rotates a sealing key whose name has the format of older versions', async () => {
  renameKey('px-2026-11-1');
  await addKey();
  expect(await run('rotate-sealing-key')).toContain('Dropped the sealing key px-2026-11-1.');
});

it('changes nothing if the public and private key do not match, even if their names do', async () => {
  await addKey();
  const others = locateKeyFiles(makeDirectory());
  await makeKeyFiles(others, new Date('2026-10-01'));
  const id = publicId();
  const other = readJson(others.resourceProxy.sealingPrivateKey) as JWK;
  for (const jwk of [other, { ...other, kid: id }]) {
    writeFileSync(files.resourceProxy.sealingPrivateKey, JSON.stringify(jwk));
    await expect(run('rotate-sealing-key')).rejects.toThrow('its private key is not in');
    expect([publicId(), privateIds()]).toEqual([id, [jwk.kid]]);
  }
});

it('keeps the mode of the files that it replaces, and leaves no temporary files', async () => {
  chmodSync(files.authorizationServer.sealingPublicKey, 0o644);
  const list = () => [files.authorizationServer, files.resourceProxy].map(({ directory: each }) => readdirSync(each));
  const before = list();
  await run('rotate-sealing-key', '--drop-anyway');
  await run('rotate-signing-key');
  expect(list()).toEqual(before);
  const modes = [
    files.authorizationServer.sealingPublicKey,
    files.resourceProxy.sealingPrivateKey,
    files.authorizationServer.signingKeys,
  ].map((file) => statSync(file).mode & 0o777);
  expect(modes).toEqual([0o644, 0o600, 0o600]);
});

it('rotates the signing key in three steps, each of them once and not before it is due', async () => {
  const [old] = signing();
  const [oldId] = idTokens();
  const passMinutes = (minutes: number) => {
    now = new Date(now.getTime() + minutes * 60_000);
  };
  expect(await run('rotate-signing-key')).toMatch(/^Published the signing key .* after 2026-11-22T12:15:00.000Z/);
  const [, made] = signing();
  passMinutes(14);
  const waiting = 'Nothing to do before 2026-11-22T12:15:00.000Z: then the new key signs.';
  expect(await run('rotate-signing-key')).toBe(`${waiting}\nID tokens: ${waiting}`);
  expect(signing()).toEqual([old, made]);
  passMinutes(1);
  expect(await run('rotate-signing-key')).toContain(`${made} signs. Run this again after 2026-11-22T12:30:00.000Z`);
  expect(signing()).toEqual([made, old]);
  passMinutes(14);
  expect(await run('rotate-signing-key')).toContain('Nothing to do before 2026-11-22T12:30:00.000Z');
  passMinutes(1);
  expect(await run('rotate-signing-key')).toBe(
    `Retired ${old}. The rotation is complete.\nID tokens: Retired ${oldId}. The rotation is complete.`,
  );
  expect(signing()).toEqual([made]);
  expect(idTokens()).toHaveLength(1);
  expect(idTokens()).not.toContain(oldId);
  expect(await run('rotate-signing-key')).toContain('Published the signing key');
});

it('rotates the signing key of an installation that has no keys for ID tokens', async () => {
  rmSync(files.authorizationServer.idTokenKeys);
  expect(await run('rotate-signing-key')).not.toContain('ID tokens');
  expect(existsSync(files.authorizationServer.idTokenKeys)).toBe(false);
});

it('finishes a rotation of the signing key that was begun by hand, and not before its time', async () => {
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
