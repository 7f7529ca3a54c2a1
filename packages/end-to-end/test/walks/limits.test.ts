import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { changeConsent } from '../harness/change-consent.js';
import { ClientApp } from '../harness/client-app.js';
import { connect, createOwner } from '../harness/connect.js';
import { openStaticOrigin } from '../harness/static-origin.js';
import { withChromium } from '../harness/use-browser.js';
import { beginWalk, useWalks } from '../harness/use-walks.js';

const walks = useWalks();
const scope = 'model:gpt-4o-mini cap:chat';
const proposal = { max_requests: 5, max_cost_usd: '1', expires_in: 86_400 };
const saved = 'Saved. Applies from the next request.';
const bothEnds = 'You entered a date and also selected another end. Choose one.';
/** The end of a day in UTC, the time zone of the owners in these tests. */
const endOfDay = 'T24:00:00.000Z';

async function readEnd(grantId: string): Promise<Date> {
  const grant = walks().deployment.db.selectFrom('grants').select('expires_at').where('id', '=', grantId);
  return (await grant.executeTakeFirstOrThrow()).expires_at;
}

/** Types the day after the first one that the page offers. @returns the end of that day */
async function typeDay(page: Page): Promise<Date> {
  const field = page.locator('#expires_on');
  const day = new Date(`${await field.getAttribute('min')}${endOfDay}`).toISOString().slice(0, 10);
  await field.fill(day);
  return new Date(`${day}${endOfDay}`);
}

/** Makes the browser like one that does not know `:has()`, so that it always shows the field for the date. */
async function forgetHas(page: Page): Promise<void> {
  await page.route('**/*.css', async (route) => {
    const response = await fetch(route.request().url());
    const body = (await response.text()).replaceAll(':has(', ':unknown(');
    // the page may be closed before its stylesheet has arrived
    await route.fulfill({ contentType: 'text/css', body }).catch(() => undefined);
  });
}

const save = async (page: Page, text: string) => {
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(text).first().waitFor();
};
const chooseDate = (page: Page) => page.locator('.lifetime .chip', { hasText: 'Date' }).click();
const chooseSevenDays = (page: Page) => page.locator('.lifetime .chip', { hasText: '7 days' }).click();

withChromium(
  'after a tab has lowered the spending limit, an older tab that changes the requests changes nothing and shows the lower limit',
  async () => {
    const { deployment } = walks();
    const owner = await createOwner(deployment);
    const { grantId } = await connect(deployment, { owner, proposal });
    const walk = await beginWalk(walks(), owner);
    const { page: older, open, press } = walk;
    const limits = `/account/grants/${grantId}/limits`;
    await open(limits);
    const newer = await older.context().newPage();
    await newer.goto(older.url());
    await newer.getByLabel('Total spending limit').fill('0.10');
    await save(newer, saved);

    const shown = () =>
      Promise.all(['Total spending limit', 'Total request limit'].map((name) => older.getByLabel(name).inputValue()));
    await older.getByLabel('Total request limit').fill('7');
    await press('Save', 'This was changed in the meantime. Here is what applies now.');
    expect(await shown()).toEqual(['0.10', '5']);
    await older.getByLabel('Total request limit').fill('7');
    await press('Save', saved);
    await open(limits);
    expect(await shown()).toEqual(['0.10', '7']);
    await walk.end();
  },
);

withChromium('on the consent page, a date that is typed counts, and another choice of the end empties it', async () => {
  const home = await openStaticOrigin();
  const client = await ClientApp.register(walks().deployment, { redirectUri: `${home.origin}/callback` });
  const walk = await beginWalk(walks(), await createOwner(walks().deployment));
  const { page } = walk;
  await forgetHas(page);
  await page.goto((await client.beginAuthorization(scope)).url.href);
  await changeConsent(page, () => typeDay(page));
  expect(await page.getByRole('radio', { name: 'Date', exact: true }).isChecked()).toBe(true);
  await changeConsent(page, () => chooseSevenDays(page));
  expect(await page.locator('#expires_on').inputValue()).toBe('');
  const end = await changeConsent(page, () => typeDay(page));
  expect(await page.locator('#summary').innerText()).toContain('until the end of');
  await page.getByRole('button', { name: /^Allow/ }).click();
  await page.waitForURL(`${home.origin}/callback?code=**`);
  const grants = walks().deployment.db.selectFrom('grants').select('expires_at');
  expect(await grants.where('client_id', '=', client.clientId).execute()).toEqual([{ expires_at: end }]);
  await walk.end();
  await home.close();
});

withChromium(
  'on the consent page without scripts, a date and another choice of the end lead to a question',
  async () => {
    const home = await openStaticOrigin();
    const client = await ClientApp.register(walks().deployment, { redirectUri: `${home.origin}/callback` });
    const walk = await beginWalk(walks(), await createOwner(walks().deployment), { javaScriptEnabled: false });
    const { page } = walk;
    await page.goto((await client.beginAuthorization(scope)).url.href);
    await chooseDate(page);
    const date = await typeDay(page);
    await chooseSevenDays(page);
    await page.getByRole('button', { name: /^Allow/ }).click();
    await page.getByText(bothEnds).first().waitFor();
    await chooseSevenDays(page);
    await page.getByRole('button', { name: /^Allow/ }).click();
    await page.getByText('Your choices have changed. Check the summary, then allow.').first().waitFor();
    await page.getByRole('button', { name: /^Allow/ }).click();
    await page.waitForURL(`${home.origin}/callback?code=**`);
    const grants = walks().deployment.db.selectFrom('grants').select('expires_at');
    const { expires_at: end } = await grants.where('client_id', '=', client.clientId).executeTakeFirstOrThrow();
    expect(end.getTime()).toBeGreaterThan(date.getTime());
    await walk.end();
    await home.close();
  },
);

for (const javaScriptEnabled of [true, false])
  withChromium(
    `on “Change limits” ${javaScriptEnabled ? 'with' : 'without'} scripts, ${javaScriptEnabled ? 'a typed date selects its choice, and another choice empties it' : 'a date and another choice of the end lead to a question'}`,
    async () => {
      const owner = await createOwner(walks().deployment);
      const { grantId } = await connect(walks().deployment, { owner, proposal });
      const walk = await beginWalk(walks(), owner, { javaScriptEnabled });
      const { page } = walk;
      const limits = `${walks().deployment.issuer}/account/grants/${grantId}/limits`;
      const saveChoice = async (choose: (page: Page) => Promise<void>) => {
        if (!javaScriptEnabled) {
          await save(page, bothEnds);
          await choose(page);
        }
        await save(page, saved);
      };
      await forgetHas(page);
      await page.goto(limits);
      const end = await typeDay(page);
      await saveChoice(chooseDate);
      expect(await readEnd(grantId)).toEqual(end);

      await page.goto(limits);
      await chooseDate(page);
      await typeDay(page);
      await chooseSevenDays(page);
      await saveChoice(chooseSevenDays);
      expect((await readEnd(grantId)).getTime()).toBeGreaterThan(end.getTime());
      await walk.end();
    },
  );

withChromium('on “Change limits” without scripts, a typed date is ignored while “Keep” is selected', async () => {
  const owner = await createOwner(walks().deployment);
  const { grantId } = await connect(walks().deployment, { owner, proposal });
  const walk = await beginWalk(walks(), owner, { javaScriptEnabled: false });
  const { page } = walk;
  const keep = () => page.locator('.lifetime .chip', { hasText: 'Keep' }).click();
  const end = await readEnd(grantId);
  await page.goto(`${walks().deployment.issuer}/account/grants/${grantId}/limits`);
  await chooseDate(page);
  await typeDay(page);
  await keep();
  await save(page, bothEnds);
  await keep();
  await save(page, 'Nothing was changed.');
  expect(await readEnd(grantId)).toEqual(end);
  await walk.end();
});

withChromium('on “Change limits”, the choice to keep the end empties a date that was typed before it', async () => {
  const owner = await createOwner(walks().deployment);
  const { grantId } = await connect(walks().deployment, { owner, proposal });
  const walk = await beginWalk(walks(), owner);
  const { page, open } = walk;
  const end = await readEnd(grantId);
  await open(`/account/grants/${grantId}/limits`);
  await chooseDate(page);
  await typeDay(page);
  await page.locator('.lifetime .chip', { hasText: 'Keep' }).click();
  await save(page, 'Nothing was changed.');
  expect(await readEnd(grantId)).toEqual(end);
  await walk.end();
});
