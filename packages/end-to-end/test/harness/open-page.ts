import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { FurnishedAccount, FurnishedDeployment } from './furnished-account.js';
import type { Owner } from './owner.js';

export interface OpenedPage {
  readonly page: Page;
  readonly status: number | undefined;
  readonly close: () => Promise<void>;
}

interface PageSource {
  readonly browser: Browser;
  readonly furnished: FurnishedDeployment;
  readonly account: FurnishedAccount;
}

/** Opens a page in a new browser context. A signed-in one has the cookies of the owner's other browser. */
export async function openPage(
  { browser, furnished, account }: PageSource,
  address: string,
  { isSignedIn, ...options }: { readonly isSignedIn: boolean } & BrowserContextOptions,
): Promise<OpenedPage> {
  const context = await browser.newContext(options);
  const url = new URL(address, furnished.deployment.issuer).href;
  if (isSignedIn) await copyCookies(account.owner, context, url);
  const page = await context.newPage();
  const answer = await page.goto(url);
  return { page, status: answer?.status(), close: () => context.close() };
}

/** Opens a page as `openPage` does, and sends a form from another page to its URL. */
export async function sendForm(
  source: PageSource,
  address: string,
  { body, ...options }: { readonly isSignedIn: boolean; readonly body: string } & BrowserContextOptions,
): Promise<OpenedPage> {
  const opened = await openPage(source, '/help', options);
  const { page } = opened;
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    page.waitForURL(`**${address}`),
    page.evaluate(`(() => {
      const form = Object.assign(document.createElement('form'), { method: 'post', action: ${JSON.stringify(address)} });
      form.append(Object.assign(document.createElement('textarea'), { name: 'text', value: ${JSON.stringify(body)} }));
      document.body.append(form);
      form.submit();
    })()`),
  ]);
  return { ...opened, status: answer.status() };
}

/** Signs a browser in: gives it the cookies of the owner's other browser. */
export async function copyCookies(owner: Owner, context: BrowserContext, url: string): Promise<void> {
  const cookies = (await owner.cookies(url)).split('; ').map((cookie) => {
    const at = cookie.indexOf('=');
    return { name: cookie.slice(0, at), value: cookie.slice(at + 1), url };
  });
  await context.addCookies(cookies);
}
