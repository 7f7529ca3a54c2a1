import { findConsentDefaults } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Page, readForm, readText } from './support/browser.js';
import { addClient, buildRequest, connect, redeem, type TestClient } from './support/client.js';
import type { FormFields } from './support/http.js';
import { createOwner, noSpendingLimit, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer();
  client = await addClient(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
});

const scope = 'model:gpt-4o model:gpt-4o-mini model:openai/* cap:chat cap:embeddings';
const single = ['model:gpt-4o', 'cap:chat'];
const question = 'Confirm it’s you';

async function listGrants() {
  return server.db
    .selectFrom('grants')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .orderBy('created_at')
    .execute();
}

/** Opens the consent page. `submit` sends it six minutes later, when the sign-in is no longer recent. */
async function openLater() {
  const request = await buildRequest(server, client, { scope, prompt: 'consent' });
  const page = await owner.browser.open(request.url);
  const submit = async (from: Page, fields: FormFields) => {
    server.advanceClock(6 * 60);
    try {
      return await owner.browser.submit(from, `${page.url.pathname}/consent`, { decision: 'allow', ...fields });
    } finally {
      server.advanceClock(-6 * 60);
    }
  };
  return { request, page, submit };
}

// The ids at the beginning of titles are rows of docs/security.md.
it('L7: a grant without a spending limit requires a recent sign-in; the page keeps the choices, and the password completes the grant', async () => {
  const { request, page, submit } = await openLater();
  const chosen = {
    ...noSpendingLimit,
    scope: single,
    max_requests: '77',
    max_tokens_per_minute: '4000',
    expires_in: '604800',
  };
  const asked = await submit(page, chosen);
  expect(asked.status).toBe(422);
  expect(readText(asked.text)).toContain(question);
  const kept = { ...chosen, accept_no_limit: ['yes'] };
  expect(readForm(asked.text, `${page.url.pathname}/consent`)).toMatchObject({ ...kept, password: '' });
  expect(await listGrants()).toEqual([]);

  const wrong = await submit(asked, { password: 'not the password at all' });
  expect([wrong.status, readText(wrong.text).includes('Wrong password.')]).toEqual([422, true]);
  expect(readForm(wrong.text, `${page.url.pathname}/consent`)).toMatchObject(kept);
  expect(await listGrants()).toEqual([]);

  const back = await submit(wrong, { password });
  const code = back.url.searchParams.get('code') ?? '';
  expect((await redeem(server, client, { code, codeVerifier: request.codeVerifier })).status).toBe(200);
  const [grant, ...others] = await listGrants();
  expect(others).toEqual([]);
  expect(grant).toMatchObject({
    scope: single.join(' '),
    max_requests: 77,
    max_tokens_per_minute: 4000,
    max_cost: null,
  });
  expect((await owner.browser.open('/account/apps')).status).toBe(200);
});

it('C9: pressing Allow twice with the password leads to the app with the same code', async () => {
  const { page, submit } = await openLater();
  const asked = await submit(page, { ...noSpendingLimit, scope: single });
  const first = await submit(asked, { password });
  expect(first.url.searchParams.has('code')).toBe(true);
  expect((await submit(asked, { password })).url.href).toBe(first.url.href);
});

it('an owner who signs in again, instead of confirming with the password, comes back to the request with all choices kept', async () => {
  const { page, submit } = await openLater();
  const chosen = { ...noSpendingLimit, scope: single, max_requests: '77', expires_in: '604800' };
  const asked = await submit(page, chosen);
  const action = `${page.url.pathname}/consent`;
  expect(asked.text).toContain('name="sign_in_again"');
  const signIn = await owner.browser.submit(asked, action, { sign_in_again: 'yes' });
  expect([signIn.url.pathname, signIn.url.searchParams.get('return_to')]).toEqual([
    '/account/sign-in',
    page.url.pathname,
  ]);
  const back = await owner.browser.submit(signIn, '/account/sign-in', { email: owner.email, password });
  expect(back.url.pathname).toBe(page.url.pathname);
  expect(readForm(back.text, action)).toMatchObject({ ...chosen, accept_no_limit: ['yes'] });
  expect(await listGrants()).toEqual([]);
});

it('L7: a grant for all models of a provider requires a recent sign-in, even with a spending limit', async () => {
  const { page, submit } = await openLater();
  const fields = { scope: ['model:openai/*', 'cap:chat'], max_cost_usd: '2.00' };
  const asked = await submit(page, fields);
  expect([asked.status, readText(asked.text).includes(question)]).toEqual([422, true]);
  expect(await listGrants()).toEqual([]);
  const back = await submit(asked, { password });
  expect(back.url.searchParams.has('code')).toBe(true);
  expect((await listGrants()).map(({ max_cost }) => max_cost)).toEqual([2_000_000_000n]);
});

it.each(['max_cost_usd', 'max_cost_usd_per_day', 'max_cost_usd_per_month'])(
  'L7: a grant for single models with %s requires no new sign-in',
  async (limit) => {
    const { page, submit } = await openLater();
    const unlimited = limit === 'max_cost_usd' ? {} : noSpendingLimit;
    const back = await submit(page, { ...unlimited, scope: single, [limit]: '1.00' });
    expect(back.url.searchParams.has('code')).toBe(true);
  },
);

it('L7: a grant that can spend more than 20 US$ until its end requires a recent sign-in, even with a daily limit', async () => {
  const { page, submit } = await openLater();
  const daily = { ...noSpendingLimit, scope: single, max_cost_usd_per_day: '10.00' };
  const asked = await submit(page, { ...daily, expires_in: '2592000' });
  const text = readText(asked.text);
  expect([asked.status, text.includes('Confirm it’s you to allow more than $20.00 in total')]).toEqual([422, true]);
  expect(text).toContain('Until it ends, the app can spend more than $20.00.');
  expect(await listGrants()).toEqual([]);
  const shorter = await submit(asked, { expires_in: '86400', decision: 'update' });
  expect(readText(shorter.text)).not.toContain('Until it ends');
  expect((await submit(shorter, {})).url.searchParams.has('code')).toBe(true);
  const large = await openLater();
  const total = await large.submit(large.page, { scope: single, max_cost_usd: 'other', other_max_cost_usd: '20.01' });
  expect(total.status).toBe(422);
  expect((await large.submit(total, { password })).url.searchParams.has('code')).toBe(true);
});

/** The app has a live grant of 2 US$ for a day. The owner is then asked again, and decides after six minutes. */
async function askAgain() {
  const day = { scope: single, max_cost_usd: '2.00', expires_in: '86400' };
  await connect(server, owner.browser, client, { scope }, day);
  return { ...(await openLater()), day };
}

it.each([
  ['a higher limit than the app has already', { max_cost_usd: '5.00', expires_in: '3600' }],
  ['a longer time than the app has already', { expires_in: '604800' }],
  [
    'more than 20 US$ together with the present access',
    { existing_access: 'add', max_cost_usd: 'other', other_max_cost_usd: '19.00' },
  ],
])('L7: %s requires a recent sign-in, and the choices stay', async (_what, more) => {
  const { page, submit, day } = await askAgain();
  const chosen = { existing_access: 'replace', ...day, ...more };
  const asked = await submit(page, chosen);
  expect([asked.status, readText(asked.text).includes(question)]).toEqual([422, true]);
  expect(readForm(asked.text, `${page.url.pathname}/consent`)).toMatchObject({ ...chosen, password: '' });
  expect(await listGrants()).toHaveLength(1);
  const back = await submit(asked, { password });
  expect(back.url.searchParams.has('code')).toBe(true);
  expect(await listGrants()).toHaveLength(2);
});

it('L7: adding at most 20 US$ together with the present access requires no new sign-in', async () => {
  const { page, submit, day } = await askAgain();
  const more = { ...day, existing_access: 'add', max_cost_usd: '5.00' };
  expect((await submit(page, more)).url.searchParams.has('code')).toBe(true);
  expect((await listGrants()).map(({ status }) => status)).toEqual(['active', 'active']);
});

it('L7: replacing access by access with the same limits and the same lifetime requires no new sign-in', async () => {
  const { page, submit, day } = await askAgain();
  const back = await submit(page, { ...day, existing_access: 'replace' });
  expect(back.url.searchParams.has('code')).toBe(true);
  const [old, made] = await listGrants();
  expect([old?.status, made?.status]).toEqual(['revoked', 'active']);
  expect(Number(made?.expires_at)).toBeGreaterThan(Number(old?.expires_at));
});

it('L7: replacing access by access that lasts no longer and has no higher limit requires no new sign-in', async () => {
  const { page, submit, day } = await askAgain();
  const less = { ...day, existing_access: 'replace', max_cost_usd: '1.00', expires_in: '3600' };
  expect((await submit(page, less)).url.searchParams.has('code')).toBe(true);
  expect((await listGrants()).map(({ status, max_cost }) => [status, max_cost])).toEqual([
    ['revoked', 2_000_000_000n],
    ['active', 1_000_000_000n],
  ]);
});

it('L7: soon after a sign-in, the password is not asked for, even if the app gets a higher limit', async () => {
  const { page, day } = await askAgain();
  const more = { ...day, existing_access: 'replace', max_cost_usd: '5.00', expires_in: '604800', decision: 'allow' };
  const back = await owner.browser.submit(page, `${page.url.pathname}/consent`, more);
  expect(back.url.searchParams.has('code')).toBe(true);
});

it('L7: to remember a larger amount or a longer time for other apps requires a recent sign-in; smaller ones do not', async () => {
  const { page, submit } = await openLater();
  const less = { scope: single, max_cost_usd: '1.00', expires_in: '3600', remember: 'on' };
  expect((await submit(page, less)).url.searchParams.has('code')).toBe(true);
  expect(await findConsentDefaults(server.db, owner.accountId)).toMatchObject({ maxCost: 1_000_000_000n });
  client = await addClient(server);
  const other = await openLater();
  for (const more of [{ max_cost_usd: '5.00' }, { max_cost_usd: '1.00', expires_in: '86400' }]) {
    const asked = await other.submit(other.page, { ...less, ...more });
    expect([asked.status, readText(asked.text)]).toEqual([422, expect.stringContaining('to raise a default for new')]);
  }
  expect(await findConsentDefaults(server.db, owner.accountId)).toMatchObject({ maxCost: 1_000_000_000n });
  const asked = await other.submit(other.page, { ...less, max_cost_usd: '5.00' });
  expect((await other.submit(asked, { password })).url.searchParams.has('code')).toBe(true);
  expect(await findConsentDefaults(server.db, owner.accountId)).toMatchObject({ maxCost: 5_000_000_000n });
});

it('L7: soon after a sign-in no password is asked for, and denying never requires one', async () => {
  const { page } = await openLater();
  const back = await owner.browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow' });
  expect(back.url.searchParams.has('code')).toBe(true);
  const again = await openLater();
  const asked = await again.submit(again.page, {});
  expect(asked.status).toBe(422);
  const denied = await again.submit(asked, { decision: 'deny' });
  expect(denied.url.searchParams.get('error')).toBe('access_denied');
});

it('L7: guesses at the password on the consent page are limited like those at the sign-in', async () => {
  const { page, submit } = await openLater();
  const asked = await submit(page, { ...noSpendingLimit, scope: single });
  const statuses: number[] = [];
  for (let guess = 0; guess < 11; guess += 1)
    statuses.push((await submit(asked, { password: `wrong guess ${guess}` })).status);
  expect(statuses).toEqual([...Array<number>(10).fill(422), 429]);
  expect(await listGrants()).toEqual([]);
});
