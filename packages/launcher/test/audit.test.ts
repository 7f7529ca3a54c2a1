import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseAuditKeys } from '@aipassport/authorization-server/operating';
import { sealEvents } from '@aipassport/store';
import { insertAccount } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
const secrets = ['a-key-that-seals-the-audit-log-0123456789'];
let database: TestDatabase;
let keyFile: string;

beforeEach(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  keyFile = path.join(makeDirectory(), 'audit-keys.json');
  writeFileSync(keyFile, JSON.stringify(secrets));
});
afterEach(() => database.close());

async function run(args: readonly string[], file = keyFile): Promise<string> {
  const variables = { DATABASE_URL: database.url, AUDIT_KEYS_FILE: file };
  const environment = launcherEnvironment.read({ variables, readFile: () => '' });
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  await createProgram({ environment, variables, print, now: () => new Date() }).parseAsync([
    'node',
    'aipassport',
    ...args,
  ]);
  return lines.join('\n');
}

const verify = (...options: readonly string[]) => run(['audit', 'verify', ...options]);

async function seal(): Promise<string> {
  const step = await sealEvents(database.db, { keys: parseAuditKeys(secrets), seen: undefined });
  if (step === undefined) throw new Error('the lock of the seals is held');
  return `${step.last.sequence}:${step.last.code.toString('hex').slice(0, 32)}`;
}

const addEvents = (count: number, minutesAgo = 0) =>
  database.query(
    "insert into audit_events (event, at) select 'signed_in', now() - make_interval(mins => $2) from generate_series(1, $1::integer)",
    [count, minutesAgo],
  );

// The ids at the beginning of titles are rows of docs/security.md.
it('G3: `audit verify` says until when the log is sealed, and which event was changed', async () => {
  expect(await verify()).toContain('Nothing is sealed yet.');
  await addEvents(3);
  const noted = await seal();
  await addEvents(2);
  const output = await verify('--expect', noted);
  expect(output).toContain('All 3 sealed events, until 20');
  expect(output).toContain(`The last seal is ${noted}`);
  expect(output).toContain('2 events are not sealed yet.');
  await seal();
  expect(await verify('--expect', noted)).toContain('Every event is sealed.');
  await expect(verify('--expect', `3:${'0'.repeat(32)}`)).rejects.toThrow(
    'Seal 3 is missing, or differs from the one that you expect.',
  );
  await expect(verify('--expect', '3')).rejects.toThrow('3 is not a seal');
  await database.query("update audit_events set event = 'signed_out' where id = 4");
  await expect(verify()).rejects.toThrow(
    /^Event 4 of 20.* was changed after it was sealed\. The 3 events before it are unchanged\.$/,
  );
  expect(await run(['audit', 'restart'])).toContain('Every seal was removed.');
  await seal();
  // the restart is an event too
  expect(await verify()).toContain('All 6 sealed events');
});

it('G3: `audit heads` prints the signed head of each day, and `audit verify --head` requires their seals', async () => {
  const file = path.join(makeDirectory(), 'heads');
  await addEvents(3);
  await seal();
  const heads = await run(['audit', 'heads']);
  expect(heads.split('.')).toHaveLength(3);
  writeFileSync(file, `${heads}\n`);
  expect(await verify('--head', file)).toContain('1 of the 1 expected seals were found.');
  expect(JSON.parse(await run(['audit', 'public-keys']))).toMatchObject({ keys: [{ kty: 'OKP', crv: 'Ed25519' }] });
  await database.query('delete from audit_events where id = 3');
  await run(['audit', 'restart']);
  await seal();
  await verify();
  await expect(verify('--head', file)).rejects.toThrow('Seal 3 is missing, or differs from the one that you expect.');
  writeFileSync(file, `${heads}\n${heads.slice(0, -8)}AAAAAAAA\n`);
  await expect(verify('--head', file)).rejects.toThrow('Head 2 in');
  writeFileSync(file, '\n');
  await expect(verify('--head', file)).rejects.toThrow('has no head');
});

it('G2: `audit export` prints the events as JSON lines or CSV, and is an event itself', async () => {
  await addEvents(1, 100_000);
  await addEvents(2);
  const lines = (await run(['audit', 'export'])).split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ event }) => event)).toEqual(['audit_log_exported', 'signed_in', 'signed_in', 'signed_in']);
  expect(lines[0]).toMatchObject({ detail: { by: 'command' }, time: expect.stringMatching(/Z$/) });
  const since = new Date(Date.now() - 86_400_000).toISOString();
  const csv = (await run(['audit', 'export', '--format', 'csv', '--since', since])).split('\n');
  expect(csv[0]).toBe('time,event,account,client_id,grant_id,details');
  expect(csv).toHaveLength(5);
  await expect(run(['audit', 'export', '--since', 'yesterday'])).rejects.toThrow('is not a time');
  await run(['audit', 'restart']);
  expect(await run(['audit', 'export'])).toContain('"audit_sealing_restarted"');
});

it('G3: `audit verify --account` looks at the events of one account', async () => {
  const account = await insertAccount(database.db, { email: 'owner@example.com', passwordHash: '' });
  const options = ['--account', 'Owner@example.com'];
  expect(await verify(...options)).toContain('No event of Owner@example.com is sealed yet.');
  await database.query("insert into audit_events (event, account_id) values ('signed_in', $1), ('signed_out', $1)", [
    account?.id,
  ]);
  await seal();
  expect(await verify(...options)).toMatch(/^All 2 sealed events of .* The last seal of the account is 2:/);
  await expect(verify('--account', 'nobody@example.com')).rejects.toThrow('There is no account');
  await expect(verify(...options, '--expect', '2:0123456789abcdef')).rejects.toThrow('cannot be combined');
  const other = await insertAccount(database.db, { email: 'other@example.com', passwordHash: '' });
  await database.query("insert into audit_events (event, account_id) values ('signed_in', $1)", [other?.id]);
  const file = path.join(makeDirectory(), 'heads');
  const ofAccount = await run(['audit', 'heads', ...options]);
  writeFileSync(file, `${await run(['audit', 'heads'])}\n${ofAccount}`);
  expect(await verify(...options, '--head', file)).toContain('They match the 2 heads.');
  expect(await verify('--head', file)).toContain('2 of the 2 expected seals were found.');
  await expect(verify('--account', 'other@example.com', '--head', file)).rejects.toThrow('a head of another account');
  writeFileSync(file, ofAccount.replace('"sequence":"2"', '"sequence":"1"'));
  await expect(verify(...options, '--head', file)).rejects.toThrow('Head 1 in');
  await database.query("update audit_events set event = 'signed_in' where id = 2");
  await expect(verify(...options)).rejects.toThrow(/^Event 2 of 20.* 1 events of the account before it/);
});

it('G3: `audit verify` fails when events are not sealed in time, and without the keys', async () => {
  await addEvents(3, 11);
  await expect(verify()).rejects.toThrow('Events should be sealed within 10 minutes.');
  await seal();
  await verify();
  await expect(run(['audit', 'verify'], `${keyFile}.missing`)).rejects.toThrow('is missing');
});

it('`doctor` says whether the audit log is sealed, and reports events that are not sealed and seals that are missing', async () => {
  const examine = async () => {
    const lines: string[] = [];
    const variables = { DATABASE_URL: database.url };
    const environment = launcherEnvironment.read({ variables, readFile: () => '' });
    const context = { environment, variables, print: (line: string) => lines.push(line), now: () => new Date() };
    await createProgram(context)
      .parseAsync(['node', 'aipassport', 'doctor'])
      .catch(() => undefined);
    return lines.filter((line) => line.includes('audit log:')).join('\n');
  };
  expect(await examine()).toContain('ok      audit log: no event is sealed yet');
  await addEvents(1);
  await seal();
  expect(await examine()).toMatch(/^ok {6}audit log: sealed until 20.*, and its last head was signed today$/);
  await database.query('update audit_heads set day = day - 3');
  expect(await examine()).toContain('NOT OK  audit log: its last head was signed 3 days ago; run an');
  await database.query('delete from audit_heads');
  expect(await examine()).toContain('NOT OK  audit log: no head was signed yet; run an');
  await addEvents(1, 11);
  expect(await examine()).toContain('NOT OK  audit log: no event after 20');
  await seal();
  await database.query('delete from audit_seals where sequence = 2');
  expect(await examine()).toContain('NOT OK  audit log: seals are missing');
  await database.query('delete from audit_seals');
  expect(await examine()).toContain('NOT OK  audit log: seals are missing');
  await database.query('delete from audit_chain');
  expect(await examine()).toContain('NOT OK  audit log: seals are missing');
  await run(['audit', 'restart']);
  expect(await examine()).toContain(
    'ok      audit log: no event is sealed yet, so a change of the log would not be found',
  );
});
