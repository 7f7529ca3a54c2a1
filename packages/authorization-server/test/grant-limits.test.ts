import { delegateGrant, findAccountLimit, findGrant, setAccountLimit } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser, readForm, readText } from './support/browser.js';
import { addClient, connect, introspect, refresh, type TestClient, usualScope } from './support/client.js';
import { encodeForm, type FormFields, send } from './support/http.js';
import { createOwner, getLastGrant, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
let client: TestClient;
let owner: Owner;
let path: string;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  client = await addClient(server);
});
afterAll(() => server.close());

const first = {
  max_cost_usd: '2.00',
  max_cost_usd_per_day: '1.00',
  max_cost_usd_per_month: '1.50',
  max_requests: '10',
  max_requests_per_minute: '60',
  max_tokens_per_minute: '40000',
  max_streams: '2',
};
beforeEach(async () => {
  owner = await createOwner(server);
  await connect(server, owner.browser, client, {}, { ...first, expires_in: '86400' });
  path = `/account/grants/${(await readGrant()).id}/limits`;
});

async function readGrant() {
  return server.db.selectFrom('grants').selectAll().where('account_id', '=', owner.accountId).executeTakeFirstOrThrow();
}

/** Acts while the last sign-in is too old to count as recent. */
async function whenSignedInLongAgo<T>(act: () => Promise<T>): Promise<T> {
  server.advanceClock(6 * 60);
  try {
    return await act();
  } finally {
    server.advanceClock(-6 * 60);
  }
}

async function change(fields: FormFields, { follow = true } = {}) {
  return owner.browser.submit(await owner.browser.open(path), path, fields, { follow });
}

it('the page shows the current limits, and nothing is changed if the form is sent unchanged', async () => {
  const before = await readGrant();
  const page = await owner.browser.open(path);
  expect(readForm(page.text, path)).toMatchObject({ ...first, expires_in: 'unchanged' });
  const done = await change({});
  expect(done.url.pathname).toBe(path.replace('/limits', ''));
  expect(readText(done.text)).toContain('Nothing was changed.');
  expect(readText(done.text)).not.toContain('Saved.');
  expect(await readGrant()).toEqual(before);
});

it.each(['unchanged', '3600'])(
  'if a date is typed while another end (%s) is selected, nothing changes, and the owner is asked which one counts',
  async (selected) => {
    const before = await readGrant();
    const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    const asked = await change({ expires_in: selected, expires_on: day });
    expect(asked.status).toBe(422);
    expect(asked.text).toContain(
      '<a href="#lifetime">You entered a date and also selected another end. Choose one.</a>',
    );
    const { expires_in: end, expires_on: typed } = readForm(asked.text, path);
    expect([end, typed]).toEqual([undefined, day]);
    expect(await readGrant()).toEqual(before);
    const kept = await owner.browser.submit(asked, path, { expires_in: 'unchanged' });
    expect(readText(kept.text)).toContain('Nothing was changed.');
    const done = await owner.browser.submit(asked, path, { expires_in: 'date' });
    expect(readText(done.text)).toContain('Saved.');
    expect((await readGrant()).expires_at.getTime()).toBe(Date.parse(day) + 86_400_000);
  },
);

it('one answer names all mistakes in the form', async () => {
  const again = await change({ max_cost_usd: 'five', max_requests: '0', expires_in: 'date', expires_on: '2020-01-01' });
  for (const problem of ['Enter an amount in US dollars', 'Enter a whole number', 'This date has passed'])
    expect(readText(again.text)).toContain(problem);
});

it('a changed limit applies from the next request on, even for tokens that were issued before', async () => {
  const grant = await readGrant();
  await useGrant(server, grant);
  await useGrant(server, grant);
  expect(await useGrant(server, grant)).toBe('admitted');
  await change({ max_requests: '3' });
  expect(await useGrant(server, grant)).toBe('request_limit_reached');
  await change({ max_requests: '4' });
  expect(await useGrant(server, grant)).toBe('admitted');
  await change({ max_requests: '', max_cost_usd: '0.01' });
  expect(await useGrant(server, grant)).toBe('budget_exhausted');
});

it('shortening a grant’s lifetime ends tokens that were issued for longer', async () => {
  const tokens = await connect(server, owner.browser, client, { prompt: 'consent' });
  const grants = await server.db.selectFrom('grants').select('id').where('account_id', '=', owner.accountId).execute();
  for (const { id } of grants) {
    path = `/account/grants/${id}/limits`;
    await change({ expires_in: '1' });
  }
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L7: lowering a limit requires no new sign-in', async () => {
  const lower = {
    max_cost_usd: '1.99',
    max_cost_usd_per_day: '0.50',
    max_cost_usd_per_month: '1',
    max_requests: '9',
    max_requests_per_minute: '59',
    max_tokens_per_minute: '1',
    max_streams: '1',
    expires_in: '3600',
  };
  const done = await whenSignedInLongAgo(() => change(lower));
  expect(readText(done.text)).toContain('Saved.');
  expect(await readGrant()).toMatchObject({
    max_cost: 1_990_000_000n,
    max_cost_per_day: 500_000_000n,
    max_cost_per_month: 1_000_000_000n,
    max_requests: 9,
    max_requests_per_minute: 59,
    max_tokens_per_minute: 1,
    max_streams: 1,
  });
});

it.each([
  { max_cost_usd: '2.01' },
  { max_cost_usd_per_day: '1.01' },
  { max_cost_usd_per_month: '' },
  { max_requests: '11' },
  { max_requests_per_minute: '' },
  { max_tokens_per_minute: '40001' },
  { max_streams: '3' },
  { expires_in: '604800' },
  { max_requests: '1', max_streams: '' },
])('L7: raising a limit requires a recent sign-in or the password, and the typed values stay: %j', async (raise) => {
  const before = await readGrant();
  await whenSignedInLongAgo(async () => {
    const asked = await change(raise);
    expect(asked.status).toBe(422);
    expect(readText(asked.text)).toContain('Confirm it’s you to raise a limit or extend access.');
    expect(readForm(asked.text, path)).toMatchObject({ ...raise, password: '' });
    const wrong = await owner.browser.submit(asked, path, { password: 'not the password at all' });
    expect([wrong.status, readText(wrong.text).includes('Wrong password.')]).toEqual([422, true]);
    expect(readForm(wrong.text, path)).toMatchObject({ ...raise, password: '' });
    expect(await readGrant()).toEqual(before);
    const done = await owner.browser.submit(wrong, path, { password });
    expect(readText(done.text)).toContain('Saved.');
  });
  expect(await readGrant()).not.toEqual(before);
});

it('L7: guesses at the password on the page of a grant’s limits are limited like those at the sign-in', async () => {
  const before = await readGrant();
  const statuses = await whenSignedInLongAgo(async () => {
    const asked = await change({ max_requests: '11' });
    const found: number[] = [];
    for (let guess = 0; guess < 11; guess += 1)
      found.push((await owner.browser.submit(asked, path, { password: `wrong guess ${guess}` })).status);
    return found;
  });
  expect(statuses).toEqual([...Array<number>(10).fill(422), 429]);
  expect(await readGrant()).toEqual(before);
});

it('the owner may raise a limit above what the client requested', async () => {
  const asked = { authorization_details: JSON.stringify([{ type: 'ai_access', max_requests: 5, expires_in: 600 }]) };
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client, asked);
  owner = somebody;
  path = `/account/grants/${(await readGrant()).id}/limits`;
  await change({ max_requests: '500', expires_in: '86400' });
  expect((await readGrant()).max_requests).toBe(500);
});

it('an invalid limit, an invalid end and an incomplete form are refused, and the form keeps what was typed', async () => {
  const before = await readGrant();
  for (const [fields, message] of [
    [{ max_cost_usd: '1,500' }, 'Total spending limit: Enter an amount in US dollars'],
    [{ max_cost_usd_per_day: '0' }, 'Daily spending limit: Enter an amount in US dollars'],
    [{ max_requests: '0' }, 'Total request limit: Enter a whole number'],
    [{ max_streams: '1001' }, 'Answers running at once: Enter a whole number from 1 to 1,000'],
    [{ expires_in: 'date', expires_on: '' }, 'Choose when access ends'],
    [{ expires_in: 'date', expires_on: '2020-01-01' }, 'This date has passed'],
    [{ expires_in: 'date', expires_on: '2099-01-01' }, 'Access can last up to a year'],
    [{ expires_in: '99999999' }, 'Access can last up to a year'],
    [{ scope: 'model:openai/*' }, 'Select at least one model'],
  ] as const) {
    const again = await change(fields);
    expect([fields, again.status]).toEqual([fields, 422]);
    expect(readText(again.text)).toContain(message);
    const { expires_in: _choice, scope: _unknown, ...typed } = { expires_in: '', scope: '', ...fields };
    expect(readForm(again.text, path)).toMatchObject(typed);
  }
  // A missing field is not treated as an empty field, which would remove the limit.
  const { max_cost_usd: _missing, ...rest } = readForm((await owner.browser.open(path)).text, path);
  const partial = await owner.browser.request(path, { method: 'POST', body: encodeForm(rest) });
  expect(partial.status).toBe(422);
  expect(await readGrant()).toEqual(before);
});

it('C4: a change of limits requires the owner’s session, this page’s form token, and this server’s origin', async () => {
  const before = await readGrant();
  const fields = { ...readForm((await owner.browser.open(path)).text, path), max_requests: '5' };
  const post = (change: FormFields, headers: Record<string, string> = {}, of = owner) =>
    of.browser.request(path, { method: 'POST', body: encodeForm({ ...fields, ...change }), headers });
  expect((await post({ csrf_token: 'x'.repeat(43) })).status).toBe(403);
  expect((await post({}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await post({}, { origin: 'https://evil.example' })).status).toBe(403);
  expect((await post({}, {}, await createOwner(server))).status).toBe(404);
  expect(await readGrant()).toEqual(before);
});

it('the audit log records all limits of a grant before and after a change, and the activity says what has changed', async () => {
  await change({ max_cost_usd: '0.75', max_streams: '' });
  const { detail } = await server.db
    .selectFrom('audit_events')
    .select('detail')
    .where('event', '=', 'limits_changed')
    .where('account_id', '=', owner.accountId)
    .executeTakeFirstOrThrow();
  expect(detail).toMatchObject({ max_cost: '750000000', max_streams: null, max_requests: 10 });
  expect(detail).toMatchObject({ max_cost_before: '2000000000', max_requests_before: 10 });
  const activity = readText((await owner.browser.open('/account/activity')).text);
  expect(activity).toContain('Limits changed Test App at app.example · verified Total spending limit: $2.00 → $0.75');
  expect(activity).not.toContain('Total request limit: 10');
});

it('an old tab does not bring back a limit that another tab has lowered', async () => {
  const [lowering, old] = [await owner.browser.open(path), await owner.browser.open(path)];
  await owner.browser.submit(lowering, path, { max_cost_usd: '0.10' });
  const again = await owner.browser.submit(old, path, { max_requests: '9' });
  expect([again.status, readText(again.text)]).toEqual([
    422,
    expect.stringContaining('Make your change again. Total spending limit: $0.10 now. You saw $2.00.'),
  ]);
  expect(readForm(again.text, path)).toMatchObject({ max_cost_usd: '0.10', max_requests: '10' });
  expect(await readGrant()).toMatchObject({ max_cost: 100_000_000n, max_requests: 10 });
  await owner.browser.submit(again, path, { max_requests: '9' });
  expect(await readGrant()).toMatchObject({ max_cost: 100_000_000n, max_requests: 9 });
});

it('after limits have changed in another tab, a page with only one limit lists the changes, but links only to the field of that limit, because the other fields are hidden', async () => {
  const only = await owner.browser.open(`${path}?limit=max_cost_usd`);
  await owner.browser.submit(await owner.browser.open(path), path, { max_cost_usd: '0.10', max_requests: '7' });
  const again = await owner.browser.submit(only, path, { max_cost_usd: '3' });
  expect(again.text).toContain('<a href="#max_cost_usd">Total spending limit: ');
  expect(again.text).toContain('<li>Total request limit: ');
});

it('the page names each limit that has changed since it was shown, and also the end of access if that has changed', async () => {
  const old = await owner.browser.open(path);
  const current = await owner.browser.open(path);
  await owner.browser.submit(current, path, { max_requests: '', max_streams: '', expires_in: '3600' });
  const again = await owner.browser.submit(old, path, { max_requests: '9' });
  const text = readText(again.text);
  expect(text).toContain('Total request limit: No limit now. You saw 10.');
  expect(text).toContain('Answers running at once: No limit now. You saw 2.');
  expect(text).toMatch(/Access ends: .* now\. You saw .*\d\d:\d\d\./);
  expect(again.text).toContain('<a href="#lifetime">Access ends: ');
  expect(text).not.toContain('Total spending limit: ');
  await owner.browser.submit(await owner.browser.open(path), path, { max_requests: '7' });
  const { shown_end: _, ...ofPreviousRelease } = readForm(again.text, path);
  const fields = encodeForm({ ...ofPreviousRelease, max_requests: '8' });
  const generic = await owner.browser.request(path, { method: 'POST', body: fields });
  expect([generic.status, readText(generic.text)]).toEqual([422, expect.not.stringContaining('You saw')]);
  expect(await readGrant()).toMatchObject({ max_requests: 7, max_streams: null });
});

it('of two tabs that change a grant at the same time at two replicas, one is shown the page again', async () => {
  const page = await owner.browser.open(path);
  const url = new URL(path, server.issuer);
  const post = (replica: string, fields: FormFields) =>
    send(`${replica}${path}`, {
      method: 'POST',
      body: encodeForm({ ...readForm(page.text, path), ...fields }),
      headers: {
        host: url.host,
        cookie: owner.browser.cookieHeader(url),
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
      },
    });
  const [first = '', second = ''] = server.urls;
  await Promise.all([post(first, { max_cost_usd: '0.10' }), post(second, { max_requests: '9' })]);
  const { max_cost: cost, max_requests: requests } = await readGrant();
  expect([
    [100_000_000n, 10],
    [2_000_000_000n, 9],
  ]).toContainEqual([cost, requests]);
});

it('the owner can take models and capabilities away from a live grant, at once', async () => {
  const tokens = await connect(server, owner.browser, client, {});
  const { id } = await getLastGrant(server, owner);
  path = `/account/grants/${id}/limits`;
  const page = await owner.browser.open(path);
  expect(readForm(page.text, path)['scope']).toEqual(usualScope.split(' '));
  const nothing = await owner.browser.submit(page, path, { scope: ['cap:chat', 'cap:embeddings'] });
  expect([nothing.status, readText(nothing.text)]).toEqual([422, expect.stringContaining('or remove access')]);
  const narrow = ['model:gpt-4o', 'cap:chat'];
  const done = await owner.browser.submit(page, path, { scope: narrow });
  expect(readText(done.text)).toContain('Saved.');
  // The proxies compare each request with the stored grant. So the old token loses the removed model too, and a new
  // token does not have it in its scope.
  const next = await refresh(server, client, tokens.refresh_token);
  expect(JSON.parse(next.text)).toMatchObject({ scope: narrow.join(' ') });
  // A forged form adds nothing.
  const forged = await owner.browser.open(path);
  await owner.browser.submit(forged, path, { scope: [...narrow, 'model:openai/*', 'cap:embeddings'] });
  expect((await getLastGrant(server, owner)).scope).toBe(narrow.join(' '));
});

it('the link in a refusal leads to the limit that is used up, and that page leads back to the app', async () => {
  const withSite = await addClient(server, { metadata: { client_uri: 'https://recipes.example/' } });
  await connect(server, owner.browser, withSite, {}, first);
  const { id } = await getLastGrant(server, owner);
  path = `/account/grants/${id}/limits`;
  const visitor = new Browser(server.issuer);
  const signInPage = await visitor.open(`${path}?limit=max_cost_usd`);
  const page = await visitor.submit(signInPage, '/account/sign-in', { email: owner.email, password });
  expect(page.url.pathname + page.url.search).toBe(`${path}?limit=max_cost_usd`);
  expect(readText(page.text)).toContain('Total spending limit');
  expect(readText(page.text)).not.toContain('Total request limit');
  const done = await visitor.submit(page, path, { max_cost_usd: '3' });
  expect(readText(done.text)).toContain('Go back to Test App at recipes.example');
  expect(done.text).toContain('href="https://recipes.example/"');
  expect(await getLastGrant(server, owner)).toMatchObject({ max_cost: 3_000_000_000n, max_requests: 10 });
  for (const limit of ['nothing', 'max_cost_usd&x=//evil.example'])
    expect(
      (
        await owner.browser.open(
          `/account/sign-in?again=true&return_to=${encodeURIComponent(`${path}?limit=${limit}`)}`,
        )
      ).text,
    ).toContain('name="return_to" value="/account"');
});

it('the link in a refusal because of the overall limit leads to this limit alone; raising it requires a recent sign-in, and the next page leads back to the app', async () => {
  const withSite = await addClient(server, { metadata: { client_uri: 'https://recipes.example/' } });
  await connect(server, owner.browser, withSite, {}, first);
  await setAccountLimit(server.db, { accountId: owner.accountId, maxCostPerMonth: 20_000_000_000n, mayRaise: true });
  const limitPage = `/account/grants/${(await getLastGrant(server, owner)).id}/limits?limit=account`;
  const visitor = new Browser(server.issuer);
  const signInPage = await visitor.open(limitPage);
  const page = await visitor.submit(signInPage, '/account/sign-in', { email: owner.email, password });
  expect(page.url.pathname + page.url.search).toBe(limitPage);
  expect(readText(page.text)).toContain('Overall spending limit');
  expect(page.text).not.toContain('Time zone</h2>');
  const form = '/account/settings/limit';
  await whenSignedInLongAgo(async () => {
    const asked = await visitor.submit(page, form, { max_cost_usd_per_month: '30' });
    expect([asked.status, readText(asked.text)]).toEqual([422, expect.stringContaining('Confirm it’s you to raise')]);
    expect(asked.text).not.toContain('Time zone</h2>');
    expect(asked.text).toContain('name="sign_in_again"');
    const done = await visitor.submit(asked, form, { password });
    expect(readText(done.text)).toContain('Saved. The new limit applies from the next request. Go back to Test App at');
    expect(done.text).toContain('href="https://recipes.example/"');
  });
  expect((await findAccountLimit(server.db, owner.accountId))?.maxCostPerMonth).toBe(30_000_000_000n);
  const stranger = await createOwner(server);
  await connect(server, stranger.browser, client);
  const foreign = { grant_id: (await getLastGrant(server, stranger)).id, max_cost_usd_per_month: '1' };
  expect((await visitor.submit(await visitor.open(limitPage), form, foreign)).status).toBe(404);
  expect((await findAccountLimit(server.db, owner.accountId))?.maxCostPerMonth).toBe(30_000_000_000n);
});

it('the page of the limits says what is left of the overall limit', async () => {
  await setAccountLimit(server.db, { accountId: owner.accountId, maxCostPerMonth: 20_000_000_000n, mayRaise: true });
  for (const limit of ['', '?limit=max_cost_usd'])
    expect(readText((await owner.browser.open(`${path}${limit}`)).text)).toContain(
      'All your apps together: $20 a month,',
    );
});

it('the link in a refusal leads to the limits of the grant above, if that grant has less left', async () => {
  const above = await findGrant(server.db, (await readGrant()).id);
  if (above === undefined) throw new Error('the grant was not found');
  const { id, tokens, expiresAt, limits: of } = above;
  const limits = { ...of, maxRequests: 2, maxCostPerDay: 500_000_000n };
  const delegation = { parentId: id, tokens, expiresAt, limits, reason: undefined };
  const made = await server.db.transaction().execute(async (transaction) => delegateGrant(transaction, delegation));
  const part = made.kind === 'made' ? made.grant.id : '';
  await server.db.updateTable('grants').set({ spent: 400_000_000n }).where('id', '=', id).execute();
  const leadsTo = async (limit: string) => {
    const { url } = await owner.browser.open(`/account/grants/${part}/limits${limit}`);
    return url.pathname + url.search;
  };
  expect(await leadsTo('?limit=max_cost_usd')).toBe(`/account/grants/${id}/limits?limit=max_cost_usd`);
  const visitor = new Browser(server.issuer);
  const signInPage = await visitor.open(`/account/grants/${part}/limits?limit=max_cost_usd`);
  const page = await visitor.submit(signInPage, '/account/sign-in', { email: owner.email, password });
  expect(page.url.pathname).toBe(`/account/grants/${id}/limits`);
  for (const own of ['', '?limit=max_requests', '?limit=max_cost_usd_per_day'])
    expect(await leadsTo(own)).toBe(`/account/grants/${part}/limits${own}`);
});

const noSpending = { max_cost_usd: '', max_cost_usd_per_day: '', max_cost_usd_per_month: '' };
const warning = 'Without a limit, the app could spend all the money of your AI accounts.';

it('taking the last spending limit away needs the tick that the consent page asks for', async () => {
  const before = await readGrant();
  const asked = await change(noSpending);
  expect(asked.status).toBe(422);
  expect(readText(asked.text)).toContain('Confirm that there is no limit, or choose an amount.');
  expect(readText(asked.text)).toContain(warning);
  expect(readForm(asked.text, path)).toMatchObject(noSpending);
  expect(await readGrant()).toEqual(before);
  const done = await owner.browser.submit(asked, path, { accept_no_limit: 'yes' });
  expect(readText(done.text)).toContain('Saved.');
  const none = { max_cost: null, max_cost_per_day: null, max_cost_per_month: null };
  expect(await readGrant()).toMatchObject(none);
  // The grant already has no spending limit, so the next change needs no tick.
  const page = await owner.browser.open(path);
  expect(readText(page.text)).not.toContain(warning);
  expect(readText((await owner.browser.submit(page, path, { max_requests: '9' })).text)).toContain('Saved.');
  expect(await readGrant()).toMatchObject({ ...none, max_requests: 9 });
});

it('the tick for no spending limit is kept on the page that asks for the password, which is still needed', async () => {
  const before = await readGrant();
  await whenSignedInLongAgo(async () => {
    const asked = await change({ ...noSpending, accept_no_limit: 'yes' });
    expect([asked.status, readText(asked.text)]).toEqual([422, expect.stringContaining('Confirm it’s you')]);
    expect(readForm(asked.text, path)).toMatchObject({ ...noSpending, accept_no_limit: ['yes'] });
    expect(await readGrant()).toEqual(before);
    expect(readText((await owner.browser.submit(asked, path, { password })).text)).toContain('Saved.');
  });
});

it.each(['max_cost_usd', 'max_cost_usd_per_day', 'max_cost_usd_per_month'])(
  'while one spending limit remains, the others can be removed without the tick: %s',
  async (kept) => {
    const done = await change({ ...noSpending, [kept]: '0.50' });
    expect(readText(done.text)).toContain('Saved.');
  },
);

it('a page with only one spending limit asks for the tick if no other spending limit is left', async () => {
  const only = `${path}?limit=max_cost_usd`;
  expect(readText((await owner.browser.open(only)).text)).not.toContain(warning);
  await change({ ...noSpending, max_cost_usd: '2' });
  const page = await owner.browser.open(only);
  expect(readText(page.text)).toContain(warning);
  const asked = await owner.browser.submit(page, path, { max_cost_usd: '' });
  expect(asked.status).toBe(422);
  expect((await readGrant()).max_cost).toBe(2_000_000_000n);
  await owner.browser.submit(asked, path, { accept_no_limit: 'yes' });
  expect((await readGrant()).max_cost).toBeNull();
});
