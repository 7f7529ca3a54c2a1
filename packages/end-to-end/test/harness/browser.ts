import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const candidates = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The path of a Chromium that is installed here; undefined when there is none. */
export const chromiumPath = candidates.find((file) => file !== undefined && existsSync(file));

/** For titles of tests, so that a run without a browser says which tests it skipped. */
export const skippedNote = chromiumPath ? '' : ' (skipped: no Chromium is installed here; set CHROMIUM to its path)';

const browsers: Browser[] = [];

export async function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('no Chromium is installed here; set CHROMIUM to its path');
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox', // the browser runs as root in containers, and opens only our pages
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
  browsers.push(browser);
  return browser;
}

/** What the open pages show, for the message of a test that failed. */
export async function describeOpenPages(): Promise<string> {
  const pages = browsers.flatMap((browser) => browser.contexts().flatMap((context) => context.pages()));
  const texts = pages.map(async (page) => {
    const text = await page.locator('body').innerText({ timeout: 2_000 });
    return `${page.url()}: ${text.slice(0, 1_500)}`;
  });
  return (await Promise.allSettled(texts)).map((text) => (text.status === 'fulfilled' ? text.value : '?')).join('\n\n');
}

/** All errors that a browser reported on the pages of one context. */
export interface Complaints {
  readonly policyViolations: string[];
  readonly scriptErrors: string[];
}

/** Collects violations of the content security policy (from events and the console) and script errors. */
export async function collectComplaints(context: BrowserContext): Promise<Complaints> {
  const complaints: Complaints = { policyViolations: [], scriptErrors: [] };
  await context.exposeBinding('reportViolation', (_source, violation: string) => {
    complaints.policyViolations.push(violation);
  });
  await context.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
    reportViolation(event.documentURI + ': ' + event.violatedDirective + ' ' + event.blockedURI))`);
  context.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) complaints.policyViolations.push(message.text());
  });
  context.on('weberror', (error) => complaints.scriptErrors.push(String(error.error())));
  return complaints;
}

/**
 * The violations of WCAG 2.2, levels A and AA, and of axe-core's best practices that axe-core finds on a page. axe-core
 * does not look into collapsed parts, so it runs a second time with all of them open, if the page has any.
 */
export async function listAccessibilityProblems(page: Page): Promise<string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axe);
  await page.evaluate(releaseBars);
  const found = await page.evaluate<string[]>(runAxe);
  if (await page.evaluate<boolean>(openAllParts)) {
    found.push(...(await page.evaluate<string[]>(runAxe)));
    await page.evaluate(closeOpenedParts);
  }
  await page.evaluate(returnBars);
  return [...new Set(found)];
}

/**
 * Lets sticky bars scroll away with the page. Otherwise, axe-core would report that they cover a part of a control,
 * although a person can scroll to that control.
 */
const releaseBars = `(() => {
  globalThis.bars = [...document.querySelectorAll('*')].filter((one) => getComputedStyle(one).position === 'sticky');
  for (const bar of globalThis.bars) bar.style.position = 'static';
})()`;

const returnBars = `(() => {
  for (const bar of globalThis.bars) bar.style.position = '';
})()`;

/** In the middle of a transition, such as that of a button in a part that was just opened, colours are mixed. */
const endTransitions = `(async () => {
  for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
})()`;

const runAxe = `${endTransitions}
  .then(() => axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }))
  .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => location.pathname.replace(/[\\w-]{20,}/, '...') + ' ' + id + ': ' + html.slice(0, 200))))`;

/** Opens the collapsed parts of a page. @returns whether there are any */
export const openAllParts = `(() => {
  globalThis.openedParts = [...document.querySelectorAll('details:not([open])')];
  for (const details of globalThis.openedParts) details.open = true;
  return globalThis.openedParts.length > 0;
})()`;

const closeOpenedParts = `(() => {
  for (const details of globalThis.openedParts) details.open = false;
})()`;

/** Whether everything fits the width of the screen. */
export function fitsTheScreen(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth');
}
