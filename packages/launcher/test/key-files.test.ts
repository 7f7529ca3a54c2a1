import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { matchesVerifier } from '@aipassport/store';
import { expect, it } from '@jest/globals';
import { CompactEncrypt, calculateJwkThumbprint, compactDecrypt, importJWK, type JWK } from 'jose';
import { type KeyFiles, locateKeyFiles } from '../src/keys/key-files.js';
import { makeDatabaseSecrets, readVerifiers } from '../src/keys/make-database-secrets.js';
import { makeKeyFiles } from '../src/keys/make-key-files.js';
import { writeSecretFile } from '../src/keys/write-secret-file.js';
import { writeUnfinishedFile } from '../src/keys/write-unfinished-file.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
const now = new Date('2026-11-22T12:00:00Z');

function allFiles({ authorizationServer, audit, resourceProxy }: KeyFiles): string[] {
  return [authorizationServer, audit, resourceProxy].flatMap(({ directory }) =>
    readdirSync(directory).map((name) => path.join(directory, name)),
  );
}
const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

it('makes every key once, readable by its owner only, and never changes it afterwards', async () => {
  const files = locateKeyFiles(path.join(makeDirectory(), 'keys'));
  const made = await makeKeyFiles(files, now);
  expect([...made].sort()).toEqual(allFiles(files).sort());
  const contents = made.map((file) => readFileSync(file, 'utf8'));
  for (const file of made) expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const { directory } of [files.authorizationServer, files.audit, files.resourceProxy])
    expect(statSync(directory).mode & 0o777).toBe(0o700);

  expect(await makeKeyFiles(files, now)).toEqual([]);
  expect(made.map((file) => readFileSync(file, 'utf8'))).toEqual(contents);
});

it('gives the authorization server a sealing key that can seal but not unseal', async () => {
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

it('makes one ES256 signing key that has a key id', async () => {
  const files = locateKeyFiles(makeDirectory());
  await makeKeyFiles(files, now);
  const { keys } = readJson(files.authorizationServer.signingKeys) as { keys: JWK[] };
  expect(keys).toHaveLength(1);
  expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: expect.any(String) });
});

it('makes an RS256 key for ID tokens, also for an older installation', async () => {
  const files = locateKeyFiles(makeDirectory());
  await makeKeyFiles(files, now);
  const before = readFileSync(files.authorizationServer.signingKeys, 'utf8');
  rmSync(files.authorizationServer.idTokenKeys);
  expect(await makeKeyFiles(files, now)).toEqual([files.authorizationServer.idTokenKeys]);
  const { keys } = readJson(files.authorizationServer.idTokenKeys) as { keys: JWK[] };
  expect(keys).toMatchObject([{ kty: 'RSA', alg: 'RS256', use: 'sig', kid: expect.any(String) }]);
  expect(readFileSync(files.authorizationServer.signingKeys, 'utf8')).toBe(before);
});

it('makes the key file that an interrupted first start did not make', async () => {
  const files = locateKeyFiles(makeDirectory());
  await makeKeyFiles(files, now);
  const before = readJson(files.authorizationServer.sealingPublicKey);
  rmSync(files.authorizationServer.sealingPublicKey);
  expect(await makeKeyFiles(files, now)).toEqual([files.authorizationServer.sealingPublicKey]);
  expect(readJson(files.authorizationServer.sealingPublicKey)).toEqual(before);
});

it('refuses to make a new private sealing key while the public key of the old one exists', async () => {
  const files = locateKeyFiles(makeDirectory());
  await makeKeyFiles(files, now);
  rmSync(files.resourceProxy.sealingPrivateKey);
  await expect(makeKeyFiles(files, now)).rejects.toThrow('The private sealing key is missing');
  expect(existsSync(files.resourceProxy.sealingPrivateKey)).toBe(false);
});

const database = 'postgres://aipassport@postgres:5432/aipassport';
const servers = {
  owner: 'aipassport_owner',
  'authorization-server': 'aipassport_authorization',
  'resource-proxy': 'aipassport_proxy',
};
const readText = (directory: string, file: string) => readFileSync(path.join(directory, file), 'utf8');

it('makes a random password for each role of the database, readable only by the server that needs it', () => {
  const directory = makeDirectory();
  const { made } = makeDatabaseSecrets(directory, { database });
  const urls = Object.keys(servers).map((name) => new URL(readText(directory, `${name}/database-url`)));
  expect(urls.map(({ username }) => username)).toEqual(Object.values(servers));
  for (const { host, pathname } of urls) expect([host, pathname]).toEqual(['postgres:5432', '/aipassport']);
  const superuser = readText(directory, 'database/password');
  const passwords = [superuser, ...urls.map(({ password }) => password)];
  for (const password of passwords) expect(password).toMatch(/^[\w-]{43}$/);
  expect(new Set(passwords).size).toBe(4);
  expect(readText(directory, 'database/superuser-url')).toBe(
    `postgres://aipassport:${superuser}@postgres:5432/aipassport`,
  );

  const verifiers = Object.values(readVerifiers(path.join(directory, 'database/roles.json')));
  for (const [index, { password }] of urls.entries()) {
    expect(matchesVerifier(password, verifiers[index] ?? '')).toBe(true);
    for (const file of made.filter(
      (name) => path.dirname(name) !== path.join(directory, Object.keys(servers)[index] ?? ''),
    ))
      expect(readFileSync(file, 'utf8')).not.toContain(password);
  }
  for (const file of made) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(makeDatabaseSecrets(directory, { database })).toEqual({ made: [], replaced: [] });
});

it('keeps several hosts and the parameters of the URL', () => {
  const directory = makeDirectory();
  const hosts = 'one:5432,two:5433/aipassport?sslmode=verify-full&target_session_attrs=read-write';
  const several = { database: `postgres://admin@${hosts}` };
  makeDatabaseSecrets(directory, several);
  for (const [server, role] of Object.entries({ ...servers, database: 'admin' })) {
    const name = server === 'database' ? 'superuser-url' : 'database-url';
    const [user, rest] = readText(directory, `${server}/${name}`).split('@');
    expect([user?.split(':').slice(0, 2), rest]).toEqual([['postgres', `//${role}`], hosts]);
  }
  expect(makeDatabaseSecrets(directory, several)).toEqual({ made: [], replaced: [] });
});

it('replaces the superuser in the database URLs of an earlier version, keeps its password, and can restore those URLs', () => {
  const directory = makeDirectory();
  writeSecretFile(path.join(directory, 'database/password'), 'as-it-was');
  const old = 'postgres://aipassport:as-it-was@postgres:5432/aipassport';
  for (const server of ['authorization-server', 'resource-proxy'])
    writeSecretFile(path.join(directory, server, 'database-url'), old);
  makeDatabaseSecrets(directory, { database });
  expect(readText(directory, 'database/password')).toBe('as-it-was');
  for (const [server, role] of Object.entries(servers)) {
    expect(readText(directory, `${server}/database-url`)).toContain(`//${role}:`);
    expect(readText(directory, `${server}/database-url`)).not.toContain('as-it-was');
  }
  makeDatabaseSecrets(directory, { database, isOneRole: true });
  for (const server of ['authorization-server', 'resource-proxy'])
    expect(readText(directory, `${server}/database-url`)).toBe(old);
  makeDatabaseSecrets(directory, { database });
  const proxy = new URL(readText(directory, 'resource-proxy/database-url'));
  expect(matchesVerifier(proxy.password, readVerifiers(path.join(directory, 'database/roles.json')).proxy)).toBe(true);
});

it('never replaces a secret: a second write changes nothing and returns false', () => {
  const file = path.join(makeDirectory(), 'secret');
  expect(writeSecretFile(file, 'first')).toBe(true);
  expect(writeSecretFile(file, 'second')).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe('first');
  expect(readdirSync(path.dirname(file))).toEqual(['secret']);
});

it('two writers of one secret use different unfinished files, even with the same process id', () => {
  const file = path.join(makeDirectory(), 'secret');
  const [one, other] = [writeUnfinishedFile(file, 'one'), writeUnfinishedFile(file, 'other')];
  expect([readFileSync(one, 'utf8'), readFileSync(other, 'utf8')]).toEqual(['one', 'other']);
});

it.each([
  ['write-secret-file', 'writeSecretFile', 'new'],
  ['replace-secret-file', 'replaceSecretFile', 'old'],
])('%s leaves no part of a secret that it could not write completely', (module, name, file) => {
  const directory = makeDirectory();
  writeFileSync(path.join(directory, 'old'), 'the old secret');
  const url = new URL(`../src/keys/${module}.js`, import.meta.url).href;
  const code = `import { ${name} as write } from '${url}'; write('${path.join(directory, file)}', 'x'.repeat(100_000));`;
  // with this limit on the size of files, only the first part of a write succeeds, as on a full disk
  const shell = `ulimit -f 4; exec "$0" --input-type=module -e "$1"`;
  const { status, stderr } = spawnSync('bash', ['-c', shell, process.execPath, code], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining('EFBIG')]);
  expect(readdirSync(directory)).toEqual(['old']);
  expect(readFileSync(path.join(directory, 'old'), 'utf8')).toBe('the old secret');
});
