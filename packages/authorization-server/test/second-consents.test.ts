import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Page, readForm, readText } from './support/browser.js';
import {
  type AuthorizationRequest,
  addClient,
  buildRequest,
  connect,
  introspect,
  redeem,
  refresh,
  type TestClient,
} from './support/client.js';
import { withoutOrigin } from './support/events.js';
import { encodeForm, type FormFields, header, json } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let database: TestDatabase;
let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ replicas: 2, database });
});
afterAll(async () => {
  await server.close();
  await database.close();
});
beforeEach(async () => {
  client = await addClient(server, { name: 'Recipe Helper' });
  owner = await createOwner(server);
});

const details = (members: object) => ({ authorization_details: JSON.stringify([{ type: 'ai_access', ...members }]) });
const scope = 'model:gpt-4o model:gpt-4o-mini cap:chat';

interface Asked {
  readonly request: AuthorizationRequest;
  readonly page: Page;
}

async function ask(parameters: Readonly<Record<string, string>> = {}): Promise<Asked> {
  const request = await buildRequest(server, client, { prompt: 'consent', scope, ...parameters });
  return { request, page: await owner.browser.open(request.url) };
}

/** The scope tokens that the page lists as new. */
function listNew({ text }: Page): readonly string[] {
  const groups = [...text.matchAll(/<fieldset id="new-[^>]*>.*?<\/fieldset>/gs)].join('');
  return [...groups.matchAll(/value="([^"]+)"/g)].map(([, token = '']) => token);
}

const consentOf = (page: Page) => `${page.url.pathname.replace(/\/consent$/, '')}/consent`;
const formOf = (page: Page) => readForm(page.text, consentOf(page));

async function allow(page: Page, fields: FormFields = {}): Promise<Page> {
  return owner.browser.submit(page, consentOf(page), { decision: 'allow', ...fields });
}

async function redeemAt(page: Page, { codeVerifier }: AuthorizationRequest): Promise<Record<string, unknown>> {
  return json(await redeem(server, client, { code: page.url.searchParams.get('code') ?? '', codeVerifier }));
}

async function listGrants() {
  return server.db
    .selectFrom('grants')
    .select(['id', 'account_id', 'status', 'revoked_reason', 'scope', 'max_cost'])
    .where('account_id', '=', owner.accountId)
    .orderBy('created_at')
    .execute();
}

const listLive = async () => (await listGrants()).filter(({ status }) => status === 'active');
const statesOf = async () =>
  (await listGrants()).map(({ status, revoked_reason: reason }) => (reason === null ? status : `${status}: ${reason}`));

async function listAudit(grantId: string | undefined) {
  const rows = await server.db
    .selectFrom('audit_events')
    .select(['event', 'detail'])
    .where('grant_id', '=', grantId ?? '')
    .where('event', '=', 'grant_revoked')
    .execute();
  return rows.map(({ event, detail }) => ({ event, detail: withoutOrigin(detail) }));
}

it('the page of an app that has access says how much is used, and a new grant replaces the old one by default', async () => {
  const first = await connect(server, owner.browser, client, {
    scope,
    ...details({ max_cost_usd: 0.05, expires_in: 86_400 }),
  });
  const [old] = await listLive();
  if (old === undefined) throw new Error('there is no grant');
  await useGrant(server, old, { cost: 30_000_000n });
  const { page, request } = await ask();
  expect(readText(page.text)).toMatch(
    /You already allow Recipe Helper ?: \$0\.03 of \$0\.05, until (today|tomorrow), \d\d:\d\d( UTC)?\./,
  );
  expect(readText(page.text)).toMatch(/Access ends (today|tomorrow), \d\d:\d\d( UTC)? Change/);
  expect(formOf(page)).toMatchObject({ existing_access: 'replace', existing_grant: old.id });
  const tokens = await redeemAt(await allow(page), request);
  expect(await introspect(server, String(tokens['access_token']))).toMatchObject({ active: true });
  expect(await introspect(server, first.access_token)).toEqual({ active: false });
  expect(json(await refresh(server, client, first.refresh_token))).toMatchObject({ error: 'invalid_grant' });
  expect(await statesOf()).toEqual(['revoked: replaced', 'active']);
  const [, made] = await listGrants();
  expect(await listAudit(old.id)).toEqual([
    { event: 'grant_revoked', detail: { reason: 'replaced', by: owner.accountId, replaced_by: made?.id } },
  ]);
  const history = readText((await owner.browser.open('/account/activity')).text);
  expect(history).toContain('Access replaced with a new one');
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L7: a replacement is compared with the lifetime that the owner last chose, and not with all extensions together', async () => {
  await connect(server, owner.browser, client, { scope }, { max_cost_usd: '5.00', expires_in: '604800' });
  const [old] = await listLive();
  const path = `/account/grants/${old?.id}/limits`;
  // as if the access had been given a month ago, and extended since
  await database.query(`update grants set created_at = created_at - interval '29 days' where id = '${old?.id}'`);
  await owner.browser.submit(await owner.browser.open(path), path, { expires_in: '604800' });
  const { page } = await ask();
  expect(formOf(page)).toMatchObject({ expires_in: '604800' });
  server.advanceClock(6 * 60);
  const longer = await allow(page, { expires_in: '2592000' });
  server.advanceClock(-6 * 60);
  expect([longer.status, readText(longer.text)]).toEqual([422, expect.stringContaining('Confirm it’s you')]);
  expect((await listLive()).map(({ id }) => id)).toEqual([old?.id]);
});

it('the old grant ends when the owner allows, not when the code is redeemed', async () => {
  const first = await connect(server, owner.browser, client, { scope });
  const { page, request } = await ask();
  const back = await allow(page);
  expect(await introspect(server, first.access_token)).toEqual({ active: false });
  expect((await redeemAt(back, request))['error']).toBeUndefined();
});

it('if the owner adds access, both grants stay, and the page says that the money is in addition', async () => {
  const first = await connect(server, owner.browser, client, { scope, ...details({ max_cost_usd: 1 }) });
  const { page, request } = await ask();
  const added = { existing_access: 'add' };
  const again = await owner.browser.submit(page, consentOf(page), { ...added, decision: 'update' });
  expect(readText(again.text)).toMatch(/spend at most \$1\.00 more until .* Allow up to \$1\.00 more/);
  const tokens = await redeemAt(await allow(again), request);
  for (const token of [first.access_token, tokens['access_token']])
    expect(await introspect(server, String(token))).toMatchObject({ active: true });
  const third = await ask();
  expect(readText(third.page.text)).toContain('You already gave Recipe Helper access 2 times: $0.00 of $2.00 in total');
  expect(readText(third.page.text)).toContain('Replace all');
  await allow(third.page);
  expect(await statesOf()).toEqual(['revoked: replaced', 'revoked: replaced', 'active']);
});

it('only access without any spending limit is called access without a spending limit', async () => {
  await connect(
    server,
    owner.browser,
    client,
    { scope, ...details({ max_cost_usd_per_month: 3 }) },
    { max_cost_usd: '', max_cost_usd_per_month: '3', accept_no_limit: 'yes' },
  );
  const { page, request } = await ask();
  expect(readText(page.text)).toContain('Recipe Helper : $0.00 of $3.00 this month, until');
  const again = await owner.browser.submit(page, consentOf(page), { existing_access: 'add', decision: 'update' });
  await redeemAt(await allow(again), request);
  const both = readText((await ask()).page.text);
  expect(both).toContain('access 2 times: $0.00 spent, until');
  expect(readText((await owner.browser.open('/account/apps')).text)).toMatch(
    /Recipe Helper [^$]*\$0\.00 used Access ends/,
  );
  await server.db
    .updateTable('grants')
    .set({ max_cost_per_month: null, max_cost: null })
    .where('account_id', '=', owner.accountId)
    .execute();
  expect(readText((await ask()).page.text)).toContain('$0.00 spent, no spending limit, until');
  expect(readText((await owner.browser.open('/account/apps')).text)).toContain('$0.00 used, no limit');
});

it('the fields are filled in with what the owner chose before, and never with more than the app asks for', async () => {
  const request = { scope: `${scope} cap:embeddings`, ...details({ max_cost_usd: 20, max_requests: 500 }) };
  await connect(server, owner.browser, client, request, {
    scope: ['model:gpt-4o-mini', 'cap:chat'],
    max_cost_usd: 'other',
    other_max_cost_usd: '2.50',
    max_requests: '40',
    max_requests_per_minute: '6',
    expires_in: '604800',
  });
  const filledIn = { max_requests: '40', max_requests_per_minute: '6', expires_in: '604800' };
  expect(formOf((await ask(request)).page)).toMatchObject({
    scope: ['model:gpt-4o-mini', 'cap:chat'],
    max_cost_usd: '2.50',
    ...filledIn,
  });
  const less = await ask({ scope: 'model:gpt-4o-mini cap:chat', ...details({ max_cost_usd: 1, expires_in: 7_200 }) });
  expect(formOf(less.page)).toMatchObject({ max_cost_usd: '1.00', ...filledIn, expires_in: '7200' });
});

it('a permission that the app has never asked for before is listed as new; one that the owner has unticked stays unticked', async () => {
  await connect(server, owner.browser, client, { scope }, { scope: ['model:gpt-4o-mini', 'cap:chat'] });
  const wider = `${scope} model:o3`;
  const { page } = await ask({ scope: wider });
  expect(listNew(page)).toEqual(['model:o3']);
  expect(formOf(page)['scope']).toEqual(['model:o3', 'model:gpt-4o-mini', 'cap:chat']);
  await redeemAt(...(await backOf(await ask({ scope: wider }), { scope: ['model:gpt-4o-mini', 'cap:chat'] })));
  // After a request for less, the owner's earlier decision is still known.
  await redeemAt(...(await backOf(await ask({ scope: 'model:gpt-4o-mini cap:chat' }))));
  const again = await ask({ scope: wider });
  expect(listNew(again.page)).toEqual([]);
  expect(formOf(again.page)['scope']).toEqual(['model:gpt-4o-mini', 'cap:chat']);
});

it('the page says what is new, what stays and what the app can no longer use, before and after a change of the choices', async () => {
  const earlier = {
    scope: 'model:gpt-4o model:gpt-4o-mini cap:chat',
    ...details({ max_cost_usd: 1, expires_in: 7_200 }),
  };
  await connect(server, owner.browser, client, earlier);
  const { page } = await ask({
    scope: 'model:gpt-4o-mini model:o3 cap:chat cap:images',
    ...details({ max_cost_usd: 20, expires_in: 7_200 }),
  });
  const first = readText(page.text);
  expect(first).toMatch(/New: o3 · generate images( · until|\s)/);
  expect(first).toContain('As before: GPT-4o mini · chat');
  expect(first).toContain('No longer: GPT-4o');
  const choose = async (fields: FormFields) =>
    readText((await owner.browser.submit(page, consentOf(page), { decision: 'update', ...fields })).text);
  const more = await choose({ max_cost_usd: '20.00', max_requests: '7' });
  expect(more).toContain('New: o3 · generate images · $20.00 in total instead of $1.00 · 7 requests in total');
  const less = await choose({ scope: ['model:gpt-4o-mini', 'cap:chat'], expires_in: '3600' });
  expect(less).toMatch(/New: until (today|tomorrow), \d\d:\d\d As before: GPT-4o mini · chat No longer: GPT-4o/);
  // Both grants stay, so nothing ends, and the limits of the old one do not change.
  const added = await choose({ existing_access: 'add', max_cost_usd: '20.00' });
  expect(added).toContain('As before: GPT-4o and GPT-4o mini · chat');
  expect(added).not.toMatch(/No longer|instead of/);
});

async function backOf({ page, request }: Asked, fields: FormFields = {}): Promise<[Page, AuthorizationRequest]> {
  return [await allow(page, fields), request];
}

it('models that the app has under another grant, and did not ask for last time, are ticked and not listed as new', async () => {
  await connect(server, owner.browser, client, { scope: 'model:gpt-4o-mini cap:chat' });
  await connect(server, owner.browser, client, { scope: 'model:gpt-4o cap:chat' });
  const { page } = await ask({ scope: 'model:gpt-4o-mini model:o3 cap:chat' });
  expect(formOf(page)['scope']).toEqual(['model:o3', 'model:gpt-4o-mini', 'cap:chat']);
  expect(listNew(page)).toEqual(['model:o3']);
});

it('for a grant of the previous release, which did not store what the app asked for, nothing is listed as new, and only what the grant allows is ticked', async () => {
  await connect(server, owner.browser, client, { scope }, { scope: ['model:gpt-4o-mini', 'cap:chat'] });
  await database.query('delete from shown_scopes');
  const { page } = await ask({ scope: `${scope} model:o3` });
  expect(listNew(page)).toEqual([]);
  expect(formOf(page)['scope']).toEqual(['model:gpt-4o-mini', 'cap:chat']);
});

it('a page that did not show the access that the app has now is shown again, and no grant is made', async () => {
  const [first, second] = [await ask(), await ask()];
  await redeemAt(await allow(first.page), first.request);
  const shown = await allow(second.page);
  expect(shown.status).toBe(422);
  expect(readText(shown.text)).toContain('The app got access in the meantime. Choose what happens to it.');
  expect(await statesOf()).toEqual(['active']);
  const tokens = await redeemAt(await allow(shown), second.request);
  expect(await introspect(server, String(tokens['access_token']))).toMatchObject({ active: true });
  expect(await statesOf()).toEqual(['revoked: replaced', 'active']);
});

it('a form of the previous release, which has no choice between replacing and adding, is shown again', async () => {
  await connect(server, owner.browser, client, { scope });
  const { page } = await ask();
  const { existing_access: _choice, existing_grant: _grant, ...fields } = formOf(page);
  const body = encodeForm({ ...fields, decision: 'allow' });
  const answer = await owner.browser.request(consentOf(page), { method: 'POST', body });
  expect([answer.status, await statesOf()]).toEqual([422, ['active']]);
});

it('if the old grant ends while the page is open, the owner can still allow the request', async () => {
  await connect(server, owner.browser, client, { scope });
  const { page, request } = await ask();
  await removeAccess();
  const tokens = await redeemAt(await allow(page), request);
  expect(await introspect(server, String(tokens['access_token']))).toMatchObject({ active: true });
  expect(await statesOf()).toEqual(['revoked: owner', 'active']);
});

/** Removes the access on the account page, in another tab. */
async function removeAccess(): Promise<void> {
  const page = await owner.browser.open('/account/apps');
  const [, path = ''] = /href="(\/account\/apps\/[\w-]+)"/.exec(page.text) ?? [];
  await owner.browser.submit(await owner.browser.open(path), `${path}/remove`);
}

it('if two tabs replace the access at once, at two servers, exactly one grant stays', async () => {
  const { browser } = owner;
  await connect(server, browser, client, { scope });
  for (let round = 0; round < 8; round += 1) {
    const tabs = [await ask(), await ask()];
    const before = await listLive();
    expect(before).toHaveLength(1);
    const answers = await Promise.all(
      tabs.map(async ({ page }, at) => {
        const body = encodeForm({ ...formOf(page), decision: 'allow' });
        const headers = { host: page.url.host };
        return browser.request(new URL(consentOf(page), server.urls[at]), { method: 'POST', body, headers });
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    const live = await listLive();
    expect(live).toHaveLength(1);
    expect(live[0]?.id).not.toBe(before[0]?.id);
    const redeemed: unknown[] = [];
    for (const [at, answer] of answers.entries()) {
      const back = await browser.open(new URL(header(answer, 'location'), server.issuer));
      const request = tabs[at]?.request;
      if (back.url.searchParams.has('code') && request !== undefined)
        redeemed.push((await redeemAt(back, request))['grant_id']);
    }
    expect(redeemed).toEqual([live[0]?.id]);
  }
});

it('if the owner presses Allow again after a later consent has replaced the grant, the later grant stays', async () => {
  await connect(server, owner.browser, client, { scope });
  const [first, second] = [await ask(), await ask()];
  const send = async ({ page }: Asked, url: string) => {
    const body = encodeForm({ ...formOf(page), decision: 'allow' });
    return owner.browser.request(new URL(consentOf(page), url), {
      method: 'POST',
      body,
      headers: { host: page.url.host },
    });
  };
  const [here = '', there = ''] = server.urls;
  await send(first, here);
  await send(second, there);
  const [live] = await listLive();
  await send(first, there);
  expect(await listLive()).toEqual([live]);
});

it('if the owner adds access and presses Allow again before the browser returns to the app, only the first added grant ends', async () => {
  const first = await connect(server, owner.browser, client, { scope });
  const { page } = await ask();
  const press = (fields: FormFields) =>
    owner.browser.submit(
      page,
      consentOf(page),
      { decision: 'allow', existing_access: 'add', ...fields },
      { follow: false },
    );
  await press({});
  await press({ max_requests: '3' });
  expect(await introspect(server, first.access_token)).toMatchObject({ active: true });
  expect(await statesOf()).toEqual(['active', 'revoked: replaced', 'active']);
});

it('the page says that replacing ends access on other devices only for an app without a secret; an app with a secret runs on a server', async () => {
  const note = 'Replacing also ends this app’s access on your other devices.';
  for (const isPublic of [true, false]) {
    client = await addClient(server, { isPublic });
    await connect(server, owner.browser, client, { scope });
    expect(readText((await ask()).page.text).includes(note)).toBe(isPublic);
  }
});

it('only the access of this app is replaced, and only that of this owner', async () => {
  const other = await addClient(server);
  const stranger = await createOwner(server);
  const kept = [
    await connect(server, owner.browser, other, { scope }),
    await connect(server, stranger.browser, client, { scope }),
  ];
  await connect(server, owner.browser, client, { scope });
  await allow((await ask()).page);
  for (const { access_token: token } of kept) expect(await introspect(server, token)).toMatchObject({ active: true });
});

it('a client that asks for another grant (grant_management_action=create) gets one, unless the owner chooses to replace', async () => {
  await connect(server, owner.browser, client, { scope });
  const asked = await ask({ grant_management_action: 'create' });
  expect(formOf(asked.page)['existing_access']).toBe('add');
  expect(readText(asked.page.text)).toContain('The app asks for separate access, besides the one it has.');
  await redeemAt(await allow(asked.page), asked.request);
  expect(await statesOf()).toEqual(['active', 'active']);
  const replacing = await ask({ grant_management_action: 'create' });
  await allow(replacing.page, { existing_access: 'replace' });
  expect(await listLive()).toHaveLength(1);
});

it('when a grant is replaced, the grants below it end too', async () => {
  const first = await connect(server, owner.browser, client, { scope });
  const [root] = await listLive();
  await database.query(
    `insert into grants (id, account_id, client_id, scope, expires_at, time_zone)
      select id || '.' || repeat('a', 22), account_id, client_id, scope, expires_at, time_zone from grants where id = $1`,
    [root?.id],
  );
  await database.query(
    `insert into delegated_grants (grant_id, parent_grant_id) values ($1 || '.' || repeat('a', 22), $1)`,
    [root?.id],
  );
  await allow((await ask()).page);
  expect((await statesOf()).toSorted()).toEqual(['active', 'revoked: parent', 'revoked: replaced']);
  expect(await introspect(server, first.access_token)).toEqual({ active: false });
});

it('a request that began under an old grant can be finished after that grant was replaced', async () => {
  const first = await connect(server, owner.browser, client, { scope });
  // Both requests begin under the old grant. The first one replaces it.
  const tabs = [await ask(), await ask()] as const;
  const tokens = await redeemAt(await allow(tabs[0].page), tabs[0].request);
  expect(tokens['error']).toBeUndefined();
  expect(await introspect(server, first.access_token)).toEqual({ active: false });
  const shown = await allow(tabs[1].page);
  expect(shown.status).toBe(422);
  expect((await redeemAt(await allow(shown), tabs[1].request))['error']).toBeUndefined();
});
