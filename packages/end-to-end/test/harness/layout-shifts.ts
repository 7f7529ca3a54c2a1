import type { BrowserContext, Page } from 'playwright-core';

export interface LayoutShift {
  /** Part of the cumulative layout shift (web.dev/articles/cls). */
  readonly value: number;
  /** The elements that moved. */
  readonly of: readonly string[];
}

/** For `addInitScript`: collects the shifts of the page. */
export const watchShifts = `globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries())
    if (!hadRecentInput)
      shifts.push({ value, of: sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? String(node)) });
}).observe({ type: 'layout-shift', buffered: true });`;

/** The shifts of a page with `watchShifts` so far. Chromium reports a shift after the frame in which it happened. */
export function readShifts(page: Page): Promise<LayoutShift[]> {
  return page.evaluate<LayoutShift[]>(`new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(shifts), 0)));
  })`);
}

/**
 * Delays requests by more than half a second. Chromium does not count shifts in the first half second after an input,
 * and a real network can take longer.
 */
export async function delayRequests(context: BrowserContext, pattern: string): Promise<void> {
  await context.route(pattern, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await route.continue();
  });
}
