import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { fitsTheScreen, listAccessibilityProblems } from './browser.js';
import { listSmallTargets } from './small-targets.js';

/** The checks that every page of the authorization server and of the demo app must pass, at every step of a walk. */
export async function expectSound(page: Page): Promise<void> {
  expect(await listAccessibilityProblems(page)).toEqual([]);
  expect([page.url(), await fitsTheScreen(page)]).toEqual([page.url(), true]);
  expect([page.url(), await listSmallTargets(page)]).toEqual([page.url(), []]);
  expect(await page.title()).not.toBe('');
  expect([page.url(), await page.locator('h1').count()]).toEqual([page.url(), 1]);
}
