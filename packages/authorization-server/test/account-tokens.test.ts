import { disableAccount, setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { callApi, makeToken, readNewToken } from './support/account-api.js';
import { readForm, readText } from './support/browser.js';
import { withoutOrigin } from './support/events.js';
import { encodeForm, send } from './support/http.js';
import { createOwner, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
});

const path = '/account/tokens';
const usual = { name: 'Dashboard', lifetime_days: '30' };
const submit = async (fields = {}) =>
  owner.browser.submit(await owner.browser.open(path), path, { ...usual, ...fields });
const rows = () =>
  server.db.selectFrom('account_tokens').selectAll().where('account_id', '=', owner.accountId).execute();
const events = async () =>
  (
    await server.db
      .selectFrom('audit_events')
      .select(['event', 'detail'])
      .where('account_id', '=', owner.accountId)
      .where('event', 'like', 'account_token_%')
      .orderBy('id')
      .execute()
  ).map(({ event, detail }) => ({ event, detail: withoutOrigin(detail) }));
const statusOf = async (token: string, replica = 0) =>
  (await callApi(server, token, 'GET /api/account', { replica })).status;
/** Removes the only token, on the page. */
async function removeOnPage() {
  const page = await owner.browser.open(path);
  const [, action = ''] = /action="(\/account\/tokens\/[\w-]+\/remove)"/.exec(page.text) ?? [];
  return owner.browser.submit(page, action);
}

it('a token is shown once, only its hash is stored, and it is listed with its permissions and its end', async () => {
  const made = await submit({ permissions: ['manage', 'developer'] });
  const token = readNewToken(made.text) ?? '';
  expect(token).toMatch(/^aipat_[\w-]{43}$/);
  const again = await owner.browser.open(path);
  expect(again.text).not.toContain(token);
  expect(readText(again.text)).toContain(
    'Dashboard Can see your account. Can remove access, lower limits, test and delete API keys, sign out devices,',
  );
  expect(readText(again.text)).toMatch(/Valid until .* Never used./);
  const [row] = await rows();
  expect(JSON.stringify(row)).not.toContain(token.slice('aipat_'.length));
  expect(row).toMatchObject({ name: 'Dashboard', scopes: ['read', 'manage', 'developer'] });
  const days = ((row?.expires_at.getTime() ?? 0) - (row?.created_at.getTime() ?? 0)) / 86_400_000;
  expect(days).toBeCloseTo(30, 1);
  expect(await events()).toEqual([
    {
      event: 'account_token_created',
      detail: { token: row?.id, name: 'Dashboard', scopes: 'read manage developer', expires_at: expect.any(String) },
    },
  ]);
});

it('a token that is removed at one server is refused at the other from then on', async () => {
  const token = await makeToken(owner);
  expect([await statusOf(token, 0), await statusOf(token, 1)]).toEqual([200, 200]);
  expect(readText((await removeOnPage()).text)).toContain('API token removed.');
  expect([await statusOf(token, 0), await statusOf(token, 1)]).toEqual([401, 401]);
  expect((await events()).map(({ event }) => event)).toEqual(['account_token_created', 'account_token_removed']);
});

it('when the sign-in is not recent, a new token requires the password, and the removal of a token does not', async () => {
  const token = await makeToken(owner);
  server.advanceClock(600);
  const asked = await submit({ name: 'Second' });
  expect([asked.status, readText(asked.text)]).toEqual([
    422,
    expect.stringContaining('Confirm it’s you to create a token.'),
  ]);
  expect(readForm(asked.text, path)['name']).toBe('Second');
  expect(await rows()).toHaveLength(1);
  await removeOnPage();
  expect(await statusOf(token)).toBe(401);
  const made = await owner.browser.submit(asked, path, { ...usual, password });
  expect(readNewToken(made.text)).toBeDefined();
  server.advanceClock(-600);
});

it.each([
  ['no name', { name: '' }, 'Enter a name'],
  ['a name with hidden characters', { name: 'a\u200bb' }, 'Enter a name'],
  ['a name that is too long', { name: 'x'.repeat(61) }, 'Enter a name'],
  ['a lifetime that the page does not offer', { lifetime_days: '3650' }, 'Choose how long'],
  ['a permission that does not exist', { permissions: ['everything'] }, 'Choose what the program can do'],
  [
    'the rights of an operator, for an account that is not an operator',
    { permissions: ['operator'] },
    'Choose what the program can do',
  ],
])('no token is made with %s', async (_name, fields, problem) => {
  const page = await submit(fields);
  expect([page.status, readText(page.text)]).toEqual([422, expect.stringContaining(problem)]);
  expect(await rows()).toEqual([]);
});

it('an operator may give a token the rights of an operator', async () => {
  await setOperator(server.db, owner.accountId, true);
  await makeToken(owner, ['operator']);
  expect(await rows()).toMatchObject([{ scopes: ['read', 'operator'] }]);
});

it('an account has at most twenty live tokens, even if many are made at once', async () => {
  const page = await owner.browser.open(path);
  const body = encodeForm({ ...readForm(page.text, path), ...usual });
  const send = () => owner.browser.request(path, { method: 'POST', body });
  const answers = await Promise.all(Array.from({ length: 22 }, send));
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(20);
  expect(await rows()).toHaveLength(20);
});

it('a form of another site makes no token', async () => {
  const page = await owner.browser.open(path);
  const body = encodeForm({ ...readForm(page.text, path), ...usual });
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  expect((await owner.browser.request(path, { method: 'POST', body, headers })).status).toBe(403);
  expect(await rows()).toEqual([]);
});

it('a token of another account cannot be removed', async () => {
  const token = await makeToken(await createOwner(server));
  const [other] = await server.db
    .selectFrom('account_tokens')
    .select('id')
    .orderBy('created_at', 'desc')
    .limit(1)
    .execute();
  await makeToken(owner);
  const page = await owner.browser.open(path);
  const [own] = await rows();
  const body = encodeForm(readForm(page.text, `${path}/${own?.id}/remove`));
  await owner.browser.request(`${path}/${other?.id}/remove`, { method: 'POST', body });
  expect(await statusOf(token)).toBe(200);
});

it('a new password ends all tokens', async () => {
  const token = await makeToken(owner);
  const passwordPath = '/account/password';
  const fields = { password, new_password: 'another correct horse staple' };
  await owner.browser.submit(await owner.browser.open(passwordPath), passwordPath, fields);
  expect(await statusOf(token)).toBe(401);
});

it('a token ends when it expires, and when its account is disabled', async () => {
  const token = await makeToken(owner);
  await server.db
    .updateTable('account_tokens')
    .set({ expires_at: new Date(Date.now() - 1_000) })
    .where('account_id', '=', owner.accountId)
    .execute();
  expect(await statusOf(token)).toBe(401);
  expect(readText((await owner.browser.open(path)).text)).toContain('Expired');
  const second = await makeToken(owner);
  await disableAccount(server.db, owner.accountId);
  expect(await statusOf(second)).toBe(401);
  expect(await rows()).toEqual([]);
});

it('the time of the last use is written at most once an hour', async () => {
  const token = await makeToken(owner);
  const usedAt = async () => (await rows())[0]?.last_used_at?.getTime();
  await statusOf(token);
  const first = await usedAt();
  await statusOf(token);
  expect([typeof first, await usedAt()]).toEqual(['number', first]);
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  await server.db
    .updateTable('account_tokens')
    .set({ last_used_at: longAgo })
    .where('account_id', '=', owner.accountId)
    .execute();
  await statusOf(token);
  expect(await usedAt()).toBeGreaterThan(first ?? 0);
});

it('the API accepts a token only as a bearer token in the header, not in a cookie, in HTTP Basic or in the URL', async () => {
  const token = await makeToken(owner);
  const url = `${server.issuer}/api/account`;
  const cookie = owner.browser.cookieHeader(new URL(url));
  for (const [address, headers] of [
    [url, { cookie }],
    [url, { cookie, authorization: `Basic ${Buffer.from(`x:${token}`).toString('base64')}` }],
    [`${url}?access_token=${token}`, {}],
    [`${url}?token=${token}`, { cookie: `token=${token}` }],
  ] as const)
    expect([address, (await send(address, { headers })).status]).toEqual([address, 401]);
});

it('every origin may call the API, without cookies', async () => {
  const token = await makeToken(owner);
  const origin = 'https://dashboard.example';
  const preflight = await send(`${server.issuer}/api/account`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
  });
  const answer = await callApi(server, token, 'GET /api/account', { headers: { origin } });
  const refusal = await callApi(server, `${token.slice(0, -3)}xyz`, 'GET /api/account', { headers: { origin } });
  for (const { headers } of [preflight, answer, refusal])
    expect([headers['access-control-allow-origin'], headers['access-control-allow-credentials']]).toEqual([
      '*',
      undefined,
    ]);
  expect(preflight.headers['access-control-allow-headers']).toContain('authorization');
  expect([answer.status, refusal.status, answer.headers['cache-control']]).toEqual([200, 401, 'no-store']);
});

it('the refusal says where to create a token, and that the access token of an app does not open the API', async () => {
  const refusalOf = async (token: string) => {
    const { status, headers, body } = await callApi(server, token, 'GET /api/account');
    return [status, headers['www-authenticate'], String(body['error_description'])];
  };
  expect(await refusalOf('')).toEqual([401, 'Bearer', expect.stringContaining('on the page /account/tokens')]);
  expect(await refusalOf('eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl')).toEqual([
    401,
    'Bearer error="invalid_token"',
    expect.stringContaining('The access token of an app opens the resource proxy only.'),
  ]);
});

it('one network may send 100 unknown tokens in a quarter of an hour; a live token still works after that', async () => {
  const alone = await startTestServer();
  try {
    const token = await makeToken(await createOwner(alone));
    const wrong = `aipat_${'x'.repeat(43)}`;
    const statuses: number[] = [];
    for (let count = 0; count < 101; count += 1)
      statuses.push((await callApi(alone, wrong, 'GET /api/account')).status);
    expect(statuses.slice(0, 100).every((status) => status === 401)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
    expect((await callApi(alone, token, 'GET /api/account')).status).toBe(200);
  } finally {
    await alone.close();
  }
});

it('no log line contains a token', async () => {
  const token = await makeToken(owner, ['manage']);
  await statusOf(token);
  await callApi(server, `${token.slice(0, -3)}xyz`, 'GET /api/account');
  await send(`${server.issuer}/api/account?access_token=${token}`);
  await send(`${server.issuer}/api/account/${token}`);
  await removeOnPage();
  expect(server.logLines.length).toBeGreaterThan(0);
  expect(server.logLines.filter((line) => line.includes(token.slice(6, 40)))).toEqual([]);
});
