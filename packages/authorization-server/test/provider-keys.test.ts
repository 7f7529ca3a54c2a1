import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { compactDecrypt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose';
import { callApi, makeToken } from './support/account-api.js';
import { type Page, readForm, readText } from './support/browser.js';
import { encodeForm, header } from './support/http.js';
import { createOwner, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let openKey: (jwe: string) => Promise<string>;
/**
 * The identifiers of the sealing keys. The first read of the key file finds the first of them, the next read the
 * second, and so on. All reads after that find the last one.
 */
let sealingKeyIds = ['px-2026-11'];
beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const { x = '' } = await exportJWK(publicKey);
  openKey = async (jwe) => new TextDecoder().decode((await compactDecrypt(jwe, privateKey)).plaintext);
  server = await startTestServer({
    configuration: {
      operatorKeysFor: ['google'],
      simulatedUpstream: true,
    },
    rotatedKeys: {
      readSigningKeys: () => server.configuration.signingKeys,
      readIdTokenKeys: () => [],
      readCookieKeys: () => server.configuration.cookieKeys,
      readAuditKeys: () => server.configuration.auditKeys,
      readSealingKey: () => {
        const [kid = ''] = sealingKeyIds.length > 1 ? sealingKeyIds.splice(0, 1) : sealingKeyIds;
        return { kty: 'OKP', crv: 'X25519', x, kid };
      },
    },
  });
});
afterAll(() => server.close());

const keys = {
  openai: 'sk-proj-CANARY-openai-0123456789-abcd',
  anthropic: 'sk-ant-api03-CANARY-anthropic-0123456789-efgh',
  google: 'AIzaCANARY-google-0123456789-0123456789ijkl',
} as const;

async function add(owner: Owner, upstream: string, key: string): Promise<Page> {
  const page = await owner.browser.open('/account/keys');
  return owner.browser.submit(page, '/account/keys', { upstream, key });
}

const rowsOf = ({ accountId }: Owner) =>
  server.db.selectFrom('provider_keys').selectAll().where('account_id', '=', accountId).orderBy('upstream').execute();

it('seals each provider key on arrival, bound to account, AI provider, host and version', async () => {
  const owner = await createOwner(server);
  for (const [upstream, key] of Object.entries(keys)) expect((await add(owner, upstream, key)).status).toBe(200);
  for (const row of await rowsOf(owner)) {
    expect(decodeProtectedHeader(row.jwe)).toEqual({
      alg: 'ECDH-ES',
      enc: 'A256GCM',
      epk: expect.any(Object),
      kid: 'px-2026-11',
      typ: 'provkey+jwe',
      account: owner.accountId,
      upstream: row.upstream,
      host: server.configuration.upstreamHosts[row.upstream as keyof typeof keys],
      version: 1,
    });
    expect(await openKey(row.jwe)).toBe(keys[row.upstream as keyof typeof keys]);
  }
});

// The ids at the beginning of titles are rows of docs/security.md.
it('K4: shows the last four characters, the date and the last use, and never a provider key, even a mistyped one', async () => {
  const owner = await createOwner(server);
  const replaces = 'the new key replaces it';
  expect(readText((await owner.browser.open('/account/keys')).text)).not.toContain(replaces);
  const page = await add(owner, 'openai', keys.openai);
  const text = readText(page.text);
  expect(text).toContain(replaces);
  for (const shown of ['…abcd', 'added', 'not used yet', 'api.openai.com']) expect(text).toContain(shown);
  expect(text).toContain('No key. Answers are simulated');
  expect(text).toContain('This server’s own key is used');
  const mistyped = `${keys.openai} with spaces`;
  for (const { text: html } of [
    page,
    await add(owner, 'anthropic', mistyped),
    await owner.browser.open('/account/keys'),
  ])
    expect(html).not.toContain('CANARY');
  const listed = await callApi(server, await makeToken(owner), 'GET /api/account/provider-keys');
  expect(listed.status).toBe(200);
  expect(listed.text).toContain('abcd');
  expect(listed.text).not.toContain('CANARY');
});

it('AI providers without a key share an entry, which says what happens to requests for their models', async () => {
  const owner = await createOwner(server);
  const listNames = ({ text }: Page) =>
    [...text.matchAll(/<li><div><strong[^>]*>([^<]*)/g)].map(([, name = '']) => name);
  const names = listNames(await owner.browser.open('/account/keys'));
  expect(names.length).toBeLessThan(4);
  expect(names.join().split(/, ?/).toSorted()).toEqual(
    server.configuration.models.upstreams.entries.map(({ label }) => label).toSorted(),
  );
  expect(listNames(await add(owner, 'groq', 'gsk_CANARY0123456789abcdefghij0123456789'))[0]).toBe('Groq');
});

/** Records that OpenAI refused the owner's key. */
async function refuse(owner: Owner, refusal: string): Promise<void> {
  const [key] = await rowsOf(owner);
  await server.db
    .insertInto('provider_key_refusals')
    .values({
      account_id: owner.accountId,
      upstream: 'openai',
      provider_key_id: key?.id ?? '',
      refused_at: new Date(),
      refusal,
    })
    .execute();
}

it('shows the AI provider’s last refusal of the provider key, until the key is replaced', async () => {
  const owner = await createOwner(server);
  await add(owner, 'openai', keys.openai);
  await refuse(owner, '403 unsupported_country_region_territory');
  const { text } = await owner.browser.open('/account/keys');
  expect(readText(text)).toMatch(/OpenAI refused a request with this key \( ?now ?\)/);
  expect(readText(text)).toContain('replace the key. It said: 403 unsupported_country_region_territory');
  expect(readText((await add(owner, 'openai', keys.openai)).text)).not.toContain('refused a request');
});

it.each([
  ['401 invalid_api_key', 'OpenAI no longer accepts this key'],
  ['401', 'OpenAI no longer accepts this key'],
  ['400 API_KEY_INVALID', 'OpenAI no longer accepts this key'],
  ['403 key_leaked', 'OpenAI no longer accepts this key'],
  ['429 insufficient_quota', 'Your account at OpenAI has no credit left, or has reached a limit'],
  ['400 out_of_credit', 'Your account at OpenAI has no credit left, or has reached a limit'],
  ['402', 'Your account at OpenAI has no credit left, or has reached a limit'],
  ['402 unknown_error', 'Your account at OpenAI has no credit left, or has reached a limit'],
  ['402 billing_error', 'OpenAI reports a problem with the billing of your account'],
  ['403 BILLING_DISABLED', 'OpenAI reports a problem with the billing of your account'],
  ['403 permission_error', 'OpenAI doesn’t allow this key to make such a request'],
  ['401 account_deactivated', 'OpenAI refused a request with this key'],
  ['403', 'OpenAI refused a request with this key'],
])('says in plain words what a refusal with %s means, beside its code', async (refusal, words) => {
  const owner = await createOwner(server);
  await add(owner, 'openai', keys.openai);
  await refuse(owner, refusal);
  const { text } = await owner.browser.open('/account/keys');
  expect(readText(text)).toContain(words);
  expect(readText(text)).toMatch(new RegExp(`It said: ${refusal}\\s`));
});

it('an owner names a provider key; the name is shown as text, is kept when the key is replaced, and is deleted with the key', async () => {
  const owner = await createOwner(server);
  const page = await owner.browser.open('/account/keys');
  const name = '<b>Work</b> \u202e key';
  const added = await owner.browser.submit(page, '/account/keys', { upstream: 'openai', key: keys.openai, name });
  expect(added.text).toContain('<bdi>&lt;b>Work&lt;/b>');
  expect(added.text).not.toContain('<bdi><b>');
  const path = '/account/keys/openai/name';
  const long = await owner.browser.submit(added, path, { name: 'x'.repeat(61) });
  expect([long.status, readText(long.text)]).toEqual([422, expect.stringContaining('Use 60 characters or fewer.')]);
  expect(long.text).toContain(`value="${'x'.repeat(61)}"`);
  const renamed = await owner.browser.submit(added, path, { name: ' At home ' });
  expect(renamed.text).toContain('<bdi>At home</bdi>');
  const nameless = await owner.browser.submit(renamed, path, { name: '' });
  expect(nameless.text).not.toContain('<bdi>');
  expect([readText(nameless.text), readText(renamed.text)]).toEqual([
    expect.stringContaining('Add a name'),
    expect.stringContaining('Change name'),
  ]);
  await owner.browser.submit(nameless, path, { name: 'At home' });
  expect((await add(owner, 'openai', keys.openai)).text).toContain('<bdi>At home</bdi>');
  await owner.browser.submit(await owner.browser.open('/account/keys'), '/account/keys/openai/delete', {
    asked: 'yes',
  });
  expect((await add(owner, 'openai', keys.openai)).text).not.toContain('At home');
});

it('an old tab does not name a provider key that was named or deleted in the meantime', async () => {
  const owner = await createOwner(server);
  const path = '/account/keys/openai/name';
  const old = await add(owner, 'openai', keys.openai);
  const named = await owner.browser.submit(old, path, { name: 'At home' });
  const again = await owner.browser.submit(old, path, { name: 'At work' });
  expect([again.status, readText(again.text)]).toEqual([
    422,
    expect.stringMatching(/This was changed in the meantime.*At home/),
  ]);
  await owner.browser.submit(named, '/account/keys/openai/delete', { asked: 'yes' });
  const gone = readText((await owner.browser.submit(named, path, { name: 'At work' })).text);
  expect(gone).toContain('You have no key for this provider.');
  expect(gone).not.toContain('Name saved.');
});

it('a failed test of a provider key is shown until the key works again', async () => {
  const owner = await createOwner(server);
  await add(owner, 'openai', keys.openai);
  const [key] = await rowsOf(owner);
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  await server.db
    .insertInto('provider_key_tests')
    .values({
      account_id: owner.accountId,
      upstream: 'openai',
      provider_key_id: key?.id ?? '',
      requested_at: minutesAgo(10),
      verdict: 'refused',
    })
    .execute();
  const open = async () => readText((await owner.browser.open('/account/keys')).text);
  expect(await open()).toContain('OpenAI doesn’t accept this key');
  const overview = async () => readText((await owner.browser.open('/account')).text);
  expect(await overview()).toContain('OpenAI refuses your API key, so requests of apps for its models fail.');
  await server.db
    .updateTable('provider_keys')
    .set({ last_used_at: minutesAgo(5) })
    .where('id', '=', key?.id ?? '')
    .execute();
  expect(await open()).not.toContain('doesn’t accept this key');
  expect(await overview()).not.toContain('refuses your API key');
});

it('without a resource proxy, a test of a provider key is shown as still running; a provider key that does not exist cannot be tested', async () => {
  const owner = await createOwner(server);
  const page = await add(owner, 'openai', keys.openai);
  const { csrf_token = '' } = readForm(page.text, '/account/keys/openai/test');
  const test = (upstream: string) =>
    owner.browser.request(`/account/keys/${upstream}/test`, { method: 'POST', body: encodeForm({ csrf_token }) });
  expect(header(await test('openai'), 'location')).toBe('/account/keys');
  const text = readText((await owner.browser.open('/account/keys')).text);
  expect(text).toMatch(/A test at OpenAI is still running \(started: now ?\)/);
  expect(header(await test('anthropic'), 'location')).toBe('/account/keys');
  expect(readText((await owner.browser.open('/account/keys')).text)).toContain('You have no key');
}, 30_000);

it('K1: no table and no log line contains a readable provider key', async () => {
  const owner = await createOwner(server);
  for (const [upstream, key] of Object.entries(keys)) await add(owner, upstream, key);
  await add(owner, 'openai', 'sk-ant-oat01-CANARY-refused');
  const dump: unknown[] = [];
  for (const table of [
    'provider_keys',
    'audit_events',
    'artifacts',
    'attempts',
    'accounts',
    'owner_sessions',
    'clients',
    'grants',
    'revocations',
  ] as const)
    dump.push(await server.db.selectFrom(table).selectAll().execute());
  const text = JSON.stringify(dump, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  expect(text).not.toContain('CANARY');
  expect(server.logLines.join('\n')).not.toContain('CANARY');
});

it('replacing a provider key raises its version and removes the old key; adding, replacing and deleting are in the audit log', async () => {
  const owner = await createOwner(server);
  await add(owner, 'openai', keys.openai);
  await add(owner, 'openai', 'sk-another-key-0123456789-wxyz');
  const [row] = await rowsOf(owner);
  expect(row).toMatchObject({ version: 2, last_four: 'wxyz' });
  const page = await owner.browser.open('/account/keys');
  const done = await owner.browser.submit(page, '/account/keys/openai/delete', { asked: 'yes' });
  expect(readText(done.text)).toContain('Key deleted here.');
  expect(await rowsOf(owner)).toEqual([]);
  const events = await server.db
    .selectFrom('audit_events')
    .select(['event', 'detail'])
    .where('account_id', '=', owner.accountId)
    .where('event', 'like', 'provider_key_%')
    .orderBy('id')
    .execute();
  expect(events.map(({ event }) => event)).toEqual([
    'provider_key_added',
    'provider_key_replaced',
    'provider_key_deleted',
  ]);
});

it('K3: a provider key that is stored during a rotation is sealed to the next sealing key', async () => {
  const owner = await createOwner(server);
  await server.db.insertInto('retired_sealing_keys').values({ id: 'px-retired' }).execute();
  sealingKeyIds = ['px-retired', 'px-2026-11'];
  expect((await add(owner, 'openai', keys.openai)).status).toBe(200);
  expect(await rowsOf(owner)).toMatchObject([{ sealing_key_id: 'px-2026-11', version: 1 }]);
});

it('K3: a server whose file still has a retired sealing key stores no provider key, because no proxy could unseal it', async () => {
  const owner = await createOwner(server);
  await server.db.insertInto('retired_sealing_keys').values({ id: 'px-forgotten' }).execute();
  sealingKeyIds = ['px-forgotten'];
  const page = await add(owner, 'openai', keys.openai);
  sealingKeyIds = ['px-2026-11'];
  expect(page.status).toBe(500);
  expect(await rowsOf(owner)).toEqual([]);
  expect(server.logLines.join('\n')).toContain('the sealing key is retired');
});

it('accepts only API keys, and says in a sentence why another secret is refused', async () => {
  const owner = await createOwner(server);
  const refused = [
    ['anthropic', 'sk-ant-oat01-abcdefghijkl', 'subscription with Anthropic'],
    ['openai', 'sk-ant-sid01-abcdefghijkl', 'subscription with Anthropic'],
    ['openai', 'sess-abcdefghijklmnop', 'belongs to a sign-in'],
    ['openai', 'eyJhbGciOiJSUzI1NiJ9.e30.x', 'belongs to a sign-in'],
    ['openai', keys.anthropic, 'looks like a key from Anthropic'],
    ['anthropic', keys.openai, 'looks like a key from OpenAI'],
    ['google', keys.openai, 'looks like a key from OpenAI'],
    ['openai', 'what is this', 'a complete API key'],
    ['openai', 'abcdefghijklmnop', 'a complete OpenAI API key'],
    ['openai', 'sk-', 'a complete API key'],
    ['nobody', keys.openai, 'Choose an AI provider'],
  ] as const;
  for (const [upstream, key, sentence] of refused) {
    const page = await add(owner, upstream, key);
    expect([key, page.status]).toEqual([key, 422]);
    expect(readText(page.text)).toContain(sentence);
  }
  expect(await rowsOf(owner)).toEqual([]);
});

it('a provider key is not replaced by a form whose page did not show it, and the page is shown again', async () => {
  const owner = await createOwner(server);
  const [first, second] = [await owner.browser.open('/account/keys'), await owner.browser.open('/account/keys')];
  const add = (page: Page, ending: string) =>
    owner.browser.submit(page, '/account/keys', {
      upstream: 'openai',
      key: `sk-proj-CANARY-openai-0123456789-${ending}`,
    });
  expect((await add(first, 'aaaa')).status).toBe(200);
  const refused = await add(second, 'bbbb');
  expect([refused.status, readText(refused.text)]).toEqual([
    422,
    expect.stringMatching(/This was changed in the meantime.*…aaaa/),
  ]);
  const replaced = await add(refused, 'cccc');
  expect((await add(refused, 'dddd')).status).toBe(422);
  expect(readText(replaced.text)).toContain('…cccc');
  // a key of another provider is not replaced
  const other = { upstream: 'anthropic', key: keys.anthropic };
  expect((await owner.browser.submit(refused, '/account/keys', other)).status).toBe(200);
  expect((await rowsOf(owner)).map(({ last_four }) => last_four)).toEqual(['efgh', 'cccc']);
});

it('the form for a provider key says all that is wrong at once, and does not ask again for a password that was right', async () => {
  const owner = await createOwner(server);
  await server.db
    .updateTable('owner_sessions')
    .set({ authenticated_at: new Date(Date.now() - 6 * 60_000) })
    .where('account_id', '=', owner.accountId)
    .execute();
  const page = await owner.browser.open('/account/keys');
  const faulty = { upstream: 'openai', key: 'with spaces', name: 'x'.repeat(61) };
  const wrong = await owner.browser.submit(page, '/account/keys', { ...faulty, password: 'a wrong one' });
  const all = /doesn’t look like a complete API key.*Use 60 characters or fewer\..*Wrong password\./;
  expect([wrong.status, readText(wrong.text)]).toEqual([422, expect.stringMatching(all)]);
  const asked = await owner.browser.submit(wrong, '/account/keys', { ...faulty, password });
  expect([asked.status, Object.keys(readForm(asked.text, '/account/keys')).includes('password')]).toEqual([422, false]);
  const stored = await owner.browser.submit(asked, '/account/keys', { upstream: 'openai', key: keys.openai, name: '' });
  expect(readText(stored.text)).toContain('Key saved.');
});

it('L7: changing a provider key requires a recent sign-in', async () => {
  const owner = await createOwner(server);
  await add(owner, 'openai', keys.openai);
  const signedInMinutesAgo = (minutes: number) =>
    server.db
      .updateTable('owner_sessions')
      .set({ authenticated_at: new Date(Date.now() - minutes * 60_000) })
      .where('account_id', '=', owner.accountId)
      .execute();
  await signedInMinutesAgo(4);
  expect((await add(owner, 'openai', keys.openai)).status).toBe(200);
  const page = await owner.browser.open('/account/keys');
  await signedInMinutesAgo(6);
  const planted = { upstream: 'openai', key: 'sk-planted-by-somebody-else' };
  const deletion = '/account/keys/openai/delete';
  for (const [action, fields, question] of [
    ['/account/keys', planted, 'Confirm it’s you to add a key.'],
    ['/account/keys', { ...planted, password: 'a wrong one' }, 'Wrong password.'],
    [deletion, { asked: 'yes' }, 'Confirm it’s you to delete the key.'],
    [deletion, { asked: 'yes', password: 'a wrong one' }, 'Wrong password.'],
  ] as const) {
    const asked = await owner.browser.submit(page, action, fields);
    expect([asked.status, readText(asked.text).includes(question)]).toEqual([422, true]);
    expect(readForm(asked.text, action)).toHaveProperty('password', '');
  }
  expect((await rowsOf(owner)).map(({ last_four }) => last_four)).toEqual(['abcd']);
  const stale = await owner.browser.open('/account/keys');
  expect(readForm(stale.text, '/account/keys')).toHaveProperty('password', '');
  const fields = { upstream: 'anthropic', key: keys.anthropic, password };
  expect(readText((await owner.browser.submit(stale, '/account/keys', fields)).text)).toContain('Key saved.');
  await signedInMinutesAgo(6);
  const last = await owner.browser.open('/account/keys');
  expect(readText((await owner.browser.submit(last, deletion, { asked: 'yes', password })).text)).toContain(
    'Key deleted here.',
  );
});

it('L7: a sign-in while the clock was years ahead does not stay recent for years', async () => {
  const owner = await createOwner(server);
  const page = await owner.browser.open('/account/keys');
  const authenticatedAt = new Date(Date.now() + 2 * 366 * 86_400_000);
  await server.db
    .updateTable('owner_sessions')
    .set({ authenticated_at: authenticatedAt })
    .where('account_id', '=', owner.accountId)
    .execute();
  const fields = { upstream: 'openai', key: 'sk-planted-by-somebody-else' };
  expect((await owner.browser.submit(page, '/account/keys', fields)).status).toBe(422);
  expect(await rowsOf(owner)).toEqual([]);
});

it('an owner cannot see or change the provider keys of another owner', async () => {
  const owner = await createOwner(server);
  const other = await createOwner(server);
  await add(owner, 'openai', keys.openai);
  await add(other, 'openai', 'sk-of-the-other-0123456789-zzzz');
  const page = await other.browser.open('/account/keys');
  expect(page.text).not.toContain('…abcd');
  await other.browser.submit(page, '/account/keys/openai/delete', { asked: 'yes' });
  expect((await rowsOf(owner)).length).toBe(1);
});

it('reports a deletion only if a provider key was deleted', async () => {
  const [holder, other] = [await createOwner(server), await createOwner(server)];
  await add(holder, 'openai', keys.openai);
  const path = '/account/keys';
  const page = await other.browser.open(path);
  const { csrf_token = '' } = readForm(page.text, path);
  const remove = (upstream: string) =>
    other.browser.request(`${path}/${upstream}/delete`, { method: 'POST', body: encodeForm({ csrf_token }) });
  const absent = await remove('openai');
  expect([absent.status, header(absent, 'location')]).toEqual([303, path]);
  expect(readText((await other.browser.open(path)).text)).toContain('You have no key');
  expect((await remove('nobody')).status).toBe(404);
  expect(readText((await holder.browser.open(path)).text)).toContain(keys.openai.slice(-4));
});

it('an old tab does not delete a provider key that replaced the key shown in that tab', async () => {
  const owner = await createOwner(server);
  await add(owner, 'openai', keys.openai);
  const old = await owner.browser.open('/account/keys');
  await add(owner, 'openai', `${keys.openai.slice(0, -4)}next`);
  const again = await owner.browser.submit(old, '/account/keys/openai/delete', { asked: 'yes' });
  expect([again.status, readText(again.text)]).toEqual([
    422,
    expect.stringContaining('This was changed in the meantime.'),
  ]);
  expect(readText(again.text)).toContain('…next');
});
