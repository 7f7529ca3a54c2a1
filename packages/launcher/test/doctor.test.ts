import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createServer } from 'node:tls';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { examineEncryption } from '../src/commands/examine-connection.js';
import { describeAccess, examineMode } from '../src/commands/examine-keys.js';
import { describeSpace } from '../src/commands/examine-space.js';
import { describeCertificate, examineTls } from '../src/commands/examine-tls.js';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const day = 86_400_000;
const makeDirectory = useTemporaryDirectories();
let database: TestDatabase;
let directory: string;

beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => database.close());
beforeEach(() => {
  directory = path.join(makeDirectory(), 'data');
});

interface Surroundings {
  readonly url?: string;
  /** How far the clock of this machine is ahead of the real time. */
  readonly aheadMilliseconds?: number;
  readonly settings?: Readonly<Record<string, string>>;
}

async function run(
  args: readonly string[],
  { url = database.url, aheadMilliseconds = 0, settings }: Surroundings = {},
) {
  const variables = { DATABASE_URL: url, AIPASSPORT_DATA: directory, ...settings };
  const environment = launcherEnvironment.read({ variables, readFile: () => '' });
  const lines: string[] = [];
  const now = () => new Date(Date.now() + aheadMilliseconds);
  const commandLine = createProgram({ environment, variables, print: (line) => lines.push(line), now });
  // `doctor` fails in each test, because the database of the tests runs without fsync
  await commandLine.parseAsync(['node', 'aipassport', ...args]).catch(() => undefined);
  return lines;
}

const examine = (surroundings?: Surroundings) => run(['doctor'], surroundings);
const signingKeys = () => path.join(directory, 'keys/authorization-server/signing-keys.json');

it('compares the clock of this machine with that of the database', async () => {
  expect(await examine()).toContain('ok      clock: this machine and the database have the same time');
  const ahead = await examine({ aheadMilliseconds: 60_000 });
  expect(ahead).toContainEqual(
    expect.stringMatching(/^NOT OK {2}clock: the database is (?:59|60) seconds behind this machine: synchronize both/),
  );
  const behind = await examine({ aheadMilliseconds: -60_000 });
  expect(behind).toContainEqual(expect.stringMatching(/^NOT OK {2}clock: the database is 60 seconds ahead of this/));
});

it('finds a connection that does not verify the certificate of the database', async () => {
  const withMode = (mode: string) => examine({ url: `${database.url}?sslmode=${mode}` });
  expect(await withMode('disable')).toContain(
    'ok      database: the connection: it is on this machine, and not encrypted',
  );
  expect(await withMode('prefer')).toContainEqual(
    expect.stringMatching(/^NOT OK {2}database: its certificate is not verified.*set sslmode=verify-full/),
  );
});

it('finds a connection to another host that is not encrypted, and warns of one in a network of containers', () => {
  const judge = (place: string) => {
    const [finding] = examineEncryption(`postgres://user:a-password@${place}`);
    expect(finding?.text).not.toContain('a-password');
    return [finding?.ok, finding?.isWarning ?? false];
  };
  expect(judge('db.example.com/aipassport')).toEqual([false, false]);
  expect(judge('10.0.0.5/aipassport?sslmode=disable')).toEqual([false, false]);
  expect(judge('127.0.0.1,db.example.com/aipassport')).toEqual([false, false]);
  expect(judge('postgres:5432/aipassport')).toEqual([true, true]);
  expect(judge('db.example.com/aipassport?sslmode=verify-full')).toEqual([true, false]);
  for (const place of ['localhost/aipassport', '[::1]/aipassport', '127.0.0.1/aipassport'])
    expect(judge(place)).toEqual([true, false]);
});

it('works with the role of each server, and says what that role may not read', async () => {
  const asProxy = await examine({ url: database.urls.proxy });
  expect(asProxy).toContainEqual(
    expect.stringMatching(/^WARN {4}audit log: this role of the database may not read it/),
  );
  expect(asProxy.filter((line) => line.includes('cannot be reached') || line.includes('permission denied'))).toEqual(
    [],
  );
  const asAuthorization = await examine({ url: database.urls.authorization });
  expect(asAuthorization).toContainEqual(expect.stringMatching(/^ok {6}audit log: /));
});

describe('TLS of the public URLs', () => {
  const now = new Date('2026-12-01T00:00:00Z');
  const judge = (endsAt: string, problem?: string) =>
    describeCertificate({ url: 'https://ai.example.com', problem, endsAt: new Date(endsAt) }, now);

  it('a certificate must be trusted, and must not end soon', () => {
    expect(judge('2027-02-01')).toMatchObject({ ok: true, text: expect.stringContaining('valid for 62 days') });
    expect(judge('2026-12-10')).toMatchObject({ ok: false, text: expect.stringContaining('ends in 9 days') });
    expect(judge('2026-11-30')).toMatchObject({ ok: false, text: expect.stringContaining('has expired') });
    expect(judge('2027-02-01', 'SELF_SIGNED')).toMatchObject({
      ok: false,
      text: expect.stringContaining('SELF_SIGNED'),
    });
  });

  it('looks at the certificate of a server, and warns when none answers; plain http has no certificate', async () => {
    const key = path.join(makeDirectory(), 'key');
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '30',
      '-subj',
      '/CN=localhost',
      '-keyout',
      key,
      '-out',
      `${key}.crt`,
    ]);
    if (made.status !== 0) return console.warn('Without openssl, no certificate is made.');
    const server = createServer({ key: readFileSync(key), cert: readFileSync(`${key}.crt`) });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const [seen] = await examineTls([`https://localhost:${port}`, 'http://127.0.0.1:1'], new Date());
    expect(seen).toMatchObject({
      ok: false,
      text: expect.stringContaining('is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)'),
    });
    server.close();
    const [away] = await examineTls(['https://localhost:1'], new Date());
    expect(away).toMatchObject({ ok: true, isWarning: true });
  });
});

it('finds a connection that lacks settings, as behind a pooler that drops them', async () => {
  expect(await examine()).toContain('ok      database: the connection has the settings that it needs');
  const dropped = await examine({ url: `${database.url}?options=-c%20jit%3Don` });
  expect(dropped).toContainEqual(
    expect.stringMatching(
      /^NOT OK {2}database: the connection lacks jit, plan_cache_mode: configure them in the pooler/,
    ),
  );
});

describe('who may read a file with a secret', () => {
  const server = { uid: 1000, groups: [1000] };
  const judge = (mode: number, uid: number, gid: number) => describeAccess('/secrets/key', { mode, uid, gid }, server);

  it('the group may, where the file is of another user and the server reads it as a member of that group', () => {
    expect(judge(0o440, 0, 1000)).toEqual({
      ok: true,
      text: '/secrets/key: mode 440, of another user; this program reads it as a member of group 1000',
    });
    for (const [mode, uid, gid] of [
      [0o440, 1000, 1000], // its owner needs no group
      [0o440, 0, 2000],
      [0o460, 0, 1000],
      [0o444, 0, 1000],
      [0o644, 1000, 1000],
    ] as const)
      expect(judge(mode, uid, gid)).toMatchObject({ ok: false, text: expect.stringContaining('others can read it') });
    expect(judge(0o444, 0, 1000).text).toContain('`chmod g=r,o=`'); // `go=` would take it from the server
    expect(judge(0o644, 1000, 1000).text).toContain('`chmod go=`');
  });

  (process.getuid?.() === 0 ? it : it.skip)('`doctor` reads this from the file (needs root)', () => {
    const file = path.join(makeDirectory(), 'key');
    writeFileSync(file, '');
    chownSync(file, 1234, process.getgid?.() ?? 0);
    chmodSync(file, 0o440);
    expect(examineMode(file)).toMatchObject({ ok: true });
    chmodSync(file, 0o444);
    expect(examineMode(file)).toMatchObject({ ok: false });
  });
});

describe('what is not checked, because a variable is missing', () => {
  const warnings = async (settings: Readonly<Record<string, string>>) =>
    (await examine({ settings })).filter((line) => line.startsWith('WARN') && line.includes('not checked'));

  it('is named with the variable', async () => {
    const advice = 'give this command the settings of the server';
    expect(await warnings({})).toEqual([
      expect.stringMatching(
        /^WARN {4}keys: not checked, since SIGNING_KEYS_FILE and the other variables with key files/,
      ),
      `WARN    TLS: not checked, since ISSUER and RESOURCE_PROXY_URL are not set: ${advice}`,
      `WARN    tokens: not checked, since ISSUER and RESOURCE_PROXY_URL are not set: ${advice}`,
    ]);
    await run(['keys', 'init']);
    const cookieKeys = path.join(directory, 'keys/authorization-server/cookie-keys.json');
    expect(await warnings({ COOKIE_KEYS_FILE: cookieKeys, ISSUER: 'http://127.0.0.1:1' })).toEqual([
      'WARN    sealing keys: not checked, since SEALING_PRIVATE_KEY_FILE is not set: run `doctor` where the resource proxy runs',
      `WARN    resource proxy: not checked, since RESOURCE_PROXY_URL is not set: ${advice}`,
      `WARN    TLS: not checked, since RESOURCE_PROXY_URL is not set: ${advice}`,
      `WARN    tokens: not checked, since RESOURCE_PROXY_URL is not set: ${advice}`,
    ]);
  });

  it('with the settings of one server, is only that which needs secrets of the other server', async () => {
    await run(['keys', 'init']);
    const urls = { ISSUER: 'http://127.0.0.1:1', RESOURCE_PROXY_URL: 'http://127.0.0.1:1' };
    const sealing = path.join(directory, 'keys/resource-proxy/sealing-private-key.json');
    expect(await warnings({ ...urls, SIGNING_KEYS_FILE: signingKeys() })).toEqual([
      expect.stringMatching(/^WARN {4}sealing keys: not checked/),
    ]);
    expect(await warnings({ ...urls, SEALING_PRIVATE_KEY_FILE: sealing })).toEqual([
      expect.stringMatching(/^WARN {4}tokens: not checked, since SIGNING_KEYS_FILE is not set: run `doctor` where/),
    ]);
  });
});

it('asks the servers at their public URLs when variables name key files but no PORT, as in a job beside the servers', async () => {
  await run(['keys', 'init']);
  const server = createHttpServer((request, response) => {
    response.writeHead(request.url === '/health/ready' ? 200 : 404).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { SIGNING_KEYS_FILE: signingKeys(), ISSUER: issuer, RESOURCE_PROXY_URL: 'http://127.0.0.1:1' };
  const findings = await examine({ settings });
  server.close();
  expect(findings).toContainEqual(expect.stringMatching(/^(ok {6}|NOT OK {2})\/: [\d.]+ GB of its disk are free/));
  expect(findings).toContain(`ok      authorization server: is ready at ${issuer}`);
  expect(findings).toContain('WARN    resource proxy: http://127.0.0.1:1 does not answer here');
});

it('finds a disk that is almost full', async () => {
  mkdirSync(directory, { mode: 0o700 });
  expect(await examine()).toContainEqual(expect.stringMatching(`${directory}: [\\d.]+ GB of its disk are free`));
  expect(describeSpace('/data', 5_000_000_000)).toEqual({ ok: true, text: '/data: 5.0 GB of its disk are free' });
  expect(describeSpace('/data', 900_000_000)).toEqual({
    ok: false,
    text: '/data: 0.9 GB of its disk are free: make room, since the database stops when it cannot write',
  });
});

it('finds keys that were not rotated for more than a year, and missing ones', async () => {
  await run(['keys', 'init']);
  expect((await examine()).filter((line) => line.includes('was not changed'))).toEqual([]);
  utimesSync(signingKeys(), new Date(), new Date(Date.now() - 401 * day));
  rmSync(path.join(directory, 'keys/authorization-server/cookie-keys.json'));
  const findings = await examine();
  expect(findings).toContain(
    `NOT OK  ${signingKeys()}: was not changed for 401 days: see docs/operations.md, Rotating keys`,
  );
  expect(findings).toContainEqual(expect.stringMatching(/^NOT OK .*cookie-keys\.json: is missing; restore it/));
});

it('finds a rotation of the signing key that was not continued', async () => {
  await run(['keys', 'init']);
  await run(['rotate-signing-key']);
  const findStalled = async (surroundings?: Surroundings) =>
    (await examine(surroundings)).filter((line) => line.includes('a rotation was not continued'));
  expect(await findStalled()).toEqual([]);
  expect(await findStalled({ aheadMilliseconds: 2 * day })).toHaveLength(2); // of access tokens, and of ID tokens
  writeFileSync(signingKeys(), '{}');
  expect(await examine()).toContainEqual(expect.stringMatching(`^NOT OK  ${signingKeys()}: must hold`));
});

it('`keys list` shows the age of each file and what each key is used for, and no secret', async () => {
  await run(['keys', 'init']);
  const cookieKeys = path.join(directory, 'keys/authorization-server/cookie-keys.json');
  const [secret = ''] = JSON.parse(readFileSync(cookieKeys, 'utf8')) as readonly string[];
  writeFileSync(cookieKeys, JSON.stringify([`new-${secret}`, secret]));
  utimesSync(cookieKeys, new Date(), new Date(Date.now() - 12.5 * day));
  const databaseUrl = path.join(directory, 'keys/resource-proxy/database-url');
  writeFileSync(databaseUrl, 'postgres://aipassport_proxy:a-password@db/aipassport', { mode: 0o600 });
  await run(['rotate-signing-key']);
  const lines = await run(['keys', 'list']);
  expect(lines).toContain(`0600  ${signingKeys()}  changed less than a day ago`);
  expect(lines).toContain(`0600  ${cookieKeys}  changed 12 days ago`);
  expect(lines.filter((line) => line.startsWith(' ')).map((line) => line.replace(/^ +[\w-]{16,}: /, ''))).toEqual([
    'signs',
    expect.stringMatching(/^published since 20.*Z, does not sign yet$/),
    'signs',
    expect.stringMatching(/^published since 20.*Z, does not sign yet$/),
    '      cookie key 1: signs',
    '      cookie key 2: only verifies older signatures',
    'new API keys are sealed to it',
    'seals events',
    'opens API keys',
    '      the resource proxy authenticates with it',
    '      the password of the role aipassport_proxy',
  ]);
  expect(lines.join('\n')).not.toContain(secret);
  expect(lines.join('\n')).not.toContain('"d"');
  expect(lines.join('\n')).not.toContain('a-password');
  await run(['rotate-signing-key'], { aheadMilliseconds: 20 * 60_000 });
  const after = (await run(['keys', 'list'])).join('\n');
  expect(after).toMatch(/: signs since 20\S+Z\n.*: signs no more, is still published\n/);
});

it('`keys list` shows the files that variables name, with their age and what each is used for, and no secret', async () => {
  await run(['keys', 'init']);
  const folder = makeDirectory();
  const add = (name: string, content: string, days: number) => {
    const file = path.join(folder, name);
    writeFileSync(file, content, { mode: 0o600 });
    utimesSync(file, new Date(), new Date(Date.now() - days * day));
    return file;
  };
  const provider = { name: 'acme', label: 'Acme', issuer: 'https://id.example.com', client_id: 'us' };
  const providers = JSON.stringify([{ ...provider, client_secret: 'very-secret' }]);
  const settings = {
    SIGNING_KEYS_FILE: signingKeys(),
    DATABASE_URL: '',
    DATABASE_URL_FILE: add('url', 'postgres://aipassport_proxy:very-secret@db/aipassport', 1),
    OPENAI_API_KEY_FILE: add('openai', 'very-secret', 3),
    ACME_API_KEY_FILE: add('acme', ' \n', 0),
    SMTP_URL_FILE: add('smtp', 'smtps://us:very-secret@mail.example.com', 500),
    REGISTRATION_TOKEN_FILE: add('token', 'very-secret', 2),
    IDENTITY_PROVIDERS_FILE: add('providers', providers, 2),
    COOKIE_KEYS_FILE: add('cookies', '"very-secret"', 2),
    JOURNAL_BUCKET_SECRET_ACCESS_KEY_FILE: add('bucket', 'very-secret', 2),
    SEALING_TRANSIT_TOKEN_FILE: path.join(folder, 'missing'),
    PRICES_FILE: add('prices', '{}', 2), // has no secret
  };
  const lines = await run(['keys', 'list'], { settings });
  expect(lines.map((line) => line.replaceAll(`${folder}/`, ''))).toEqual([
    `0600  SIGNING_KEYS_FILE: ${signingKeys()}  changed less than a day ago`,
    expect.stringMatching(/^ {6}[\w-]+: signs$/),
    '0600  DATABASE_URL_FILE: url  changed 1 day ago',
    '      the password of the role aipassport_proxy',
    '0600  OPENAI_API_KEY_FILE: openai  changed 3 days ago',
    '      the operator’s API key for openai',
    '0600  ACME_API_KEY_FILE: acme  changed less than a day ago',
    '      empty; the operator’s API key for acme',
    '0600  SMTP_URL_FILE: smtp  changed 500 days ago',
    '      the authorization server sends e-mails with it',
    '0600  REGISTRATION_TOKEN_FILE: token  changed 2 days ago',
    '      clients register themselves with it',
    '0600  IDENTITY_PROVIDERS_FILE: providers  changed 2 days ago',
    '      the authorization server authenticates to acme with it',
    '0600  COOKIE_KEYS_FILE: cookies  changed 2 days ago',
    expect.stringMatching(/^ {6}not usable: /),
    '0600  JOURNAL_BUCKET_SECRET_ACCESS_KEY_FILE: bucket  changed 2 days ago',
    '      requests to the bucket of the journal are signed with it',
    'none  SEALING_TRANSIT_TOKEN_FILE: missing',
  ]);
  expect(lines.join('\n')).not.toContain('very-secret');
  const ofDirectory = await run(['keys', 'list', '--directory', path.join(directory, 'keys')], { settings });
  expect(ofDirectory[0]).toBe(`0600  ${signingKeys()}  changed less than a day ago`);
});
