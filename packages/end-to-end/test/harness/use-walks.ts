import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, collectComplaints } from './browser.js';
import { type Deployment, startDeployment } from './deployment.js';
import { expectFinished } from './expect-finished.js';
import type { Owner } from './owner.js';
import { RecordingUpstream } from './recording-upstream.js';
import { copyCookies, useBrowser } from './use-browser.js';

const phone = { width: 390, height: 844 };

/** What the walks of a file through the pages share. */
export interface Walks {
  readonly deployment: Deployment;
  readonly upstream: RecordingUpstream;
  /** The directory to which e-mails are written. */
  readonly outbox: string;
  readonly browser: Browser;
}

/** One person's browser. */
export interface Walk {
  readonly page: Page;
  /** Opens a path of the authorization server, and checks the page. */
  readonly open: (path: string) => Promise<void>;
  /** Presses a button, waits for a text, and checks the page on which it stands. */
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
export async function beginWalk({ browser, deployment: { issuer } }: Walks, owner?: Owner): Promise<Walk> {
  const context = await browser.newContext({ viewport: phone, reducedMotion: 'reduce' });
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
    press: async (button, text) => {
      await page.getByRole('button', { name: button, exact: true }).click();
      await waitForText(page, text);
      await expectFinished(page);
    },
    end: async () => {
      expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
      await context.close();
    },
  };
}

/** @throws with the text of the page, if the text does not appear on it */
async function waitForText(page: Page, text: string): Promise<void> {
  try {
    await page.getByText(text).first().waitFor();
  } catch (cause) {
    throw new Error(`no "${text}" on ${page.url()}: ${await page.locator('body').innerText()}`, { cause });
  }
}

/** Makes every sign-in so old that changes ask for the password. */
export async function ageSignIns({ deployment: { db } }: Walks): Promise<void> {
  const authenticatedAt = new Date(Date.now() - 600_000);
  await db.updateTable('owner_sessions').set({ authenticated_at: authenticatedAt }).execute();
}
