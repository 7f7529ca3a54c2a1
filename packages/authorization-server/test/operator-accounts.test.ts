import {
  deleteAuthenticatorApp,
  insertInvitation,
  maxInvitationsOfAccount,
  setMayInvite,
  setOperator,
} from '@aipassport/store/authorization';
import { waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { addClient, connect } from './support/client.js';
import { countEvents, listEvents } from './support/events.js';
import { createOwner, getLastGrant, noSpendingLimit, type Owner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2, configuration: { accountCreation: 'open' } });
});
beforeEach(waitPastMidnight);
afterAll(() => server.close());

async function createOperator(): Promise<Owner> {
  const owner = await createOwner(server);
  await setOperator(server.db, owner.accountId, true);
  return owner;
}

const pathOf = ({ accountId }: Owner) => `/operator/accounts/${accountId}`;

async function change({ browser }: Owner, act: string, subject: string) {
  return browser.submit(
    await browser.open(`/operator/change?${new URLSearchParams({ act, subject })}`),
    '/operator/change',
  );
}

it('the page of an account shows its e-mail address and state, its spending, and its apps and models by name', async () => {
  const [operator, owner] = [await createOperator(), await createOwner(server)];
  await connect(server, owner.browser, await addClient(server, { name: 'Recipe Helper' }), {}, noSpendingLimit);
  await useGrant(server, await getLastGrant(server, owner), { cost: 2_000_000_000n, estimate: 3_000_000_000n });
  const list = await operator.browser.open(`/operator/accounts?search=${encodeURIComponent(owner.email)}`);
  expect(list.text).toContain(`href="${pathOf(owner)}"`);
  const text = readText((await operator.browser.open(pathOf(owner))).text);
  for (const shown of [owner.email, 'Active', '$2.00 for 1 request', 'Recipe Helper', 'GPT-4o (OpenAI)'])
    expect(text).toContain(shown);
  expect((await operator.browser.open('/operator/accounts/unknown')).status).toBe(404);
});

it('the list and the page of an account say which part of its spending was simulated', async () => {
  const [operator, owner] = [await createOperator(), await createOwner(server)];
  await connect(server, owner.browser, await addClient(server), {}, noSpendingLimit);
  const grant = await getLastGrant(server, owner);
  for (const isSimulated of [true, false])
    await useGrant(server, grant, { cost: 2_000_000_000n, estimate: 3_000_000_000n, isSimulated });
  const list = await operator.browser.open(`/operator/accounts?search=${encodeURIComponent(owner.email)}`);
  expect(readText(list.text)).toContain('$4.00 $2.00 of it simulated');
  const text = readText((await operator.browser.open(pathOf(owner))).text);
  expect(text).toContain('$4.00 for 2 requests');
  expect(text).toContain('1 simulated request for $2.00. Nobody pays real money for them.');
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L20: a disabled account is enabled again and can sign in; its apps stay disconnected', async () => {
  const [operator, owner] = [await createOperator(), await createOwner(server)];
  await connect(server, owner.browser, await addClient(server), {}, noSpendingLimit);
  const grant = await getLastGrant(server, owner);
  await change(operator, 'disable_account', owner.accountId);
  expect((await signIn(new Browser(server.issuer), owner.email)).status).toBe(422);
  const enabled = await change(operator, 'enable_account', owner.accountId);
  expect([enabled.url.pathname, readText(enabled.text).includes('Saved.')]).toEqual([pathOf(owner), true]);
  expect((await signIn(new Browser(server.issuer), owner.email)).url.pathname).toBe('/account');
  expect(await useGrant(server, grant)).toBe('revoked');
  const audit = readText((await operator.browser.open('/operator/audit?event=account_enabled')).text);
  expect(audit).toContain(operator.accountId);
});

it('L20: a reset link is shown once, on the page of its account only, after a recent sign-in, and sets a new password', async () => {
  const [operator, owner, other] = [await createOperator(), await createOwner(server), await createOwner(server)];
  const path = `${pathOf(owner)}/reset-link`;
  server.advanceClock(6 * 60);
  const asked = await operator.browser.submit(await operator.browser.open(pathOf(owner)), path);
  expect(asked.status).toBe(422);
  const shown = await operator.browser.submit(asked, path, { password });
  server.advanceClock(-6 * 60);
  const link = /https?:\/\/[^\s<"]+\/account\/reset\?token=[\w-]{43}/.exec(shown.text)?.[0] ?? '';
  expect(link).toMatch(/token=/);
  expect((await operator.browser.open(pathOf(owner))).text).not.toContain('/account/reset?token=');
  expect(server.logLines.join('\n')).not.toContain(link.slice(-43));
  const visitor = new Browser(server.issuer);
  const reset = await visitor.open(link);
  await visitor.submit(reset, '/account/reset', { new_password: 'another quite long password 17' });
  expect((await signIn(new Browser(server.issuer), owner.email)).status).toBe(422);

  const otherPage = await operator.browser.open(pathOf(other));
  await operator.browser.submit(otherPage, `${pathOf(other)}/reset-link`, {}, { follow: false });
  expect((await operator.browser.open(pathOf(owner))).text).not.toContain('/account/reset?token=');
  expect((await operator.browser.open(pathOf(operator))).text).not.toContain('/reset-link');
});

it('L20: the cap of an account limits its spending with the operator’s keys, and an outdated page in an old tab changes nothing', async () => {
  const [operator, owner] = [await createOperator(), await createOwner(server)];
  await connect(server, owner.browser, await addClient(server), {}, noSpendingLimit);
  const grant = await getLastGrant(server, owner);
  const path = `${pathOf(owner)}/cap`;
  const old = await operator.browser.open(pathOf(owner));
  const saved = await operator.browser.submit(old, path, { cap_usd: '0' });
  expect(readText(saved.text)).toContain('Saved.');
  expect(await useGrant(server, grant, { hasOperatorKey: true })).toBe('operator_budget_exhausted');
  expect(await useGrant(server, grant)).toBe('admitted');
  const stale = await operator.browser.submit(old, path, { cap_usd: '100' });
  expect([stale.status, readForm(stale.text, path)['cap_usd']]).toEqual([422, '0.00']);
  await operator.browser.submit(stale, path, { cap_usd: '' });
  expect(await useGrant(server, grant, { hasOperatorKey: true })).toBe('admitted');
  expect(countEvents(await listEvents(server, owner), 'account_operator_cap_changed')).toBe(2);
  const activity = readText((await owner.browser.open('/account/activity')).text);
  for (const change of ['$0.00 → No limit', 'No limit → $0.00'])
    expect(activity).toContain(`Cap of this account, per month: ${change}`);
});

it('operators can let an account invite others and stop it; removing an authenticator app that is not set up changes nothing', async () => {
  const [operator, owner] = [await createOperator(), await createOwner(server)];
  const mayInvite = async () =>
    readText((await operator.browser.open(pathOf(owner))).text).includes('Stop this account from inviting');
  const asked = await operator.browser.open(`/operator/change?act=let_invite&subject=${owner.accountId}`);
  expect(readText(asked.text)).toContain(`can have ${maxInvitationsOfAccount} invitations, including those used`);
  await change(operator, 'let_invite', owner.accountId);
  expect(await mayInvite()).toBe(true);
  await change(operator, 'stop_inviting', owner.accountId);
  expect(await mayInvite()).toBe(false);
  expect(await deleteAuthenticatorApp(server.db, owner.accountId)).toBe(false);
  expect(readText((await change(operator, 'remove_authenticator', owner.accountId)).text)).toContain(
    'Nothing changed.',
  );
});

it('operators see all invitations on several pages, and can withdraw an invitation that an account made', async () => {
  const inviting = await startTestServer({ configuration: { accountCreation: 'open' } });
  try {
    const operator = await createOwner(inviting);
    await setOperator(inviting.db, operator.accountId, true);
    const inviter = await createOwner(inviting);
    await setMayInvite(inviting.db, inviter.accountId, { mayInvite: true });
    const of = (createdBy: string | undefined, note: string) =>
      insertInvitation(inviting.db, { createdBy, note, expiresInSeconds: 3_600 });
    for (let n = 0; n < 55; n++) await of(undefined, `number ${n}.`);
    await of(inviter.accountId, 'of an account');
    const first = await operator.browser.open('/operator/invitations');
    expect(readText(first.text)).toContain(inviter.email);
    expect(first.text.match(/<tr>/g)).toHaveLength(26);
    const openNext = ({ text }: Page) => {
      const [, next = ''] = /rel="next" href="(\/operator\/invitations\?[^"]+)"/.exec(text) ?? [];
      return operator.browser.open(next.replaceAll('&amp;', '&'));
    };
    const last = await openNext(await openNext(first));
    expect(last.text.match(/<tr>/g)).toHaveLength(7);
    expect([readText(last.text).includes('number 0.'), readText(first.text).includes('number 54.')]).toEqual([
      true,
      true,
    ]);

    const withdrawal = /href="(\/operator\/change\?act=withdraw_invitation[^"]+)"/.exec(first.text)?.[1] ?? '';
    const asked = await operator.browser.open(withdrawal.replaceAll('&amp;', '&'));
    expect(readText(asked.text)).toContain('of an account');
    const done = await operator.browser.submit(asked, '/operator/change');
    expect([done.url.pathname, readText(done.text).includes('of an account')]).toEqual([
      '/operator/invitations',
      false,
    ]);
  } finally {
    await inviting.close();
  }
});

it('an invitation that was made on the operator’s page creates an account, and the page then shows who used it', async () => {
  const inviting = await startTestServer({ configuration: { accountCreation: 'invite' } });
  try {
    const code = await insertInvitation(inviting.db, {
      createdBy: undefined,
      note: undefined,
      expiresInSeconds: 3_600,
    });
    const operator = { email: 'operator@example.com', browser: new Browser(inviting.issuer) };
    const page = await operator.browser.open(`/account/create?invitation=${code}`);
    await operator.browser.submit(page, '/account/create', { email: operator.email, password });
    const { id } = await inviting.db.selectFrom('accounts').select('id').executeTakeFirstOrThrow();
    await setOperator(inviting.db, id, true);
    const list = await operator.browser.open('/operator/invitations');
    const made = await operator.browser.submit(list, '/operator/invitations', { note: 'For Ada', expires_in: '86400' });
    const link = /\/account\/create\?invitation=[\w-]{43}/.exec(made.text)?.[0] ?? '';
    const ada = new Browser(inviting.issuer);
    const home = await ada.submit(await ada.open(link), '/account/create', { email: 'ada@example.com', password });
    expect(home.url.pathname).toBe('/account');
    const used = readText((await operator.browser.open('/operator/invitations')).text);
    expect([used.includes('For Ada'), used.includes('Used by ada@example.com')]).toEqual([true, true]);
    const audit = readText((await operator.browser.open('/operator/audit?event=invitation_created')).text);
    expect(audit).toContain(operator.email);
  } finally {
    await inviting.close();
  }
});
