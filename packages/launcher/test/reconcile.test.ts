import { environment as authorizationServer } from '@aipassport/authorization-server/environment';
import { environment as resourceProxy } from '@aipassport/resource-proxy/environment';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { adminKeyVariables, billSources } from '../src/bills/bill-sources.js';
import { readPeriod } from '../src/bills/read-period.js';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';
import { forwardSettings } from '../src/start/forward-settings.js';

const adminKey = 'sk-admin-0123456789';
const now = new Date('2026-11-22T12:00:00Z');
/** A closed port of this machine, which acts as a vendor that does not answer. */
const nowhere = ['--base-url', 'http://127.0.0.1:9'];
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => database.close());

/** Runs the command in this process. */
async function run(...args: readonly string[]): Promise<void> {
  const variables = {
    DATABASE_URL: database.url,
    ...Object.fromEntries(Object.keys(adminKeyVariables).map((name) => [name, adminKey])),
  };
  const environment = launcherEnvironment.read({ variables, readFile: () => '' });
  const program = createProgram({ environment, variables, print: () => undefined, now: () => now });
  await program.parseAsync(['node', 'aipassport', 'reconcile', ...args]);
}

it('wrong options are refused before the vendor is asked, and say what is wrong', async () => {
  for (const [args, message] of [
    [['mistral'], 'The bill of mistral cannot be read. Choose one of: openai, anthropic, openrouter.'],
    [['openai', '--key', 'nobody@example.org=key_1'], 'There is no account for nobody@example.org.'],
    [['openai', '--key', 'operator'], 'write <our key>=<OpenAI’s key>'],
    [['openai', '--key', '=key_1'], 'write <our key>=<OpenAI’s key>'],
    [['openai', '--key', 'operator=two words'], 'OpenAI names keys in this form: key_…'],
    [['openai', '--key', 'operator=a', '--key', 'operator=b'], 'The key operator is named twice.'],
    [['openrouter', '--key', 'operator=key_1'], '64 hexadecimal digits'],
    [['openai', '--tolerance', 'some'], 'some is not an amount in US dollars'],
    [['openai', '--base-url', 'http://vendor.example'], '--base-url must be an https URL'],
    [['openai', '--key', 'operator=key_1'], 'OpenAI does not answer.'],
  ] as const) {
    const order = args.some((arg) => arg === '--base-url') ? args : [...args, ...nowhere];
    const failure = expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) });
    await expect(run(...order)).rejects.toEqual(failure);
  }
});

it('days whose month was dropped from the ledger are not compared', async () => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query("update usage_start set dropped_month = '2026-11-01'");
  await client.end();
  const failure = expect.objectContaining({ exitCode: 2, message: expect.stringContaining('dropped their month') });
  const since = (day: string) => run('openai', '--key', 'operator=key_1', '--from', day, ...nowhere);
  await expect(since('2026-10-31')).rejects.toEqual(failure);
  await expect(since('2026-11-01')).rejects.toThrow('does not answer');
});

it('by default the last seven final days are compared; --from and --to choose other days', () => {
  const read = (options: { from?: string; to?: string }, keptDays = 365) => {
    const { from, to } = readPeriod(options, now, { label: 'Acme', keptDays });
    return [from.toISOString(), to.toISOString()];
  };
  expect(read({})).toEqual(['2026-11-14T00:00:00.000Z', '2026-11-21T00:00:00.000Z']);
  const whole = ['2026-10-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z'];
  expect(read({ from: '2026-10-01', to: '2026-10-31' })).toEqual(whole);
  expect(read({ from: '2026-11-22', to: '2026-11-22' })[1]).toBe('2026-11-23T00:00:00.000Z');
  for (const [options, message] of [
    [{ from: '2026-02-30' }, '2026-02-30 is not a day'],
    [{ from: '2026-11-21' }, 'later than --to'],
    [{ to: '2026-11-23' }, 'in the future'],
    [{ from: '2026-09-30', to: '2026-10-31' }, 'At most 31 days'],
  ] as const)
    expect(() => read(options)).toThrow(message);
  expect(() => read({ from: '2026-10-22' }, 30)).toThrow('Acme reports only the last 30 days.');
  expect(read({ from: '2026-10-23', to: '2026-10-23' }, 30)[0]).toBe('2026-10-23T00:00:00.000Z');
});

it('no server gets an admin key, and each vendor has its own', () => {
  const names = Object.keys(adminKeyVariables);
  expect(names).toEqual([...billSources.values()].map(({ adminKeyVariable }) => adminKeyVariable));
  const set = Object.fromEntries(names.flatMap((name) => [name, `${name}_FILE`]).map((name) => [name, adminKey]));
  for (const { variables } of [authorizationServer, resourceProxy]) expect(forwardSettings(variables, set)).toEqual({});
});
