import { expect } from '@jest/globals';
import { collectComplaints } from './harness/browser.js';
import { createAccount } from './harness/create-account.js';
import { expectSound } from './harness/expect-sound.js';
import { useBrowserStart, withChromium } from './harness/use-browser.js';
import { addAuthenticator } from './harness/virtual-authenticator.js';

const running = useBrowserStart();

// The ids at the beginning of titles are rows of docs/security.md.
withChromium(
  'L8: in Chromium, an owner adds a passkey and signs in with it and no password',
  async () => {
    const { start, browser } = running();
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const complaints = await collectComplaints(context);
    const page = await context.newPage();
    const { session, authenticatorId } = await addAuthenticator(page);
    await page.goto(`${start.issuer}/account/create`);
    await createAccount(page, 'passkeys@example.org');

    await page.goto(`${start.issuer}/account/passkeys`);
    await expectSound(page);
    await page.getByLabel('Name').fill('My laptop');
    await page.getByRole('button', { name: 'Add passkey' }).click();
    await page.getByText('Passkey added.').waitFor();
    await expectSound(page);
    const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }]);

    await page.getByRole('button', { name: 'Add passkey' }).click();
    await page.getByText('No passkey was created.').waitFor();

    // The sign-in page asks for a passkey as soon as it opens. Without user verification, the authenticator does not sign
    // the owner in then, and the first press of the button fails.
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    await expectSound(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('That didn’t work.').waitFor();
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL((url) => url.pathname === '/account' || url.pathname === '/account/grants');

    await page.goto(`${start.issuer}/account/passkeys`);
    await page.getByText('last used').waitFor();
    expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
    await context.close();
  },
  120_000,
);

withChromium(
  'without JavaScript, the sign-in page offers only the password',
  async () => {
    const { start, browser } = running();
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${start.issuer}/account/sign-in`);
    expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: 'Sign in', exact: true }).isVisible()).toBe(true);
    await context.close();
  },
  60_000,
);
