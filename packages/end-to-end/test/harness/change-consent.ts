import type { Page } from 'playwright-core';

/**
 * Changes the form of the consent page, and waits until the sentence above the button describes the new choices. If the
 * button is clicked earlier, the server shows the page once more. Waiting for an answer with a new sentence is not
 * enough, because the answer may belong to an earlier change.
 */
export async function changeConsent<Result>(page: Page, change: () => Promise<Result>): Promise<Result> {
  const result = await change();
  await page.locator('#summary[aria-busy="false"]').waitFor();
  return result;
}
