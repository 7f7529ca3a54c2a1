import { oneUsd } from '@aipassport/policy';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readText } from './support/browser.js';
import { addClient, buildRequest, redeem } from './support/client.js';
import type { FormFields } from './support/http.js';
import { createOwner, noSpendingLimit, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

const removal = { max_cost_usd_per_month: '', accept_no_limit: 'yes' };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ configuration: { newAccountMaxCostPerMonth: 20n * oneUsd } });
});
afterAll(() => server.close());

it('a new account begins with an overall limit, which the consent page shows and the owner can remove', async () => {
  const owner = await createOwner(server);
  const consent = async () => {
    const request = await buildRequest(server, await addClient(server));
    return readText((await owner.browser.open(request.url)).text);
  };
  expect(await consent()).toContain('All your apps together: $20 a month, $20 left.');
  const settings = await owner.browser.open('/account/settings');
  expect(settings.text).toContain('value="20.00"');
  const activity = async () => readText((await owner.browser.open('/account/activity')).text);
  // no limit has been changed yet
  expect(await activity()).not.toContain('limit changed');
  expect(await activity()).toContain('Account created Overall spending limit: $20.00');
  await owner.browser.submit(settings, '/account/settings/limit', removal);
  expect(await consent()).not.toContain('All your apps together');
  expect(await activity()).toContain('Overall spending limit changed Overall spending limit: $20.00 → No limit');
});

/** Allows a new app with these fields of the form, and redeems its code. */
async function useApp({ browser }: Owner, fields: FormFields): Promise<void> {
  const client = await addClient(server);
  const { url, codeVerifier } = await buildRequest(server, client);
  const page = await browser.open(url);
  const back = await browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow', ...fields });
  const code = back.url.searchParams.get('code') ?? '';
  expect((await redeem(server, client, { code, codeVerifier })).status).toBe(200);
}

it('the consent page says what the other apps can still spend this month, at most what the limit on all apps leaves', async () => {
  const owner = await createOwner(server);
  const consent = async () =>
    readText((await owner.browser.open((await buildRequest(server, await addClient(server))).url)).text);
  expect(await consent()).not.toContain('Your other apps');
  await useApp(owner, { max_cost_usd: '5.00' });
  await useApp(owner, { max_cost_usd: 'other', other_max_cost_usd: '0.50' });
  expect(await consent()).toContain(
    'Your other apps can spend up to $5.50 more this month. All your apps together: $20 a month, $20 left.',
  );
  await useApp(owner, { max_cost_usd: '20.00' });
  expect(await consent()).toContain('Your other apps can spend up to $20 more this month.');

  const settings = await owner.browser.open('/account/settings');
  await owner.browser.submit(settings, '/account/settings/limit', removal);
  expect(await consent()).toMatch(/Your other apps can spend up to \$25\.50 more this month\.(?! All)/);
  await useApp(owner, noSpendingLimit);
  expect(await consent()).toContain('Your other apps can spend without a limit.');
});
