import { afterAll, beforeAll, expect } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { chromiumPath } from './harness/browser.js';
import { ClientApp } from './harness/client-app.js';
import { connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { sizes } from './harness/expect-finished.js';
import { delayRequests, readShifts, watchShifts } from './harness/layout-shifts.js';
import { copyCookies } from './harness/open-page.js';
import type { Owner } from './harness/owner.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { useBrowser, withChromium } from './harness/use-browser.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;
const browser = useBrowser();

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  if (chromiumPath === undefined) return;
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
}, 120_000);

afterAll(async () => {
  await deployment?.stop();
  await upstream.stop();
});

async function openPage(context: BrowserContext, url: string): Promise<Page> {
  await copyCookies(owner, context, deployment.issuer);
  await context.addInitScript(watchShifts);
  await delayRequests(context, '**/summary');
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** Changes the form, and waits until the new summary is on the page. */
async function change(page: Page, act: () => Promise<unknown>): Promise<void> {
  const before = await page.locator('input[name=shown_at]').inputValue();
  await act();
  await page.locator(`input[name=shown_at]:not([value="${before}"])`).waitFor({ state: 'attached' });
}

const chip = (page: Page, text: string) => page.locator('.chip', { hasText: text }).first();

for (const viewport of sizes)
  withChromium(
    `at a width of ${viewport.width} pixels, nothing on the consent page moves when its sentence changes, however slow the network is`,
    async () => {
      const client = await ClientApp.register(deployment);
      const scope = 'model:gpt-4o-mini model:o1-pro model:openai/* cap:chat cap:images';
      const { url } = await client.beginAuthorization(scope);
      const context = await browser().newContext({ viewport });
      const page = await openPage(context, url.href);
      await change(page, () => chip(page, '$1').click());
      await change(page, () => chip(page, 'No limit').click());
      await change(page, () => page.getByLabel('I accept that there is no limit').check());
      await change(page, () => chip(page, 'Other').click());
      await change(page, () => page.getByLabel('Amount in US dollars').fill('250'));
      await change(page, () => chip(page, '30 days').click());
      await page.getByText('Change', { exact: true }).click();
      await change(page, () => page.getByLabel('Generate images').uncheck());
      await change(page, () => page.getByLabel('All OpenAI models').uncheck());
      await change(page, () => page.getByLabel('o1-pro').first().uncheck());
      await change(page, () => chip(page, '1 hour').click());
      await change(page, () => chip(page, '$1').click());
      expect(await page.locator('#summary').innerText()).toContain('chat with GPT-4o mini and spend at most $1.00');
      expect(await readShifts(page)).toEqual([]);
      await context.close();
    },
    90_000,
  );

withChromium(
  'nothing on the page of an update moves when its sentence changes',
  async () => {
    const { client, grantId } = await connect(deployment, { owner, proposal: { max_cost_usd: '3' } });
    const update = { grant_management_action: 'update', grant_id: grantId };
    const { url } = await client.beginAuthorization('model:openai/*', { max_cost_usd: '500' }, update);
    const context = await browser().newContext({ viewport: { width: 390, height: 844 } });
    const page = await openPage(context, url.href);
    await change(page, () => page.getByLabel('All OpenAI models').uncheck());
    await change(page, () => page.getByLabel('Total spending limit').fill('4'));
    await page.getByRole('button', { name: 'Allow up to $1.00 more' }).waitFor();
    await change(page, () => page.getByLabel('All OpenAI models').check());
    expect(await readShifts(page)).toEqual([]);
    await context.close();
  },
  60_000,
);

withChromium('nothing on the pages of the account moves while they load', async () => {
  const context = await browser().newContext({ viewport: { width: 390, height: 844 } });
  const page = await openPage(context, `${deployment.issuer}/account`);
  for (const path of ['/account', '/account/apps', '/account/keys', '/account/settings', '/account/activity']) {
    await page.goto(`${deployment.issuer}${path}`);
    expect([path, await readShifts(page)]).toEqual([path, []]);
  }
  await context.close();
});

withChromium(
  'when the sentence cannot be updated, the page says so, the button names no amount, and the server shows the page once more',
  async () => {
    const client = await ClientApp.register(deployment);
    const { url } = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
    const page = await openPage(await browser().newContext(), url.href);
    await page.context().route('**/summary', (route) => route.abort());
    await chip(page, '$1').click();
    await page.getByText('We couldn’t update this summary.').waitFor();
    expect(await page.locator('#summary').innerText()).not.toContain('$');
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.locator('.error-summary').waitFor();
    expect(await page.locator('#summary').innerText()).toContain('spend at most $1.00');
    await page.context().close();
  },
);

withChromium('the heading of the other limits lists those that the owner has just set', async () => {
  const client = await ClientApp.register(deployment);
  const { url } = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
  const page = await openPage(await browser().newContext(), url.href);
  const more = page.locator('summary', { hasText: 'More limits' });
  await more.click();
  await change(page, () => page.getByLabel('Total request limit').fill('7'));
  await more.click();
  expect(await more.innerText()).toContain('7 requests in total');
  await page.context().close();
});
