import { randomUUID } from 'node:crypto';
import { revokeGrant, updateConsentDefaults } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Page, readForm, readText } from './support/browser.js';
import {
  type AuthorizationRequest,
  addClient,
  buildRequest,
  callEndpoint,
  connect,
  introspect,
  redeem,
  refresh,
  type TestClient,
  type Tokens,
} from './support/client.js';
import { encodeForm, type FormFields, header, json, send } from './support/http.js';
import { createOwner, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
let owner: Owner;
let client: TestClient;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  owner = await createOwner(server);
});
afterAll(() => server.close());
// When an app asks again, its consent page contains the owner's earlier choice. So each test has its own app.
beforeEach(async () => {
  client = await addClient(server, { isPublic: true });
});

type Connected = Tokens & { readonly grant_id: string };

const detailsOf = (details: object) => JSON.stringify([{ type: 'ai_access', ...details }]);
const scope = 'model:gpt-4o cap:chat';

async function connectClient(details: object = { max_cost_usd: '3', max_requests: 10 }, of = client) {
  const parameters = { scope, authorization_details: detailsOf(details) };
  return (await connect(server, owner.browser, of, parameters)) as Connected;
}

interface Change {
  readonly action?: string;
  readonly details?: object;
  readonly scope?: string;
  readonly of?: TestClient;
}

/** Opens a request for a change. Returns the page on which the owner decides, or the page after a redirect. */
async function askFor(grantId: string, { action = 'update', details, scope: more = '', of = client }: Change) {
  const request = await buildRequest(server, of, {
    scope: more,
    grant_management_action: action,
    ...(grantId === '' ? {} : { grant_id: grantId }),
    ...(details === undefined ? {} : { authorization_details: detailsOf(details) }),
  });
  return { request, page: await owner.browser.open(request.url) };
}

const press = async (page: Page, decision: 'allow' | 'deny', fields: FormFields = {}) =>
  owner.browser.submit(page, `${page.url.pathname}/consent`, { decision, ...fields });

async function redeemFrom(page: Page, { codeVerifier }: AuthorizationRequest, of = client): Promise<Connected> {
  return json(await redeem(server, of, { code: page.url.searchParams.get('code') ?? '', codeVerifier })) as never;
}

async function readGrant(id: string) {
  return server.db.selectFrom('grants').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

const errorOf = (page: Page) => page.url.searchParams.get('error');

// The ids at the beginning of titles are rows of docs/security.md.
it('Y4: an update shows only the difference, keeps the grant and its tokens, and raises the limits that the owner allows', async () => {
  const before = await connectClient();
  await useGrant(server, { id: before.grant_id, account_id: owner.accountId }, { cost: 1_000_000_000n });
  const { request, page } = await askFor(before.grant_id, {
    details: { max_cost_usd: 5, models: ['claude-sonnet-4-5'], reason: 'The report is longer than expected.' },
  });
  const text = readText(page.text);
  expect(text).toContain('Test App wants more access');
  expect(text).toContain('$5.00 in total instead of $3.00');
  expect(text).toContain('The report is longer than expected.');
  expect(Object.keys(readForm(page.text, `${page.url.pathname}/consent`)).sort()).toEqual(
    ['csrf_token', 'max_cost_usd', 'request_hash', 'scope', 'shown_at', 'summary'].sort(),
  );
  const tokens = await redeemFrom(await press(page, 'allow'), request);
  expect(tokens.grant_id).toBe(before.grant_id);
  expect(tokens.scope.split(' ').sort()).toEqual([...scope.split(' '), 'model:claude-sonnet-4-5'].sort());
  expect(tokens.authorization_details).toMatchObject([{ max_cost_usd: '5', max_requests: 10 }]);
  const row = await readGrant(before.grant_id);
  expect([row.spent, row.max_cost, row.max_requests]).toEqual([1_000_000_000n, 5_000_000_000n, 10]);
  expect(row.reason).toBe('The report is longer than expected.');
  // The earlier tokens stay valid, with their earlier scope.
  expect(await introspect(server, before.access_token)).toMatchObject({ active: true, scope });
  const refreshed = json(await refresh(server, client, before.refresh_token));
  expect(refreshed).toMatchObject({ scope, grant_id: before.grant_id });
  const audit = server.db.selectFrom('audit_events').select('detail').where('grant_id', '=', before.grant_id);
  expect(await audit.where('event', '=', 'grant_changed').execute()).toMatchObject([
    { detail: { action: 'update', scope_before: scope, max_cost: '5000000000', max_cost_before: '3000000000' } },
  ]);
  const activity = readText((await owner.browser.open('/account/activity')).text);
  expect(activity).toMatch(/Access changed .*Total spending limit: \$3\.00 → \$5\.00 .*What it can do was changed/);
});

it('Y4: the owner may allow less than the client asks for, but not less than the app has already used; a denial changes nothing', async () => {
  const { grant_id: id } = await connectClient();
  await useGrant(server, { id, account_id: owner.accountId }, { estimate: 2n * 10n ** 9n, cost: 2n * 10n ** 9n });
  const more = { max_cost_usd: '5', max_requests: 20, models: ['claude-sonnet-4-5'] };
  const { page } = await askFor(id, { details: more });
  for (const [fields, message] of [
    [{ max_cost_usd: '1.99' }, 'Total spending limit: The app has already used $2.00'],
    [{ max_cost_usd: '5.01' }, 'Enter $5.00 or less'],
    [{ max_cost_usd: '' }, 'Total spending limit: The app asks for at most $5.00. Enter $5.00 or less.'],
    [{ max_requests: '0' }, 'Please fix the following'],
    [{ scope: ['model:claude-sonnet-4-5', 'model:openai/*'] }, 'You selected more than the app asked for'],
  ] as const) {
    const again = await press(page, 'allow', fields);
    expect([fields, again.status, readText(again.text)]).toEqual([fields, 422, expect.stringContaining(message)]);
  }
  const denied = await askFor(id, { details: more });
  expect(errorOf(await press(denied.page, 'deny'))).toBe('access_denied');
  expect(await readGrant(id)).toMatchObject({ max_cost: 3n * 10n ** 9n, max_requests: 10, scope, status: 'active' });
  // A limit that the update does not raise cannot be changed on this page, even if the form contains a value for it.
  const fields = { max_cost_usd: '4', max_requests: '15', scope: [], max_streams: '9', expires_in: '31536000' };
  const { expires_at: end } = await readGrant(id);
  expect((await press(page, 'allow', fields)).url.searchParams.has('code')).toBe(true);
  const row = await readGrant(id);
  expect(row).toMatchObject({ max_cost: 4n * 10n ** 9n, max_requests: 15, max_streams: null, scope });
  expect(row.expires_at).toEqual(end);
});

it('Y4: an update that asks for much more is filled in with the present limits, or with what is used and the default amount, and 30 days', async () => {
  const { grant_id: id } = await connectClient({ max_cost_usd: '3', max_cost_usd_per_day: '7', expires_in: 3_600 });
  await useGrant(server, { id, account_id: owner.accountId }, { cost: 1_000_000_000n });
  const details = { max_cost_usd: 500, max_cost_usd_per_day: 500, expires_in: 365 * 86_400 };
  const { page } = await askFor(id, { details });
  const action = `${page.url.pathname}/consent`;
  const filledIn = { max_cost_usd: '6.00', max_cost_usd_per_day: '7.00', expires_in: '2592000' };
  expect(readForm(page.text, action)).toMatchObject(filledIn);
  const text = readText(page.text);
  for (const shown of ['Allow up to $3.00 more', 'The app asks for $500.00.', 'The app asks for 365 days.'])
    expect(text).toContain(shown);
  await press(page, 'allow');
  const row = await readGrant(id);
  expect([row.max_cost, row.max_cost_per_day]).toEqual([6_000_000_000n, 7_000_000_000n]);
  expect(Math.round((row.expires_at.getTime() - Date.now()) / 86_400_000)).toBe(30);
});

it('Y4: an update is filled in with the owner’s defaults, but a present end that is later stays', async () => {
  const { grant_id: id } = await connectClient({ max_cost_usd: '3', expires_in: 86_400 });
  await updateConsentDefaults(server.db, owner.accountId, { maxCost: 1_000_000_000n, lifetimeSeconds: 7_200 });
  const { page } = await askFor(id, { details: { max_cost_usd: 500, expires_in: 365 * 86_400 } });
  const action = `${page.url.pathname}/consent`;
  expect(readForm(page.text, action)).toMatchObject({ max_cost_usd: '3.00', expires_in: 'unchanged' });
  await updateConsentDefaults(server.db, owner.accountId, { maxCost: null, lifetimeSeconds: null });
});

it('Y4: an update moves the end of a grant to a later time only, and lowers nothing', async () => {
  const { grant_id: id } = await connectClient({ max_cost_usd: '3', expires_in: 3_600 });
  const { expires_at: end } = await readGrant(id);
  const less = await askFor(id, { details: { max_cost_usd: '1', expires_in: 60 } });
  expect(readText(less.page.text)).toContain('already has all of this access');
  await press(less.page, 'allow');
  expect(await readGrant(id)).toMatchObject({ max_cost: 3n * 10n ** 9n, expires_at: end });
  const more = await askFor(id, { details: { expires_in: 86_400 } });
  expect(readText(more.page.text)).toContain('1 day');
  await press(more.page, 'allow');
  const moved = (await readGrant(id)).expires_at.getTime() - Date.now();
  expect(Math.round(moved / 3_600_000)).toBe(24);
});

it('Y7: replace keeps the grant and its usage, and sets a new scope, limits and end; its tokens lose the removed scope', async () => {
  const before = await connectClient({ models: ['claude-sonnet-4-5'], max_cost_usd: '3' });
  await useGrant(server, { id: before.grant_id, account_id: owner.accountId }, { cost: 10n ** 9n });
  const { request, page } = await askFor(before.grant_id, { action: 'replace', scope, details: { max_cost_usd: '2' } });
  expect(readText(page.text)).toContain('Past usage still counts: $1.00 and 1 request.');
  const low = await press(page, 'allow', { max_cost_usd: '0.5' });
  expect([low.status, readText(low.text)]).toEqual([422, expect.stringContaining('already used $1.00')]);
  const tokens = await redeemFrom(await press(page, 'allow'), request);
  expect([tokens.grant_id, tokens.scope]).toEqual([before.grant_id, scope]);
  expect(await readGrant(before.grant_id)).toMatchObject({ max_cost: 2n * 10n ** 9n, spent: 10n ** 9n, scope });
  expect(json(await refresh(server, client, before.refresh_token))).toMatchObject({ scope });
});

it('create makes a new grant even if an earlier grant covers the request', async () => {
  const trusted = await addClient(server);
  const first = await connectClient({}, trusted);
  const silent = await buildRequest(server, trusted, { scope });
  expect((await redeemFrom(await owner.browser.open(silent.url), silent, trusted)).grant_id).toBe(first.grant_id);
  const { request, page } = await askFor('', { action: 'create', scope, of: trusted });
  const second = await redeemFrom(await press(page, 'allow'), request, trusted);
  expect(second.grant_id).not.toBe(first.grant_id);
  expect(await introspect(server, first.access_token)).toMatchObject({ active: true });
});

it('Y5: a request, pushed or not, for a grant that is unknown, has ended, or is of another client or owner gets invalid_grant_id', async () => {
  const [mine, ended] = [await connectClient(), await connectClient()];
  await revokeGrant(server.db, { grantId: ended.grant_id, reason: 'owner', revokedBy: owner.accountId });
  const other = await addClient(server, { isPublic: true });
  for (const action of ['update', 'merge', 'replace'])
    for (const [id, of] of [
      [ended.grant_id, client],
      [mine.grant_id, other],
      [randomUUID(), client],
      ['x'.repeat(1_000), client],
    ] as const) {
      const { request, page } = await askFor(id, { action, scope, of });
      expect([action, page.url.origin, errorOf(page)]).toEqual([action, 'https://app.example', 'invalid_grant_id']);
      const pushed = await callEndpoint(`${server.issuer}/par`, of, Object.fromEntries(request.url.searchParams));
      expect([pushed.status, json(pushed)['error']]).toEqual([400, 'invalid_grant_id']);
    }
  const stranger = await createOwner(server);
  const request = await buildRequest(server, client, {
    scope,
    grant_management_action: 'update',
    grant_id: mine.grant_id,
  });
  expect(errorOf(await stranger.browser.open(request.url))).toBe('invalid_grant_id');
  expect((await readGrant(mine.grant_id)).status).toBe('active');
});

it('an unknown action, or an action and a grant_id that do not fit together, get invalid_request; prompt=none gets consent_required', async () => {
  const { grant_id: id } = await connectClient();
  for (const parameters of [
    { grant_management_action: 'update' },
    { grant_management_action: 'replace' },
    { grant_management_action: 'create', grant_id: id },
    { grant_management_action: 'delete', grant_id: id },
    { grant_id: id },
  ]) {
    const request = await buildRequest(server, client, parameters);
    expect([parameters, errorOf(await owner.browser.open(request.url))]).toEqual([parameters, 'invalid_request']);
  }
  const request = await buildRequest(server, client, {
    prompt: 'none',
    grant_management_action: 'update',
    grant_id: id,
  });
  expect(errorOf(await owner.browser.open(request.url))).toBe('consent_required');
});

it('Y5: a grant that ends while the page is open is not changed, and the app gets invalid_grant_id', async () => {
  for (const end of ['revoked', 'expired']) {
    const { grant_id: id } = await connectClient();
    const { page } = await askFor(id, { details: { max_cost_usd: '9' } });
    if (end === 'revoked') await revokeGrant(server.db, { grantId: id, reason: 'owner', revokedBy: owner.accountId });
    else await server.db.updateTable('grants').set({ expires_at: new Date() }).where('id', '=', id).execute();
    expect(errorOf(await press(page, 'allow'))).toBe('invalid_grant_id');
    expect((await readGrant(id)).max_cost).toBe(3n * 10n ** 9n);
  }
});

it('Y6: if two updates are open and the owner allows one, the page of the other is shown again, and asks only for what is not yet allowed', async () => {
  const { grant_id: id } = await connectClient();
  const tabs = [
    await askFor(id, { details: { max_cost_usd: '5' } }),
    await askFor(id, { details: { max_cost_usd: '4', max_requests: 30 } }),
  ] as const;
  expect((await press(tabs[0].page, 'allow')).url.searchParams.has('code')).toBe(true);
  const again = await press(tabs[1].page, 'allow');
  expect([again.status, readText(again.text)]).toEqual([422, expect.stringContaining('The request has changed')]);
  // The grant already allows more than four dollars, so the page asks only about the requests.
  expect(Object.keys(readForm(again.text, `${tabs[1].page.url.pathname}/consent`))).not.toContain('max_cost_usd');
  const action = `${tabs[1].page.url.pathname}/consent`;
  const back = await owner.browser.submit(again, action, { decision: 'allow' }, { hasScript: false });
  expect(back.url.searchParams.has('code')).toBe(true);
  expect(await readGrant(id)).toMatchObject({ max_cost: 5n * 10n ** 9n, max_requests: 30 });
});

const consentOf = (page: Page) => `${page.url.pathname.replace(/\/consent$/, '')}/consent`;

/** Presses "Allow", or "Deny" if `fields` says so, at one replica, without following redirects or keeping cookies. */
async function pressAt(replica: string, page: Page, fields: FormFields = {}): Promise<string> {
  const action = consentOf(page);
  const answer = await send(`${replica}${action}`, {
    method: 'POST',
    headers: {
      host: page.url.host,
      accept: 'text/html',
      cookie: owner.browser.cookieHeader(new URL(action, page.url)),
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
    },
    body: encodeForm({ ...readForm(page.text, action), decision: 'allow', ...fields }),
  });
  return answer.status === 303
    ? `303 ${new URL(header(answer, 'location'), server.issuer).pathname}`
    : `${answer.status}`;
}

it('Y6: pressing Allow at two replicas at once changes the grant once, and both answers lead to the app', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { grant_id: id } = await connectClient();
    const { page } = await askFor(id, { details: { max_cost_usd: '5', expires_in: 864_000 } });
    const urls = [...server.urls, ...server.urls];
    const answers = await Promise.all(urls.map((url) => pressAt(url, page)));
    expect(new Set(answers)).toEqual(new Set([expect.stringMatching(/^303 \/authorize\//)]));
    const events = server.db.selectFrom('audit_events').selectAll().where('grant_id', '=', id);
    expect(await events.where('event', '=', 'grant_changed').execute()).toHaveLength(1);
  }
});

it('Y6: pressing Deny at two replicas at once is recorded once', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { grant_id: id } = await connectClient();
    const { page } = await askFor(id, { details: { max_cost_usd: '5' } });
    const urls = [...server.urls, ...server.urls];
    await Promise.all(urls.map((url) => pressAt(url, page, { decision: 'deny' })));
    const events = server.db.selectFrom('audit_events').select('client_id').where('grant_id', '=', id);
    expect(await events.where('event', '=', 'consent_denied').execute()).toEqual([{ client_id: client.id }]);
  }
});

it('Y6: of two different decisions on one page at two replicas at once, exactly one takes effect', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { grant_id: id } = await connectClient();
    const { page } = await askFor(id, { details: { max_cost_usd: '9' } });
    const choose = (amount: string) =>
      owner.browser.submit(page, consentOf(page), { decision: 'update', max_cost_usd: amount });
    const choices = [await choose('5'), await choose('7')];
    const answers = await Promise.all(choices.map((chosen, at) => pressAt(server.urls[at] ?? '', chosen)));
    expect(answers.filter((answer) => answer.startsWith('303'))).toHaveLength(1);
    expect([5n, 7n].map((usd) => usd * 10n ** 9n)).toContain((await readGrant(id)).max_cost);
  }
});

it('Y6: an update that races a revocation never restores the grant', async () => {
  for (let round = 0; round < 5; round += 1) {
    const tokens = await connectClient();
    const { page } = await askFor(tokens.grant_id, { details: { max_cost_usd: '9' } });
    await Promise.all([
      pressAt(server.urls[0] ?? '', page),
      revokeGrant(server.db, { grantId: tokens.grant_id, reason: 'owner', revokedBy: owner.accountId }),
    ]);
    expect((await readGrant(tokens.grant_id)).status).toBe('revoked');
    expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
    expect(errorOf(await owner.browser.open(page.url.pathname.replace('/interaction/', '/authorize/')))).not.toBeNull();
  }
});

it.each([
  ['an update to a higher spending limit', 'update', { max_cost_usd: '5' }],
  ['an update to a later end', 'update', { expires_in: 864_000 }],
  ['a replacement by a higher spending limit', 'replace', { max_cost_usd: '5' }],
  ['a replacement by a later end', 'replace', { max_cost_usd: '1', expires_in: 864_000 }],
])('Y4: %s requires a recent sign-in or the password', async (_name, action, details) => {
  const { grant_id: id } = await connectClient();
  const before = await readGrant(id);
  server.advanceClock(6 * 60);
  const { page } = await askFor(id, { action, details, ...(action === 'replace' ? { scope } : {}) });
  const again = await press(page, 'allow');
  expect([again.status, readText(again.text)]).toEqual([422, expect.stringContaining('Confirm it’s you')]);
  expect(await readGrant(id)).toEqual(before);
  const answer = await owner.browser.submit(again, again.url.pathname, { decision: 'allow', password });
  expect(answer.status).toBeLessThan(400);
  expect(await readGrant(id)).not.toEqual(before);
});

it('Y4: an update to all models of a provider requires a recent sign-in or the password', async () => {
  const { grant_id: id } = await connectClient();
  server.advanceClock(6 * 60);
  const { page } = await askFor(id, { details: { models: ['openai/*'] } });
  const again = await press(page, 'allow');
  expect([again.status, readText(again.text)]).toEqual([422, expect.stringContaining('Confirm it’s you')]);
  expect((await readGrant(id)).scope).toBe(scope);
});
