import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { makeAppCode } from '../harness/app-code.js';
import { ClientApp } from '../harness/client-app.js';
import { createOwner } from '../harness/connect.js';
import { password } from '../harness/create-account.js';
import { expectFinished } from '../harness/expect-finished.js';
import { findLink } from '../harness/outbox.js';
import { signIn } from '../harness/sign-in.js';
import { openStaticOrigin } from '../harness/static-origin.js';
import { withChromium } from '../harness/use-browser.js';
import { useIdentityProvider } from '../harness/use-identity-provider.js';
import { ageSignIns, beginWalk, useWalks } from '../harness/use-walks.js';
import { addAuthenticator } from '../harness/virtual-authenticator.js';

const elsewhere = useIdentityProvider();
const walks = useWalks({ variables: () => elsewhere.variables });

withChromium(
  'an owner turns on an authenticator app and makes recovery codes, and then signs in with a code of the app and with a recovery code',
  async () => {
    const owner = await createOwner(walks().deployment);
    const walk = await beginWalk(walks(), owner);
    const { page, open, press } = walk;
    await open('/account/authenticator');
    await press('Set up an app', 'scan this QR code');
    const secret = (await page.locator('main code').textContent()) ?? '';
    await page.getByLabel('Code from the app').fill('000000');
    await press('Turn on', 'Wrong code. Enter the six digits that the app shows now.');
    await page.getByLabel('Code from the app').fill(makeAppCode(secret));
    await press('Turn on', 'Authenticator app turned on.');
    await open('/account/recovery-codes');
    await press('Create recovery codes', 'Recovery codes created.');
    const recoveryCodes = await page.locator('.recovery-codes code').allTextContents();
    const [recoveryCode = ''] = recoveryCodes;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied.').waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(recoveryCodes.join('\n'));
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('aipassport-recovery-codes.txt');
    const { host } = new URL(page.url());
    expect(readFileSync(await download.path(), 'utf8')).toBe(`${host}\n\n${recoveryCodes.join('\n')}\n`);

    await press('Sign out', 'Sign in');
    await signIn(page, owner.credentials);
    await page.waitForURL('**/account/sign-in/code**');
    await expectFinished(page);
    await page.getByLabel('Code').fill('000000');
    await press('Sign in', 'Wrong code. Each code works only once.');
    await page.getByLabel('Code').fill(makeAppCode(secret, 1));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/account');

    await press('Sign out', 'Sign in');
    await signIn(page, owner.credentials);
    await page.getByLabel('Code').fill(recoveryCode.toLowerCase());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/account');
    await open('/account/recovery-codes');
    await page.getByText('You have 9 recovery codes left.').waitFor();
    await open('/account/authenticator');
    await press('Turn off', 'Authenticator app turned off.');
    await walk.end();
  },
);

withChromium('an owner who forgot the password sets a new one with the link of an e-mail', async () => {
  const { deployment, outbox } = walks();
  const owner = await createOwner(deployment);
  const { email } = owner.credentials;
  const inside = await beginWalk(walks(), owner);
  await inside.open(await findLink(outbox, '/account/email/confirm', { to: email }));
  await inside.press('Confirm address', 'Email address confirmed.');

  const walk = await beginWalk(walks());
  const { page, open, press } = walk;
  await open('/account/sign-in');
  await page.getByLabel('Email').fill(email);
  await press('Forgot your password or lost your passkey?', 'Set a new password');
  expect(await page.locator('#link_email').inputValue()).toBe(email);
  await press('Send link', 'a link is on its way');
  const link = await findLink(outbox, '/account/reset', { to: email });
  await open(link);
  expect(page.url()).not.toContain('token');
  await page.getByLabel('New password').fill('password');
  await press('Set new password', 'This password is too common.');
  const replaced = 'another correct horse battery';
  await page.getByLabel('New password').fill(replaced);
  await press('Set new password', 'Password changed. Sign in with your new password.');
  await signIn(page, owner.credentials);
  await page.getByText('Wrong email or password.').first().waitFor();
  await expectFinished(page);
  await signIn(page, { email, password: replaced });
  await page.waitForURL('**/account');
  await open(link);
  await page.getByText('This link no longer works').waitFor();

  await inside.open('/account/apps');
  expect(new URL(inside.page.url()).pathname).toBe('/account/sign-in');
  await inside.end();
  await walk.end();
});

withChromium(
  'a visitor creates an account with an identity provider, signs in with it again, and cannot remove the only way to sign in',
  async () => {
    const walk = await beginWalk(walks());
    const { page, open, press } = walk;
    const signInElsewhere = async () => {
      await open('/account/sign-in');
      await page.getByRole('button', { name: 'Sign in with Elsewhere' }).click();
    };
    elsewhere.setPerson(undefined);
    await signInElsewhere();
    await page.getByText('The sign-in there was canceled.').first().waitFor();
    await expectFinished(page);
    elsewhere.setPerson({ sub: 'robin', email: 'robin@example.org' });
    await signInElsewhere();
    await page.waitForURL('**/account');
    await expectFinished(page);
    await press('Sign out', 'Sign in');
    await signInElsewhere();
    await page.waitForURL('**/account');

    await open('/account/identities');
    await page.getByText('Connected as robin@example.org.').waitFor();
    await press('Remove Elsewhere', 'You can’t remove the only way to sign in');
    await open('/account/password');
    await page.getByText('You have no password yet.').waitFor();
    await page.getByLabel('New password').fill(password);
    await press('Set a password', 'Password changed.');
    await open('/account/identities');
    await ageSignIns(walks());
    await press('Remove Elsewhere', 'Confirm it’s you to change how you sign in.');
    await page.getByLabel('Password').fill(password);
    await press('Remove Elsewhere', 'Removed. It can no longer sign in to this account.');
    const identities = walks().deployment.db.selectFrom('account_identities').select('account_id');
    expect(await identities.execute()).toEqual([]);
    await press('Connect Elsewhere', 'Connected. You can sign in with it from now on.');
    await walk.end();
  },
);

withChromium('an owner signs out another device, and then all others', async () => {
  const owner = await createOwner(walks().deployment);
  const others = await Promise.all([1, 2].map(() => beginWalk(walks())));
  for (const other of others) {
    await other.open('/account/sign-in');
    await signIn(other.page, owner.credentials);
    await other.page.waitForURL('**/account');
  }
  const walk = await beginWalk(walks(), owner);
  const { page, open, press } = walk;
  await open('/account/sessions');
  await page.locator('.keys').getByRole('button', { name: 'Sign out' }).first().click();
  await page.getByText('Signed out on that device.').waitFor();
  await expectFinished(page);
  await press('Sign out on all other devices', 'Signed out on all other devices.');
  expect(await page.locator('.keys > li').count()).toBe(1);
  for (const other of others) {
    await other.open('/account/sessions');
    expect(new URL(other.page.url()).pathname).toBe('/account/sign-in');
    await other.end();
  }
  await walk.end();
});

withChromium(
  'an owner confirms a request for all models of a provider with a passkey, and enters the password to remove the passkey',
  async () => {
    const { deployment } = walks();
    const home = await openStaticOrigin();
    const walk = await beginWalk(walks(), await createOwner(deployment));
    const { page, open, press } = walk;
    await addAuthenticator(page);
    await open('/account/passkeys');
    await page.getByLabel('Name').fill('My laptop');
    await press('Add passkey', 'Passkey added.');
    await ageSignIns(walks());

    const client = await ClientApp.register(deployment, { redirectUri: `${home.origin}/callback` });
    await open((await client.beginAuthorization('model:openai/* cap:chat')).url.href);
    await page.getByRole('button', { name: /^Allow/ }).click();
    await page.getByText('Confirm it’s you to allow access to all models of a provider.').first().waitFor();
    await expectFinished(page);
    await page.getByRole('button', { name: 'Use a passkey instead' }).click();
    await page.waitForURL(`${home.origin}/callback?code=**`);

    await ageSignIns(walks());
    await open('/account/passkeys');
    await press('Remove', 'You can’t sign in with this passkey any more.');
    await press('Remove passkey', 'Confirm it’s you to remove the passkey.');
    await page.locator('.confirmation').getByLabel('Password').fill(password);
    await press('Remove passkey', 'Passkey removed.');
    await walk.end();
    await home.close();
  },
);
