import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseAuditKeys, parseSealingKey, sealProviderKey } from '@aipassport/authorization-server/operating';
import { noLimits, parseGrantedScope } from '@aipassport/policy';
import { directoryPlace, hashSecret, JournalWriter } from '@aipassport/store';
import {
  approveClient,
  blockClient,
  disableAccount,
  insertAccount,
  insertGrant,
  insertInvitation,
  listInvitations,
  setMayInvite,
  setOperator,
  upsertClient,
  upsertProviderKey,
} from '@aipassport/store/authorization';
import {
  createTestDatabase,
  EventRefusal,
  listMigrations,
  type TestDatabase,
  waitPastMidnight,
} from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';
import { type KeyFiles, locateKeyFiles } from '../src/keys/key-files.js';
import { makeKeyFiles } from '../src/keys/make-key-files.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
let database: TestDatabase;
let events: EventRefusal;

beforeAll(async () => {
  await waitPastMidnight();
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  events = await EventRefusal.prepare(database);
});
afterAll(() => database.close());

/** A command line, and the environment variables that it needs. */
interface Act {
  readonly args: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

type Prepare = () => Promise<Act>;

function createProgramFor({ variables: more }: Pick<Act, 'variables'>, print: (line: string) => void, url: string) {
  const variables = { DATABASE_URL: url, ISSUER: 'https://ai.example.com', ...more };
  const environment = launcherEnvironment.read({ variables, readFile: (file) => readFileSync(file, 'utf8') });
  return createProgram({ environment, variables, print, printProgress: () => undefined, now: () => new Date() });
}

/** Runs one command line in this process. @returns what it printed */
async function run(act: Act, url = database.url, lines: string[] = []): Promise<readonly string[]> {
  await createProgramFor(act, (line) => lines.push(line), url).parseAsync(['node', 'aipassport', ...act.args]);
  return lines;
}

async function addAccount(): Promise<{ readonly id: string; readonly email: string }> {
  const email = `${randomUUID()}@example.com`;
  const account = await insertAccount(database.db, { email, passwordHash: 'no password' });
  return { id: account?.id ?? '', email };
}

/** A client that registered itself, and that has access to an account. */
async function addClient(): Promise<string> {
  const id = randomUUID();
  const metadata = { redirect_uris: ['https://app.example/callback'] };
  const client = { id, name: 'App', metadata, secretHash: hashSecret(id), webOrigins: [] };
  await upsertClient(database.db, { ...client, registeredBy: 'registration' });
  await addGrant((await addAccount()).id, id);
  return id;
}

async function addGrant(accountId: string, clientId: string): Promise<string> {
  const id = randomUUID();
  await insertGrant(database.db, {
    id,
    accountId,
    clientId,
    tokens: parseGrantedScope('model:gpt-4o cap:chat'),
    limits: noLimits,
    reason: undefined,
    expiresAt: new Date(Date.now() + 3_600_000),
  });
  return id;
}

async function addRequest(admittedAt: string): Promise<string> {
  const [{ id: accountId }, clientId, requestId] = [await addAccount(), await addClient(), randomUUID()];
  await database.query(
    `insert into ledger (request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation,
      settlement, counted, cost, estimate, day, month, catalogue_version)
    values ($1, $2::timestamptz, $3, $4, $5, 'openai', 'gpt-4o', 'chat', 'reported', true, 1, 1, $2::timestamptz,
      date_trunc('month', $2::timestamptz), 'v')`,
    [requestId, admittedAt, await addGrant(accountId, clientId), accountId, clientId],
  );
  return requestId;
}

async function makeKeys(): Promise<{ readonly directory: string; readonly files: KeyFiles }> {
  const directory = makeDirectory();
  const files = locateKeyFiles(directory);
  await makeKeyFiles(files, new Date());
  return { directory, files };
}

const ofAccount =
  (...words: readonly string[]): Prepare =>
  async () => ({ args: [...words, (await addAccount()).email] });
const ofClient =
  (...words: readonly string[]): Prepare =>
  async () => ({ args: [...words, await addClient()] });
const plain =
  (...args: readonly string[]): Prepare =>
  async () => ({ args });

/** Each command that writes its row in the transaction of its act, or before it shows what it has read. */
const acts: Readonly<Record<string, Prepare>> = {
  'accounts list': plain('accounts', 'list'),
  'accounts create': async () => ({ args: ['accounts', 'create', `${randomUUID()}@example.com`] }),
  'accounts disable': ofAccount('accounts', 'disable'),
  'accounts enable': async () => {
    const { id, email } = await addAccount();
    await disableAccount(database.db, id);
    return { args: ['accounts', 'enable', email] };
  },
  'accounts reset-password': ofAccount('accounts', 'reset-password'),
  'accounts remove-authenticator': async () => {
    const { id, email } = await addAccount();
    await database.query(
      'insert into authenticator_apps (account_id, sealed_secret, confirmed_at) values ($1, $2, now())',
      [id, 'sealed'],
    );
    return { args: ['accounts', 'remove-authenticator', email] };
  },
  'accounts invite': plain('accounts', 'invite'),
  'accounts invitations': plain('accounts', 'invitations'),
  'accounts uninvite': async () => {
    await insertInvitation(database.db, { createdBy: undefined, note: undefined, expiresInSeconds: 3_600 });
    const [invitation] = await listInvitations(database.db);
    return { args: ['accounts', 'uninvite', invitation?.id ?? ''] };
  },
  'accounts let-invite': ofAccount('accounts', 'let-invite'),
  'accounts stop-inviting': async () => {
    const { id, email } = await addAccount();
    await setMayInvite(database.db, id, { mayInvite: true });
    return { args: ['accounts', 'stop-inviting', email] };
  },
  'operators list': plain('operators', 'list'),
  'operators invite': plain('operators', 'invite'),
  'operators grant': ofAccount('operators', 'grant'),
  'operators revoke': async () => {
    const { id, email } = await addAccount();
    await setOperator(database.db, id, true);
    return { args: ['operators', 'revoke', email, '--leave-none'] };
  },
  'clients list': plain('clients', 'list'),
  'clients show': ofClient('clients', 'show'),
  'clients create': plain('clients', 'create', '--name', 'Notes', '--redirect-uri', 'https://notes.example/callback'),
  'clients block': ofClient('clients', 'block'),
  'clients unblock': async () => {
    const clientId = await addClient();
    await blockClient(database.db, { clientId, by: undefined });
    return { args: ['clients', 'unblock', clientId] };
  },
  'clients approve': ofClient('clients', 'approve'),
  'clients disapprove': async () => {
    const clientId = await addClient();
    await approveClient(database.db, { clientId, by: undefined });
    return { args: ['clients', 'disapprove', clientId] };
  },
  'clients delete': ofClient('clients', 'delete'),
  'audit export': plain('audit', 'export'),
  'audit restart': plain('audit', 'restart'),
  'correct-charge': async () => {
    const request = await addRequest(new Date().toISOString());
    return { args: ['correct-charge', request, '--cost', '0.5', '--reason', 'the bill'] };
  },
  'drop-ledger': async () => {
    await database.query("select create_ledger_partition('2020-01-01')");
    await addRequest('2020-01-15T00:00:00Z');
    return { args: ['drop-ledger', '--before', '2020-02-01'] };
  },
  'restored, without a journal': async () => {
    await addClient();
    return { args: ['restored', '--end-all-access'] };
  },
  'restored, with a journal': async () => {
    await addClient();
    const [directory, keys] = [makeDirectory(), path.join(makeDirectory(), 'audit-keys.json')];
    writeFileSync(keys, JSON.stringify(['a-key-that-signs-the-journal-0123456789']));
    const [key] = parseAuditKeys(JSON.parse(readFileSync(keys, 'utf8')));
    const writer = new JournalWriter({ db: database.db, place: directoryPlace(directory), key });
    await writer.write(true);
    await writer.close();
    return { args: ['restored', '--journal', directory], variables: { AUDIT_KEYS_FILE: keys } };
  },
  'init, which registers a proxy': async () => {
    const { files } = await makeKeys();
    return {
      args: ['init'],
      variables: { PROXY_CLIENT_SECRET_FILE: files.resourceProxy.clientSecret, PROXY_CLIENT_ID: randomUUID() },
    };
  },
  'init, which changes how long rows are kept': async () => {
    const { files } = await makeKeys();
    const variables = { PROXY_CLIENT_SECRET_FILE: files.resourceProxy.clientSecret, PROXY_CLIENT_ID: randomUUID() };
    await run({ args: ['init'], variables });
    return { args: ['init'], variables: { ...variables, AUDIT_RETENTION_DAYS: '400' } };
  },
  'rotate-proxy-secret': async () => {
    const { directory, files } = await makeKeys();
    const variables = { PROXY_CLIENT_SECRET_FILE: files.resourceProxy.clientSecret, PROXY_CLIENT_ID: randomUUID() };
    await run({ args: ['init'], variables });
    return { args: ['rotate-proxy-secret', '--directory', directory], variables };
  },
  'rotate-proxy-secret, which ends the earlier secret': async () => {
    const { directory, files } = await makeKeys();
    const variables = { PROXY_CLIENT_SECRET_FILE: files.resourceProxy.clientSecret, PROXY_CLIENT_ID: randomUUID() };
    await run({ args: ['init'], variables });
    await run({ args: ['rotate-proxy-secret', '--directory', directory], variables });
    return { args: ['rotate-proxy-secret', '--end-earlier', '--directory', directory], variables };
  },
  'rotate-sealing-key': async () => {
    const { directory, files } = await makeKeys();
    await database.query('delete from provider_keys');
    const sealingKey = parseSealingKey(JSON.parse(readFileSync(files.authorizationServer.sealingPublicKey, 'utf8')));
    const { id: accountId } = await addAccount();
    const binding = { upstream: 'openai', host: 'api.openai.com', version: 1 } as const;
    const jwe = await sealProviderKey(sealingKey, { account: accountId, ...binding }, Buffer.from('sk-0123456789'));
    const row = { ...binding, accountId, sealingKeyId: sealingKey.kid, jwe, lastFour: '6789' };
    await upsertProviderKey(database.db, row);
    for (let step = 0; step < 2; step++)
      await run({ args: ['rotate-sealing-key', '--one-step', '--directory', directory] });
    return { args: ['rotate-sealing-key', '--one-step', '--directory', directory] };
  },
};

/**
 * The tables that a command changes before the transaction of its act, and that the repeated command completes. Provider
 * keys are sealed anew, which changes neither them nor who can use them, and then the old sealing key is retired. A month
 * is detached from the ledger, where it still counts, and is then dropped.
 */
const earlierSteps: Readonly<Record<string, RegExp>> = {
  'rotate-sealing-key': /^provider_keys$/,
  'drop-ledger': /^(ledger|ledger_dropping_2020_01|usage_start)$/,
};

/** The commands without a row in the transaction of an act, and why. */
const others: Readonly<Record<string, readonly string[]>> = {
  'change files of this machine, also while the database is down; then they say that the row is missing': [
    'keys init',
    'rotate-signing-key',
    'rotate-cookie-key',
    'rotate-audit-key',
  ],
  'has tests of its own below': ['migrate', 'rotate-database-passwords'],
  'runs before there is an audit log, and gives roles and rights, which are not in a table of ours': ['prepare-roles'],
  'read settings, files, sums of the ledger or seals, and nothing of a person': [
    'doctor',
    'check-settings',
    'keys list',
    'verify-ledger',
    'audit verify',
    'audit heads',
    'audit public-keys',
  ],
  'writes its row with its reading, like `accounts list`, and asks a provider for its bill': ['reconcile'],
  'runs the servers': ['start'],
};

function listCommands(command: Command): readonly string[] {
  return command.commands.flatMap((each) =>
    each.commands.length > 0 ? listCommands(each).map((name) => `${each.name()} ${name}`) : [each.name()],
  );
}

it('each command is tried below, or is listed here with the reason', () => {
  const program = createProgramFor({}, () => undefined, database.url);
  const tried = new Set(Object.keys(acts).map((name) => name.split(', ')[0] ?? ''));
  expect([...tried, ...Object.values(others).flat()].toSorted()).toEqual(listCommands(program).toSorted());
});

// The ids at the beginning of titles are rows of docs/security.md.
it.each(Object.entries(acts))(
  'G2: `aipassport %s` changes nothing and shows nothing if the audit log cannot be written',
  async (name, prepare) => {
    const act = await prepare();
    const before = await events.readTables();
    const lines: string[] = [];
    const failed = await events.whileRefused(() => run(act, database.url, lines).catch((error: unknown) => error));
    expect(String(failed)).toContain('no event of this test can be recorded');
    const hasNoStep = ([table]: readonly [string, unknown]) => earlierSteps[name]?.test(table) !== true;
    const watch = (tables: object) => Object.fromEntries(Object.entries(tables).filter(hasNoStep));
    expect(watch(await events.readTables())).toEqual(watch(before));
    if (earlierSteps[name] === undefined) expect(lines).toEqual([]);
    await run(act);
    expect((await events.readTables())['audit_events']).not.toBe(before['audit_events']);
  },
);

it('G2: no migration is applied without its row in the audit log', async () => {
  const fresh = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false });
  try {
    await fresh.query(`
      create function refuse_event() returns trigger language plpgsql as $$
        begin raise exception 'no event of this test can be recorded'; end $$`);
    // the first migration creates the audit log
    await fresh.query(`
      create function refuse_events() returns event_trigger language plpgsql as $$
        begin
          if to_regclass('audit_events') is not null
            and not exists (select from pg_trigger where tgname = 'refuse_event') then
            create trigger refuse_event before insert on audit_events for each row execute function refuse_event();
          end if;
        end $$`);
    await fresh.query(
      "create event trigger refuse_events on ddl_command_end when tag in ('CREATE TABLE') execute function refuse_events()",
    );
    await expect(run({ args: ['migrate'] }, fresh.url)).rejects.toThrow('no event of this test can be recorded');
    const [left] = await fresh.query(
      "select to_regclass('accounts') as accounts, (select count(*)::integer from migrations) as migrations",
    );
    expect(left).toEqual({ accounts: null, migrations: 0 });
    await fresh.query('drop event trigger refuse_events');
    await run({ args: ['migrate'] }, fresh.url);
    const rows = await fresh.query<{ migrations: string }>(
      "select detail->>'migrations' as migrations from audit_events where event = 'database_migrated' order by id",
    );
    const recorded = rows.flatMap(({ migrations }) => migrations.split(' '));
    expect(recorded).toEqual((await listMigrations()).map(({ name }) => name));
    await run({ args: ['migrate'] }, fresh.url);
    expect(await fresh.query("select from audit_events where event = 'database_migrated'")).toHaveLength(rows.length);
  } finally {
    await fresh.close();
  }
});

it('G2: new passwords of the database are set by their roles, and the rotation is not complete without its row', async () => {
  const directory = makeDirectory();
  const suffix = randomUUID().replaceAll('-', '');
  const kinds = { owner: 'owner', authorization: 'authorization-server', proxy: 'resource-proxy' } as const;
  for (const [kind, folder] of Object.entries(kinds)) {
    await database.query(`create role ${kind}_${suffix} login password 'first' in role aipassport_${kind}`);
    mkdirSync(path.join(directory, folder), { recursive: true });
    const url = Object.assign(new URL(database.url), { username: `${kind}_${suffix}`, password: 'first' }).href;
    writeFileSync(path.join(directory, folder, 'database-url'), url, { mode: 0o600 });
  }
  const act = { args: ['rotate-database-passwords', '--directory', directory] };
  const listRotations = () => database.query("select from audit_events where detail->>'secret' = 'database_passwords'");
  try {
    await expect(events.whileRefused(() => run(act))).rejects.toThrow('no event of this test can be recorded');
    expect(await listRotations()).toHaveLength(0);
    expect((await run(act)).at(-1)).toContain('The rotation is complete.');
    expect(await listRotations()).toHaveLength(1);
  } finally {
    for (const kind of Object.keys(kinds)) await database.query(`drop role ${kind}_${suffix}`);
  }
});
