import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import {
  chromiumPath,
  collectComplaints,
  fitsTheScreen,
  launchBrowser,
  listAccessibilityProblems,
  skippedNote,
} from './harness/browser.js';
import { findPorts, LaunchedStart, makeDataDirectory, removeDataDirectory } from './harness/launched-start.js';

const withChromium = chromiumPath === undefined ? it.skip : it;

let directory: string;
let start: LaunchedStart | undefined;
let browser: Browser | undefined;

beforeAll(async () => {
  directory = makeDataDirectory();
  if (chromiumPath === undefined) return;
  start = await LaunchedStart.begin(directory, await findPorts());
  browser = await launchBrowser();
}, 90_000);

afterAll(async () => {
  await browser?.close();
  await start?.interrupt();
  removeDataDirectory(directory);
});

function running(): { readonly start: LaunchedStart; readonly browser: Browser } {
  if (start === undefined || browser === undefined) throw new Error('nothing runs');
  return { start, browser };
}

interface VirtualAuthenticator {
  readonly session: CDPSession;
  readonly authenticatorId: string;
}

/** A phone's or laptop's own authenticator, whose owner is present and proves who they are. */
async function addAuthenticator(context: BrowserContext, page: Page): Promise<VirtualAuthenticator> {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { session, authenticatorId };
}

async function expectSound(page: Page): Promise<void> {
  expect(await listAccessibilityProblems(page)).toEqual([]);
  expect([page.url(), await fitsTheScreen(page)]).toEqual([page.url(), true]);
}

withChromium(
  `L8: in Chromium, an owner adds a passkey and signs in with it and no password${skippedNote}`,
  async () => {
    const { start, browser } = running();
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const complaints = await collectComplaints(context);
    const page = await context.newPage();
    const { session, authenticatorId } = await addAuthenticator(context, page);
    await page.goto(`${start.issuer}/account/create`);
    await page.getByLabel('Email').fill('passkeys@example.org');
    await page.getByLabel('Password').fill('correct horse battery staple');
    await page.getByRole('button', { name: 'Create account' }).click();

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

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    await expectSound(page);
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
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
  `pages without passkeys of the browser offer the password only${skippedNote}`,
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
