import { setAccountLimit, updateTimeZone } from '@aipassport/store/authorization';
import { waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser, readText } from './support/browser.js';
import { addClient, appPathOf, connect, type TestClient } from './support/client.js';
import type { FormFields } from './support/http.js';
import { createOwner, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  client = await addClient(server, { name: 'Recipe <b>Helper</b>' });
});
beforeEach(waitPastMidnight);
afterAll(() => server.close());

async function grantTo(owner: Owner, fields: FormFields = {}) {
  await connect(server, owner.browser, client, {}, fields);
  return server.db
    .selectFrom('grants')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
}

it('the URL in a refusal by the proxy leads to the grant after signing in; return URLs that name no page of an owner are ignored', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, { max_requests: '1' });
  await useGrant(server, grant, { cost: 1n });
  const visitor = new Browser(server.issuer);
  const signIn = await visitor.open(`/account/grants/${grant.id}`);
  expect(signIn.url.pathname).toBe('/account/sign-in');
  const page = await visitor.submit(signIn, '/account/sign-in', { email: owner.email, password });
  expect(page.url.pathname).toBe(`/account/grants/${grant.id}`);
  const text = readText(page.text);
  for (const shown of ['Recipe <b>Helper</b>', 'Limit reached.', '1 of 1 used', 'Change limits', 'Remove access'])
    expect(text).toContain(shown);
  for (const path of ['/account/grants/../sign-out', '/account/grants//evil.example', '/account/grants/x/limits/y']) {
    const elsewhere = await new Browser(server.issuer).open(
      `/account/sign-in?${new URLSearchParams({ return_to: path })}`,
    );
    expect(elsewhere.text).toContain('name="return_to" value="/account"');
  }
});

it('shows how much of every limit is used and reserved, and how much all apps together have used', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, {
    max_cost_usd: '2',
    max_cost_usd_per_day: '1',
    max_cost_usd_per_month: '1.50',
    max_requests: '1000',
    max_requests_per_minute: '60',
    max_tokens_per_minute: '40000',
    max_streams: '2',
  });
  await useGrant(server, grant, { estimate: 600_000_000n, cost: 250_000_000n });
  await useGrant(server, grant, { estimate: 50_000_000n });
  const { accountId } = owner;
  await setAccountLimit(server.db, { accountId, maxCostPerMonth: 20_000_000_000n, mayRaise: false });
  for (const path of [`/account/grants/${grant.id}`, appPathOf(client), `/account/grants/${grant.id}/limits`]) {
    const text = readText((await owner.browser.open(path)).text);
    for (const shown of [
      'Spending $0.25 of $2.00 used',
      'Also reserved for requests in progress: $0.05.',
      'This month $0.25 of $1.50 used',
      'Today $0.25 of $1.00 used',
      'Requests 1 of 1,000 used 1 more is in progress',
      'Rate limit 60 requests a minute, 40,000 tokens a minute, 2 answers at once',
    ])
      expect([path, text]).toEqual([path, expect.stringContaining(shown)]);
  }
  const page = readText((await owner.browser.open(`/account/grants/${grant.id}`)).text);
  expect(page).toContain('All apps, this month $0.25 of $20.00 used');
});

it('the counters of a past day or month are shown as zero', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, { max_cost_usd_per_day: '1', max_cost_usd_per_month: '3' });
  await useGrant(server, grant, { cost: 5_000_000n });
  server.advanceClock(40 * 86_400);
  // Sessions and grants end by the database's clock, which does not move.
  const text = readText((await owner.browser.open(appPathOf(client))).text);
  server.advanceClock(-40 * 86_400);
  expect(text).toContain('Spending less than $0.01 of $5.00 used');
  expect(text).toContain('This month $0.00 of $3.00 used');
  expect(text).toContain('Today $0.00 of $1.00 used');
});

it('beside a limit under a cent, the amount used has enough digits, and is not rounded up to the limit', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, { max_cost_usd: '0.001' });
  await useGrant(server, grant, { cost: 999_999n });
  expect(readText((await owner.browser.open(appPathOf(client))).text)).toContain('Spending $0.00099 of $0.001 used');
  expect(readText((await owner.browser.open('/account')).text)).toContain('$0.000000001 left of $0.001');
});

it('lists the last requests with time, model, what was done, tokens, cost, how the cost was determined, and status', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, {});
  await useGrant(server, grant, { cost: 3_400_000n });
  await useGrant(server, grant, { cost: 2_000_000n, settlement: 'produced' });
  await useGrant(server, grant, { cost: 4_000_000n, settlement: 'estimated' });
  await useGrant(server, grant, { cost: 5_000_000n, settlement: 'doubted' });
  await useGrant(server, grant, { cost: 0n, settlement: 'unbilled' });
  await useGrant(server, grant, { cost: 0n, settlement: 'released' });
  const text = readText((await owner.browser.open(`/account/grants/${grant.id}`)).text);
  for (const shown of [
    'GPT-4o gpt-4o, OpenAI, chat 1,200 tokens in, 34 out $0.0034 Answered',
    '– $0.002 Estimated from the answer (the provider didn’t report the cost) Answered',
    '– $0.004 Estimated charge (the provider didn’t report the cost) Answered',
    '– $0.005 Estimated charge (the provider reported more than is possible) Answered',
    '– $0.00 Not charged (the provider refused it) The AI provider was overloaded (529)',
    '– $0.00 Not charged (didn’t reach the provider) –',
    'The latest finished requests',
  ])
    expect(text).toContain(shown);
});

it.each([
  [401, 'The AI provider refused the API key (401)', 'Der KI-Anbieter hat den API-Schlüssel abgelehnt (401)'],
  [
    403,
    'The AI provider doesn’t allow this with the API key (403)',
    'Der KI-Anbieter erlaubt das mit dem API-Schlüssel nicht (403)',
  ],
  [404, 'Refused by the AI provider (404)', 'Vom KI-Anbieter abgelehnt (404)'],
  [408, 'The AI provider took too long (408)', 'Der KI-Anbieter hat zu lange gebraucht (408)'],
  [429, 'A limit at the AI provider was reached (429)', 'Ein Limit beim KI-Anbieter war erreicht (429)'],
  [500, 'The AI provider had an error (500)', 'Beim KI-Anbieter ist ein Fehler aufgetreten (500)'],
  [503, 'The AI provider was overloaded (503)', 'Der KI-Anbieter war überlastet (503)'],
  [302, 'No usable answer from the AI provider (302)', 'Keine brauchbare Antwort vom KI-Anbieter (302)'],
  [200, 'No usable answer from the AI provider (200)', 'Keine brauchbare Antwort vom KI-Anbieter (200)'],
])('the list of requests says in words why a request with the status %d failed', async (status, english, german) => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, {});
  await useGrant(server, grant, { cost: 0n, settlement: 'unbilled', status });
  const path = `/account/grants/${grant.id}`;
  expect(readText((await owner.browser.open(path)).text)).toContain(`(the provider refused it) ${english} `);
  const translated = await owner.browser.request(path, { headers: { 'accept-language': 'de' } });
  expect(readText(translated.text)).toContain(`(der Anbieter hat abgelehnt) ${german} `);
});

it.each([
  ['grant_revoked', 'Cut off: access was removed', 'Abgebrochen: Zugriff wurde entfernt'],
  ['grant_ended', 'Cut off: access ended', 'Abgebrochen: Zugriff ist abgelaufen'],
  ['stopping', 'Cut off: the server stopped', 'Abgebrochen: Server wurde angehalten'],
  ['client_left', 'The app disconnected before the end', 'Die App hat die Verbindung vor dem Ende getrennt'],
  ['upstream_failed', 'Cut off by the AI provider', 'Vom KI-Anbieter abgebrochen'],
  ['of_a_newer_release', 'Cut off', 'Abgebrochen'],
])('an answer that ended early because of %s is not listed as answered', async (cutOff, english, german) => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, {});
  await useGrant(server, grant, { cost: 3_400_000n, cutOff: cutOff as never });
  const path = `/account/grants/${grant.id}`;
  const listed = async (language: string) =>
    readText((await owner.browser.request(path, { headers: { 'accept-language': language } })).text);
  expect(await listed('en')).toMatch(new RegExp(`34 out \\$0\\.0034 ${english} `));
  expect(await listed('de')).toContain(`${german} `);
  expect(await listed('en')).not.toContain('Answered');
});

it('shows the correction of a charge once the result of the request is known', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, {});
  await useGrant(server, grant, { cost: 3_400_000n, isLate: true });
  await useGrant(server, grant, { cost: 0n, settlement: 'released', isLate: true });
  const text = readText((await owner.browser.open(`/account/grants/${grant.id}`)).text);
  for (const shown of [
    'Spending less than $0.01 of $5.00 used',
    '– $0.01 Estimated charge (the result is unknown) –',
    '1,200 tokens in, 34 out -$0.0066 Correction (the result is known now) Answered',
    '– -$0.01 Correction (didn’t reach the provider) –',
  ])
    expect(text).toContain(shown);
});

it('lists only the requests of this grant, 25 on a page', async () => {
  const owner = await createOwner(server);
  const [grant, other] = [await grantTo(owner, {}), await grantTo(owner, {})];
  for (let n = 0; n < 52; n += 1) await useGrant(server, grant, { cost: 1_000_000n });
  await useGrant(server, other, { cost: 7_770_000n });
  const page = await owner.browser.open(`/account/grants/${grant.id}`);
  expect(page.text.match(/<tr>/g)).toHaveLength(26);
  const [, next = ''] = /<a rel="next" href="([^"]+)"/.exec(page.text) ?? [];
  expect((await owner.browser.open(next.replaceAll('&amp;', '&'))).text.match(/<tr>/g)).toHaveLength(26);
  expect(page.text).not.toContain('0.0077');
});

it('another owner’s grant gets the same answer as an unknown one, on every page of a grant', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, {});
  const stranger = await createOwner(server);
  for (const suffix of ['', '/limits']) {
    const [theirs, none] = [
      await stranger.browser.open(`/account/grants/${grant.id}${suffix}`),
      await stranger.browser.open(`/account/grants/never-was-anything${suffix}`),
    ];
    expect([theirs.status, none.status]).toEqual([404, 404]);
    expect(readText(theirs.text)).toContain('You may be signed in to another account');
    expect(theirs.text).toBe(none.text);
  }
});

it('the page of an ended grant says how it ended, and offers neither change nor revocation', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, {});
  const page = await owner.browser.open(`/account/grants/${grant.id}`);
  await owner.browser.submit(page, `/account/grants/${grant.id}/revoke`);
  for (const path of [`/account/grants/${grant.id}`, `/account/grants/${grant.id}/limits`]) {
    const over = await owner.browser.open(path);
    expect(over.url.pathname).toBe(`/account/grants/${grant.id}`);
    expect(readText(over.text)).toContain('You removed access on');
    expect(over.text).not.toMatch(/\/limits"|\/revoke"/);
  }
});

it('says that access ended because the app was deleted; a general sentence is shown for a reason that only another release knows', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, {});
  for (const [reason, sentence] of [
    ['client_deleted', /Access ended on .*, because the app was deleted\./],
    ['a_later_reason', /Access was removed on /],
  ] as const) {
    const ended = { status: 'revoked', revoked_at: new Date(), revoked_reason: reason } as const;
    await server.db.updateTable('grants').set(ended).where('id', '=', grant.id).execute();
    expect(readText((await owner.browser.open(`/account/grants/${grant.id}`)).text)).toMatch(sentence);
  }
});

it('shows times in the owner’s time zone, and names it', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, {});
  const instant = new Date('2026-01-01T23:30:00Z');
  await server.db.updateTable('grants').set({ last_used_at: instant }).where('id', '=', grant.id).execute();
  await updateTimeZone(server.db, owner.accountId, 'Asia/Kolkata');
  for (const path of [appPathOf(client), `/account/grants/${grant.id}`]) {
    const text = readText((await owner.browser.open(path)).text);
    expect(text).toContain('Last used 2 Jan 2026, 05:00');
    expect(text).toContain('Times shown in Asia/Kolkata');
  }
});
