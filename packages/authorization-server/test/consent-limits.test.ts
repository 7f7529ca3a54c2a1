import { noLimits } from '@aipassport/policy';
import { updateTimeZone } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { listPlaceholders, type Page, readForm, readText } from './support/browser.js';
import { addClient, buildRequest, connect, introspect, type TestClient } from './support/client.js';
import type { FormFields } from './support/http.js';
import { createOwner, getLastGrant, noSpendingLimit, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  const suggestedLimits = { ...noLimits, maxCost: 5_000_000_000n, maxRequestsPerMinute: 60, maxStreams: 2 };
  server = await startTestServer({ configuration: { suggestedLimits } });
  client = await addClient(server, { name: 'Recipe Helper' });
  owner = await createOwner(server);
});
afterAll(() => server.close());

const details = (members: object) => ({ authorization_details: JSON.stringify([{ type: 'ai_access', ...members }]) });

async function openConsent(parameters: Readonly<Record<string, string>> = {}): Promise<Page> {
  const request = await buildRequest(server, client, { prompt: 'consent', ...parameters });
  return owner.browser.open(request.url);
}

const formOf = (page: Page) => readForm(page.text, `${page.url.pathname.replace(/\/consent$/, '')}/consent`);

async function submit(page: Page, fields: FormFields): Promise<Page> {
  return owner.browser.submit(page, `${page.url.pathname.replace(/\/consent$/, '')}/consent`, {
    decision: 'allow',
    ...fields,
  });
}

const asked = {
  max_cost_usd: 2.5,
  max_cost_usd_per_day: '0.25',
  max_cost_usd_per_month: '1',
  max_requests: 1_000,
  max_requests_per_minute: 10,
  max_tokens_per_minute: 40_000,
  max_streams: 3,
};

// The ids at the beginning of titles are rows of docs/security.md.
it('C1: shows every limit that the client asks for, with formatted amounts and numbers', async () => {
  const page = await openConsent(details(asked));
  expect(formOf(page)).toMatchObject({
    max_cost_usd: '2.50',
    max_cost_usd_per_day: '0.25',
    max_cost_usd_per_month: '1.00',
    max_requests: '1000',
    max_requests_per_minute: '10',
    max_tokens_per_minute: '40000',
    max_streams: '3',
  });
  const text = readText(page.text);
  expect(text).toContain('$1 $2.50 Other');
  for (const wish of ['$0.25', '$1.00', '1,000', '10', '40,000', '3'])
    expect(text).toContain(`Requested: ${wish}. You can lower it.`);
});

it('only a field that may be empty says “No limit” while it is empty: not the field of a limit that the client asks for', async () => {
  const others = { ...asked, max_streams: undefined };
  const page = await openConsent(details(others));
  const empty = await submit(page, { max_requests: '', max_requests_per_minute: '', max_cost_usd_per_day: '' });
  expect(listPlaceholders(empty.text)).toEqual({ max_streams: 'No limit' });
});

it('the section with rarely used limits is open only if one of them has an error; its heading shows the limits that are set', async () => {
  const isOpen = (page: Page) => /<details open/.test(page.text);
  expect(isOpen(await openConsent())).toBe(false);
  expect(isOpen(await openConsent(details({ max_cost_usd: 1, max_requests: 5 })))).toBe(false);
  const asking = await openConsent(details({ max_streams: 5 }));
  expect([isOpen(asking), readText(asking.text)]).toEqual([false, expect.stringContaining('5 answers at once')]);
  const page = await openConsent();
  expect(isOpen(await submit(page, { max_cost_usd_per_day: 'some' }))).toBe(true);
});

it('if the client proposes no limit, the operator’s suggestion is shown, and the owner may raise or lift it', async () => {
  const page = await openConsent(details({ max_streams: 4 }));
  expect(formOf(page)).toMatchObject({ max_cost_usd: '5.00', max_requests_per_minute: '60', max_streams: '4' });
  expect(readText(page.text)).toContain('More limits 60 requests a minute, 4 answers at once');
  await submit(page, { max_cost_usd: '7', max_requests_per_minute: '' });
  expect(await getLastGrant(server, owner)).toMatchObject({
    max_cost: 7_000_000_000n,
    max_requests_per_minute: null,
    max_streams: 4,
    max_cost_per_month: null,
  });
});

it('C6: the limits that the owner chose are in the token response, in introspection and in the stored grant', async () => {
  const chosen = { max_cost_usd: '2', max_tokens_per_minute: '30000' };
  const tokens = await connect(server, owner.browser, client, details(asked), {
    ...chosen,
    max_cost_usd_per_day: '0.20',
  });
  const granted = {
    type: 'ai_access',
    max_cost_usd: '2',
    max_cost_usd_per_day: '0.2',
    max_cost_usd_per_month: '1',
    max_requests: 1_000,
    max_requests_per_minute: 10,
    max_tokens_per_minute: 30_000,
    max_streams: 3,
  };
  expect(tokens.authorization_details).toMatchObject([granted]);
  expect(await introspect(server, tokens.access_token)).toMatchObject({ authorization_details: [granted] });
  expect(await getLastGrant(server, owner)).toMatchObject({ max_cost: 2_000_000_000n, max_cost_per_day: 200_000_000n });
});

it('never grants more than was requested, for any kind of limit', async () => {
  const page = await openConsent(details(asked));
  const greedy: readonly FormFields[] = [
    { other_max_cost_usd: '2.500000001', max_cost_usd: 'other' },
    { max_cost_usd_per_day: '1' },
    { max_cost_usd_per_month: '1.01' },
    { max_requests: '1001' },
    { max_requests_per_minute: '11' },
    { max_tokens_per_minute: '40001' },
    { max_streams: '4' },
    ...Object.keys(asked)
      .filter((name) => name !== 'max_cost_usd')
      .map((name) => ({ [name]: '' })),
    { spending: '', max_cost_usd: '', accept_no_limit: 'yes' },
    { spending: '', max_cost_usd: '3' },
  ];
  const before = await getLastGrant(server, owner);
  for (const fields of greedy) {
    const { spending: _, ...sent } = fields;
    const again = await submit(page, sent);
    expect([fields, again.status]).toEqual([fields, 422]);
    expect(readText(again.text)).toContain('or less.');
    expect(again.text).toContain(`id="${Object.keys(fields)[0]}-problem"`);
  }
  expect((await getLastGrant(server, owner)).id).toBe(before.id);
});

it('a sentence beside each invalid field says how to write the limit', async () => {
  const page = await openConsent();
  const money = 'Enter an amount in US dollars, like 2.50.';
  for (const text of ['1,000', '1,500', '5 €', 'five', '-1', '0', '1e3', '1.0000000001', '2000000', '1.', '٣']) {
    const again = await submit(page, { max_cost_usd: 'other', other_max_cost_usd: text });
    expect([text, again.status]).toEqual([text, 422]);
    expect(readText(again.text)).toContain(`Total spending limit: ${money}`);
    expect(formOf(again)['other_max_cost_usd']).toBe(text);
  }
  const both = await submit(page, { max_requests: 'many', max_cost_usd_per_month: '1,50 €' });
  expect(readText(both.text)).toContain('Total request limit: Enter a whole number from 1 to 1,000,000,000');
  expect(readText(both.text)).toContain(`Monthly spending limit: ${money}`);
  for (const [text, nanoUsd] of [
    [' $ 1.50 ', 1_500_000_000n],
    ['0,20', 200_000_000n],
    ['10 $', 10_000_000_000n],
    ['$10', 10_000_000_000n],
    ['2.50', 2_500_000_000n],
  ] as const) {
    await submit(await openConsent(), { max_cost_usd: 'other', other_max_cost_usd: text, max_requests: ' 7 ' });
    expect(await getLastGrant(server, owner)).toMatchObject({ max_cost: nanoUsd, max_requests: 7 });
  }
});

it('a day ends at midnight in the owner’s time zone', async () => {
  await updateTimeZone(server.db, owner.accountId, 'Pacific/Kiritimati');
  const page = await openConsent();
  expect(readText(page.text)).toContain('it ends at midnight, Pacific/Kiritimati');
  const day = new Date(Date.now() + 14 * 3_600_000 + 3 * 86_400_000).toISOString().slice(0, 10);
  await submit(page, { expires_in: 'date', expires_on: day });
  expect((await getLastGrant(server, owner)).expires_at.toISOString()).toBe(`${day}T10:00:00.000Z`);
  await updateTimeZone(server.db, owner.accountId, 'UTC');
});

it('a grant whose requests or money are used up is not reused, and the owner is asked', async () => {
  const somebody = await createOwner(server);
  const isAsked = async () => {
    const page = await somebody.browser.open((await buildRequest(server, client)).url);
    return page.url.origin === server.issuer;
  };
  const newest = () =>
    server.db
      .selectFrom('grants')
      .selectAll()
      .where('account_id', '=', somebody.accountId)
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
  await connect(server, somebody.browser, client, {}, { ...noSpendingLimit, max_requests: '2' });
  expect(await isAsked()).toBe(false);
  await useGrant(server, await newest());
  expect(await isAsked()).toBe(false);
  await useGrant(server, await newest());
  expect(await isAsked()).toBe(true);

  const budget = { max_cost_usd: '0.05', max_cost_usd_per_day: '0.01' };
  await connect(server, somebody.browser, client, {}, budget);
  // The day's budget is used up, but it starts again tomorrow.
  await useGrant(server, await newest(), { cost: 10_000_000n });
  expect(await isAsked()).toBe(false);
  await server.db
    .updateTable('grants')
    .set({ spent: 49_500_000n })
    .where('id', '=', (await newest()).id)
    .execute();
  expect(await isAsked()).toBe(true);
});
