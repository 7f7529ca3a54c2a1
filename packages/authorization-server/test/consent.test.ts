import { isVisibleText } from '@aipassport/policy';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { addClient, buildRequest, connect, decide, type TestClient, usualScope } from './support/client.js';
import { deceptiveNames } from './support/deceptive-names.js';
import { encodeForm, type FormFields } from './support/http.js';
import { createOwner, getLastGrant, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer();
  client = await addClient(server, { name: 'Recipe Helper' });
  owner = await createOwner(server);
});
afterAll(() => server.close());

const details = (members: object) => ({ authorization_details: JSON.stringify([{ type: 'ai_access', ...members }]) });

async function openConsent(parameters: Readonly<Record<string, string>> = {}, of: Owner = owner): Promise<Page> {
  const request = await buildRequest(server, client, { prompt: 'consent', ...parameters });
  return of.browser.open(request.url);
}

async function submit(page: Page, fields: FormFields, of: Owner = owner): Promise<Page> {
  return of.browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow', ...fields });
}

const secondsUntil = (instant: Date) => (instant.getTime() - Date.now()) / 1_000;

// The ids at the beginning of titles are rows of docs/security.md.
it('C1: the page shows the client, the host that the owner returns to, each model and capability in words, the reason, the limits and when the access ends', async () => {
  const page = await openConsent({
    scope: 'model:gpt-4o model:anthropic/* cap:chat cap:code',
    ...details({ max_requests: 50, max_requests_per_minute: 5, expires_in: 5_400, reason: 'To plan dinner.' }),
  });
  const text = readText(page.text);
  for (const expected of [
    'Recipe Helper wants to use your AI account',
    'app.example',
    'GPT-4o (OpenAI)',
    'All Anthropic models',
    'most expensive',
    'Send messages and get answers',
    'Run code on the AI provider’s computers',
    'The app says: “ To plan dinner. ”',
    '1 hour',
    '90 minutes',
  ])
    expect(text).toContain(expected);
  expect(readForm(page.text, `${page.url.pathname}/consent`)).toMatchObject({
    scope: ['model:gpt-4o', 'model:anthropic/*', 'cap:chat', 'cap:code'],
    max_requests: '50',
    max_requests_per_minute: '5',
    expires_in: '5400',
  });
  expect(text).not.toContain('1 day');
});

it('C2: the app’s reason shows no hidden characters and no marks that cover other text', async () => {
  const shown: string[] = [];
  for (const reason of deceptiveNames.filter(({ length }) => length <= 300)) {
    const page = await openConsent(details({ reason }));
    const [, text] = /<blockquote class="reason">[^<]*<bdi>([^<]*)<\/bdi>/.exec(page.text) ?? [];
    if (text !== undefined) shown.push(text);
  }
  expect(shown.length).toBeGreaterThan(20);
  expect(shown.filter((text) => !isVisibleText(text))).toEqual([]);
});

it('the page proposes one hour, five dollars and no other limits when the client asked for none', async () => {
  const page = await openConsent();
  expect(readForm(page.text, `${page.url.pathname}/consent`)).toMatchObject({
    expires_in: '3600',
    max_cost_usd: '5.00',
    max_requests: '',
    max_requests_per_minute: '',
  });
  for (const offered of ['1 hour', '1 day', '7 days', '30 days', 'Date'])
    expect(readText(page.text)).toContain(offered);
});

it('C4: a decision requires the owner’s session, the form token of this browser and page, and this server’s origin', async () => {
  const page = await openConsent();
  const action = `${page.url.pathname}/consent`;
  const fields = { ...readForm(page.text, action), decision: 'allow' };
  const post = (of: Browser, change: FormFields, headers: Record<string, string> = {}) =>
    of.request(action, { method: 'POST', body: encodeForm({ ...fields, ...change }), headers });
  const before = await server.db.selectFrom('grants').select('id').execute();

  expect((await post(owner.browser, { csrf_token: 'x'.repeat(43) })).status).toBe(403);
  expect((await post(owner.browser, { csrf_token: '' })).status).toBe(403);
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
  ])
    expect([headers, (await post(owner.browser, {}, headers as Record<string, string>)).status]).toEqual([
      headers,
      403,
    ]);
  const stranger = await createOwner(server);
  for (const refused of [await post(stranger.browser, {}), await stranger.browser.open(page.url)])
    expect([refused.status, readText(refused.text)]).toEqual([
      403,
      expect.stringContaining('This request was opened in another browser.'),
    ]);
  const anonymous = new Browser(server.issuer);
  expect((await post(anonymous, {})).url.pathname + (await post(anonymous, {})).status).toBe(`${action}303`);
  const otherPage = await openConsent();
  const otherToken = readForm(otherPage.text, `${otherPage.url.pathname}/consent`)['csrf_token'] ?? '';
  expect((await post(owner.browser, { csrf_token: otherToken })).status).toBe(403);
  expect((await server.db.selectFrom('grants').select('id').execute()).length).toBe(before.length);
});

it('C4: a decision is refused if another account has signed in since the request began', async () => {
  const somebody = await createOwner(server);
  const page = await openConsent({}, somebody);
  const other = await createOwner(server);
  for (const [name, cookie] of other.browser.cookies)
    if (/owner|form/.test(name)) somebody.browser.cookies.set(name, cookie);
  for (const refused of [await somebody.browser.open(page.url.pathname), await submit(page, {}, somebody)]) {
    expect([refused.status, readText(refused.text)]).toEqual([403, expect.stringContaining(other.email)]);
    const [, back = ''] = /<a href="(https:\/\/app\.example\/callback[^"]+)"/.exec(refused.text) ?? [];
    expect(new URL(back.replaceAll('&amp;', '&')).searchParams.get('error')).toBe('access_denied');
    const [, restart = ''] = /<a role="button" href="([^"]+)"/.exec(refused.text) ?? [];
    const again = await somebody.browser.open(restart.replaceAll('&amp;', '&'));
    expect([again.status, readText(again.text)]).toEqual([200, expect.stringContaining(`Signed in as ${other.email}`)]);
  }
});

it('C5: a grant has only what the page showed; if the request has changed since, the page is shown again', async () => {
  const page = await openConsent();
  const again = await submit(page, { request_hash: 'of-something-else' });
  expect(again.status).toBe(422);
  expect(readText(again.text)).toContain('The request has changed');
  await server.db.updateTable('clients').set({ name: 'Somebody Else' }).where('id', '=', client.id).execute();
  expect((await submit(page, {})).status).toBe(422);
  await server.db.updateTable('clients').set({ name: 'Recipe Helper' }).where('id', '=', client.id).execute();
  const shown = readForm(page.text, `${page.url.pathname}/consent`);
  expect((await submit(page, {})).url.searchParams.has('code')).toBe(true);
  const grant = await getLastGrant(server, owner);
  expect(grant.scope.split(' ')).toEqual(shown['scope']);
  expect(Number(grant.max_cost) / 1e9).toBe(Number(shown['max_cost_usd']));
});

it('C5: after the operator has withdrawn the approval, a page that said that the app is verified grants nothing', async () => {
  const approved = await addClient(server, { registeredBy: 'registration' });
  await server.db.insertInto('client_approvals').values({ client_id: approved.id }).execute();
  const page = await owner.browser.open((await buildRequest(server, approved)).url);
  expect(readText(page.text)).toContain('Verified by this server');
  await server.db.deleteFrom('client_approvals').where('client_id', '=', approved.id).execute();
  const again = await submit(page, {});
  expect([again.status, readText(again.text)]).toEqual([422, expect.stringContaining('The request has changed')]);
  expect(readText(again.text)).toContain('Not verified');
});

it('C6: the token has only what the owner ticked, and the limits that the owner entered', async () => {
  const tokens = await connect(
    server,
    owner.browser,
    client,
    { ...details({ max_requests: 100 }) },
    { scope: ['model:gpt-4o', 'cap:chat'], max_requests: '7', max_requests_per_minute: '2', expires_in: '3600' },
  );
  expect(tokens.scope).toBe('model:gpt-4o cap:chat');
  expect(tokens.authorization_details).toEqual([
    {
      type: 'ai_access',
      models: ['gpt-4o'],
      capabilities: ['chat'],
      max_cost_usd: '5',
      max_requests: 7,
      max_requests_per_minute: 2,
      expires_at: expect.any(Number),
    },
  ]);
  const grant = await getLastGrant(server, owner);
  expect(grant).toMatchObject({ scope: 'model:gpt-4o cap:chat', max_requests: 7, max_requests_per_minute: 2 });
  expect(secondsUntil(grant.expires_at)).toBeGreaterThan(3_500);
  expect(secondsUntil(grant.expires_at)).toBeLessThan(3_601);
});

it('a form that allows more than the client requested, or has invalid values, is refused, and the correct form is accepted', async () => {
  const asked = details({ max_requests: 10, max_requests_per_minute: 2, expires_in: 3_600 });
  const greedy: readonly FormFields[] = [
    { scope: [...usualScope.split(' '), 'model:openai/*'] },
    { scope: ['model:gpt-4o', 'cap:chat', 'cap:code'] },
    { max_requests: '11' },
    { max_requests: '' },
    { max_requests_per_minute: '3' },
    { max_requests_per_minute: '' },
    { expires_in: '3601' },
    { expires_in: '999999999' },
    { expires_in: 'date', expires_on: '2099-01-01' },
    { expires_in: 'date', expires_on: '' },
    { expires_in: 'date', expires_on: '2020-01-01' },
    { max_requests: '0' },
    { max_requests: '-1' },
    { max_requests: '1e9' },
    { max_requests: ['5', '6'] },
    { expires_in: '' },
    { decision: 'perhaps' },
  ];
  const page = await openConsent(asked);
  for (const fields of greedy) {
    const again = await submit(page, fields);
    expect([fields, again.status, again.text.includes('Please fix the following')]).toEqual([fields, 422, true]);
  }
  const back = await submit(page, {});
  expect(back.url.searchParams.has('code')).toBe(true);
});

it('the owner may choose a day as the end: the grant ends with that day, and never later than requested', async () => {
  // All dates derive from this instant, even if midnight passes during the test.
  const now = Date.now();
  const inDays = (days: number) => new Date(now + days * 86_400_000).toISOString().slice(0, 10);
  await submit(await openConsent(), { expires_in: 'date', expires_on: inDays(3) });
  expect((await getLastGrant(server, owner)).expires_at.toISOString()).toBe(`${inDays(4)}T00:00:00.000Z`);
  await submit(await openConsent(details({ expires_in: 2 * 86_400 })), { expires_in: 'date', expires_on: inDays(2) });
  expect(secondsUntil((await getLastGrant(server, owner)).expires_at)).toBeLessThanOrEqual(2 * 86_400);
});

it('Deny returns access_denied; after Allow without a model or without a capability, the page is shown again', async () => {
  const back = await submit(await openConsent(), { decision: 'deny' });
  expect(back.url.searchParams.get('error')).toBe('access_denied');
  expect(back.url.searchParams.get('iss')).toBe(server.issuer);
  for (const [scope, problems] of [
    [['model:gpt-4o'], ['Select at least one permission']],
    [['cap:chat'], ['Select at least one model']],
    [[], ['Select at least one permission', 'Select at least one model']],
  ] as const) {
    const again = await submit(await openConsent(), { scope });
    expect(again.status).toBe(422);
    for (const problem of problems) expect(readText(again.text)).toContain(problem);
  }
  const denied = await server.db
    .selectFrom('audit_events')
    .selectAll()
    .where('event', '=', 'consent_denied')
    .where('account_id', '=', owner.accountId)
    .execute();
  expect(denied.length).toBe(1);
});

it('when the page is shown again, it keeps the owner’s choices', async () => {
  const again = await submit(await openConsent(), { scope: ['cap:chat'], max_requests: '12', expires_in: '86400' });
  const kept = readForm(
    again.text,
    `${again.url.pathname}`.endsWith('/consent') ? again.url.pathname : `${again.url.pathname}/consent`,
  );
  expect(kept).toMatchObject({ scope: ['cap:chat'], max_requests: '12', expires_in: '86400' });
});

it('a request that is unknown or belongs to another browser gets an error page', async () => {
  expect((await owner.browser.open('/interaction/never-was')).status).toBe(400);
  const open = await openConsent();
  expect((await (await createOwner(server)).browser.open(open.url.pathname)).status).toBe(403);
});

it('the answer to a denied request has the parameters of RFC 6749 and no others', async () => {
  const back = await decide(owner.browser, await buildRequest(server, client), 'deny');
  expect([...back.url.searchParams.keys()].sort()).toEqual(['error', 'error_description', 'iss', 'state']);
});
