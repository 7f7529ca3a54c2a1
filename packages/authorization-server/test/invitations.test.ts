import { insertInvitation, setMayInvite, setOperator } from '@aipassport/store/authorization';
import { createTestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { callApi, makeToken } from './support/account-api.js';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { addClient, buildRequest } from './support/client.js';
import { encodeForm, header } from './support/http.js';
import { type Owner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let closed: TestServer;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2, configuration: { accountCreation: 'invite' } });
  closed = await startTestServer({ configuration: { accountCreation: 'off' } });
});
afterAll(async () => {
  await server.close();
  await closed.close();
});

let people = 0;
const newEmail = () => `guest-${++people}@example.com`;
const week = { note: undefined, expiresInSeconds: 604_800 };

/** Makes an invitation as the operator's command does. */
async function invite(createdBy?: string): Promise<string> {
  const code = await insertInvitation(server.db, { ...week, createdBy });
  if (code === undefined) throw new Error('no invitation was made');
  return code;
}

async function followLink(
  code: string,
  browser = new Browser(server.issuer),
): Promise<{ browser: Browser; page: Page }> {
  return { browser, page: await browser.open(`/account/create?invitation=${code}`) };
}

async function redeemInvitation(code: string, email = newEmail()): Promise<Page> {
  const { browser, page } = await followLink(code);
  return browser.submit(page, '/account/create', { email, password });
}

const countAccounts = async () => (await server.db.selectFrom('accounts').select('id').execute()).length;

/** An invited owner who may invite others. */
async function createInviter(): Promise<Owner> {
  const email = newEmail();
  const { browser, page } = await followLink(await invite());
  await browser.submit(page, '/account/create', { email, password });
  const { id } = await server.db
    .selectFrom('accounts')
    .select('id')
    .where('email', '=', email)
    .executeTakeFirstOrThrow();
  await setMayInvite(server.db, id, { mayInvite: true });
  return { email, browser, accountId: id };
}

it('an owner who may invite others has one link to invitations, even if the owner is also an operator', async () => {
  const inviter = await createInviter();
  const listLinks = async (path: string) => (await inviter.browser.open(path)).text.match(/href="[^"]+\/invitations"/g);
  expect(await listLinks('/account')).toEqual(['href="/account/invitations"']);
  await setOperator(server.db, inviter.accountId, true);
  expect(await listLinks('/operator')).toEqual(['href="/operator/invitations"']);
});

it('the API shows an account its own invitations and an operator all invitations, without their links', async () => {
  const inviter = await createInviter();
  const code = await invite(inviter.accountId);
  const guest = newEmail();
  expect((await redeemInvitation(code, guest)).status).toBe(200);
  await insertInvitation(server.db, { ...week, createdBy: inviter.accountId, note: 'For Ada' });
  const own = await callApi(server, await makeToken(inviter), 'GET /api/account/invitations', { replica: 1 });
  expect(own.text).not.toContain(code);
  const mine = { invited_by: inviter.email };
  const listed = [
    { ...mine, state: 'open', note: 'For Ada', used_by: null },
    { ...mine, state: 'used', note: null, used_by: guest },
  ];
  expect(own.body).toMatchObject({ can_invite: true, invitations: listed });
  await setMayInvite(server.db, inviter.accountId, { mayInvite: false });
  expect((await callApi(server, await makeToken(inviter), 'GET /api/account/invitations')).body).toMatchObject({
    can_invite: false,
  });

  await setOperator(server.db, inviter.accountId, true);
  const token = await makeToken(inviter, ['operator']);
  for (let count = 0; count < 110; count += 1) await invite();
  type Page = { readonly invitations: { readonly invitation_id: string }[]; readonly next: string | null };
  const read = (query: Record<string, string>) =>
    callApi<Page>(server, token, 'GET /api/operator/invitations', { query });
  const first = await read({});
  const second = await read({ cursor: first.body.next ?? '' });
  const all = [...first.body.invitations, ...second.body.invitations];
  expect([first.body.invitations.length, new Set(all.map((one) => one.invitation_id)).size]).toEqual([100, all.length]);
  expect(all).toEqual(expect.arrayContaining(listed.map((one) => expect.objectContaining(one))));
  expect(all).toContainEqual(expect.objectContaining({ invited_by: null, state: 'open' }));
  expect(second.body.next).toBeNull();
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L10: an invitation makes one account; its code is removed from the URL at once, and is never logged', async () => {
  const code = await invite();
  const first = await new Browser(server.issuer).request(`/account/create?invitation=${code}`);
  expect([first.status, header(first, 'location')]).toEqual([303, '/account/create?return_to=%2Faccount']);
  expect(header(first, 'referrer-policy')).toBe('no-referrer');
  const { browser, page } = await followLink(code);
  expect([page.status, page.url.search.includes(code), page.text.includes(code)]).toEqual([200, false, false]);
  const email = newEmail();
  const home = await browser.submit(page, '/account/create', { email, password });
  expect([home.status, home.url.pathname]).toEqual([200, '/account']);
  expect(browser.cookieHeader(home.url)).not.toContain(code);

  const again = await followLink(code);
  expect([again.page.status, readText(again.page.text).includes('no longer works')]).toEqual([403, true]);
  expect(server.logLines.join('\n')).not.toContain(code);
  const row = await server.db
    .selectFrom('invitations')
    .selectAll()
    .where('account_id', 'is not', null)
    .executeTakeFirstOrThrow();
  expect(JSON.stringify(row)).not.toContain(code);
  expect((await signIn(new Browser(server.issuer), email)).url.pathname).toBe('/account');
});

it('L10: if many people use one invitation at once, at two servers, exactly one gets an account', async () => {
  for (let round = 0; round < 5; round += 1) {
    const code = await invite();
    const before = await countAccounts();
    const guests = await Promise.all(Array.from({ length: 4 }, () => followLink(code)));
    const answers = await Promise.all(
      guests.map(async ({ browser, page }, index) => {
        const body = encodeForm({ ...readForm(page.text, '/account/create'), email: newEmail(), password });
        const target = new URL('/account/create', server.urls[index % 2]);
        const headers = { host: new URL(server.issuer).host, cookie: browser.cookieHeader(new URL(server.issuer)) };
        return browser.request(target, { method: 'POST', body, headers });
      }),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(3);
    expect(await countAccounts()).toBe(before + 1);
  }
});

it('L10: an e-mail address that already has an account does not use up the invitation', async () => {
  const email = newEmail();
  await redeemInvitation(await invite(), email);
  const code = await invite();
  const { browser, page } = await followLink(code);
  const taken = await browser.submit(page, '/account/create', { email, password });
  expect(taken.status).toBe(422);
  const home = await browser.submit(taken, '/account/create', { email: newEmail(), password });
  expect(home.url.pathname).toBe('/account');
});

it('L10: without an open invitation no account is made, and the page says why', async () => {
  const before = await countAccounts();
  const visitor = new Browser(server.issuer);
  const none = await visitor.open('/account/create');
  expect([none.status, readText(none.text).includes('You need an invitation')]).toEqual([403, true]);
  for (const code of ['x'.repeat(43), '%00', 'short', `${await invite()}x`]) {
    const { page } = await followLink(code);
    expect([code, [400, 403].includes(page.status)]).toEqual([code, true]);
  }
  const expired = await invite();
  await server.db
    .updateTable('invitations')
    .set({ expires_at: new Date(0) })
    .where('used_at', 'is', null)
    .execute();
  expect(readText((await followLink(expired)).page.text)).toContain(
    'It has expired, was withdrawn, or has already been used.',
  );
  // a valid form, sent without the cookie of the invitation
  const guest = await followLink(await invite());
  const fields = readForm(guest.page.text, '/account/create');
  for (const name of guest.browser.cookies.keys()) if (name.includes('invitation')) guest.browser.cookies.delete(name);
  const body = encodeForm({ ...fields, email: newEmail(), password });
  expect((await guest.browser.request('/account/create', { method: 'POST', body })).status).toBe(403);
  expect(await countAccounts()).toBe(before);
});

it('L10: if account creation is off, no account can be made, and an app’s request leads to a page that says so', async () => {
  const client = await addClient(closed, { name: 'Recipe Helper' });
  const visitor = new Browser(closed.issuer);
  const signInPage = await visitor.open((await buildRequest(closed, client)).url);
  expect(signInPage.url.pathname).toBe('/account/sign-in');
  expect(readText(signInPage.text)).toContain('This server doesn’t accept new accounts');
  const returnTo = signInPage.url.searchParams.get('return_to') ?? '';
  const page = await visitor.open(`/account/create?return_to=${encodeURIComponent(returnTo)}`);
  expect(page.status).toBe(403);
  expect(readText(page.text)).toContain('New accounts are closed');
  expect(readText(page.text)).toContain('return to Recipe Helper and connect again');
  const code = 'x'.repeat(43);
  expect((await visitor.open(`/account/create?invitation=${code}`)).status).toBe(403);
  expect(await closed.db.selectFrom('accounts').select('id').execute()).toEqual([]);
});

it('L10: a form that creates an account is refused if the operator has turned account creation off since the page was shown', async () => {
  const database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  const count = async () => (await database.db.selectFrom('accounts').select('id').execute()).length;
  try {
    const open = await startTestServer({ database, configuration: { accountCreation: 'open' } });
    const { configuration } = open;
    const browser = new Browser(open.issuer);
    const page = await browser.open('/account/create');
    await open.close();
    for (const accountCreation of ['off', 'invite'] as const) {
      const strict = await startTestServer({ database, configuration: { ...configuration, accountCreation } });
      const answer = await browser.submit(page, '/account/create', { email: newEmail(), password });
      await strict.close();
      expect([accountCreation, answer.status, await count()]).toEqual([accountCreation, 403, 0]);
    }
    const again = await startTestServer({ database, configuration });
    const home = await browser.submit(page, '/account/create', { email: newEmail(), password });
    expect([home.status, await count()]).toEqual([200, 1]);
    await again.close();
  } finally {
    await database.close();
  }
});

it('L10: an invited visitor creates an account during an app’s request, and then sees the consent page', async () => {
  const client = await addClient(server, { name: 'Recipe Helper' });
  const visitor = new Browser(server.issuer);
  await followLink(await invite(), visitor);
  const signInPage = await visitor.open((await buildRequest(server, client)).url);
  const carry = / name="carry" value="([^"]+)"/.exec(signInPage.text)?.[1] ?? '';
  const fields = { ...readForm(signInPage.text, '/account/sign-in'), carry };
  const page = await visitor.request('/account/create', { method: 'POST', body: encodeForm(fields) });
  expect(page.status).toBe(200);
  const consent = await visitor.submit(page, '/account/create', { email: newEmail(), password });
  expect(readText(consent.text)).toContain('Recipe Helper wants to use your AI account');
});

it('an account that may invite can make, see and withdraw its own invitations only', async () => {
  const [inviter, other] = [await createInviter(), await createInviter()];
  const page = await inviter.browser.open('/account/invitations');
  const made = await inviter.browser.submit(page, '/account/invitations', {
    note: 'For Aunt <Mary>',
    expires_in: '86400',
  });
  const link = new URL(/>(http[^<]+invitation=[\w-]{43})</.exec(made.text)?.[1] ?? '');
  expect(link.origin).toBe(server.issuer);
  expect(made.text).toContain('For Aunt &lt;Mary');
  const later = await inviter.browser.open('/account/invitations');
  expect(later.text).not.toContain(link.searchParams.get('invitation'));
  expect((await other.browser.open('/account/invitations')).text).not.toContain('Mary');

  const path = /action="(\/account\/invitations\/[^"]+\/withdraw)"/.exec(later.text)?.[1] ?? '';
  const theirPage = await other.browser.open('/account/invitations');
  const { csrf_token = '' } = readForm(theirPage.text, '/account/invitations');
  const stolen = await other.browser.request(path, { method: 'POST', body: encodeForm({ csrf_token }) });
  expect(stolen.status).toBe(404);
  const email = newEmail();
  expect((await redeemInvitation(link.searchParams.get('invitation') ?? '', email)).url.pathname).toBe('/account');
  expect(readText((await inviter.browser.open('/account/invitations')).text)).toContain(`Used by ${email}`);

  const unused = await inviter.browser.submit(later, '/account/invitations', { note: '', expires_in: '604800' });
  const code = /invitation=([\w-]{43})</.exec(unused.text)?.[1] ?? '';
  const withdraw = /action="(\/account\/invitations\/[^"]+\/withdraw)"/.exec(unused.text)?.[1] ?? '';
  expect(readText((await inviter.browser.submit(unused, withdraw)).text)).toContain('Its link no longer works');
  expect((await followLink(code)).page.status).toBe(403);
  const events = await server.db
    .selectFrom('audit_events')
    .select('event')
    .where('account_id', '=', inviter.accountId)
    .execute();
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['invitation_used', 'may_invite_changed', 'invitation_created', 'invitation_withdrawn']),
  );
});

it('an account has at most twenty invitations, even if many are made at once', async () => {
  const { browser, accountId } = await createInviter();
  const made = await Promise.all(
    Array.from({ length: 30 }, () => insertInvitation(server.db, { ...week, createdBy: accountId })),
  );
  expect(made.filter((code) => code !== undefined)).toHaveLength(20);
  const page = await browser.open('/account/invitations');
  const refused = await browser.submit(page, '/account/invitations', { expires_in: '86400' });
  expect([refused.status, readText(refused.text).includes('You can have 20 invitations')]).toEqual([422, true]);
  await redeemInvitation(made.find((code) => code !== undefined) ?? '');
  expect(await insertInvitation(server.db, { ...week, createdBy: accountId })).toBeUndefined();
});

it('L7: inviting requires a recent sign-in and the operator’s permission; withdrawing the permission ends open invitations', async () => {
  const inviter = await createInviter();
  const code = await invite(inviter.accountId);
  const page = await inviter.browser.open('/account/invitations');
  const chosen = { note: 'For Ada', expires_in: '86400' };
  server.advanceClock(6 * 60);
  const asked = await inviter.browser.submit(page, '/account/invitations', chosen);
  expect([asked.status, readText(asked.text).includes('Confirm it’s you to invite someone.')]).toEqual([422, true]);
  expect(readForm(asked.text, '/account/invitations')).toMatchObject({ note: 'For Ada', password: '' });
  expect(asked.text).toMatch(/<option (?=[^>]*value="86400")(?=[^>]*selected)/);
  const wrong = await inviter.browser.submit(asked, '/account/invitations', { ...chosen, password: 'a wrong one' });
  expect([wrong.status, readText(wrong.text).includes('Wrong password.')]).toEqual([422, true]);
  const made = await inviter.browser.submit(wrong, '/account/invitations', { ...chosen, password });
  server.advanceClock(-6 * 60);
  expect(readText(made.text)).toContain('Invitation created.');
  const body = encodeForm({ ...readForm(made.text, '/account/invitations'), ...chosen });

  await setMayInvite(server.db, inviter.accountId, { mayInvite: false });
  const answers = [
    await inviter.browser.open('/account/invitations'),
    await inviter.browser.request('/account/invitations', { method: 'POST', body }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  expect((await inviter.browser.open('/account/apps')).text).not.toContain('/account/invitations');
  expect((await followLink(code)).page.status).toBe(403);
  expect(await insertInvitation(server.db, { ...week, createdBy: inviter.accountId })).toBeUndefined();
});
