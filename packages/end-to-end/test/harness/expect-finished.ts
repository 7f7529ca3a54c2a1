import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { fitsTheScreen, listAccessibilityProblems, openAllParts } from './browser.js';
import { listSmallTargets } from './small-targets.js';

export const sizes = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
];
export const schemes = ['light', 'dark'] as const;

/** The page with the reference of an API is larger, because the API is long. */
const maxPageBytes = (page: Page) => (page.url().includes('/docs/') ? 250_000 : 60_000);
/**
 * The largest accepted layout shift. A good page may have a cumulative layout shift of 0.1 (web.dev/articles/cls).
 * People do not notice a tenth of that.
 */
const maxShift = 0.01;
const narrowestPixels = 320;

/** What is wrong with a page, by the checks that every page must pass. The page is open already. */
export async function listFaults(page: Page): Promise<readonly string[]> {
  const size = page.viewportSize();
  const bytes = await page.evaluate<number>(countBytes);
  const shift = await page.evaluate<LayoutShift>(sumLayoutShifts);
  const found = [
    ...(await listAccessibilityProblems(page)),
    ...(await listSmallTargets(page)).map((target) => `small target: ${target}`),
    ...(await page.evaluate<string[]>(findUntiedHints)).map((hint) => `hint without a field: ${hint}`),
    ...((await page.locator('h1').count()) === 1 ? [] : ['not exactly one h1']),
    ...(shift.sum < maxShift ? [] : [`content moves: ${JSON.stringify(shift)}`]),
    ...(bytes < maxPageBytes(page) ? [] : [`too large: ${bytes} bytes`]),
  ];
  for (const width of [size?.width ?? narrowestPixels, narrowestPixels]) {
    await page.setViewportSize({ width, height: 800 });
    if (!(await fitsTheScreen(page))) found.push(`does not fit ${width} pixels`);
  }
  if (size !== null) await page.setViewportSize(size);
  await page.evaluate(forgetLayoutShifts);
  return found.map((fault) => `${describe(page)} ${fault}`);
}

/**
 * Checks a page at a step of a walk, in both sizes and both colour schemes. The page is not loaded again, because a
 * second visit may not show it. The browser must have `reducedMotion`. Otherwise axe would see colours in the middle of
 * a transition.
 */
export async function expectFinished(page: Page): Promise<void> {
  const size = page.viewportSize();
  const found = [...(await listFaults(page))];
  await page.emulateMedia({ colorScheme: 'dark' });
  found.push(...(await listAccessibilityProblems(page)).map((problem) => `in the dark: ${problem}`));
  await page.emulateMedia({ colorScheme: null });
  for (const other of sizes) {
    await page.setViewportSize(other);
    if (!(await fitsTheScreen(page))) found.push(`does not fit ${other.width} pixels`);
  }
  if (size !== null) await page.setViewportSize(size);
  await page.evaluate(forgetLayoutShifts);
  expect(found).toEqual([]);
}

function describe(page: Page): string {
  return new URL(page.url()).pathname.replace(/[\w-]{20,}/, '...');
}

/** Hints that follow a field directly but are not among the field's descriptions (`aria-describedby`). */
const findUntiedHints = `[...document.querySelectorAll('main :is(input, select, textarea) + small, main .field-problem + small')]
  .filter(({ id }) => id === '' || document.querySelector('[aria-describedby~="' + id + '"]') === null)
  .map(({ outerHTML }) => outerHTML.slice(0, 120))`;

export interface LayoutShift {
  readonly sum: number;
  /** Each element that moved, with its vertical positions in pixels before and after, and the time in milliseconds. */
  readonly moved: readonly string[];
}

/** The layout shifts of the page. Those that earlier checks of the page caused are left out. */
export const sumLayoutShifts = `new Promise((resolve) => {
  const shift = { sum: 0, moved: [] };
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, startTime, sources } of list.getEntries()) {
      if (hadRecentInput || startTime <= (globalThis.checkedAt ?? 0)) continue;
      shift.sum += value;
      for (const { node, previousRect, currentRect } of sources)
        shift.moved.push([(node?.outerHTML ?? node?.textContent ?? '').slice(0, 80), previousRect.y, currentRect.y, startTime].join(' '));
    }
  }).observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => setTimeout(() => resolve(shift), 0));
})`;

/** The checks open collapsed parts and resize the page. A later check of the same page must not count these shifts. */
const forgetLayoutShifts = `new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(() => resolve((globalThis.checkedAt = performance.now()))));
})`;

/** The HTML, the stylesheet, the scripts and the pictures, such as the logos of apps, as they are sent. */
export const countBytes = `performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
  .filter(({ initiatorType }) => ['navigation', 'link', 'script', 'img', 'css'].includes(initiatorType))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`;

/**
 * Moves with Tab from the start to the end of the page, with all collapsed parts open, and checks that each focused
 * element has an outline with enough contrast.
 */
export async function expectVisibleFocus(page: Page): Promise<void> {
  await page.evaluate(openAllParts);
  const most = await page.evaluate<number>(moveToStart);
  const faint: string[] = [];
  let presses = 0;
  for (; presses <= most; presses++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate<string | null>(describeFaintFocus);
    if (found === 'end') break;
    if (found !== null) faint.push(found);
  }
  expect(faint).toEqual([]);
  expect(presses).toBeGreaterThan(0);
  // Otherwise the focus never left the page, and moved in a circle.
  expect(presses).toBeLessThanOrEqual(most);
}

/** Moves the focus from anywhere to the start of the page. @returns the number of elements that can have it */
const moveToStart = `(() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  return document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]').length;
})()`;

const describeFaintFocus = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return 'end';
  const shown = element.closest('.chip') ?? element;
  const { outlineColor, outlineStyle, outlineWidth } = getComputedStyle(shown);
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (one) => {
    const color = parse(getComputedStyle(one).backgroundColor);
    return color[3] === 0 ? (one.parentElement ? ground(one.parentElement) : [255, 255, 255]) : color;
  };
  const [light, dark] = [luminance(parse(outlineColor)), luminance(ground(shown.parentElement))].sort((a, b) => b - a);
  const contrast = (light + 0.05) / (dark + 0.05);
  const isVisible = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && contrast >= 3;
  return isVisible ? null : outlineStyle + ' ' + outlineWidth + ' ' + contrast.toFixed(1) + ' ' + element.outerHTML.slice(0, 120);
})()`;
