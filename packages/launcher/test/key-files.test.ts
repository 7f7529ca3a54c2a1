import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { CompactEncrypt, calculateJwkThumbprint, compactDecrypt, importJWK, type JWK } from 'jose';
import { type KeyFiles, locateKeyFiles } from '../src/keys/key-files.js';
import { makeDatabaseSecrets } from '../src/keys/make-database-secrets.js';
import { makeKeyFiles } from '../src/keys/make-key-files.js';
import { writeSecretFile } from '../src/keys/write-secret-file.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
const now = new Date('2026-11-22T12:00:00Z');

function allFiles({ authorizationServer, resourceProxy }: KeyFiles): string[] {
  return [authorizationServer, resourceProxy].flatMap(({ directory }) =>
    readdirSync(directory).map((name) => path.join(directory, name)),
  );
}
const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

it('makes every key once, readable by its owner alone, and leaves it as it is afterwards', async () => {
  const files = locateKeyFiles(path.join(makeDirectory(), 'keys'));
  const made = await makeKeyFiles(files, now);
  expect([...made].sort()).toEqual(allFiles(files).sort());
  const contents = made.map((file) => readFileSync(file, 'utf8'));
  for (const file of made) expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const { directory } of [files.authorizationServer, files.resourceProxy])
    expect(statSync(directory).mode & 0o777).toBe(0o700);

  expect(await makeKeyFiles(files, now)).toEqual([]);
  expect(made.map((file) => readFileSync(file, 'utf8'))).toEqual(contents);
});

it('gives the authorization server a sealing key that seals and does not open', async () => {
  const files = locateKeyFiles(makeDirectory());
  await makeKeyFiles(files, now);
  const publicJwk = readJson(files.authorizationServer.sealingPublicKey) as JWK;
  const privateJwk = readJson(files.resourceProxy.sealingPrivateKey) as JWK;
  expect(publicJwk).toEqual({
    kty: 'OKP',
    crv: 'X25519',
    x: privateJwk.x,
    kid: `px-2026-11-${(await calculateJwkThumbprint(publicJwk)).slice(0, 16)}`,
    alg: 'ECDH-ES',
    use: 'enc',
  });

  const sealed = await new CompactEncrypt(new TextEncoder().encode('sk-secret'))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
    .encrypt(await importJWK(publicJwk));
  const { plaintext } = await compactDecrypt(sealed, await importJWK(privateJwk));
  expect(new TextDecoder().decode(plaintext)).toBe('sk-secret');
});

it('signs with one ES256 key that has a name', async () => {
  const files = locateKeyFiles(makeDirectory());
  await makeKeyFiles(files, now);
  const { keys } = readJson(files.authorizationServer.signingKeys) as { keys: JWK[] };
  expect(keys).toHaveLength(1);
  expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: expect.any(String) });
});

it('finishes what an interrupted first start began', async () => {
  const files = locateKeyFiles(makeDirectory());
  await makeKeyFiles(files, now);
  const before = readJson(files.authorizationServer.sealingPublicKey);
  rmSync(files.authorizationServer.sealingPublicKey);
  expect(await makeKeyFiles(files, now)).toEqual([files.authorizationServer.sealingPublicKey]);
  expect(readJson(files.authorizationServer.sealingPublicKey)).toEqual(before);
});

it('refuses to make a new private sealing key while owners have sealed keys to the old one', async () => {
  const files = locateKeyFiles(makeDirectory());
  await makeKeyFiles(files, now);
  rmSync(files.resourceProxy.sealingPrivateKey);
  await expect(makeKeyFiles(files, now)).rejects.toThrow('The private sealing key is missing');
  expect(existsSync(files.resourceProxy.sealingPrivateKey)).toBe(false);
});

it('makes a database password that nobody chose, and the URL with it for either server', () => {
  const directory = makeDirectory();
  const made = makeDatabaseSecrets(directory, 'postgres://aipassport@postgres:5432/aipassport');
  const password = readFileSync(path.join(directory, 'database/password'), 'utf8');
  expect(password).toMatch(/^[\w-]{43}$/);
  for (const server of ['authorization-server', 'resource-proxy'])
    expect(readFileSync(path.join(directory, server, 'database-url'), 'utf8')).toBe(
      `postgres://aipassport:${password}@postgres:5432/aipassport`,
    );
  for (const file of made) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(makeDatabaseSecrets(directory, 'postgres://aipassport@postgres:5432/aipassport')).toEqual([]);
});

it('never replaces a secret: of two that write at once, one wins for both', () => {
  const file = path.join(makeDirectory(), 'secret');
  expect(writeSecretFile(file, 'first')).toBe(true);
  expect(writeSecretFile(file, 'second')).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe('first');
  expect(readdirSync(path.dirname(file))).toEqual(['secret']);
});

it.each([
  ['write-secret-file', 'writeSecretFile', 'new'],
  ['replace-secret-file', 'replaceSecretFile', 'old'],
])('%s leaves nothing behind of a secret that it could not write completely', (module, name, file) => {
  const directory = makeDirectory();
  writeFileSync(path.join(directory, 'old'), 'the old secret');
  const url = new URL(`../src/keys/${module}.js`, import.meta.url).href;
  const code = `import { ${name} as write } from '${url}'; write('${path.join(directory, file)}', 'x'.repeat(100_000));`;
  // of a file that may not grow further the first part is written, as on a disk that is full
  const shell = `ulimit -f 4; exec "$0" --input-type=module -e "$1"`;
  const { status, stderr } = spawnSync('bash', ['-c', shell, process.execPath, code], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining('EFBIG')]);
  expect(readdirSync(directory)).toEqual(['old']);
  expect(readFileSync(path.join(directory, 'old'), 'utf8')).toBe('the old secret');
});
