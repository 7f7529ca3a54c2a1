import { randomUUID } from 'node:crypto';
import { hashSecret, makeSecret } from '@aipassport/store';
import { insertAuditEvent, insertInvitation, setMayInvite, setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { deriveAppId } from '../src/account/app-id.js';
import { formatInvitationLink } from '../src/account/invitation-link.js';
import { Browser, readText } from './support/browser.js';
import { addClient, connect, type TestClient } from './support/client.js';
import { getLastGrant, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ configuration: { accountCreation: 'invite' } });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createInvitedOwner();
});

async function createInvitedOwner(): Promise<Owner> {
  const code = await insertInvitation(server.db, { createdBy: undefined, note: undefined, expiresInSeconds: 60 });
  const email = `${randomUUID()}@example.com`;
  const browser = new Browser(server.issuer);
  const page = await browser.open(formatInvitationLink(server.issuer, code ?? ''));
  await browser.submit(page, '/account/create', { email, password });
  const rows = server.db.selectFrom('accounts').select('id').where('email', '=', email);
  return { email, browser, accountId: (await rows.executeTakeFirstOrThrow()).id };
}

const count = 60;
const numbers = Array.from({ length: count }, (_, index) => index);

/** Opens a list page by page, along the links with this `rel`. */
async function openPages(address: string, rel = 'next', opened: readonly string[] = []): Promise<readonly string[]> {
  const { text } = await owner.browser.open(address);
  const [link = ''] = [...text.matchAll(/<a [^>]*>/g)]
    .map(([tag]) => tag)
    .filter((tag) => tag.includes(`rel="${rel}"`));
  const [, next] = /href="([^"]+)"/.exec(link) ?? [];
  return next === undefined ? [...opened, text] : openPages(next.replaceAll('&amp;', '&'), rel, [...opened, text]);
}

/** The texts of the first group of a pattern: one list for each page. */
const findOn = (pages: readonly string[], pattern: RegExp) =>
  pages.map((page) => [...page.matchAll(pattern)].map(([, found = '']) => found));

/** Gives the owner grants of many apps, each older than the one before it. */
async function connectMany(): Promise<readonly TestClient[]> {
  const first = await addClient(server, { name: 'App 0' });
  await connect(server, owner.browser, first);
  const grant = await getLastGrant(server, owner);
  const rest = await Promise.all(numbers.slice(1).map((number) => addClient(server, { name: `App ${number}` })));
  const copies = rest.map(({ id }, index) => ({
    ...grant,
    id: makeSecret().slice(0, 22),
    client_id: id,
    created_at: new Date(grant.created_at.getTime() - (index + 1) * 3_600_000),
  }));
  await server.db
    .insertInto('grants')
    .values(copies as never)
    .execute();
  return [first, ...rest];
}

/** Sets columns of all grants of the owner. The cast avoids the types, which allow no code to set the counters. */
async function setGrants(values: Readonly<Record<string, unknown>>): Promise<void> {
  await server.db
    .updateTable('grants')
    .set(values as never)
    .where('account_id', '=', owner.accountId)
    .execute();
}

it('the connected apps are listed in pages, each once, the newest first', async () => {
  const clients = await connectMany();
  const pages = await openPages('/account/apps');
  const shown = findOn(pages, /<h2><a href="\/account\/apps\/([\w-]+)"/g);
  expect(shown.map(({ length }) => length)).toEqual([25, 25, 10]);
  expect(shown.flat()).toEqual(clients.map(({ id }) => deriveAppId(id)));
  expect(readText(pages[1] ?? '')).toContain('Newer Page 2 of 3 Older');
  expect(findOn(await openPages('/account/apps?page=3', 'prev'), /<h2><a href="\/account\/apps\/([\w-]+)"/g)).toEqual(
    shown.toReversed(),
  );
});

it('the apps without access are listed in pages, and the pages of the other list stay where they are', async () => {
  const clients = await connectMany();
  await setGrants({ status: 'revoked', revoked_at: new Date(), revoked_reason: 'owner' });
  const pages = await openPages('/account/apps?past=1');
  for (const page of pages) expect(page).toContain('<details class="over" open');
  expect(findOn(pages, /<h2><a href="\/account\/apps\/([\w-]+)"/g).flat()).toEqual(
    clients.map(({ id }) => deriveAppId(id)),
  );
  expect((await owner.browser.open('/account/apps')).text).not.toContain('<details class="over" open');
  const again = await connectMany();
  const both = await owner.browser.open('/account/apps?page=2&past=3');
  expect(both.text).toContain('href="/account/apps?page=2&amp;past=2"');
  expect(both.text).toContain('href="/account/apps?past=3&amp;page=3"');
  expect(again).toHaveLength(count);
});

it('the overview shows a few limits and a few apps whose access ends soon, and links to all others', async () => {
  await connectMany();
  const expires_at = new Date(Date.now() + 2 * 86_400_000);
  const created_at = new Date(Date.now() - 30 * 86_400_000);
  await setGrants({ max_cost: 5_000_000_000n, spent: 1_000_000_000n, created_at, expires_at });
  const { text } = await owner.browser.open('/account');
  expect(text.match(/<span class="app-name">/g)).toHaveLength(10);
  expect(text.match(/<a href="\/account\/apps">55 more<\/a>/g)).toHaveLength(2);
});

it('a page number that is too high leads to the last page, and 0, a negative number or other text leads to the first', async () => {
  await connectMany();
  const numberOf = async (page: string) =>
    /Page (\d+) of 3/.exec(readText((await owner.browser.open(`/account/apps?page=${page}`)).text))?.[1];
  for (const [asked, shown] of Object.entries({ 3: '3', 4: '3', 999999: '3', 0: '1', '-1': '1', '2x': '1', '': '1' }))
    expect([asked, await numberOf(asked)]).toEqual([asked, shown]);
});

it('the devices are listed in pages, each once, with the current device first', async () => {
  const { last_seen_at: now, ...mine } = await server.db
    .selectFrom('owner_sessions')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .executeTakeFirstOrThrow();
  const others = numbers.map((number) => ({
    ...mine,
    id_hash: hashSecret(makeSecret()),
    last_seen_at: new Date(now.getTime() - (number + 1) * 60_000),
  }));
  await server.db.insertInto('owner_sessions').values(others).execute();
  const pages = await openPages('/account/sessions');
  const shown = findOn(pages, /action="\/account\/sessions\/(\w+)\/end"/g);
  expect(shown.map(({ length }) => length)).toEqual([24, 25, 11]); // the device in use has no button that ends it
  expect(new Set(shown.flat()).size).toBe(count);
  for (const page of pages) expect(page).toContain('action="/account/sessions/end-others"');
});

it('the invitations of an account are listed in pages, each once, the newest first', async () => {
  await setMayInvite(server.db, owner.accountId, { mayInvite: true, by: owner.accountId });
  const now = Date.now();
  const invitations = numbers.map((number) => ({
    id: randomUUID(),
    code_hash: hashSecret(makeSecret()),
    created_by: owner.accountId,
    note: `Guest ${number}.`,
    created_at: new Date(now - (count - number) * 60_000),
    expires_at: new Date(now - 1_000),
  }));
  await server.db.insertInto('invitations').values(invitations).execute();
  const shown = findOn(await openPages('/account/invitations'), /Guest (\d+)\./g);
  expect(shown.map(({ length }) => length)).toEqual([25, 25, 10]);
  expect(shown.flat()).toEqual(numbers.toReversed().map(String));
});

it('the activity is listed in pages, each event once, the newest first, and the links keep the filter', async () => {
  const { accountId } = owner;
  for (const number of numbers) {
    const detail = { name: `Token ${number}.` };
    await insertAuditEvent(server.db, { event: 'account_token_created', accountId, detail });
    await insertAuditEvent(server.db, { event: 'time_zone_changed', accountId });
  }
  const pages = await openPages('/account/activity?kind=signIn');
  const shown = findOn(pages, /Token (\d+)\./g);
  expect(shown.flat()).toEqual(numbers.toReversed().map(String));
  expect(shown.map(({ length }) => length)).toEqual([25, 25, 10]);
  for (const page of pages) expect(page).toMatch(/<option value="signIn" selected/);
});

it('the operator’s lists are in pages, each entry once, and the links keep what was searched for', async () => {
  await setOperator(server.db, owner.accountId, true);
  const word = makeSecret().slice(0, 10).toLowerCase();
  const clients = await Promise.all(numbers.map((number) => addClient(server, { name: `${word} ${number}` })));
  const pages = await openPages(`/operator/clients?search=${word}`);
  const shown = findOn(pages, new RegExp(`<bdi>${word} (\\d+)</bdi>`, 'g'));
  expect(shown.map(({ length }) => length)).toEqual([25, 25, 10]);
  expect(shown.flat().toSorted()).toEqual(clients.map((_, number) => String(number)).toSorted());
  for (const page of pages.slice(1)) expect(page).toContain(`href="/operator/clients?search=${word}&amp;after="`);
});
