import path from 'node:path';
import { expect } from '@jest/globals';
import { collectComplaints } from './harness/browser.js';
import { createAccount } from './harness/create-account.js';
import { expectSound } from './harness/expect-sound.js';
import { findLink } from './harness/outbox.js';
import { useBrowserStart, withChromium } from './harness/use-browser.js';

const running = useBrowserStart();

withChromium(
  'an owner confirms their address with the link in the outbox of `npm start`',
  async () => {
    const { start, browser, directory } = running();
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const complaints = await collectComplaints(context);
    const page = await context.newPage();
    await page.goto(`${start.issuer}/account/create`);
    await createAccount(page, 'email@example.org');
    await page.waitForURL((url) => url.pathname === '/account');

    await page.goto(`${start.issuer}/account/email`);
    await page.getByText('Not confirmed yet').waitFor();
    await expectSound(page);
    await page.goto(start.issuer + (await findLink(path.join(directory, 'outbox'), '/account/email/confirm')));
    expect(page.url()).not.toContain('token');
    await expectSound(page);
    await page.getByRole('button', { name: 'Confirm address' }).click();
    await page.getByText('Email address confirmed.').waitFor();
    await expectSound(page);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(`${start.issuer}/account/forgotten-password`);
    await expectSound(page);
    await page.locator('#link_email').fill('email@example.org');
    await page.getByRole('button', { name: 'Send link' }).click();
    await page.getByText('a link is on its way').waitFor();
    await expectSound(page);
    expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
    await context.close();
  },
  120_000,
);
