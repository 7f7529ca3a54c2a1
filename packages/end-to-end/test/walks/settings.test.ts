import { readFile } from 'node:fs/promises';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { chatOutcome, chatStatus } from '../harness/chat.js';
import { ClientApp } from '../harness/client-app.js';
import { connect, createOwner } from '../harness/connect.js';
import { createAccount, password } from '../harness/create-account.js';
import { withChromium } from '../harness/use-browser.js';
import { ageSignIns, beginWalk, useWalks } from '../harness/use-walks.js';

const walks = useWalks();
const proxyUrl = () => walks().deployment.resourceProxyUrl;

/** Presses a button that starts a download. @returns the content of the file */
async function download(page: Page, button: string): Promise<string> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: button, exact: true }).click();
  return readFile(await (await downloading).path(), 'utf8');
}

withChromium(
  'a visitor whose browser is in Tokyo creates an account there, and changes the time zone and the language',
  async () => {
    const { deployment } = walks();
    const walk = await beginWalk(walks(), undefined, { timezoneId: 'Asia/Tokyo' });
    const { page, open, follow, press } = walk;
    const readSettings = () =>
      deployment.db
        .selectFrom('accounts as a')
        .leftJoin('account_settings as s', 's.account_id', 'a.id')
        .select(['a.time_zone', 's.language'])
        .where('a.email', '=', 'tokyo@example.org')
        .executeTakeFirstOrThrow();
    await open('/account');
    await createAccount(page, 'tokyo@example.org');
    await page.getByRole('heading', { name: 'Get started' }).waitFor();
    expect(await readSettings()).toEqual({ time_zone: 'Asia/Tokyo', language: null });
    await follow('Settings');
    expect(await page.getByLabel('Time zone').inputValue()).toBe('Asia/Tokyo');

    await page.getByLabel('Time zone').selectOption('Europe/Berlin');
    await press('Save time zone', 'Saved. Daily and monthly limits now reset at midnight in this time zone.');
    await follow('Account activity');
    await page.getByText('Times shown in Europe/Berlin').waitFor();
    await follow('Settings');
    await page.getByLabel('Language').selectOption('de');
    await press('Save language', 'Gespeichert.');
    await follow('Übersicht');
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    expect(await readSettings()).toEqual({ time_zone: 'Europe/Berlin', language: 'de' });
    await walk.end();
  },
);

withChromium(
  'an owner limits what all apps can spend together, sees on the overview what is left, and raises the limit after the password',
  async () => {
    const { deployment } = walks();
    const owner = await createOwner(deployment);
    const { accessToken } = await connect(deployment, { owner, proposal: { max_cost_usd: '3' } });
    const walk = await beginWalk(walks(), owner);
    const { page, open, follow, press } = walk;
    await open('/account');
    await page.getByText('There is no overall limit.').waitFor();
    await follow('Set a limit', 'Settings');
    await page.getByLabel('Monthly spending limit').fill('a little');
    await press('Save limit', 'Enter an amount in US dollars, like 2.50.');
    await page.getByLabel('Monthly spending limit').fill('0.000001');
    await press('Save limit', 'Saved. The new limit applies from the next request.');
    expect((await chatOutcome(proxyUrl(), accessToken)).status).toBe(402);
    await follow('Overview');
    await page.getByText('left of $0.000001 a month.').waitFor();

    await ageSignIns(walks());
    await follow('Change limit', 'Settings');
    await page.getByLabel('Monthly spending limit').fill('2,5');
    await press('Save limit', 'Confirm it’s you to raise or remove the limit.');
    expect(await page.getByLabel('Monthly spending limit').inputValue()).toBe('2.50');
    await page.getByLabel('Password').fill(password);
    await press('Save limit', 'Saved. The new limit applies from the next request.');
    expect(await page.getByLabel('Monthly spending limit').inputValue()).toBe('2.50');
    expect(await chatStatus(proxyUrl(), accessToken)).toBe(200);
    await follow('Overview');
    await page.getByText('left of $2.50 a month.').waitFor();
    await walk.end();
  },
);

withChromium(
  'an owner filters the activity of the account by kind and by app, and downloads what the filter shows',
  async () => {
    const { deployment } = walks();
    const owner = await createOwner(deployment);
    const apps = await Promise.all(
      ['Recipe Helper', 'Travel Planner'].map((name) => ClientApp.register(deployment, { name })),
    );
    for (const client of apps) await connect(deployment, { owner, client });
    const walk = await beginWalk(walks(), owner);
    const { page, open, follow, press } = walk;
    await open('/account');
    await follow('Settings');
    await follow('Account activity');
    const events = page.locator('.events > li');
    await events.filter({ hasText: 'Account created' }).waitFor();
    await page.getByLabel('Kind').selectOption('Connected apps');
    await press('Show', 'You gave access');
    expect(await events.count()).toBe(2);
    await page.getByLabel('App', { exact: true }).selectOption('Recipe Helper (on your computer, not verified)');
    await press('Show', 'You gave access');
    expect(await events.allInnerTexts()).toEqual([expect.stringMatching(/^You gave access\s+Recipe Helper\s/)]);
    await page.getByLabel('Kind').selectOption('API keys');
    await press('Show', 'Nothing matches this filter.');
    await page.getByLabel('Kind').selectOption('Connected apps');
    await press('Show', 'You gave access');

    await ageSignIns(walks());
    await press('Download CSV', 'Confirm it’s you to download.');
    expect(await page.getByLabel('App', { exact: true }).inputValue()).toBe(apps[0]?.clientId);
    await page.getByLabel('Password').fill(password);
    await press('Download CSV', 'Confirmed. You can download now.');
    const [heads = '', ...rows] = (await download(page, 'Download CSV')).trim().split(/\r?\n/);
    expect(heads).toContain('event');
    expect(rows).toEqual([expect.stringContaining('Recipe Helper')]);
    const lines = (await download(page, 'Download JSON')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ app: 'Recipe Helper' }]);
    await page.getByLabel('Kind').selectOption('Everything');
    await page.getByLabel('App', { exact: true }).selectOption('All apps');
    await press('Show', 'Account activity downloaded');
    await walk.end();
  },
);
