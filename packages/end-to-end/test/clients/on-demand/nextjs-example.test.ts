import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { locateExample } from '../../connect-your-ai/example-process.js';
import { chromiumPath, listAccessibilityProblems, skippedNote } from '../../harness/browser.js';
import { signIn } from '../../harness/sign-in.js';
import { useBrowser } from '../../harness/use-browser.js';
import { findInstalled } from '../support/installed.js';
import { buildNextApp, type NextApp } from '../support/next-app.js';
import { onDemandTestMilliseconds } from '../support/on-demand-tool.js';
import { type ClientStack, register, startClientStack } from '../support/stack.js';

const installed = findInstalled('npm/nextjs-example');
const canRun = 'directory' in installed && chromiumPath !== undefined;
const titleNote = 'missing' in installed ? ` (skipped: ${installed.missing})` : skippedNote;

let stack: ClientStack;
let app: NextApp;
const browser = useBrowser();
beforeAll(async () => {
  if (!canRun) return;
  app = await buildNextApp(installed.directory, [locateExample('nextjs')]);
  stack = await startClientStack();
  const { issuer, resourceProxyUrl } = stack.deployment;
  const metadata = { client_name: 'My Next.js', redirect_uris: [`${app.origin}/ai/callback`] };
  const { client_id, client_secret } = await register(stack, metadata);
  const environment = { ISSUER: issuer, RESOURCE_PROXY_URL: resourceProxyUrl, ORIGIN: app.origin };
  await app.start({ ...environment, CLIENT_ID: client_id, CLIENT_SECRET: client_secret });
}, onDemandTestMilliseconds);
afterAll(async () => {
  await Promise.all([app?.close(), stack?.stop()]);
});

/** Streams the first words at once. @returns a function that streams the others */
function streamInParts(words: readonly [string, string]): () => void {
  const isAllowed = Promise.withResolvers<void>();
  const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
  const say = (content: string) => event({ choices: [{ index: 0, delta: { content } }] });
  stack.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(say(words[0]));
    const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
    void isAllowed.promise.then(() => response.end(`${say(words[1])}${event({ choices: [], usage })}data: [DONE]\n\n`));
  };
  return () => isAllowed.resolve();
}

const waitForAnswer = (page: Page, text: string) =>
  page
    .getByRole('status')
    .filter({ hasText: new RegExp(`^${text}$`) })
    .waitFor();

async function connectAsOwner(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Connect your AI' }).click();
  await signIn(page, stack.owner.credentials);
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByLabel('Your question').waitFor();
}

(canRun ? it : it.skip)(
  `the example for Next.js, built and started, connects in a browser, shows an answer while it arrives, and disconnects${titleNote}`,
  async () => {
    const page = await browser().newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(app.origin);
    expect(await listAccessibilityProblems(page)).toEqual([]);
    await connectAsOwner(page);
    expect(page.url()).toBe(`${app.origin}/`);
    expect(await listAccessibilityProblems(page)).toEqual([]);
    const goOn = streamInParts(['The capital', ' of France is Paris.']);
    await page.getByLabel('Your question').fill('What is the capital of France?');
    await page.getByRole('button', { name: 'Ask' }).click();
    await waitForAnswer(page, 'The capital');
    goOn();
    await waitForAnswer(page, 'The capital of France is Paris\\.');
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('button', { name: 'Connect your AI' }).waitFor();
    expect((await stack.owner.open('/account/grants')).page.html).not.toMatch(/\/revoke"/);
    expect(errors).toEqual([]);
  },
  onDemandTestMilliseconds,
);
