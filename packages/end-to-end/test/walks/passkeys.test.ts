import { expect } from '@jest/globals';
import { ClientApp } from '../harness/client-app.js';
import { createOwner } from '../harness/connect.js';
import { password } from '../harness/create-account.js';
import { expectFinished } from '../harness/expect-finished.js';
import { signIn } from '../harness/sign-in.js';
import { openStaticOrigin } from '../harness/static-origin.js';
import { withChromium } from '../harness/use-browser.js';
import { useIdentityProvider } from '../harness/use-identity-provider.js';
import { ageSignIns, beginWalk, useWalks, type Walk } from '../harness/use-walks.js';
import { addAuthenticator, type VirtualAuthenticator } from '../harness/virtual-authenticator.js';

const elsewhere = useIdentityProvider();
const walks = useWalks({ variables: () => elsewhere.variables });

/** Creates an account with a passkey and no password. */
async function createWithPasskey({ page, open, press }: Walk, email: string): Promise<VirtualAuthenticator> {
  const authenticator = await addAuthenticator(page);
  await open('/account/create');
  await page.getByLabel('Email').fill(email);
  await press('Continue with a passkey', 'They’re shown only once.');
  expect(await page.locator('.recovery-codes code').count()).toBe(10);
  await page.getByRole('button', { name: 'I’ve saved them, continue' }).click();
  await page.waitForURL('**/account');
  await expectFinished(page);
  return authenticator;
}

const readTimeZone = async (email: string) =>
  (
    await walks()
      .deployment.db.selectFrom('accounts')
      .select('time_zone')
      .where('email', '=', email)
      .executeTakeFirstOrThrow()
  ).time_zone;

withChromium(
  'a visitor creates an account with a passkey, and signs in with a passkey that the browser suggests',
  async () => {
    const walk = await beginWalk(walks());
    const { page, open, press } = walk;
    const email = 'suggested@example.org';
    const { session, authenticatorId } = await createWithPasskey(walk, email);
    // the account page still suggests one step
    await page.getByText('Confirm your email address').waitFor();
    for (const done of ['Add a passkey', 'Save recovery codes']) expect(await page.getByText(done).count()).toBe(0);

    // a second try with the same e-mail address makes no second passkey
    await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
    await press('Sign out', 'Sign in');
    await open('/account/create');
    await page.getByLabel('Email').fill('no address');
    await page.getByRole('button', { name: 'Continue with a passkey' }).click();
    expect(await page.locator('#email:invalid').count()).toBe(1);
    await page.getByLabel('Email').fill(email);
    await press('Continue with a passkey', 'We couldn’t create an account with this email.');
    expect((await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials).toHaveLength(1);

    // the owner chooses the suggested passkey, and presses no button
    await open('/account/sign-in');
    expect(await page.getByLabel('Email').getAttribute('autocomplete')).toBe('username webauthn');
    await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
    await page.goto('about:blank');
    await page.goto(`${walks().deployment.issuer}/account/sign-in`, { waitUntil: 'commit' });
    await page.waitForURL('**/account');
    await walk.end();
  },
);

withChromium(
  'a passkey confirms each act that needs a recent sign-in, for an owner without a password',
  async () => {
    const { deployment } = walks();
    const home = await openStaticOrigin();
    const walk = await beginWalk(walks());
    const { page, open, press } = walk;
    const email = 'passkey-only@example.org';
    await createWithPasskey(walk, email);
    /** Makes the sign-in old, presses a button, and confirms with the passkey. */
    const confirm = async (button: string, done: string) => {
      await ageSignIns(walks());
      await press(button, 'Confirm it’s you');
      expect(await page.getByLabel('Password').count()).toBe(0);
      await page.getByRole('button', { name: 'Use a passkey' }).click();
      await page.getByText(done).first().waitFor();
      await expectFinished(page);
    };
    const key = 'sk-proj-0123456789abcdefghij';
    await ageSignIns(walks());
    await open('/account/keys');
    await page.getByLabel('API key', { exact: true }).fill(key);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('Key saved').first().waitFor();
    await press('Delete', 'It stays valid at');
    await confirm('Delete key', 'Key deleted here.');

    await open('/account/settings');
    await page.getByLabel('Monthly spending limit').fill('1');
    await press('Save limit', 'Saved.');
    await page.getByLabel('Monthly spending limit').fill('2');
    await confirm('Save limit', 'Saved.');

    await open('/account/tokens');
    await page.getByLabel('Name').fill('My program');
    await confirm('Create token', 'API token created.');
    await open('/account/recovery-codes');
    await press('Create new codes', 'codes that are left stop working at once');
    await confirm('Create new codes', 'Recovery codes created.');
    await ageSignIns(walks());
    await open('/account/passkeys');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('Confirmed. You can add a passkey now.').waitFor();
    await expectFinished(page);

    elsewhere.setPerson({ sub: 'sam', email: 'sam@example.org' });
    await open('/account/identities');
    await press('Connect Elsewhere', 'Connected. You can sign in with it from now on.');
    await confirm('Remove Elsewhere', 'Removed. It can no longer sign in to this account.');

    const client = await ClientApp.register(deployment, { redirectUri: `${home.origin}/callback` });
    await ageSignIns(walks());
    await open((await client.beginAuthorization('model:openai/* cap:chat')).url.href);
    await page.getByRole('button', { name: /^Allow/ }).click();
    await page.getByText('Confirm it’s you to allow access to all models of a provider.').first().waitFor();
    await expectFinished(page);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.waitForURL(`${home.origin}/callback?code=**`);

    await open('/account/export');
    await confirm('Download', 'Confirmed. You can download now.');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.json$/);

    await open('/account/deletion');
    await page.getByLabel('Email').fill(email);
    await confirm('Delete account', 'Your account is deleted');
    await walk.end();
    await home.close();
  },
  120_000,
);

withChromium('a passkeys page that was opened long ago asks for the password, and then adds the passkey', async () => {
  const walk = await beginWalk(walks(), await createOwner(walks().deployment));
  const { page, open, press } = walk;
  await addAuthenticator(page);
  await open('/account/passkeys');
  await ageSignIns(walks());
  await press('Add passkey', 'Confirm it’s you to add a passkey.');
  await page.getByLabel('Password').fill(password);
  await press('Continue', 'Confirmed. You can add a passkey now.');
  await press('Add passkey', 'Passkey added.');
  await walk.end();
});

withChromium('the first sign-in sets the time zone of the browser, for each way to sign in', async () => {
  const owner = await createOwner(walks().deployment);
  const { email } = owner.credentials;
  const walk = await beginWalk(walks());
  const { page, open, press } = walk;
  const { session, authenticatorId } = await addAuthenticator(page);
  const forget = async () => {
    const { db } = walks().deployment;
    await db.updateTable('accounts').set({ time_zone: 'UTC' }).where('email', '=', email).execute();
    await db.updateTable('account_settings').set({ has_chosen_time_zone: false }).execute();
  };
  await forget();
  await session.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Kolkata' });
  await open('/account/sign-in');
  await signIn(page, owner.credentials);
  await page.waitForURL('**/account');
  expect(await readTimeZone(email)).toBe('Asia/Kolkata');

  await open('/account/passkeys');
  await press('Add passkey', 'Passkey added.');
  elsewhere.setPerson({ sub: 'zone', email: 'zone@example.org' });
  await open('/account/identities');
  await press('Connect Elsewhere', 'Connected.');
  const touch = (enabled: boolean) =>
    session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  for (const [way, timeZone] of [
    ['passkey', 'Europe/Berlin'],
    ['identity provider', 'America/New_York'],
  ] as const) {
    await forget();
    await touch(false);
    await press('Sign out', 'Sign in');
    await session.send('Emulation.setTimezoneOverride', { timezoneId: timeZone });
    await touch(way === 'passkey'); // the browser suggests the passkey, and the owner chooses it
    await page.goto(`${walks().deployment.issuer}/account/sign-in`, { waitUntil: 'commit' });
    if (way !== 'passkey') await page.getByRole('button', { name: 'Sign in with Elsewhere' }).click();
    await page.waitForURL('**/account');
    expect([way, await readTimeZone(email)]).toEqual([way, timeZone]);
  }
  await walk.end();
});
