import { afterAll, beforeAll, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { chromiumPath, describeOpenPages, launchBrowser, skippedNote } from './browser.js';
import { findPorts, LaunchedStart, makeDataDirectory, removeDataDirectory } from './launched-start.js';

/**
 * A test that needs Chromium. Where none is installed, the test is skipped, and its title says so. If it fails, its
 * message has the text of the open pages.
 */
export function withChromium(title: string, run: () => Promise<void>, timeoutMilliseconds = 60_000): void {
  if (chromiumPath !== undefined) it(title, () => withPages(run), timeoutMilliseconds);
  else it.skip(`${title}${skippedNote}`, run);
}

async function withPages(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\n\nThe open pages:\n\n${await describeOpenPages()}`, { cause: error });
  }
}

/** Opens a browser before the tests of a file, if one is installed, and closes it after them. */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (chromiumPath !== undefined) browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  return () => {
    if (browser === undefined) throw new Error('there is no browser');
    return browser;
  };
}

export interface BrowserStart {
  readonly start: LaunchedStart;
  readonly browser: Browser;
  /** The data directory of the start. */
  readonly directory: string;
}

/** Opens a browser before the tests of a file, and starts everything that `npm start` starts. */
export function useBrowserStart(): () => BrowserStart {
  const directory = makeDataDirectory();
  const browser = useBrowser();
  let start: LaunchedStart | undefined;
  beforeAll(async () => {
    if (chromiumPath !== undefined) start = await LaunchedStart.begin(directory, await findPorts());
  }, 90_000);
  afterAll(async () => {
    await start?.interrupt();
    removeDataDirectory(directory);
  });
  return () => {
    if (start === undefined) throw new Error('the set-up of this file failed');
    return { start, browser: browser(), directory };
  };
}
