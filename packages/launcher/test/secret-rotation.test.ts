import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashSecret, nameAuditKey } from '@aipassport/store';
import { findClient, isPreviousClientSecret } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createProgram } from '../src/create-program.js';
import { prepareDatabase } from '../src/database/prepare-database.js';
import { launcherEnvironment } from '../src/environment.js';
import { type KeyFiles, locateKeyFiles } from '../src/keys/key-files.js';
import { makeKeyFiles } from '../src/keys/make-key-files.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
let database: TestDatabase;
let directory: string;
let files: KeyFiles;

beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => database.close());
beforeEach(async () => {
  directory = makeDirectory();
  files = locateKeyFiles(directory);
  await makeKeyFiles(files, new Date());
});

/** Runs one command line on these keys, in this process. */
async function run(args: readonly string[], url = database.url): Promise<string> {
  return runPlain([...args, '--directory', directory], url);
}

async function runPlain(args: readonly string[], url = database.url): Promise<string> {
  const lines: string[] = [];
  const variables = { DATABASE_URL: url, ISSUER: 'https://ai.example.com' };
  const environment = launcherEnvironment.read({ variables, readFile: (file) => readFileSync(file, 'utf8') });
  const print = (line: string) => lines.push(line);
  const program = createProgram({ environment, variables, print, now: () => new Date() });
  await program.parseAsync(['node', 'aipassport', ...args]);
  return lines.join('\n');
}

async function listActs(event: string): Promise<readonly unknown[]> {
  const rows = await database.query<{ detail: unknown }>(
    'select detail from audit_events where event = $1 order by id desc limit 3',
    [event],
  );
  return rows.map(({ detail }) => detail);
}

it('the command that makes a link for an operator, and the one that upgrades the database, write an audit row', async () => {
  await runPlain(['operators', 'invite']);
  expect(await listActs('operator_link_created')).toEqual([{ by: 'command' }]);
  const fresh = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false });
  try {
    const counts: number[] = [];
    for (const times of [1, 2]) {
      await runPlain(['migrate'], fresh.url);
      const rows = await fresh.query<{ detail: { by: string; migrations: string } }>(
        `select detail from audit_events where event = 'database_migrated' order by id`,
      );
      counts.push(rows.length);
      expect([times, rows[0]?.detail.by]).toEqual([times, 'command']);
      expect(rows[0]?.detail.migrations).toMatch(/^0001_/);
    }
    // the second run has nothing to apply
    expect(counts[1]).toBe(counts[0]);
  } finally {
    await fresh.close();
  }
});

describe('cookie keys, audit keys and new key files', () => {
  const read = () => JSON.parse(readFileSync(files.authorizationServer.cookieKeys, 'utf8')) as string[];

  it('a new cookie key is added, then signs, and the old ones are dropped only on request; each step writes an audit row', async () => {
    const [old] = read();
    expect(await run(['rotate-cookie-key', '--step', 'add'])).toContain('does not sign yet');
    const [first, made] = read();
    expect([first, read().length]).toEqual([old, 2]);
    expect(await run(['rotate-cookie-key', '--step', 'use'])).toContain('The new cookie key signs.');
    expect(read()).toEqual([made, old]);
    expect(await run(['rotate-cookie-key', '--step', 'drop-old'])).toContain('Dropped');
    expect(read()).toEqual([made]);
    expect(await run(['rotate-cookie-key', '--step', 'drop-old'])).toBe('Nothing to do: there is only one cookie key.');
    expect(await listActs('secret_rotated')).toEqual(
      ['drop-old', 'use', 'add'].map((step) => ({ by: 'command', secret: 'cookie_keys', step })),
    );
    expect(statSync(files.authorizationServer.cookieKeys).mode & 0o777).toBe(0o600);
  });

  it('each step can be repeated: no second key is added, and the old key does not sign again', async () => {
    for (const round of ['first', 'second']) {
      const [old] = read();
      await run(['rotate-cookie-key', '--step', 'add']);
      const added = read();
      expect(await run(['rotate-cookie-key', '--step', 'add'])).toMatch(
        /^Nothing to do: a cookie key was added before/,
      );
      expect(read()).toEqual(added);
      await run(['rotate-cookie-key', '--step', 'use']);
      const used = read();
      expect([round, used[0], used[1]]).toEqual([round, added.at(-1), old]);
      const acts = await listActs('secret_rotated');
      expect(await run(['rotate-cookie-key', '--step', 'use'])).toMatch(
        /^Nothing to do: no cookie key was added since/,
      );
      expect(read()).toEqual(used);
      expect(await listActs('secret_rotated')).toEqual(acts);
    }
    writeFileSync(files.authorizationServer.cookieKeys, JSON.stringify(['1', '2'].map((each) => each.repeat(43))));
    await run(['rotate-cookie-key', '--step', 'use']);
    expect(read()[0]).toMatch(/^1+$/);
  });

  it('without a database, a new cookie key is added anyway, and the command says that the audit row is missing', async () => {
    const unreachable = 'postgres://nobody@127.0.0.1:1/nothing';
    expect(await run(['rotate-cookie-key', '--step', 'add'], unreachable)).toContain(
      'The audit log has no entry about this command',
    );
    expect(read()).toHaveLength(2);
  });

  it('a new key of the audit log is added, then seals; no old one is dropped, and each step is an audit row', async () => {
    const readAudit = () => JSON.parse(readFileSync(files.audit.keys, 'utf8')) as string[];
    const [old] = readAudit();
    expect(await run(['rotate-audit-key', '--step', 'add'])).toBe(
      'A new audit key was added. It verifies seals, and does not seal yet.',
    );
    const [, made] = readAudit();
    expect(await run(['rotate-audit-key', '--step', 'add'])).toMatch(/^Nothing to do: an audit key was added before/);
    expect(await run(['rotate-audit-key', '--step', 'use'])).toContain('The new audit key seals events.');
    expect(readAudit()).toEqual([made, old]);
    expect((await listActs('secret_rotated')).slice(0, 2)).toEqual(
      ['use', 'add'].map((step) => ({ by: 'command', secret: 'audit_keys', step })),
    );
    const listed = await run(['keys', 'list']);
    const ids = [made, old].map((secret) => nameAuditKey(secret ?? '').id);
    expect(listed).toContain(`${ids[0]}: seals events`);
    expect(listed).toContain(`${ids[1]}: only verifies older seals`);
  });

  it('keys init writes an audit row with the names of the files that it made', async () => {
    const others = makeDirectory();
    directory = others;
    await run(['keys', 'init']);
    const [act] = await listActs('secrets_made');
    expect(act).toMatchObject({ by: 'command' });
    expect(JSON.stringify(act)).toContain('audit/audit-keys.json resource-proxy/sealing-private-key.json');
    expect(await run(['keys', 'init'])).toContain('No key is missing');
    directory = path.join(others, 'none');
    for (const wrong of ['mysql://admin@one/db', 'postgres://admin@one:5432,/db', 'postgres://one/db'])
      await expect(run(['keys', 'init', '--database', wrong])).rejects.toThrow('--database');
    expect(existsSync(directory)).toBe(false);
    expect(await listActs('secrets_made')).toEqual([act]);
  });

  it('before the first migration there is no audit log, and keys init says nothing about it', async () => {
    const fresh = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false });
    try {
      directory = makeDirectory();
      const output = await run(['keys', 'init'], fresh.url);
      expect(output).toContain('audit-keys.json');
      expect(output).not.toContain('audit log');
    } finally {
      await fresh.close();
    }
  });
});

describe('the secret of the resource proxy', () => {
  const clientId = 'resource-proxy';
  const readSecret = () => readFileSync(files.resourceProxy.clientSecret, 'utf8');
  const isAccepted = async (secret: string) =>
    (await findClient(database.db, clientId))?.secretHash === hashSecret(secret) ||
    (await isPreviousClientSecret(database.db, clientId, hashSecret(secret)));

  beforeEach(async () => {
    await database.query('delete from previous_client_secrets');
    await prepareDatabase(database.db, { proxySecret: readSecret() });
  });

  it('is replaced; the earlier one is accepted until the overlap ends or the operator ends it', async () => {
    const earlier = readSecret();
    await run(['rotate-proxy-secret', '--overlap', '12h']);
    expect(readSecret()).not.toBe(earlier);
    expect([await isAccepted(earlier), await isAccepted(readSecret())]).toEqual([true, true]);
    expect(await listActs('client_secret_replaced')).toContainEqual({ by: 'command', overlap_seconds: 43_200 });
    await run(['rotate-proxy-secret', '--end-earlier']);
    expect([await isAccepted(earlier), await isAccepted(readSecret())]).toEqual([false, true]);
    await expect(run(['rotate-proxy-secret', '--overlap', 'soon'])).rejects.toThrow('is not a time such as');
  });

  it('after an interruption between the database and the file, the next run continues with the same secret', async () => {
    const earlier = readSecret();
    writeFileSync(`${files.resourceProxy.clientSecret}.next`, 'the secret of the interrupted run');
    await run(['rotate-proxy-secret']);
    expect(readSecret()).toBe('the secret of the interrupted run');
    expect([await isAccepted(earlier), await isAccepted(readSecret())]).toEqual([true, true]);
    expect(readdirSync(files.resourceProxy.directory)).not.toContain('client-secret.next');
  });

  it('keeps the file when the database does not have the client, so that the proxies continue to work', async () => {
    const earlier = readSecret();
    const names = readdirSync(files.resourceProxy.directory);
    await database.query('delete from clients where id = $1', [clientId]);
    for (const option of ['--overlap=1h', '--end-earlier'])
      await expect(run(['rotate-proxy-secret', option])).rejects.toThrow('has no client resource-proxy with a secret');
    expect(readSecret()).toBe(earlier);
    expect(readdirSync(files.resourceProxy.directory)).toEqual(names);
  });

  it('init registers a replaced secret, and accepts the earlier one for another hour', async () => {
    const earlier = readSecret();
    await prepareDatabase(database.db, { proxySecret: 'a replaced secret' });
    expect([await isAccepted(earlier), await isAccepted('a replaced secret')]).toEqual([true, true]);
    const [{ minutes } = {}] = await database.query<{ minutes: number }>(
      'select round(extract(epoch from expires_at - now()) / 60)::int as minutes from previous_client_secrets',
    );
    expect(minutes).toBe(60);
  });
});

describe('database passwords', () => {
  const kinds = { owner: 'owner', authorization: 'authorization-server', proxy: 'resource-proxy' } as const;
  const names = Object.keys(kinds) as readonly (keyof typeof kinds)[];
  let suffix: string;
  const fileOf = (kind: keyof typeof kinds) => path.join(directory, kinds[kind], 'database-url');
  const roleOf = (kind: keyof typeof kinds) => `${kind}_${suffix}`;
  const readUrl = (kind: keyof typeof kinds) => readFileSync(fileOf(kind), 'utf8');

  beforeEach(async () => {
    suffix = randomUUID().replaceAll('-', '');
    for (const kind of names) {
      await database.query(`create role ${roleOf(kind)} login password 'first' in role aipassport_${kind}`);
      mkdirSync(path.dirname(fileOf(kind)), { recursive: true });
      writeFileSync(fileOf(kind), buildUrl(kind, 'first'), { mode: 0o600 });
    }
  });
  afterEach(async () => {
    for (const kind of names) await database.query(`drop role ${roleOf(kind)}`);
  });

  const buildUrl = (kind: keyof typeof kinds, password: string) =>
    Object.assign(new URL(`${database.url}?connect_timeout=5`), { username: roleOf(kind), password }).href;

  async function isAccepted(url: string): Promise<boolean> {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end();
    }
  }

  async function expectRotated(before: readonly string[]): Promise<void> {
    for (const [index, kind] of names.entries()) {
      expect(await isAccepted(before[index] ?? '')).toBe(false);
      expect(await isAccepted(readUrl(kind))).toBe(true);
      expect(new URL(readUrl(kind)).search).toBe('?connect_timeout=5');
      expect(existsSync(`${fileOf(kind)}.previous`)).toBe(false);
      expect(statSync(fileOf(kind)).mode & 0o777).toBe(0o600);
    }
    const [act] = await listActs('secret_rotated');
    expect(act).toEqual({ by: 'command', secret: 'database_passwords', roles: names.map(roleOf).join(' ') });
  }

  it('each role gets its own password, and its file contains it', async () => {
    const before = names.map(readUrl);
    const output = await run(['rotate-database-passwords']);
    expect(output).toContain('The rotation is complete.');
    await expectRotated(before);
    const passwords = names.map((kind) => new URL(readUrl(kind)).password);
    expect(new Set(passwords).size).toBe(3);
    for (const password of passwords) expect(output).not.toContain(password);
  });

  it('with --one-step the passwords are set in a second run, when the servers have the files', async () => {
    const before = names.map(readUrl);
    expect(await run(['rotate-database-passwords', '--one-step'])).toContain('Give each file to the servers');
    const written = names.map(readUrl);
    for (const [index] of names.entries())
      expect([await isAccepted(before[index] ?? ''), await isAccepted(written[index] ?? '')]).toEqual([true, false]);
    await run(['rotate-database-passwords', '--one-step']);
    expect(names.map(readUrl)).toEqual(written);
    await expectRotated(before);
  });

  it('an interrupted rotation is continued, whether it stopped between two files or between two roles', async () => {
    const before = names.map(readUrl);
    // between two files: the first has its new password, the second only the copy of its old URL
    writeFileSync(`${fileOf('owner')}.previous`, buildUrl('owner', 'first'));
    writeFileSync(fileOf('owner'), buildUrl('owner', 'second'));
    writeFileSync(`${fileOf('authorization')}.previous`, buildUrl('authorization', 'first'));
    // between two roles: the database has the new password of the first
    await database.query(`alter role ${roleOf('owner')} password 'second'`);
    await run(['rotate-database-passwords']);
    expect(new URL(readUrl('owner')).password).toBe('second');
    await expectRotated(before);
  });

  describe('with an administrator whose password is not in the file', () => {
    const file = () => path.join(directory, 'database', 'superuser-url');
    const password = () => path.join(directory, 'database', 'password');

    beforeEach(async () => {
      await database.query(`create role admin_${suffix} login password 'known to the administrator alone'`);
      mkdirSync(path.dirname(file()));
      writeFileSync(file(), buildUrl('owner', 'random').replace(roleOf('owner'), `admin_${suffix}`));
      writeFileSync(password(), 'random');
    });
    afterEach(() => database.query(`drop role admin_${suffix}`));

    it.each([
      ['that starts now', false],
      ['that has already written a new password into every file', true],
    ])('a rotation %s leaves this role out, says so, and completes the others', async (_, isBegun) => {
      const before = names.map(readUrl);
      const administrator = readFileSync(file(), 'utf8');
      if (isBegun)
        for (const each of [file(), ...names.map(fileOf)]) {
          const url = readFileSync(each, 'utf8');
          writeFileSync(`${each}.previous`, url);
          writeFileSync(each, Object.assign(new URL(url), { password: 'second' }).href, { mode: 0o600 });
        }
      const output = await run(['rotate-database-passwords']);
      expect(output).toContain('The administrator’s password is not replaced.');
      expect(output).toContain('The rotation is complete.');
      await expectRotated(before);
      expect([readFileSync(file(), 'utf8'), readFileSync(password(), 'utf8')]).toEqual([administrator, 'random']);
      expect(existsSync(`${file()}.previous`)).toBe(false);
    });
  });

  it('nothing is changed when the database does not accept the password of a server, or a URL is wrong', async () => {
    for (const wrong of [buildUrl('proxy', 'another'), 'postgres://proxy@one,:5432/db', 'postgres:nothing']) {
      writeFileSync(fileOf('proxy'), wrong);
      const before = names.map(readUrl);
      await expect(run(['rotate-database-passwords'])).rejects.toThrow();
      expect(names.map(readUrl)).toEqual(before);
      for (const kind of names) expect(existsSync(`${fileOf(kind)}.previous`)).toBe(false);
      expect(await isAccepted(readUrl('owner'))).toBe(true);
    }
  });

  it('URLs may name several hosts, and keep them', async () => {
    const { host } = new URL(database.url);
    const several = `127.0.0.1:1,${host}`;
    const before = names.map(readUrl);
    for (const kind of names) writeFileSync(fileOf(kind), readUrl(kind).replace(host, several), { mode: 0o600 });
    await run(['rotate-database-passwords']);
    for (const kind of names) {
      expect(readUrl(kind)).toContain(`@${several}/`);
      writeFileSync(fileOf(kind), readUrl(kind).replace(several, host));
    }
    await expectRotated(before);
  });
});
