import type { Locator, Page } from 'playwright-core';

/** What a person must be able to see, and a change after which it must look different. */
interface Mark {
  readonly selector: string;
  /** A function that makes the change, and returns false if the element shows nothing that could change. */
  readonly change: string;
}

const marks: readonly Mark[] = [
  {
    selector: '.chart, .meter',
    change: `(element) => {
      const bars = [...element.querySelectorAll('rect')].filter(({ width, height }) => width.baseVal.value * height.baseVal.value > 0);
      for (const bar of bars) bar.setAttribute('visibility', 'hidden');
      return bars.length > 0;
    }`,
  },
  { selector: 'progress', change: '(element) => element.value > 0 && !(element.value = 0)' },
  { selector: 'input[type=checkbox]', change: '(element) => ((element.checked = !element.checked), true)' },
  {
    selector: '.chip',
    change: `(element) => {
      const button = element.querySelector('input');
      button.checked = !button.checked;
      return true;
    }`,
  },
];
/** The number of elements of one kind that are checked. Further ones look the same. */
const maxOfKind = 4;

/**
 * What cannot be seen on a page whose colours the system replaces (`forcedColors: 'active'`): bars and ticks that look
 * like their background, and controls without a border. Changes the page.
 */
export async function listVanished(page: Page): Promise<readonly string[]> {
  const found = await page.evaluate<string[]>(findBorderless);
  for (const { selector, change } of marks) {
    const shown = (await page.locator(selector).filter({ visible: true }).all()).slice(0, maxOfKind);
    for (const element of shown) if (await looksTheSame(element, change)) found.push(`no mark in ${selector}`);
  }
  return found.map((one) => `${new URL(page.url()).pathname} ${one}`);
}

async function looksTheSame(element: Locator, change: string): Promise<boolean> {
  const before = await element.screenshot();
  return (await element.evaluate<boolean, unknown>(change)) && before.equals(await element.screenshot());
}

/** Links and buttons that look like links need no border. The system draws the checkboxes. */
const findBorderless = `[...document.querySelectorAll('button:not(.link-button), a[role=button], input:not([type=hidden], [type=checkbox]), select, textarea')]
  .filter((element) => element.getClientRects().length > 0 && element.closest('.chip') === null)
  .filter((element) => getComputedStyle(element).borderTopStyle === 'none' || getComputedStyle(element).borderTopWidth === '0px')
  .map(({ outerHTML }) => 'no border: ' + outerHTML.slice(0, 120))`;
