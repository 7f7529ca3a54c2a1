import { spawnSync } from 'node:child_process';
import { chownSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, type Postgres, startPostgres } from '@aipassport/launcher';
import { type Database, isDatabaseUnavailable, openDatabase, pingDatabase } from '@aipassport/store';
import { listenForRevocations } from '@aipassport/store/proxying';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { waitUntil } from './harness/wait-until.js';

const nobody = 65_534;
const hasOpenssl = spawnSync('openssl', ['version']).error === undefined;
if (!hasOpenssl)
  console.warn('The tests of TLS are skipped: openssl, which makes their certificates, is not installed.');

let directory: string;
/** `writing` has TLS. `reading` is read-only until the test changes that. */
let reading: Postgres;
let writing: Postgres;
const opened: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-hosts-'));
  if (process.getuid?.() === 0) chownSync(directory, nobody, nobody);
  if (hasOpenssl) makeCertificates();
  const tls = { ssl: 'on', ssl_cert_file: file('server.crt'), ssl_key_file: file('server.key') };
  reading = await startPostgres({
    directory: path.join(directory, 'one'),
    durable: false,
    settings: { default_transaction_read_only: 'on' },
  });
  writing = await startPostgres({
    directory: path.join(directory, 'two'),
    durable: false,
    settings: hasOpenssl ? tls : {},
  });
  // Both have the same password, so that one URL can name both.
  for (const { url } of [reading, writing])
    await ask(url, "begin read write; alter role postgres password 'secret'; commit");
});

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

afterAll(async () => {
  await reading?.stop();
  await writing?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const file = (name: string): string => path.join(directory, name);

/** Makes a certificate authority, a server certificate from it for the name `localhost`, and an unrelated authority. */
function makeCertificates(): void {
  const run = (...args: readonly string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  const subject = (name: string) => ['-subj', `/CN=${name}`, '-days', '2', '-nodes', '-newkey', 'rsa:2048'];
  run('req', '-x509', ...subject('Authority'), '-keyout', file('ca.key'), '-out', file('ca.crt'));
  run('req', '-x509', ...subject('Another'), '-keyout', file('other.key'), '-out', file('other.crt'));
  const authority = ['-CA', file('ca.crt'), '-CAkey', file('ca.key')];
  const names = ['-addext', 'subjectAltName=DNS:localhost'];
  run(
    'req',
    '-x509',
    ...subject('localhost'),
    ...authority,
    ...names,
    '-keyout',
    file('server.key'),
    '-out',
    file('server.crt'),
  );
  if (process.getuid?.() === 0) for (const name of ['server.key', 'server.crt']) chownSync(file(name), nobody, nobody);
}

/** @returns a connection to the database at this URL, which is closed after the test */
function open(url: string, connectTimeoutMilliseconds = 3_000): Database {
  const db = openDatabase({ url, applicationName: 'test', maxConnections: 4, connectTimeoutMilliseconds });
  opened.push(() => db.destroy());
  return db;
}

interface Way {
  readonly hosts: readonly string[];
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The URL of a database at these hosts, with these parameters. */
function urlOf({ hosts, parameters = {} }: Way): string {
  const query = new URLSearchParams(parameters).toString();
  return `postgres://postgres:secret@${hosts.join(',')}/postgres${query === '' ? '' : `?${query}`}`;
}

const urlAt = ({ port }: Postgres): string => `postgres://postgres:secret@127.0.0.1:${port}/postgres`;

async function ask(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('several hosts', () => {
  const hostOf = ({ port }: Postgres) => `127.0.0.1:${port}`;

  async function readPort(db: Database): Promise<number> {
    const row = await db
      .selectNoFrom((of) => of.fn<string>('current_setting', [of.val('port')]).as('port'))
      .executeTakeFirst();
    return Number(row?.port);
  }

  // The ids at the beginning of titles are rows of docs/security.md.
  it('Q4: a host that refuses connections or does not answer is skipped, and delays only the first attempt', async () => {
    const silent = await openSilentServer();
    const db = open(urlOf({ hosts: [`127.0.0.1:${await freePort()}`, silent.host, hostOf(writing)] }), 500);
    await Promise.all(Array.from({ length: 8 }, () => pingDatabase(db)));
    const tried = silent.count();
    expect(tried).toBeGreaterThan(0);
    await closeConnections(writing);
    for (let round = 0; round < 5; round += 1)
      await Promise.all(Array.from({ length: 8 }, () => pingDatabase(db).catch(() => undefined)));
    await pingDatabase(db);
    expect(silent.count()).toBe(tried);
  });

  it('Q4: of several hosts, the writable one is used, also after another one has become writable', async () => {
    const db = open(urlOf({ hosts: [hostOf(reading), hostOf(writing)] }));
    expect(await readPort(db)).toBe(writing.port);
    const own = { db, url: urlOf({ hosts: [hostOf(reading), hostOf(writing)] }) };
    let listening = 0;
    const listener = listenForRevocations({
      ...own,
      applicationName: 'test-listener',
      onRevoked: () => undefined,
      onListening: () => (listening += 1),
      onLost: () => undefined,
    });
    opened.push(() => listener.close());
    await waitUntil(() => listening === 1, 'the listener is connected', 10_000);

    const become = async (one: Postgres, value: 'on' | 'off') => {
      const url = urlAt(one);
      await ask(url, `alter system set default_transaction_read_only = ${value}`);
      await ask(url, 'select pg_reload_conf()');
    };
    await reading.stop();
    reading = await startPostgres({ directory: path.join(directory, 'one'), durable: false, port: reading.port });
    await become(writing, 'on');
    const isThere = async () => {
      // `pingDatabase` fails at a host that has become read-only, and the next connection goes to another host
      await pingDatabase(db).catch(() => undefined);
      return (await readPort(db)) === reading.port;
    };
    await waitUntil(isThere, 'the other host is used', 10_000);
    await pingDatabase(db);
    await become(writing, 'off');
  });

  async function closeConnections(one: Postgres): Promise<void> {
    await ask(urlAt(one), 'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()');
  }
});

/** Accepts connections and sends nothing, like a dead host behind a firewall. */
async function openSilentServer(): Promise<{ readonly host: string; readonly count: () => number }> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    count += 1;
    sockets.add(socket.on('error', () => undefined));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  opened.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return { host: `127.0.0.1:${port}`, count: () => count };
}

const describeTls = hasOpenssl ? describe : describe.skip;

describeTls('sslmode', () => {
  it('Q5: the certificate of the authority is read again, so that it can be replaced while a server runs', async () => {
    copyFileSync(file('other.crt'), file('used.crt'));
    const parameters = { sslmode: 'verify-full', sslrootcert: file('used.crt') };
    const db = open(urlOf({ hosts: [`localhost:${writing.port}`], parameters }));
    await expect(pingDatabase(db)).rejects.toThrow();
    copyFileSync(file('ca.crt'), file('used.crt'));
    await pingDatabase(db);
  });

  /** Whether the connection is made, and whether it is encrypted. */
  async function connect(host: string, parameters: Readonly<Record<string, string>>): Promise<boolean | 'refused'> {
    const db = open(urlOf({ hosts: [`${host}:${writing.port}`], parameters }));
    try {
      await pingDatabase(db);
    } catch (error) {
      expect([error, isDatabaseUnavailable(error)]).toEqual([error, true]);
      return 'refused';
    }
    const rows = await ask(
      urlAt(writing),
      "select bool_and(ssl) as ssl from pg_stat_ssl s join pg_stat_activity a using (pid) where a.application_name = 'test'",
    );
    await db.destroy();
    opened.pop();
    return rows[0]?.['ssl'] === true;
  }

  it.each([
    ['localhost', { sslmode: 'disable' }, false],
    ['localhost', { sslmode: 'allow' }, false],
    ['localhost', { sslmode: 'prefer' }, true],
    ['127.0.0.1', { sslmode: 'require' }, true],
    ['127.0.0.1', { sslmode: 'no-verify' }, true],
    ['127.0.0.1', { sslmode: 'verify-ca', sslrootcert: 'ca.crt' }, true],
    ['localhost', { sslmode: 'verify-full', sslrootcert: 'ca.crt' }, true],
    ['localhost', { sslrootcert: 'ca.crt' }, true],
    // the certificate's signer is not trusted, or the certificate names another host
    ['localhost', { sslmode: 'verify-full' }, 'refused'],
    ['localhost', { sslmode: 'verify-full', sslrootcert: 'other.crt' }, 'refused'],
    ['127.0.0.1', { sslmode: 'verify-full', sslrootcert: 'ca.crt' }, 'refused'],
    ['localhost', { sslmode: 'require', sslrootcert: 'other.crt' }, 'refused'],
    ['localhost', { sslmode: 'verify-ca', sslrootcert: 'other.crt' }, 'refused'],
  ] satisfies [string, Record<string, string>, boolean | 'refused'][])(
    'Q5: a connection to %s with %j is encrypted (true), plain (false) or refused: %s',
    async (host, parameters, expected) => {
      const given: Record<string, string> = parameters;
      const paths = given['sslrootcert'] === undefined ? given : { ...given, sslrootcert: file(given['sslrootcert']) };
      expect(await connect(host, paths)).toBe(expected);
    },
  );

  it('Q5: `prefer` accepts a connection without TLS if the server has no TLS, and `require` does not', async () => {
    await pingDatabase(open(`${urlAt(reading)}?sslmode=prefer`));
    const refused: unknown = await pingDatabase(open(`${urlAt(reading)}?sslmode=require`)).catch(
      (error: unknown) => error,
    );
    expect([refused, isDatabaseUnavailable(refused)]).toEqual([refused, true]);
  });

  it('Q5: the error about a file that cannot be read names the parameter of the URL, and no other part of the URL', () => {
    const url = urlOf({ hosts: ['one'], parameters: { sslmode: 'verify-full', sslrootcert: '/nowhere/ca.crt' } });
    expect(() => openDatabase({ url, applicationName: 'test' })).toThrow(
      "configuration: the file of `sslrootcert` in the database's URL cannot be read",
    );
  });
});
