import { expect } from '@jest/globals';
import * as oauth from 'openid-client';
import { changeConsent } from '../harness/change-consent.js';
import { ClientApp } from '../harness/client-app.js';
import { createOwner } from '../harness/connect.js';
import { expectFinished } from '../harness/expect-finished.js';
import { signIn } from '../harness/sign-in.js';
import { openStaticOrigin } from '../harness/static-origin.js';
import { withChromium } from '../harness/use-browser.js';
import { beginWalk, useWalks } from '../harness/use-walks.js';

const walks = useWalks();
const scope = 'model:gpt-4o-mini cap:chat';

/** Registers an app that runs in the browser at `home`. `begin` makes the URL of a new request for access. */
async function openApp() {
  const home = await openStaticOrigin();
  const client = await ClientApp.register(walks().deployment, { redirectUri: `${home.origin}/callback` });
  return { home, client, begin: async () => (await client.beginAuthorization(scope)).url };
}

withChromium('an owner who allows access without a spending limit has to accept that there is none', async () => {
  const { home, begin } = await openApp();
  const walk = await beginWalk(walks(), await createOwner(walks().deployment));
  const { page, open } = walk;
  const allow = page.getByRole('button', { name: /^Allow/ });
  await open((await begin()).href);
  await page.locator('.chip', { hasText: 'No limit' }).first().click();
  await page.getByText('Without a limit, the app could spend').waitFor();
  await expectFinished(page);
  await allow.click();
  await page.getByText('Confirm that there is no limit').first().waitFor();
  await expectFinished(page);
  await changeConsent(page, () => page.getByLabel('I accept that there is no limit').check());
  await allow.click();
  await page.waitForURL(`${home.origin}/callback?code=**`);
  await walk.end();
  await home.close();
});

withChromium('a request that is open when its owner signs out can be started again', async () => {
  const { home, begin } = await openApp();
  const owner = await createOwner(walks().deployment);
  const walk = await beginWalk(walks(), owner);
  const { page, open, press } = walk;
  await open((await begin()).href);
  const consent = page.url();
  await open('/account');
  await press('Sign out', 'Sign in');
  await signIn(page, owner.credentials);
  await page.waitForURL('**/account');
  await open(consent);
  await page.getByText('You signed out while this request was open').waitFor();
  await page.getByRole('button', { name: 'Start again' }).click();
  await page.getByRole('button', { name: /^Allow/ }).click();
  await page.waitForURL(`${home.origin}/callback?code=**`);
  await walk.end();
  await home.close();
});

withChromium(
  '“Not you?” leads to a sign-in with another account, and back to the same request under that account',
  async () => {
    const { home, client, begin } = await openApp();
    const { db } = walks().deployment;
    const [owner, other] = [await createOwner(walks().deployment), await createOwner(walks().deployment)];
    const walk = await beginWalk(walks(), owner);
    const { page, open } = walk;
    await open((await begin()).href);
    const signedInAs = page.getByText('Signed in as');
    expect(await signedInAs.innerText()).toContain(owner.credentials.email);
    await page.getByRole('link', { name: 'Not you?' }).click();
    await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
    expect(await page.getByLabel('Email').inputValue()).toBe('');
    await expectFinished(page);
    await signIn(page, other.credentials);
    await page.getByText('This request was for another account.').waitFor();
    await expectFinished(page);
    await page.getByRole('button', { name: 'Start again' }).click();
    await signedInAs.waitFor();
    expect(await signedInAs.innerText()).toContain(other.credentials.email);
    await page.getByRole('button', { name: /^Allow/ }).click();
    await page.waitForURL(`${home.origin}/callback?code=**`);
    const grants = db
      .selectFrom('grants')
      .innerJoin('accounts', 'accounts.id', 'grants.account_id')
      .select('accounts.email');
    expect(await grants.where('grants.client_id', '=', client.clientId).execute()).toEqual([
      { email: other.credentials.email },
    ]);
    await walk.end();
    await home.close();
  },
);

withChromium('an owner who goes back to a request after allowing it is told that it was allowed', async () => {
  const { home, begin } = await openApp();
  const walk = await beginWalk(walks(), await createOwner(walks().deployment));
  const { page, open } = walk;
  await open((await begin()).href);
  const consent = page.url();
  await page.getByRole('button', { name: /^Allow/ }).click();
  await page.waitForURL(`${home.origin}/callback?code=**`);
  await open(consent);
  await page.getByText('You’ve already allowed this request').waitFor();
  await page.getByRole('link', { name: 'View or change its access' }).click();
  await page.waitForURL('**/account/grants/**');
  await walk.end();
  await home.close();
});

withChromium('after a pushed request was answered in one tab, the other tab says that it was answered', async () => {
  const { home, client } = await openApp();
  const walk = await beginWalk(walks(), await createOwner(walks().deployment));
  const { page: first, open } = walk;
  const url = await oauth.buildAuthorizationUrlWithPAR(client.configuration, {
    redirect_uri: client.redirectUri,
    scope,
    state: oauth.randomState(),
    code_challenge: await oauth.calculatePKCECodeChallenge(oauth.randomPKCECodeVerifier()),
    code_challenge_method: 'S256',
  });
  await open(url.href);
  const second = await first.context().newPage();
  await second.goto(url.href);
  await first.getByRole('button', { name: /^Allow/ }).click();
  await first.waitForURL(`${home.origin}/callback?code=**`);
  await second.getByRole('button', { name: /^Allow/ }).click();
  await second.getByText('You’ve already answered this request').waitFor();
  await expectFinished(second);
  expect(await second.locator('main').innerText()).toContain('Go back to this app');
  await second.getByRole('link', { name: 'View your connected apps' }).click();
  await second.getByRole('link', { name: client.name }).waitFor();
  await walk.end();
  await home.close();
});

withChromium(
  'the amount and the duration that an owner lets AIPassport remember are preselected for the next app',
  async () => {
    const apps = [await openApp(), await openApp()] as const;
    const owner = await createOwner(walks().deployment);
    const walk = await beginWalk(walks(), owner);
    const { page, open } = walk;
    await open((await apps[0].begin()).href);
    await page.getByRole('group', { name: 'How much it can spend' }).getByText('$1', { exact: true }).click();
    await page.getByRole('group', { name: 'Access ends' }).getByText('7 days', { exact: true }).click();
    await page.getByText('More limits').click();
    await page.getByLabel('Remember this amount and duration for other apps').check();
    await expectFinished(page);
    await page.getByRole('button', { name: 'Allow up to $1.00' }).click();
    await page.waitForURL(`${apps[0].home.origin}/callback?code=**`);

    await open((await apps[1].begin()).href);
    expect(await page.getByRole('radio', { name: '$1', exact: true }).isChecked()).toBe(true);
    expect(await page.getByRole('radio', { name: '7 days', exact: true }).isChecked()).toBe(true);
    await page.getByText('and spend at most $1.00 until').waitFor();
    await page.getByRole('button', { name: 'Allow up to $1.00' }).click();
    await page.waitForURL(`${apps[1].home.origin}/callback?code=**`);
    const { db } = walks().deployment;
    const remembered = db
      .selectFrom('account_settings as s')
      .innerJoin('accounts as a', 'a.id', 's.account_id')
      .select(['s.default_max_cost', 's.default_lifetime_seconds'])
      .where('a.email', '=', owner.credentials.email);
    expect(await remembered.execute()).toEqual([
      { default_max_cost: 1_000_000_000n, default_lifetime_seconds: 604_800 },
    ]);
    await walk.end();
    for (const { home } of apps) await home.close();
  },
);
