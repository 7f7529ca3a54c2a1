import { loadSpecification } from '@aipassport/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, launchBrowser, skippedNote } from './harness/browser.js';
import { expectVisibleFocus, listFaults, schemes, sizes } from './harness/expect-finished.js';
import {
  type FurnishedAccount,
  type FurnishedDeployment,
  furnishAccount,
  startFurnishedDeployment,
} from './harness/furnished-account.js';
import { RecordingUpstream } from './harness/recording-upstream.js';

const withChromium = chromiumPath === undefined ? it.skip : it;

let upstream: RecordingUpstream;
let furnished: FurnishedDeployment;
let account: FurnishedAccount;
let browser: Browser | undefined;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  if (chromiumPath === undefined) return;
  furnished = await startFurnishedDeployment(upstream.url);
  account = await furnishAccount(furnished);
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await furnished?.stop();
  await upstream.stop();
});

type Operations = Readonly<
  Record<string, { readonly responses: Readonly<Record<string, { readonly $ref?: string }>> }>
>;
const specified = loadSpecification('authorization-server').document as unknown as {
  readonly paths: Readonly<Record<string, Operations>>;
};
/** Every page that has an address of its own. */
const templates = Object.entries(specified.paths)
  .filter(([, { get }]) => /\/(Page|Document)$/.test(get?.responses['200']?.$ref ?? ''))
  .map(([template]) => template);

/** These show a page in the middle of a flow only, or to people who are not operators yet. */
const shownElsewhere = ['/authorize', '/authorize/{uid}', '/account/sign-in/code', '/operator/claim'];

/** Pages that appear at the address of another page, or for no address. */
const others: Readonly<Record<string, { readonly address: string; readonly status: number }>> = {
  'an unknown address': { address: '/nothing', status: 404 },
  'a refused request': { address: '/authorize?client_id=nobody', status: 400 },
  'a request that is over': { address: '/interaction/never-was-anything', status: 400 },
  'a grant that does not exist': { address: '/account/grants/never-was-anything', status: 404 },
  'an invitation that does not work': { address: `/account/create?invitation=${'x'.repeat(43)}`, status: 403 },
};

/** Pages for visitors: a signed-in owner is sent on. */
const forVisitors = ['/account/create', '/account/sign-in', '/account/forgotten-password', '/account/reset'];

/** Opens a page in a new browser. A signed-in browser has the cookies of the owner's other browser. */
async function openPage(
  address: string,
  { isSignedIn, ...options }: { readonly isSignedIn: boolean } & Parameters<Browser['newContext']>[0],
): Promise<{ readonly page: Page; readonly status: number | undefined; readonly close: () => Promise<void> }> {
  const context = await browser?.newContext(options);
  if (context === undefined) throw new Error('there is no browser');
  const url = new URL(address, furnished.deployment.issuer).href;
  if (isSignedIn) await context.addCookies(await copyCookies(url));
  const page = await context.newPage();
  const answer = await page.goto(url);
  return { page, status: answer?.status(), close: () => context.close() };
}

async function copyCookies(url: string): Promise<{ name: string; value: string; url: string }[]> {
  return (await account.owner.cookies(url)).split('; ').map((cookie) => {
    const at = cookie.indexOf('=');
    return { name: cookie.slice(0, at), value: cookie.slice(at + 1), url };
  });
}

/** Opens a page in every size and colour scheme, and checks it. */
async function expectFinishedEverywhere(address: string, isSignedIn: boolean): Promise<(number | undefined)[]> {
  const faults = new Set<string>();
  const statuses = new Set<number | undefined>();
  for (const viewport of sizes)
    for (const colorScheme of schemes) {
      const { page, status, close } = await openPage(address, { isSignedIn, viewport, colorScheme });
      statuses.add(status);
      for (const fault of await listFaults(page)) faults.add(`${viewport.width} ${colorScheme} ${fault}`);
      await close();
    }
  expect([...faults]).toEqual([]);
  return [...statuses];
}

for (const template of templates.filter((one) => !shownElsewhere.includes(one)))
  withChromium(
    `the page ${template} is accessible, fits every screen, in light and dark, and is small${skippedNote}`,
    async () => {
      const address = account.addresses[template] ?? template;
      expect(address).not.toContain('{');
      expect(await expectFinishedEverywhere(address, !forVisitors.includes(template))).toEqual([200]);
    },
    120_000,
  );

for (const [name, { address, status }] of Object.entries(others))
  withChromium(
    `the page about ${name} is accessible, fits every screen, in light and dark, and is small${skippedNote}`,
    async () => {
      expect(await expectFinishedEverywhere(address, name.includes('grant'))).toEqual([status]);
    },
    60_000,
  );

/** A form that the server refuses, and what the owner does. */
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
    `a refused form of ${template} says so in the title, and the list of problems has the focus${skippedNote}`,
    async () => {
      const isSignedIn = template !== '/account/sign-in';
      const viewport = { width: 390, height: 844 };
      const { page, close } = await openPage(account.addresses[template] ?? template, { isSignedIn, viewport });
      expect(await page.title()).not.toMatch(/^Error: /);
      await fill(page);
      await page.locator('form:has(:focus) button[type=submit]').last().click();
      await page.locator('.error-summary').waitFor();
      expect(await page.title()).toMatch(/^Error: /);
      expect(await page.locator('.error-summary:focus').count()).toBe(1);
      expect(await listFaults(page)).toEqual([]);
      await close();
    },
    60_000,
  );

withChromium(
  `every control shows where the focus is, with enough contrast, in light and dark${skippedNote}`,
  async () => {
    for (const colorScheme of schemes)
      for (const template of ['/account/settings', '/interaction/{uid}']) {
        const viewport = { width: 390, height: 844 };
        const address = account.addresses[template] ?? template;
        const { page, status, close } = await openPage(address, { isSignedIn: true, colorScheme, viewport });
        expect(status).toBe(200);
        await expectVisibleFocus(page);
        await close();
      }
  },
  60_000,
);

withChromium(
  `bars stay visible when the system replaces colours, and nothing moves for people who want less motion${skippedNote}`,
  async () => {
    const address = account.addresses['/account/apps/{app_id}'] ?? '';
    const options = { isSignedIn: true, forcedColors: 'active', reducedMotion: 'reduce' } as const;
    const { page, close } = await openPage(address, options);
    const bar = page.locator('progress').first();
    await bar.waitFor();
    expect(
      await bar.evaluate((element) => element.ownerDocument.defaultView?.getComputedStyle(element).borderTopStyle),
    ).toBe('solid');
    expect(await page.evaluate<string[]>(movingElements)).toEqual([]);
    await close();
  },
  60_000,
);

const movingElements = `[...document.querySelectorAll('*')]
  .filter((element) => {
    const { transitionDuration, animationDuration } = getComputedStyle(element);
    return [transitionDuration, animationDuration].some((text) => parseFloat(text) > 0.01);
  })
  .map(({ outerHTML }) => outerHTML.slice(0, 100))`;
