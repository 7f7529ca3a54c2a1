import { randomUUID } from 'node:crypto';
import { insertOperatorLink, readOperatorCaps, setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readForm, readText } from './support/browser.js';
import { addClient, buildRequest, connect, introspect, refresh } from './support/client.js';
import { countEvents, listEvents } from './support/events.js';
import { encodeForm, header, send } from './support/http.js';
import { clientPath, registerClient } from './support/own-client.js';
import {
  ageSignIn,
  createOwner,
  getLastGrant,
  noSpendingLimit,
  type Owner,
  password,
  signIn,
} from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

const registrationToken = 'the-canary-of-the-registration-token-0123456789';
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    replicas: 2,
    configuration: { clientRegistration: { kind: 'token', token: registrationToken } },
  });
});
afterAll(() => server.close());

const pages = [
  '/operator',
  '/operator/accounts',
  '/operator/accounts/any',
  '/operator/audit',
  '/operator/clients',
  '/operator/invitations',
  '/operator/keys',
  '/operator/spending',
];
const day = { expiresInSeconds: 86_400 };

async function createLink(isForFirst: boolean): Promise<string> {
  const code = await insertOperatorLink(server.db, { ...day, isForFirst });
  if (code === undefined) throw new Error('no link was made');
  return code;
}

async function createOperator(): Promise<Owner> {
  const owner = await createOwner(server);
  await setOperator(server.db, owner.accountId, true);
  return owner;
}

const listOperatorIds = async () =>
  (await server.db.selectFrom('operators').select('account_id').execute()).map((row) => row.account_id);

/** Sends a request with this browser's cookies to one of the replicas. */
async function ask({ browser }: Owner, replica: number, target: string, body?: string) {
  const headers = { cookie: browser.cookieHeader(new URL(server.issuer)), host: new URL(server.issuer).host };
  const url = `${server.urls[replica]}${target}`;
  if (body === undefined) return send(url, { headers });
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return send(url, { method: 'POST', headers: { ...headers, ...type, origin: server.issuer }, body });
}

const changePath = (act: string, subject: string) => `/operator/change?${new URLSearchParams({ act, subject })}`;

async function change({ browser }: Owner, act: string, subject: string) {
  return browser.submit(await browser.open(changePath(act, subject)), '/operator/change');
}

// The ids at the beginning of titles are rows of docs/security.md.
it('L20: the first account is not an operator by default; of several accounts with links for the first operator, one becomes an operator', async () => {
  const first = await createOwner(server);
  expect(await listOperatorIds()).toEqual([]);
  for (const page of pages) expect((await first.browser.open(page)).status).toBe(404);
  const [code, other] = [await createLink(true), await createLink(true)];
  const moved = await first.browser.request(`/operator/claim?code=${code}`);
  expect([moved.status, header(moved, 'location')]).toEqual([303, '/operator/claim']);

  const second = await createOwner(server);
  await second.browser.request(`/operator/claim?code=${other}`);
  const owners = [first, first, second, second];
  const bodies = await Promise.all(
    owners.map(async ({ browser }) =>
      encodeForm({ ...readForm((await browser.open('/operator/claim')).text, '/operator/claim') }),
    ),
  );
  const answers = await Promise.all(
    owners.map((owner, index) => ask(owner, index % 2, '/operator/claim', bodies[index])),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 403, 403, 403]);
  expect(await listOperatorIds()).toHaveLength(1);
  expect(await insertOperatorLink(server.db, { ...day, isForFirst: true })).toBeUndefined();
  expect(server.logLines.join('\n')).not.toContain(code);
  expect(JSON.stringify(await server.db.selectFrom('operator_links').selectAll().execute())).not.toContain(other);
});

it('L20: a link makes one account an operator, once, and not after it has expired', async () => {
  const [owner, late] = [await createOwner(server), await createOwner(server)];
  const code = await createLink(false);
  const page = await owner.browser.open(`/operator/claim?code=${code}`);
  expect([page.status, page.url.search]).toEqual([200, '']);
  const home = await owner.browser.submit(page, '/operator/claim');
  expect([home.status, home.url.pathname]).toEqual([200, '/operator']);
  expect((await late.browser.open(`/operator/claim?code=${code}`)).status).toBe(403);
  const expired = await createLink(false);
  await server.db
    .updateTable('operator_links')
    .set({ expires_at: new Date(0) })
    .execute();
  expect((await late.browser.open(`/operator/claim?code=${expired}`)).status).toBe(403);
  expect(await listOperatorIds()).not.toContain(late.accountId);
  expect(countEvents(await listEvents(server, owner), 'operator_added')).toBe(1);
});

it('L20: becoming an operator requires a recent sign-in', async () => {
  const owner = await createOwner(server);
  const page = await owner.browser.open(`/operator/claim?code=${await createLink(false)}`);
  server.advanceClock(6 * 60);
  const asked = await owner.browser.submit(page, '/operator/claim');
  expect([asked.status, (await listOperatorIds()).includes(owner.accountId)]).toEqual([422, false]);
  const home = await owner.browser.submit(asked, '/operator/claim', { password });
  server.advanceClock(-6 * 60);
  expect([home.status, home.url.pathname]).toEqual([200, '/operator']);
});

it('L20: an owner who is not an operator gets 404 for the operator’s pages and forms at both replicas, and no form makes the owner an operator', async () => {
  const [owner, victim] = [await createOwner(server), await createOwner(server)];
  const { csrf_token = '' } = readForm((await owner.browser.open('/account/password')).text, '/account/password');
  const act = encodeForm({ csrf_token, act: 'disable_account', subject: victim.accountId });
  const forms = ['/operator/keys/caps', '/operator/invitations', `/operator/accounts/${victim.accountId}/cap`];
  for (const replica of [0, 1]) {
    for (const form of [...forms, `/operator/accounts/${victim.accountId}/reset-link`])
      expect([form, (await ask(owner, replica, form, encodeForm({ csrf_token }))).status]).toEqual([form, 404]);
    for (const page of [...pages, changePath('disable_account', victim.accountId)])
      expect([page, (await ask(owner, replica, page)).status]).toEqual([page, 404]);
    expect((await ask(owner, replica, '/operator/change', act)).status).toBe(404);
    expect(
      (await ask(owner, replica, '/operator/audit/export', encodeForm({ csrf_token, format: 'csv' }))).status,
    ).toBe(404);
  }
  expect((await owner.browser.open('/account')).text).not.toContain('"/operator"');
  const settings = await owner.browser.open('/account/settings');
  const fields = { ...readForm(settings.text, '/account/settings/time-zone'), is_operator: 'true', role: 'operator' };
  await ask(owner, 0, '/account/settings/time-zone', encodeForm(fields));
  expect(await listOperatorIds()).not.toContain(owner.accountId);
  expect((await victim.browser.open('/account')).status).toBe(200);
});

it('L20: a visitor who is not signed in is sent to the sign-in page, and an account that loses the role loses access at once', async () => {
  const visitor = new Browser(server.issuer);
  for (const page of pages) expect((await visitor.request(page)).status).toBe(303);
  const operator = await createOperator();
  expect((await operator.browser.open('/operator')).status).toBe(200);
  await setOperator(server.db, operator.accountId, false);
  expect((await operator.browser.open('/operator')).status).toBe(404);
  expect(countEvents(await listEvents(server, operator), 'operator_removed')).toBe(1);
});

it('L20: the operator’s pages require a sign-in within the last hour, and changes require one within the last five minutes', async () => {
  const [operator, victim] = [await createOperator(), await createOwner(server)];
  const path = changePath('disable_account', victim.accountId);
  server.advanceClock(6 * 60);
  const asked = await operator.browser.submit(await operator.browser.open(path), '/operator/change');
  expect([asked.status, readText(asked.text).includes('Confirm it’s you to make this change.')]).toEqual([422, true]);
  const wrong = await operator.browser.submit(asked, '/operator/change', { password: 'a wrong one' });
  expect(wrong.status).toBe(422);
  expect((await victim.browser.open('/account')).url.pathname).toBe('/account');
  server.advanceClock(55 * 60);
  const late = await operator.browser.open('/operator/accounts');
  expect([late.url.pathname, late.url.searchParams.get('again')]).toEqual(['/account/sign-in', 'true']);
  const body = encodeForm(readForm(wrong.text, '/operator/change'));
  expect((await ask(operator, 1, '/operator/change', body)).status).toBe(422);
  server.advanceClock(-61 * 60);
  expect((await victim.browser.open('/account')).url.pathname).toBe('/account');
});

it('L20: after an hour, a form asks for the password on a page that says only what the form does, and keeps what was typed', async () => {
  const operator = await createOperator();
  const path = '/operator/keys/caps';
  const page = await operator.browser.open('/operator/keys');
  await ageSignIn(server, operator, 61 * 60);
  const typed = { cap_of_all_usd: '12.50', cap_of_account_usd: '' };
  const asked = await operator.browser.submit(page, path, typed);
  expect([asked.status, readText(asked.text)]).toEqual([422, expect.stringContaining('What you entered is kept.')]);
  expect(readText(asked.text)).toContain(
    'Confirm it’s you: Spending caps of the shared keys All accounts together, per month $12.50 Each account, per month No cap',
  );
  expect(readForm(asked.text, path)).toMatchObject({ ...typed, password: '' });
  expect(readText(asked.text)).not.toContain('Spent this month');
  const wrong = await operator.browser.submit(asked, path, { password: 'a wrong one' });
  expect([wrong.status, readForm(wrong.text, path)]).toEqual([422, expect.objectContaining(typed)]);
  expect((await operator.browser.open('/operator/keys')).url.pathname).toBe('/account/sign-in');
  const saved = await operator.browser.submit(wrong, path, { password });
  expect([saved.url.pathname, readText(saved.text)]).toEqual([
    '/operator/keys',
    expect.stringContaining('Saved. The change applies from now on.'),
  ]);
  expect((await readOperatorCaps(server.db)).ofAll).toBe(12_500_000_000n);
});

it('L20: after an hour, the page that asks for the password names the account that a change concerns, and says what it does', async () => {
  const [operator, other] = [await createOperator(), await createOwner(server)];
  const page = await operator.browser.open(`/operator/change?act=disable_account&subject=${other.accountId}`);
  await ageSignIn(server, operator, 61 * 60);
  const asked = await operator.browser.submit(page, '/operator/change');
  expect(asked.status).toBe(422);
  expect(readText(asked.text)).toContain(
    `Confirm it’s you: Disable account ${other.email} The account is signed out everywhere`,
  );
  const done = await operator.browser.submit(asked, '/operator/change', { password });
  expect(readText(done.text)).toContain('Saved. The change applies from now on.');
});

it('L20: if the operator had to sign in again before a form was accepted, a page then says what the form does and offers to send it, until it is sent', async () => {
  const operator = await createOperator();
  const path = '/operator/keys/caps';
  const page = await operator.browser.open('/operator/keys');
  await ageSignIn(server, operator, 61 * 60);
  const asked = await operator.browser.submit(page, path, { cap_of_all_usd: '13.50', cap_of_account_usd: '' });
  const signInPage = await operator.browser.submit(asked, path, { sign_in_again: 'yes' });
  const kept = await operator.browser.submit(signInPage, '/account/sign-in', { email: operator.email, password });
  expect([kept.url.pathname, readText(kept.text)]).toEqual([
    '/account/continue',
    expect.stringContaining('Spending caps of the shared keys All accounts together, per month $13.50'),
  ]);
  const saved = await operator.browser.submit(kept, path);
  expect(readText(saved.text)).toContain('Saved. The change applies from now on.');
  expect((await readOperatorCaps(server.db)).ofAll).toBe(13_500_000_000n);
  expect((await operator.browser.open('/account/continue')).url.pathname).toBe('/account');
});

it('L20: a form that is kept waits while the operator sends another form', async () => {
  const operator = await createOperator();
  const path = '/operator/keys/caps';
  const page = await operator.browser.open('/operator/keys');
  await ageSignIn(server, operator, 61 * 60);
  const asked = await operator.browser.submit(page, path, { cap_of_all_usd: '14.50', cap_of_account_usd: '' });
  const signInPage = await operator.browser.submit(asked, path, { sign_in_again: 'yes' });
  const kept = await operator.browser.submit(signInPage, '/account/sign-in', { email: operator.email, password });
  const other = await operator.browser.submit(await operator.browser.open('/operator/keys'), path, {
    cap_of_all_usd: '15.50',
    cap_of_account_usd: '',
  });
  expect(readText(other.text)).toContain('Saved. The change applies from now on.');
  const again = await operator.browser.open('/account/continue');
  expect(again.url.pathname).toBe('/account/continue');
  // the caps have changed since the form was filled in
  expect((await operator.browser.submit(kept, path)).status).toBe(422);
  expect((await operator.browser.open('/account/continue')).url.pathname).toBe('/account');
});

it('L20: a change without the form’s token is refused', async () => {
  const [operator, victim] = [await createOperator(), await createOwner(server)];
  for (const csrf_token of ['', 'x'.repeat(43)]) {
    const body = encodeForm({ csrf_token, act: 'disable_account', subject: victim.accountId });
    expect((await ask(operator, 0, '/operator/change', body)).status).toBe(403);
  }
  expect((await victim.browser.open('/account')).url.pathname).toBe('/account');
});

/** Creates an owner and an app, and gives the app access. */
async function createGrant(name: string) {
  const client = await addClient(server, { name });
  const owner = await createOwner(server);
  const tokens = await connect(server, owner.browser, client, {}, noSpendingLimit);
  return { client, owner, tokens, grant: await getLastGrant(server, owner) };
}

it('L20: disabling an account ends its sessions, refuses its sign-in, and stops its apps at once', async () => {
  const operator = await createOperator();
  const { owner, grant } = await createGrant('Recipe Helper');
  expect(await useGrant(server, grant)).toBe('admitted');
  const listed = await operator.browser.open(`/operator/accounts?search=${encodeURIComponent(owner.email)}`);
  expect(readText(listed.text)).toContain(owner.email);
  expect(readText((await change(operator, 'disable_account', owner.accountId)).text)).toContain('Saved.');
  expect(await useGrant(server, grant)).not.toBe('admitted');
  for (const replica of [0, 1]) expect((await ask(owner, replica, '/account')).status).toBe(303);
  expect((await signIn(new Browser(server.issuer), owner.email)).status).toBe(422);
  const again = await change(operator, 'disable_account', owner.accountId);
  expect(readText(again.text)).toContain('Nothing changed.');
  expect(countEvents(await listEvents(server, owner), 'account_disabled')).toBe(1);
  expect((await operator.browser.open(changePath('disable_account', operator.accountId))).status).toBe(404);
});

it('L20: blocking an app revokes its grants and refuses new ones; unblocking does not restore the revoked grants', async () => {
  const operator = await createOperator();
  const { client, owner, tokens, grant } = await createGrant('Greedy App');
  const waiting = await owner.browser.open((await buildRequest(server, client, { prompt: 'consent' })).url);
  expect(await useGrant(server, grant)).toBe('admitted');
  expect(readText((await change(operator, 'block_client', client.id)).text)).toContain('Blocked');
  expect(await useGrant(server, grant)).not.toBe('admitted');
  expect((await getLastGrant(server, owner)).revoked_reason).toBe('operator');
  expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
  for (const url of server.urls)
    expect((await refresh(server, client, tokens.refresh_token, { url })).status).toBeGreaterThanOrEqual(400);
  const { url } = await buildRequest(server, client);
  const target = `${new URL(url).pathname}${new URL(url).search}`;
  for (const replica of [0, 1]) expect((await ask(owner, replica, target)).status).toBe(400);
  const consentPath = `${waiting.url.pathname}/consent`;
  const body = encodeForm({ ...readForm(waiting.text, consentPath), ...noSpendingLimit, decision: 'allow' });
  expect((await ask(owner, 1, consentPath, body)).status).toBeGreaterThanOrEqual(400);
  expect((await getLastGrant(server, owner)).id).toBe(grant.id);

  expect(readText((await change(operator, 'unblock_client', client.id)).text)).toContain('Saved.');
  const events = await listEvents(server, { clientId: client.id });
  expect(['client_blocked', 'client_unblocked'].map((kind) => countEvents(events, kind))).toEqual([1, 1]);
  expect(await useGrant(server, grant)).not.toBe('admitted');
  expect((await ask(owner, 0, target)).status).toBe(303);
  expect((await operator.browser.open(changePath('block_client', server.configuration.proxyClientId))).status).toBe(
    404,
  );
});

it('an approved app is shown as verified, until the approval is withdrawn or the app is blocked', async () => {
  const operator = await createOperator();
  const client = await addClient(server, { name: 'Known Helper', registeredBy: 'registration' });
  const owner = await createOwner(server);
  const openConsent = async () => owner.browser.open((await buildRequest(server, client)).url);
  const readConsent = async () => readText((await openConsent()).text);
  expect(await readConsent()).not.toContain('Known Helper wants');
  await change(operator, 'approve_client', client.id);
  const verified = await openConsent();
  expect(readText(verified.text)).toContain('Known Helper wants');
  await change(operator, 'disapprove_client', client.id);
  // The owner decides only on a page that says what is true now.
  const again = await owner.browser.submit(verified, `${verified.url.pathname}/consent`, { decision: 'allow' });
  expect([again.status, readText(again.text).includes('Known Helper wants')]).toEqual([422, false]);
  expect(await readConsent()).not.toContain('Known Helper wants');
  await change(operator, 'approve_client', client.id);
  await change(operator, 'block_client', client.id);
  await change(operator, 'unblock_client', client.id);
  expect(await readConsent()).not.toContain('Known Helper wants');
  const events = await listEvents(server, { clientId: client.id });
  expect(['client_approved', 'client_disapproved'].map((kind) => countEvents(events, kind))).toEqual([2, 1]);
});

it('L20: the operator’s first page shows the health, the versions and the settings in force, and no secret', async () => {
  const operator = await createOperator();
  const page = await operator.browser.open('/operator');
  const text = readText(page.text);
  for (const shown of ['This server can answer requests.', 'PostgreSQL', 'ACCOUNT_CREATION', server.issuer])
    expect(text).toContain(shown);
  expect(page.text).not.toContain(registrationToken);
  expect(page.text).not.toContain(server.configuration.databaseUrl);
  for (const { d } of server.configuration.signingKeys) expect(page.text).not.toContain(d);
});

it('the audit log is filtered, paged and exported; the export is recorded and contains no spreadsheet formula', async () => {
  const [operator, owner] = [await createOperator(), await createOwner(server)];
  const clientId = `=cmd-${randomUUID()}`;
  await server.db
    .insertInto('audit_events')
    .values(
      Array.from({ length: 60 }, () => ({
        event: 'client_registered',
        account_id: owner.accountId,
        client_id: clientId,
        detail: '{}',
      })),
    )
    .execute();
  const query = new URLSearchParams({ event: 'client_registered', email: owner.email, client_id: clientId });
  const page = await operator.browser.open(`/operator/audit?${query}`);
  expect(page.text.match(/<li>/g)).toHaveLength(25);
  expect(readText(page.text)).toContain(`App registered ${owner.email}`);
  const next = /href="(\/operator\/audit\?[^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  expect((await operator.browser.open(next)).text.match(/<li>/g)).toHaveLength(25);
  const form = { ...readForm(page.text, '/operator/audit/export'), format: 'csv' };
  const csv = await ask(operator, 1, '/operator/audit/export', encodeForm(form));
  expect([csv.status, csv.text.trim().split('\r\n').length]).toEqual([200, 61]);
  expect(csv.text).toContain(`"'${clientId}"`);
  const json = await ask(operator, 0, '/operator/audit/export', encodeForm({ ...form, format: 'json' }));
  expect(
    json.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toHaveLength(60);
  server.advanceClock(600);
  const asked = await operator.browser.submit(page, '/operator/audit/export', { format: 'csv' });
  const confirmed = await operator.browser.submit(asked, '/operator/audit/export', { format: 'csv', password });
  server.advanceClock(-600);
  expect([confirmed.status, confirmed.text]).toEqual([
    200,
    expect.stringContaining('Confirmed. You can download now.'),
  ]);
  const again = await operator.browser.submit(confirmed, '/operator/audit/export', { format: 'csv' });
  expect(again.text.trim().split('\r\n')).toHaveLength(61);
  expect(countEvents(await listEvents(server, operator), 'audit_log_exported')).toBe(3);
});

it('L20: an approval ends when the app changes its name, and stays when the form is saved without a change', async () => {
  const operator = await createOperator();
  const developer = await createOwner(server);
  const client = await registerClient(developer.browser);
  await change(operator, 'approve_client', client.id);
  const standing = async () => (await server.db.selectFrom('client_approvals').select('client_id').execute()).length;
  const edit = async (fields: Record<string, string>) => {
    const path = `${clientPath(client)}/edit`;
    const page = await developer.browser.submit(await developer.browser.open(path), path, {
      redirect_uris: client.redirectUri,
      ...fields,
    });
    expect(page.status).toBe(200);
  };
  const before = await standing();
  expect(before).toBeGreaterThan(0);
  await edit({});
  expect(await standing()).toBe(before);
  await edit({ name: 'Bank of Trust' });
  expect(await standing()).toBe(before - 1);
});
