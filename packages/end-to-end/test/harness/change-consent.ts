import type { Page } from 'playwright-core';

/**
 * Changes the form of the consent page, and waits until the sentence above the button describes the new choices. Only
 * described choices are allowed: after an earlier click on the button, the page is shown once more. An answer for the
 * sentence may belong to an earlier change, so waiting for one is not enough.
 */
export async function changeConsent<Result>(page: Page, change: () => Promise<Result>): Promise<Result> {
  const result = await change();
  await page.locator('#summary[aria-busy="false"]').waitFor();
  return result;
}
