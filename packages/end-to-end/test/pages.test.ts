import { hashSecret } from '@aipassport/store';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { chromiumPath } from './harness/browser.js';
import { expectFinished, expectVisibleFocus, listFaults, schemes, sizes } from './harness/expect-finished.js';
import { listVanished } from './harness/forced-colors.js';
import {
  type FurnishedAccount,
  type FurnishedDeployment,
  furnishAccount,
  startFurnishedDeployment,
} from './harness/furnished-account.js';
import { openPage as openPageOf, sendForm } from './harness/open-page.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { type ErrorPage, errorPages, furnishedTemplates, needsSignIn } from './harness/specified-pages.js';
import { useBrowser, withChromium } from './harness/use-browser.js';
import { waitUntil } from './harness/wait-until.js';

let upstream: RecordingUpstream;
let furnished: FurnishedDeployment;
let account: FurnishedAccount;
const browser = useBrowser();

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  if (chromiumPath === undefined) return;
  furnished = await startFurnishedDeployment(upstream.url);
  account = await furnishAccount(furnished);
}, 120_000);

afterAll(async () => {
  await furnished?.stop();
  await upstream.stop();
});

const openPage = (address: string, options: Parameters<typeof openPageOf>[2]) =>
  openPageOf({ browser: browser(), furnished, account }, address, options);

/** Opens the page, or sends a form to its address. */
const visit = (
  address: string,
  { body, ...options }: Parameters<typeof openPageOf>[2] & { readonly body?: string | undefined },
) =>
  body === undefined
    ? openPage(address, options)
    : sendForm({ browser: browser(), furnished, account }, address, { ...options, body });

/** The first view is in German, whose words are longer. */
const views = [
  { viewport: { width: 390, height: 844 }, colorScheme: 'light', locale: 'de' },
  ...sizes.flatMap((viewport) => schemes.map((colorScheme) => ({ viewport, colorScheme, locale: 'en' }))),
] as const;

/** Opens a page in every size and colour scheme, and checks it. */
async function expectFinishedEverywhere(
  address: string,
  isSignedIn: boolean,
  body?: string,
): Promise<(number | undefined)[]> {
  const faults = new Set<string>();
  const statuses = new Set<number | undefined>();
  for (const view of views) {
    const { page, status, close } = await visit(address, { isSignedIn, body, ...view });
    statuses.add(status);
    const { viewport, colorScheme, locale } = view;
    for (const fault of await listFaults(page)) faults.add(`${viewport.width} ${colorScheme} ${locale} ${fault}`);
    await close();
  }
  expect([...faults]).toEqual([]);
  return [...statuses];
}

for (const template of furnishedTemplates)
  withChromium(
    `the page ${template} is accessible, fits every screen, in light and dark, and is small`,
    async () => {
      const address = account.addresses[template] ?? template;
      expect(address).not.toContain('{');
      expect(await expectFinishedEverywhere(address, needsSignIn(template))).toEqual([200]);
    },
    120_000,
  );

for (const [name, { address: template, status, isSignedIn, body, cause }] of Object.entries(errorPages))
  withChromium(
    `the page about ${name} is accessible, fits every screen, in light and dark, and is small`,
    async () => {
      const address = account.addresses[template] ?? template;
      expect(address).not.toContain('{');
      const end = cause === undefined ? undefined : await causes[cause]();
      try {
        expect(await expectFinishedEverywhere(address, isSignedIn, body)).toEqual([status]);
        const { page, close } = await visit(address, { isSignedIn, body });
        expect(await page.title()).toBe(`${await page.locator('h1').innerText()} · AIPassport`);
        await close();
      } finally {
        await end?.();
      }
    },
    180_000,
  );

/** For each cause: a function that produces it. @returns a function that ends it */
const causes: Readonly<Record<NonNullable<ErrorPage['cause']>, () => Promise<() => Promise<unknown>>>> = {
  'too many changes': async () => {
    const { db } = furnished.deployment;
    const accounts = await db.selectFrom('accounts').select('id').execute();
    const window_ends_at = new Date(Date.now() + 300_000);
    const attempts = accounts.map(({ id }) => ({ key_hash: hashSecret(`change:${id}`), count: 1_000, window_ends_at }));
    await db.deleteFrom('attempts').execute();
    await db.insertInto('attempts').values(attempts).execute();
    return () => db.deleteFrom('attempts').execute();
  },
  'no database': async () => {
    const { databaseLine, authorizationServers } = furnished.deployment;
    databaseLine.cut();
    return async () => {
      databaseLine.heal();
      for (const { fetch, url } of authorizationServers)
        await waitUntil(async () => (await fetch(`${url}/health`)).ok, 'each server is ready again', 60_000);
    };
  },
};

for (const locale of ['en', 'de'])
  withChromium(
    `on a small screen, each button that downloads the activity has its text in one line (${locale})`,
    async () => {
      const viewport = { width: 390, height: 844 };
      const { page, close } = await openPage('/account/activity', { isSignedIn: true, viewport, locale });
      expect(await page.evaluate<number[]>(countLines)).toEqual([1, 1]);
      await close();
    },
  );

/** The number of lines of each button in the last form. */
const countLines = `[...[...document.querySelectorAll('main form')].at(-1).querySelectorAll('button')].map((button) => {
  const range = document.createRange();
  range.selectNodeContents(button);
  return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
})`;

/** For each form: fills in values that the server refuses. */
const refusals: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  '/account/sign-in': async (page) => {
    await page.locator('#email').fill('alex@example.org');
    await page.locator('#password').fill('not this one');
  },
  '/account/keys': (page) => page.locator('#key').fill('hello'),
  '/account/grants/{grant_id}/limits': (page) => page.locator('[name=max_requests]').fill('many'),
  '/device': (page) => page.getByLabel('Code').fill('AEIO UAEI'),
  '/account/password': async (page) => {
    await page.locator('#password').fill('not this one');
    await page.locator('#new_password').fill('another correct horse staple');
  },
};

for (const [template, fill] of Object.entries(refusals))
  withChromium(
    `a refused form of ${template} says so in the title, and the list of problems has the focus`,
    async () => {
      // The tests before this one may have taken so long that the form would ask for the password. The password is not
      // entered, because that would replace the cookie that all tests of this file use.
      await setSignInTime(new Date());
      const isSignedIn = template !== '/account/sign-in';
      const viewport = { width: 390, height: 844 };
      const { page, close } = await openPage(account.addresses[template] ?? template, { isSignedIn, viewport });
      expect(await page.title()).not.toMatch(/^Error: /);
      await fill(page);
      await page.locator('form:has(:focus) button[type=submit]').last().click();
      await page.locator('.error-summary').waitFor();
      expect(await page.title()).toMatch(/^Error: /);
      await page.locator('.error-summary:focus').waitFor();
      expect(await listFaults(page)).toEqual([]);
      await close();
    },
    60_000,
  );

/** Forms that ask for the password when the sign-in is old: what the owner fills in, and the button. */
const confirmations: Readonly<
  Record<string, { readonly fill?: (page: Page) => Promise<unknown>; readonly button: string }>
> = {
  '/account/invitations': { button: 'Create invitation' },
  '/account/email': { fill: (page) => page.locator('#email').fill('another@example.org'), button: 'Send link' },
  '/account/authenticator': { button: 'Set up an app' },
  '/account/recovery-codes': { button: 'Create recovery codes' },
  '/account/settings': {
    fill: (page) => page.locator('#time_zone').selectOption('Asia/Tokyo'),
    button: 'Save time zone',
  },
  '/account/developer/clients/new': {
    fill: async (page) => {
      await page.getByLabel('Command line or device').check();
      await page.getByLabel('Name').fill('Tide Tables');
    },
    button: 'Register an app',
  },
  '/account/developer/clients/{client_id}/edit': { button: 'Save changes' },
  '/operator/invitations': { button: 'Create invitation' },
  '/operator/accounts/{account_id}': {
    fill: (page) => page.getByLabel('Cap of this account, per month').fill('3'),
    button: 'Save cap',
  },
  '/operator/change': { button: 'Block app' },
  '/operator/audit': { button: 'Download CSV' },
};

for (const [template, { fill, button }] of Object.entries(confirmations))
  withChromium(
    `the form of ${template} asks for the password when the sign-in is old, and keeps what was typed`,
    async () => {
      await setSignInTime(new Date(Date.now() - 600_000));
      const viewport = { width: 390, height: 844 };
      const options = { isSignedIn: true, viewport, reducedMotion: 'reduce' } as const;
      const { page, close } = await openPage(account.addresses[template] ?? template, options);
      await fill?.(page);
      const typed = await readFields(page);
      await page.getByRole('button', { name: button, exact: true }).last().click();
      await page.locator('.confirmation').waitFor();
      expect(await page.title()).not.toMatch(/^Error: /);
      expect(await page.getByRole('heading', { name: 'One more step' }).count()).toBe(1);
      await page.locator('.error-summary:focus').waitFor();
      expect(await readFields(page)).toEqual(typed);
      await expectFinished(page);
      await close();
    },
  );

async function setSignInTime(authenticatedAt: Date): Promise<void> {
  await furnished.deployment.db.updateTable('owner_sessions').set({ authenticated_at: authenticatedAt }).execute();
}

/** The values of the fields of a page, without passwords, hidden fields and radio buttons. */
function readFields(page: Page): Promise<Readonly<Record<string, string>>> {
  return page.evaluate<Record<string, string>>(`Object.fromEntries(
    [...document.querySelectorAll('main :is(input:not([type=hidden], [type=password], [type=radio]), select, textarea)')]
      .map(({ name, value }) => [name, value]))`);
}

for (const template of furnishedTemplates)
  withChromium(
    `the page ${template} shows the focus in light and dark, shows everything in forced colours, and does not move if reduced motion is requested`,
    async () => {
      const address = account.addresses[template] ?? template;
      const viewport = { width: 390, height: 844 };
      const options = { isSignedIn: needsSignIn(template), viewport, reducedMotion: 'reduce' } as const;
      for (const colorScheme of schemes) {
        const { page, close } = await openPage(address, { ...options, colorScheme });
        expect(await page.evaluate<string[]>(movingElements)).toEqual([]);
        await expectVisibleFocus(page);
        await close();
        const forced = await openPage(address, { ...options, colorScheme, forcedColors: 'active' });
        expect(await listVanished(forced.page)).toEqual([]);
        await forced.close();
      }
    },
    120_000,
  );

const movingElements = `[...document.querySelectorAll('*')]
  .filter((element) => {
    const { transitionDuration, animationDuration } = getComputedStyle(element);
    return [transitionDuration, animationDuration].some((text) => parseFloat(text) > 0.01);
  })
  .map(({ outerHTML }) => outerHTML.slice(0, 100))`;
