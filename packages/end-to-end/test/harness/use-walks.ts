import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { insertOperatorLink } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromiumPath, collectComplaints } from './browser.js';
import { type Deployment, startDeployment } from './deployment.js';
import { expectFinished } from './expect-finished.js';
import { copyCookies } from './open-page.js';
import type { Owner } from './owner.js';
import { RecordingUpstream } from './recording-upstream.js';
import { useBrowser } from './use-browser.js';

const phone = { width: 390, height: 844 };

/** What all walks of a test file share. In a walk, one person goes through the pages in a browser. */
export interface Walks {
  readonly deployment: Deployment;
  readonly upstream: RecordingUpstream;
  /** The directory to which e-mails are written. */
  readonly outbox: string;
  readonly browser: Browser;
}

/** A walk: one person's browser, and what the person does in it. */
export interface Walk {
  readonly page: Page;
  /** Opens a path of the authorization server, and checks the page. */
  readonly open: (path: string) => Promise<void>;
  /** Follows the link with this name, waits for the page with this heading, and checks the page. */
  readonly follow: (link: string, heading?: string) => Promise<void>;
  /** Presses a button, waits for the next page with this text, and checks that page. */
  readonly press: (button: string, text: string) => Promise<void>;
  /** Checks that the browser reported no errors, and closes it. */
  readonly end: () => Promise<void>;
}

interface WalksOptions {
  /** Further environment variables of the authorization servers. */
  readonly variables?: () => Readonly<Record<string, string>>;
  readonly hasOperatorKeys?: boolean;
}

/** Opens a browser before the tests of a file, and starts two of each server. The issuer is at `localhost`. */
export function useWalks({ variables, hasOperatorKeys = true }: WalksOptions = {}): () => Walks {
  const browser = useBrowser();
  const outbox = mkdtempSync(path.join(tmpdir(), 'aipassport-outbox-'));
  let upstream: RecordingUpstream | undefined;
  let deployment: Deployment | undefined;
  beforeAll(async () => {
    if (chromiumPath === undefined) return;
    upstream = await RecordingUpstream.start();
    deployment = await startDeployment({
      upstreamUrl: upstream.url,
      hasOperatorKeys,
      issuerHost: 'localhost',
      variables: () => ({ 'authorization-server': { MAIL_OUTBOX: outbox, ...variables?.() }, 'resource-proxy': {} }),
    });
  }, 90_000);
  afterAll(async () => {
    await deployment?.stop();
    await upstream?.stop();
    rmSync(outbox, { recursive: true, force: true });
  });
  return () => {
    if (deployment === undefined || upstream === undefined) throw new Error('the set-up of this file failed');
    return { deployment, upstream, outbox, browser: browser() };
  };
}

/**
 * Opens a browser for a walk.
 * @param owner the owner who is signed in there; undefined: a visitor
 */
export async function beginWalk(
  { browser, deployment: { issuer } }: Pick<Walks, 'browser'> & { readonly deployment: Pick<Deployment, 'issuer'> },
  owner?: Owner,
  options?: BrowserContextOptions,
): Promise<Walk> {
  const context = await browser.newContext({ viewport: phone, reducedMotion: 'reduce', ...options });
  const complaints = await collectComplaints(context);
  if (owner !== undefined) await copyCookies(owner, context, issuer);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return {
    page,
    open: async (address) => {
      await page.goto(new URL(address, issuer).href);
      await expectFinished(page);
    },
    follow: async (link, heading = link) => {
      await page.getByRole('link', { name: link, exact: true }).first().click();
      await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
      await expectFinished(page);
    },
    press: async (button, text) => {
      // the next page may show the same text as this one
      await page.evaluate(`document.documentElement.dataset.isLeft = ''`);
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.locator('html:not([data-is-left])').waitFor();
      await waitForText(page, text);
      await expectAnnounced(page);
      await expectFinished(page);
    },
    end: async () => {
      expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
      await context.close();
    },
  };
}

/** @throws an error that contains the whole text of the page, if `text` does not appear on the page */
async function waitForText(page: Page, text: string): Promise<void> {
  try {
    await page.getByText(text).first().waitFor();
  } catch (cause) {
    throw new Error(`no "${text}" on ${page.url()}: ${await page.locator('body').innerText()}`, { cause });
  }
}

/**
 * If the page shows problems, its title says so, and the list of problems has the focus. If the list only asks a
 * question, the title does not change.
 */
async function expectAnnounced(page: Page): Promise<void> {
  if ((await page.locator('.error-summary').count()) === 0) return;
  const isQuestion = (await page.locator('.error-summary.question').count()) > 0;
  expect(/^(Error|Fehler): /.test(await page.title())).toBe(!isQuestion);
  // the browser moves the focus when it first draws the page, which may be later than its text
  await page.locator('.error-summary:focus').waitFor();
}

/** An operator's browser: the owner opens a link that the operator's command made, and confirms. */
export async function beginOperatorWalk(walks: Walks, owner: Owner): Promise<Walk> {
  const code = await insertOperatorLink(walks.deployment.db, { isForFirst: false, expiresInSeconds: 3_600 });
  const walk = await beginWalk(walks, owner);
  await walk.open(`/operator/claim?code=${code}`);
  expect(walk.page.url()).not.toContain('code');
  await walk.press('Become an operator', 'This server can answer requests.');
  return walk;
}

/** Makes every sign-in so old that changes ask for the password. */
export async function ageSignIns({ deployment: { db } }: Walks, minutes = 10): Promise<void> {
  const authenticatedAt = new Date(Date.now() - minutes * 60_000);
  await db.updateTable('owner_sessions').set({ authenticated_at: authenticatedAt }).execute();
}
