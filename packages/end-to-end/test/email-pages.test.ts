import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
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

async function expectSound(page: Page): Promise<void> {
  expect(await listAccessibilityProblems(page)).toEqual([]);
  expect([page.url(), await fitsTheScreen(page)]).toEqual([page.url(), true]);
}

/** The link of the one mail in the outbox. */
async function readLink(): Promise<string> {
  const outbox = path.join(directory, 'outbox');
  for (let turn = 0; turn < 200; turn += 1) {
    const [file] = readdirSync(path.dirname(outbox)).includes('outbox')
      ? readdirSync(outbox).filter((name) => name.endsWith('.eml'))
      : [];
    const text = file === undefined ? '' : readFileSync(path.join(outbox, file), 'utf8');
    const [link] = /http:\/\/localhost\S+token\S+/.exec(text.replaceAll('=\n', '').replaceAll('=3D', '=')) ?? [];
    if (link !== undefined) return link;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('there is no mail');
}

withChromium(
  `an owner confirms their address with the link in the outbox of \`npm start\`${skippedNote}`,
  async () => {
    const { start, browser } = running();
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const complaints = await collectComplaints(context);
    const page = await context.newPage();
    await page.goto(`${start.issuer}/account/create`);
    await page.getByLabel('Email').fill('email@example.org');
    await page.getByLabel('Password').fill('correct horse battery staple');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.waitForURL((url) => url.pathname === '/account');

    await page.goto(`${start.issuer}/account/email`);
    await page.getByText('Not confirmed yet').waitFor();
    await expectSound(page);
    await page.goto(await readLink());
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
