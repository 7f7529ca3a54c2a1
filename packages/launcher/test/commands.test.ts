import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPasswords } from '@aipassport/authorization-server/operating';
import { deleteExpired, hashSecret } from '@aipassport/store';
import { findAccountByEmail, findClient, findPasswordReset, isInvitationOpen } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const program = fileURLToPath(new URL('../src/main.js', import.meta.url));
const makeDirectory = useTemporaryDirectories();
let database: TestDatabase;
let directory: string;

beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false });
});
afterAll(() => database.close());
beforeEach(() => {
  directory = path.join(makeDirectory(), 'data');
});

/** Runs one command line in this process. Its output also goes into `lines`, for commands that fail. */
async function run(
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
  lines: string[] = [],
): Promise<string> {
  const variables = { DATABASE_URL: database.url, AIPASSPORT_DATA: directory, ...more };
  const readFile = (file: string) => readFileSync(file, 'utf8');
  const environment = launcherEnvironment.read({ variables, readFile });
  const now = () => new Date('2026-11-22T12:00:00Z');
  const commandLine = createProgram({ environment, variables, print: (line) => lines.push(line), now });
  await commandLine.parseAsync(['node', 'aipassport', ...args]);
  return lines.join('\n');
}

it('prepares a database: creates the schema, and registers the proxy with the secret from its file', async () => {
  await run(['keys', 'init', '--directory', directory]);
  const secretFile = path.join(directory, 'resource-proxy/client-secret');
  expect(await run(['init'], { PROXY_CLIENT_SECRET_FILE: secretFile })).toContain('Applied to the database: 0001_');
  const hint = 'No account is an operator yet. `aipassport operators invite` prints a link';
  const again = await run(['init'], { PROXY_CLIENT_SECRET_FILE: secretFile });
  expect([again.includes('The database is up to date.'), again.includes(hint)]).toEqual([true, true]);
  const client = await findClient(database.db, 'resource-proxy');
  expect(client).toMatchObject({ registeredBy: 'operator', secretHash: hashSecret(readFileSync(secretFile, 'utf8')) });
  await run(['accounts', 'create', 'olga@example.com']);
  await run(['operators', 'grant', 'olga@example.com']);
  const edge = await run(['init'], { PROXY_CLIENT_SECRET_FILE: secretFile, PROXY_CLIENT_ID: 'edge-proxy' });
  expect(edge).not.toContain('is an operator yet');
  expect(await run(['operators', 'list'])).toBe('olga@example.com');
  await expect(run(['operators', 'revoke', 'olga@example.com'])).rejects.toThrow(
    'is the only operator who can sign in',
  );
  expect(await run(['operators', 'list'])).toBe('olga@example.com');
  await run(['operators', 'revoke', 'olga@example.com', '--leave-none']);
  expect(await run(['operators', 'list'])).toContain(hint);
  expect(await findClient(database.db, 'edge-proxy')).toMatchObject({ secretHash: client?.secretHash });
});

it('makes an account whose password is shown once and stored as a hash', async () => {
  const output = await run(['accounts', 'create', 'Ada@example.com']);
  const password = /^password {2}(\S+)$/m.exec(output)?.[1] ?? '';
  const account = await findAccountByEmail(database.db, 'ada@example.com');
  expect(account?.passwordHash).not.toContain(password);
  const share = { network: '', account: '' };
  expect(await (await createPasswords()).verify(account?.passwordHash, Buffer.from(password), share)).toBe(true);
  await expect(run(['accounts', 'create', 'ada@example.com'])).rejects.toThrow('There is an account');
  await expect(run(['accounts', 'create', 'ada'])).rejects.toThrow('ada is not an email address.');
});

it('gives a new account the limit from the server’s setting, or the one that the command names', async () => {
  const limitOf = async (email: string) => {
    const account = await findAccountByEmail(database.db, email);
    const query = database.db.selectFrom('account_limits').select('max_cost_per_month');
    return (await query.where('account_id', '=', account?.id ?? '').executeTakeFirst())?.max_cost_per_month;
  };
  const create = (name: string, options: readonly string[], variables = {}) =>
    run(['accounts', 'create', `${name}@example.com`, ...options], variables);
  expect(await create('limited', [])).toContain('with a limit of $20.00 a month for all its apps together');
  expect(await limitOf('limited@example.com')).toBe(20_000_000_000n);
  await create('less', [], { NEW_ACCOUNT_MAX_COST_USD_PER_MONTH: '5' });
  expect(await limitOf('less@example.com')).toBe(5_000_000_000n);
  await create('chosen', ['--max-cost-per-month', '2.50'], { NEW_ACCOUNT_MAX_COST_USD_PER_MONTH: '5' });
  expect(await limitOf('chosen@example.com')).toBe(2_500_000_000n);
  expect(await create('unlimited', ['--max-cost-per-month', 'off'])).toContain('with no limit');
  expect(await limitOf('unlimited@example.com')).toBeUndefined();
  await expect(create('wrong', ['--max-cost-per-month', 'much'])).rejects.toThrow('must be an amount in US dollars');
  expect(await findAccountByEmail(database.db, 'wrong@example.com')).toBeUndefined();
});

it('disables an account, and refuses to disable it again', async () => {
  await run(['accounts', 'create', 'eve@example.com']);
  await run(['accounts', 'disable', 'eve@example.com']);
  expect(await run(['accounts', 'list'])).toMatch(/eve@example\.com {2}since .*, disabled /);
  await expect(run(['accounts', 'disable', 'eve@example.com'])).rejects.toThrow('is disabled already');
  await expect(run(['accounts', 'disable', 'nobody@example.com'])).rejects.toThrow('There is no account');
  await run(['accounts', 'enable', 'eve@example.com']);
  expect(await run(['accounts', 'list'])).toMatch(/eve@example\.com {2}since [\d-]+$/m);
  await expect(run(['accounts', 'enable', 'eve@example.com'])).rejects.toThrow('is not disabled');
});

it('makes a link for a new password that is valid for an hour, and records in the audit log that it was made', async () => {
  await run(['accounts', 'create', 'joan@example.com']);
  const output = await run(['accounts', 'reset-password', 'joan@example.com'], { ISSUER: 'https://ai.example' });
  const token = /^https:\/\/ai\.example\/account\/reset\?token=([\w-]{43})$/m.exec(output)?.[1] ?? '';
  expect(await findPasswordReset(database.db, token)).toBe('joan@example.com');
  const { expires_at } = await database.db.selectFrom('password_resets').selectAll().executeTakeFirstOrThrow();
  expect(expires_at.getTime() - Date.now()).toBeGreaterThan(59 * 60_000);
  expect(expires_at.getTime() - Date.now()).toBeLessThanOrEqual(60 * 60_000);
  const events = await database.db.selectFrom('audit_events').select(['event', 'detail']).execute();
  expect(events.map(({ event }) => event)).toContain('password_reset_link_created');
  expect(JSON.stringify(events)).not.toContain(token);
  await expect(run(['accounts', 'reset-password', 'nobody@example.com'])).rejects.toThrow('There is no account');
});

it('turns the authenticator app of an account off', async () => {
  await run(['accounts', 'create', 'mary@example.com']);
  await expect(run(['accounts', 'remove-authenticator', 'mary@example.com'])).rejects.toThrow(
    'has no authenticator app',
  );
  const { id } = await database.db
    .selectFrom('accounts')
    .select('id')
    .where('email', '=', 'mary@example.com')
    .executeTakeFirstOrThrow();
  await database.db
    .insertInto('authenticator_apps')
    .values({ account_id: id, sealed_secret: 'sealed', confirmed_at: new Date() })
    .execute();
  expect(await run(['accounts', 'remove-authenticator', 'mary@example.com'])).toContain('is turned off');
  expect(await database.db.selectFrom('authenticator_apps').selectAll().execute()).toEqual([]);
  await expect(run(['accounts', 'remove-authenticator', 'nobody@example.com'])).rejects.toThrow('There is no account');
});

it('makes invitations whose link is shown once and expires, lists them, and withdraws them', async () => {
  const output = await run(['accounts', 'invite', '--expires', '12h', '--note', 'For Ada'], {
    ISSUER: 'https://ai.example',
  });
  const code = /^https:\/\/ai\.example\/account\/create\?invitation=([\w-]{43})$/m.exec(output)?.[1] ?? '';
  expect(await isInvitationOpen(database.db, code)).toBe(true);
  const list = await run(['accounts', 'invitations']);
  expect(list).toMatch(/^[\w-]{36} {2}expires \d{4}-\d\d-\d\d \d\d:\d\d UTC {2}\(by the operator\) {2}"For Ada"$/m);
  expect(list).not.toContain(code);
  const id = list.slice(0, 36);
  await run(['accounts', 'uninvite', id]);
  expect(await isInvitationOpen(database.db, code)).toBe(false);
  await expect(run(['accounts', 'uninvite', id])).rejects.toThrow('There is no unused invitation');
  for (const expires of ['0d', '91d', '7', 'week', '-1d'])
    await expect(run(['accounts', 'invite', `--expires=${expires}`])).rejects.toThrow('is not a time such as');
  expect(await run(['accounts', 'invite'])).toContain('http://localhost:4000/account/create?invitation=');
});

it('lets an account invite others, and withdraws that permission', async () => {
  await run(['accounts', 'create', 'grace@example.com']);
  await run(['accounts', 'let-invite', 'grace@example.com']);
  expect(await run(['accounts', 'list'])).toMatch(/grace@example\.com {2}since [\d-]+, may invite$/m);
  await run(['accounts', 'stop-inviting', 'grace@example.com']);
  expect(await run(['accounts', 'list'])).not.toContain('may invite');
  await expect(run(['accounts', 'let-invite', 'nobody@example.com'])).rejects.toThrow('There is no account');
});

it('registers a client with a secret that is shown once and stored as a hash, and deletes it', async () => {
  const output = await run(['clients', 'create', '--name', 'Notes', '--redirect-uri', redirectUri]);
  const id = /^client_id +(\S+)$/m.exec(output)?.[1] ?? '';
  const secret = /^client_secret +(\S+)$/m.exec(output)?.[1] ?? '';
  expect(await findClient(database.db, id)).toMatchObject({
    name: 'Notes',
    secretHash: hashSecret(secret),
    webOrigins: ['https://notes.example'],
    registeredBy: 'operator',
    metadata: { redirect_uris: [redirectUri], token_endpoint_auth_method: 'client_secret_basic' },
  });
  expect(await run(['clients', 'list'])).toContain(`${id}  Notes  (by the operator, with a secret)  ${redirectUri}`);
  await run(['clients', 'delete', id]);
  expect(await findClient(database.db, id)).toBeUndefined();
  await expect(run(['clients', 'delete', id])).rejects.toThrow(`There is no client ${id}.`);
});

it.each(['native', 'spa'])('gives a client of the type %s no secret, because it could not keep one', async (type) => {
  const args = ['--name', 'Phone', '--redirect-uri', 'http://127.0.0.1/callback', '--type', type];
  const output = await run(['clients', 'create', ...args]);
  expect(output).not.toContain('client_secret');
  const client = await findClient(database.db, /^client_id +(\S+)$/m.exec(output)?.[1] ?? '');
  expect(client).toMatchObject({ secretHash: undefined, metadata: { token_endpoint_auth_method: 'none' } });
});

it.each([
  [['--type', 'spa'], '--secret-method is for clients with a secret, and a client of the type spa has none'],
  [['--type', 'native'], '--secret-method is for clients with a secret, and a client of the type native has none'],
  [['--type', 'terminal'], '--secret-method is for clients with a secret, and a client of the type terminal has none'],
  [['--jwks', '-'], '--secret-method is for clients with a secret, and a client with --jwks has none'],
])('refuses --secret-method with %j, because such a client has no secret', async (args, refusal) => {
  const base = ['clients', 'create', '--name', 'Notes', '--redirect-uri', 'https://notes.example/callback'];
  await expect(run([...base, ...args, '--secret-method', 'client_secret_post'])).rejects.toThrow(refusal);
});

it('refuses --one-role without --database, because it would have no effect', async () => {
  await expect(run(['keys', 'init', '--directory', makeDirectory(), '--one-role'])).rejects.toThrow(
    '--one-role needs --database',
  );
});

it('registers a client without a redirect URI only if it is of the type terminal', async () => {
  const output = await run(['clients', 'create', '--name', 'Shell', '--type', 'terminal']);
  expect(output).not.toContain('client_secret');
  const client = await findClient(database.db, /^client_id +(\S+)$/m.exec(output)?.[1] ?? '');
  expect(client).toMatchObject({
    secretHash: undefined,
    webOrigins: [],
    metadata: {
      redirect_uris: [],
      response_types: [],
      grant_types: ['refresh_token'],
      new_grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    },
  });
  await expect(run(['clients', 'create', '--name', 'Notes'])).rejects.toThrow('Name at least one --redirect-uri.');
});

it.each(['http://notes.example/callback', 'javascript:alert(1)', 'notes:/callback', 'not a uri'])(
  'refuses a client with the redirect URI %s',
  async (redirectUri) => {
    const creating = run(['clients', 'create', '--name', 'Notes', '--redirect-uri', redirectUri]);
    await expect(creating).rejects.toThrow(/^redirect_uris must/);
  },
);

const redirectUri = 'https://notes.example/callback';
const idIn = (output: string) => /^client_id +(\S+)$/m.exec(output)?.[1] ?? '';

function writePublicKey(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = path.join(makeDirectory(), 'jwks.json');
  writeFileSync(file, JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }));
  return file;
}

it('registers a client that has keys and no secret, and that must push its requests and use DPoP', async () => {
  const args = ['--name', 'Notes', '--redirect-uri', redirectUri, '--jwks', writePublicKey()];
  const output = await run(['clients', 'create', ...args, '--require-pushed', '--dpop-bound']);
  expect(output).not.toContain('client_secret');
  const id = idIn(output);
  expect(await findClient(database.db, id)).toMatchObject({
    secretHash: undefined,
    profile: undefined,
    metadata: {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ kty: 'EC', crv: 'P-256' }] },
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
    },
  });
  expect(await run(['clients', 'list'])).toContain(`${id}  Notes  (by the operator, with keys)  ${redirectUri}`);
});

it('registers a machine for the admin API, with its keys and its scopes', async () => {
  const scopes = ['admin:usage:read', 'admin:audit:read'];
  const args = ['--name', 'Dashboard', '--type', 'machine', '--jwks', writePublicKey(), '--admin-scope', ...scopes];
  const id = idIn(await run(['clients', 'create', ...args]));
  expect(await findClient(database.db, id)).toMatchObject({
    secretHash: undefined,
    adminScopes: scopes,
    metadata: { redirect_uris: [], grant_types: [], token_endpoint_auth_method: 'private_key_jwt' },
  });
  expect(await run(['clients', 'list'])).toContain(`(by the operator, with keys, ${scopes.join(', ')})`);
  expect(JSON.parse(await run(['clients', 'show', id]))).toMatchObject({ admin_scopes: scopes });
});

it.each([
  [['--type', 'machine'], 'A machine needs --jwks'],
  [['--type', 'machine', '--jwks', '-'], 'at least one --admin-scope'],
  [
    ['--type', 'machine', '--jwks', '-', '--delegates', '--admin-scope', 'admin:usage:read'],
    'asks no owner for access',
  ],
  [['--redirect-uri', 'https://notes.example/callback', '--admin-scope', 'admin:usage:read'], 'of the type machine'],
])('refuses to register a client for the admin API with %j', async (args, refusal) => {
  await expect(run(['clients', 'create', '--name', 'Notes', ...args])).rejects.toThrow(refusal);
});

it('refuses --require-pushed for a client without a redirect URI, because it makes no authorization requests', async () => {
  const args = ['clients', 'create', '--name', 'Shell', '--type', 'terminal', '--require-pushed'];
  await expect(run(args)).rejects.toThrow('--require-pushed is for clients with a --redirect-uri');
  expect(await run([...args, '--redirect-uri', 'http://127.0.0.1/callback'])).toContain('client_id');
});

it('registers a client with a logo, whose URL must be https', async () => {
  const create = (logo: string) =>
    run(['clients', 'create', '--name', 'Notes', '--redirect-uri', redirectUri, '--logo', logo]);
  const logo = 'https://notes.example/logo.png';
  expect(await findClient(database.db, idIn(await create(logo)))).toMatchObject({ metadata: { logo_uri: logo } });
  for (const bad of ['http://notes.example/logo.png', 'logo.png', 'data:image/png;base64,AAAA'])
    await expect(create(bad)).rejects.toThrow('--logo must be an https URL');
});

it('registers a client with the profile fapi_2_0, and shows it', async () => {
  const args = ['--name', 'Bank', '--redirect-uri', redirectUri, '--jwks', writePublicKey(), '--profile', 'fapi_2_0'];
  const id = idIn(await run(['clients', 'create', ...args]));
  expect(await run(['clients', 'list'])).toContain(`${id}  Bank  (by the operator, with keys, fapi_2_0)`);
  expect(JSON.parse(await run(['clients', 'show', id]))).toMatchObject({
    client_id: id,
    client_name: 'Bank',
    profile: 'fapi_2_0',
    registered_by: 'operator',
    redirect_uris: [redirectUri],
  });
  await expect(run(['clients', 'show', 'unknown'])).rejects.toThrow('There is no client unknown.');
});

it('shows the origins of a client, and whether it is approved or blocked', async () => {
  const id = idIn(await run(['clients', 'create', '--name', 'Notes', '--redirect-uri', redirectUri]));
  const show = async () => JSON.parse(await run(['clients', 'show', id]));
  const standing = { web_origins: ['https://notes.example'], is_approved: false, is_blocked: false };
  expect(await show()).toMatchObject(standing);
  await run(['clients', 'block', id]);
  expect(await show()).toMatchObject({ ...standing, is_blocked: true });
  await run(['clients', 'unblock', id]);
  await database.query(`update clients set registered_by = 'registration' where id = '${id}'`);
  const approved = await run(['clients', 'approve', id]);
  expect([approved.includes('Notes'), approved.includes(redirectUri)]).toEqual([true, true]);
  expect(await show()).toMatchObject({ ...standing, is_approved: true });
});

it('refuses a client whose name has invisible characters', async () => {
  for (const name of ['\u3164', 'Ba\u00adnk', 'Ba\u202enk'])
    await expect(run(['clients', 'create', '--name', name, '--redirect-uri', redirectUri])).rejects.toThrow(
      'client_name must be a text of at most 100 visible characters',
    );
});

it('refuses a client of the profile fapi_2_0 without keys or with a URL that is not https', async () => {
  const create = (...args: readonly string[]) =>
    run(['clients', 'create', '--name', 'Bank', '--profile', 'fapi_2_0', ...args]);
  await expect(create('--redirect-uri', redirectUri)).rejects.toThrow('--profile fapi_2_0 needs --jwks');
  await expect(create('--redirect-uri', redirectUri, '--jwks', writePublicKey(), '--type', 'spa')).rejects.toThrow(
    '--jwks is for clients of the types web and machine',
  );
  for (const unsafe of ['http://localhost/callback', 'http://127.0.0.1/callback', 'com.example.app:/callback'])
    await expect(create('--redirect-uri', unsafe, '--jwks', writePublicKey())).rejects.toThrow(
      'redirect_uris must use https with the profile fapi_2_0',
    );
  const privateKey = path.join(makeDirectory(), 'private.json');
  const { privateKey: secret } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(privateKey, JSON.stringify(secret.export({ format: 'jwk' })));
  await expect(create('--redirect-uri', redirectUri, '--jwks', privateKey)).rejects.toThrow(
    /^jwks must hold public keys/,
  );
});

it('says which file of --jwks cannot be read, and why', async () => {
  const create = (file: string) =>
    run(['clients', 'create', '--name', 'Bank', '--redirect-uri', redirectUri, '--jwks', file]);
  const file = path.join(makeDirectory(), 'jwks.json');
  await expect(create(file)).rejects.toThrow(`--jwks ${file} cannot be read as a JSON Web Key Set: ENOENT`);
  writeFileSync(file, '{nonsense');
  await expect(create(file)).rejects.toThrow(`--jwks ${file} cannot be read as a JSON Web Key Set: Expected property`);
});

it('takes the keys of a client from the standard input', async () => {
  const args = ['clients', 'create', '--name', 'Bank', '--redirect-uri', redirectUri, '--jwks', '-'];
  const { stdout } = spawnSync(process.execPath, [program, ...args], {
    input: readFileSync(writePublicKey()),
    encoding: 'utf8',
    env: { ...process.env, DATABASE_URL: database.url, AIPASSPORT_DATA: directory },
  });
  expect(await findClient(database.db, idIn(stdout))).toMatchObject({
    metadata: { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'EC' }] } },
  });
});

it('registers a client that sends its secret in the form, with a redirect URI for after the sign-out', async () => {
  const bye = 'https://notes.example/bye';
  const args = ['--name', 'Notes', '--redirect-uri', redirectUri, '--post-logout-redirect-uri', bye];
  const output = await run(['clients', 'create', ...args, '--secret-method', 'client_secret_post']);
  expect(output).toContain('client_secret');
  expect(await findClient(database.db, idIn(output))).toMatchObject({
    metadata: { token_endpoint_auth_method: 'client_secret_post', post_logout_redirect_uris: [bye] },
  });
});

it('finds a key file that others can read, and a database that cannot be reached', async () => {
  await run(['keys', 'init']);
  const keyFile = path.join(directory, 'keys/authorization-server/signing-keys.json');
  chmodSync(directory, 0o700);
  chmodSync(keyFile, 0o644);
  const findings: string[] = [];
  const unreachable = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' };
  await expect(run(['doctor'], unreachable, findings)).rejects.toThrow(/^\d+ of \d+ checks found a fault/);
  expect(findings).toContainEqual(`NOT OK  ${keyFile}: mode 644, so others can read it: run \`chmod go=\` on it`);
  expect(findings).toContainEqual(expect.stringMatching(/^NOT OK {2}database: connect ECONNREFUSED/));
  const verdicts = findings.map((line) => line.slice(0, 8).trim());
  expect(verdicts.filter((verdict) => !['ok', 'NOT OK', 'WARN'].includes(verdict))).toEqual([]);
});

it('checks the file with models and prices, and the setting UNKNOWN_MODELS', async () => {
  const file = path.join(makeDirectory(), 'prices.json');
  const examineWith = async (content: string) => {
    writeFileSync(file, content);
    const findings: string[] = [];
    await run(['doctor'], { PRICES_FILE: file }, findings).catch(() => undefined);
    return findings;
  };
  const discount = { upstream: 'openai', percent: 5 };
  expect(await examineWith(JSON.stringify({ discounts: [discount] }))).toContain(
    `ok      ${file}: 0 models, 1 discounts`,
  );
  expect(await examineWith(JSON.stringify({ discounts: [{ ...discount, percent: 500 }] }))).toContain(
    'NOT OK  configuration: PRICES_FILE: discounts[0].percent must be a number between -100 and 100',
  );
  for (const value of ['price-as:gpt-nonsense', 'price-as:openai/gpt-nonsense', 'price-as:gpt-5,gpt-4o', 'serve']) {
    const findings: string[] = [];
    await run(['doctor'], { UNKNOWN_MODELS: value }, findings).catch(() => undefined);
    expect(findings).toContainEqual(expect.stringMatching(/^NOT OK {2}configuration: .*UNKNOWN_MODELS/s));
  }
  const findings: string[] = [];
  await run(['doctor'], { UNKNOWN_MODELS: 'price-as:gpt-5.5-pro, google/gemini-2.5-pro' }, findings).catch(
    () => undefined,
  );
  expect(findings.filter((line) => line.includes('UNKNOWN_MODELS'))).toEqual([]);
});

it('checks the file with harmless fields of requests', async () => {
  const file = path.join(makeDirectory(), 'fields.json');
  const examineFile = async (content: string | undefined) => {
    if (content !== undefined) writeFileSync(file, content);
    const findings: string[] = [];
    await run(['doctor'], { REQUEST_FIELDS_FILE: file }, findings).catch(() => undefined);
    return findings.filter((line) => line.includes('fields.json') || line.includes('REQUEST_FIELDS_FILE'));
  };
  expect(await examineFile(undefined)).toEqual(['NOT OK  configuration: REQUEST_FIELDS_FILE: the file cannot be read']);
  expect(await examineFile('{"fields":{"openai.chat/completions":["top_k"]}}')).toEqual([`ok      ${file}: is valid`]);
  expect(await examineFile('{"fields":{"openai.chat":["top_k"]}}')).toEqual([
    expect.stringContaining('NOT OK  configuration: REQUEST_FIELDS_FILE: fields["openai.chat"] is not an operation'),
  ]);
});

it('finds misspelt names of settings in the environment and in a file, and never shows their values', async () => {
  const findings: string[] = [];
  const misspelt = { TRUSTED_PROXY_HOP: 'canary', OPENAI_API_KEYS: 'sk-canary', HTTPS_PROXY: 'http://canary' };
  await expect(run(['doctor'], misspelt, findings)).rejects.toThrow('found a fault');
  for (const name of Object.keys(misspelt)) expect(findings).toContainEqual(expect.stringMatching(`^NOT OK  ${name}`));

  const file = path.join(makeDirectory(), '.env');
  writeFileSync(
    file,
    '# ISSUERS=x\nCOMPOSE_PROJECT_NAME=ours\nISSUER=https://ai.example\nDEFAULT_MAX_COST_USDS=canary\n',
  );
  const lines: string[] = [];
  await expect(run(['check-settings', file], {}, lines)).rejects.toThrow('1 of 3 settings');
  expect(lines).toEqual([
    'DEFAULT_MAX_COST_USDS is set, but AIPassport has no such setting: did you mean DEFAULT_MAX_COST_USD?',
  ]);
  const { status, stdout } = spawnSync(process.execPath, [program, 'check-settings', '-'], {
    input: readFileSync(file),
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([1, `${lines.join('\n')}\n`]);
  writeFileSync(file, 'ISSUER=https://ai.example\n');
  expect(await run(['check-settings', file])).toContain('has a misspelt name');
  expect([...findings, ...lines].join('\n')).not.toContain('canary');
});

it('warns of a database that could lose committed data', async () => {
  // the database of the tests could lose committed data, because it runs without fsync
  await run(['migrate']);
  const findings: string[] = [];
  await expect(run(['doctor'], {}, findings)).rejects.toThrow('found a fault');
  expect(findings).toContainEqual(
    expect.stringMatching(/^NOT OK {2}database: fsync is off, .* `alter system set fsync = on`/),
  );
  expect(findings).toContain('ok      database: its schema is up to date');
});

it('finds months without a partition, rows in the default partition, and expired rows that were not removed', async () => {
  await waitPastMidnight();
  await run(['migrate']);
  const examineNow = async () => {
    const findings: string[] = [];
    await run(['doctor'], {}, findings).catch(() => undefined);
    return findings;
  };
  await run(['keys', 'init', '--directory', directory]);
  const secretFile = path.join(directory, 'resource-proxy/client-secret');
  await run(['init'], { PROXY_CLIENT_SECRET_FILE: secretFile });
  expect(await examineNow()).toEqual(
    expect.arrayContaining([
      'ok      ledger: the months ahead have their partitions',
      'ok      ledger: no row is in the default partition',
      'ok      database: nothing is overdue for removal; not cleaned yet',
    ]),
  );
  const month = new Date().toISOString().slice(0, 7);
  await database.query(`drop table ledger_${month.replace('-', '_')}`);
  await database.query(`
    insert into ledger (request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation, settlement,
      counted, cost, estimate, day, month, catalogue_version)
    values (gen_random_uuid(), now(), 'g', 'a', 'c', 'u', 'm', 'o', 'reported', true, 1, 1, current_date,
      date_trunc('month', current_date), 'v')`);
  await database.query(
    `insert into attempts (key_hash, count, window_ends_at) values ('old', 1, now() - interval '9 days')`,
  );
  const findings = await examineNow();
  expect(findings).toContain(
    `NOT OK  ledger: ${month} has no partition; a running resource proxy or \`aipassport init\` makes it`,
  );
  expect(findings).toContain(
    'NOT OK  ledger: rows in the default partition: 1; a running resource proxy moves them within hours',
  );
  expect(findings).toContainEqual(
    expect.stringMatching(
      /^NOT OK {2}database: attempts has rows that should have been removed 9 days ago; no cleaning of this table has finished yet/,
    ),
  );

  expect(await run(['init'], { PROXY_CLIENT_SECRET_FILE: secretFile })).toContain('The database is up to date.');
  await deleteExpired(database.db, { table: 'attempts', worker: 'test' });
  expect(await examineNow()).toEqual(
    expect.arrayContaining([
      'ok      ledger: the months ahead have their partitions',
      'ok      ledger: no row is in the default partition',
      'ok      database: nothing is overdue for removal; last cleaned 0 minutes ago',
    ]),
  );
});

it('sets retention times; without a setting, the audit log and ended grants are kept for ever', async () => {
  await run(['keys', 'init', '--directory', directory]);
  const secrets = { PROXY_CLIENT_SECRET_FILE: path.join(directory, 'resource-proxy/client-secret') };
  const readRetention = () => database.query('select * from retention order by name');
  await run(['init'], { ...secrets, AUDIT_RETENTION_DAYS: '400', ENDED_GRANTS_RETENTION_DAYS: '30' });
  expect(await readRetention()).toEqual([
    { name: 'audit_events', keep_days: 400 },
    { name: 'ended_grants', keep_days: 30 },
    { name: 'unused_clients', keep_days: 90 },
  ]);
  await run(['init'], secrets);
  expect(await readRetention()).toEqual([{ name: 'unused_clients', keep_days: 90 }]);
  await expect(run(['init'], { ...secrets, AUDIT_RETENTION_DAYS: '0' })).rejects.toThrow('AUDIT_RETENTION_DAYS');
});

it('the commands for the ledger show their progress', async () => {
  await run(['migrate']);
  await database.query("select create_ledger_partition('2020-01-01')");
  await database.query(`
    insert into ledger (request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation, settlement,
      counted, cost, estimate, day, month, catalogue_version)
    values (gen_random_uuid(), '2020-01-15', 'g', 'a', 'c', 'u', 'm', 'o', 'reported', true, 1, 1, '2020-01-15', '2020-01-01', 'v')`);
  const verified = await run(['verify-ledger']);
  expect(verified).toContain('Read ledger_2020_01: 100 %\n');
  expect(verified).toMatch(/agrees with the ledger, and so do .* the operator’s keys and .* the pages\.$/);
  const dropped = await run(['drop-ledger', '--before', '2020-02-01']);
  expect(dropped).toBe('Added up ledger_2020_01: 100 %\nDropped: ledger_2020_01');
  expect(await run(['drop-ledger', '--before', '2020-02-01'])).toBe('No month of the ledger ended before that day.');
  await expect(run(['drop-ledger', '--before', 'soon'])).rejects.toThrow('soon is not a date; write YYYY-MM-DD.');
});

it('refuses to correct the charge of an unknown request, and refuses invalid charges', async () => {
  await run(['migrate']);
  const id = '0b8f7f0e-6f0c-4d0e-9a53-0c1d2e3f4a5b';
  const correct = (request: string, cost: string) =>
    run(['correct-charge', request, '--cost', cost, '--reason', 'the bill says so']);
  await expect(correct(id, '0.01')).rejects.toThrow(`${id} is not in the ledger`);
  await expect(correct('1', '0.01')).rejects.toThrow('1 is not the identifier of a request.');
  await expect(correct(id, '-1')).rejects.toThrow('-1 is not an amount in US dollars');
});
