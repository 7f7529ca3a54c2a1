import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { register } from '../clients/support/stack.js';
import { chromiumPath, fitsTheScreen, listAccessibilityProblems } from '../harness/browser.js';
import { createOwner } from '../harness/connect.js';
import { type Deployment, startDeployment } from '../harness/deployment.js';
import { readGuideProgram } from '../harness/guide.js';
import type { Owner } from '../harness/owner.js';
import { operatorKey } from '../harness/server-environments.js';
import { signIn } from '../harness/sign-in.js';
import { simulatedAnswer, startSimulatedUpstream } from '../harness/simulated-upstream.js';
import { useBrowser, withChromium } from '../harness/use-browser.js';
import { waitUntil } from '../harness/wait-until.js';
import { type ExampleServer, locateExample, startExample } from './example-process.js';

let upstream: Awaited<ReturnType<typeof startSimulatedUpstream>> | undefined;
let deployment: Deployment;
let app: ExampleServer;
let owner: Owner;
const browser = useBrowser();

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  upstream = await startSimulatedUpstream(operatorKey);
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  app = await startExample(locateExample('single-page-app/serve.js'), deployment, async (origin) => {
    const metadata = { client_name: 'My page', redirect_uris: [`${origin}/`], token_endpoint_auth_method: 'none' };
    return { CLIENT_ID: (await register({ deployment }, metadata)).client_id };
  });
  owner = await createOwner(deployment);
}, 90_000);
afterAll(async () => {
  await app?.close();
  await deployment?.stop();
  await upstream?.stop();
}, 60_000);

/** How a request to the proxy is authorized. */
interface Sent {
  readonly scheme: string | undefined;
  readonly proof: string;
}

function recordRequests(page: Page): readonly Sent[] {
  const sent: Sent[] = [];
  page.on('request', (request) => {
    const headers = request.headers();
    if (request.method() !== 'POST' || !request.url().startsWith(`${deployment.resourceProxyUrl}/openai/`)) return;
    sent.push({ scheme: headers['authorization']?.split(' ')[0], proof: headers['dpop'] ?? '' });
  });
  return sent;
}

async function ask(page: Page): Promise<void> {
  await page.getByLabel('Your question').fill('What is the capital of France?');
  await page.getByRole('button', { name: 'Ask' }).click();
}

const waitForAnswer = (page: Page) => page.locator('#answer', { hasText: simulatedAnswer }).waitFor();
const waitForStatus = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();

/**
 * A script for the page. For each private key in IndexedDB, it returns whether the key is marked as extractable, and
 * the result of an attempt to export the key.
 */
const inspectKeys = `new Promise((resolve, reject) => {
  const request = indexedDB.open('aipassport-client');
  request.onerror = reject;
  request.onsuccess = () => {
    const all = request.result.transaction('proof-keys').objectStore('proof-keys').getAll();
    all.onsuccess = () => resolve(Promise.all(all.result.map(async ({ privateKey }) => [
      privateKey.extractable,
      await crypto.subtle.exportKey('jwk', privateKey).then(() => 'exported', ({ name }) => name),
    ])));
  };
})`;

/** A script for the page: changes the expiry of the stored access token to one second from now. */
const letTokenExpire = `for (const key of Object.keys(sessionStorage)) if (key.endsWith(' tokens')) {
  const tokens = JSON.parse(sessionStorage.getItem(key));
  sessionStorage.setItem(key, JSON.stringify({ ...tokens, accessTokenExpiresAt: Date.now() + 1000 }));
}`;
const readRefreshToken = `Object.entries(sessionStorage)
  .filter(([key]) => key.endsWith(' tokens')).map(([, text]) => JSON.parse(text).refreshToken).join()`;

withChromium(
  'the example without a server connects, asks, refreshes, gets more requests and notices a revocation, with a key that cannot be extracted',
  async () => {
    const page = await browser().newPage();
    const sent = recordRequests(page);
    await page.goto(app.origin);
    await page.getByRole('button', { name: 'Connect your AI' }).click();
    await signIn(page, owner.credentials);
    await page.getByRole('button', { name: 'Allow' }).click();
    await waitForStatus(page, 'Connected.');
    expect(page.url()).toBe(`${app.origin}/`);
    expect(await page.evaluate(inspectKeys)).toEqual([[false, 'InvalidAccessError']]);
    await ask(page);
    await waitForAnswer(page);
    const before = await page.evaluate(readRefreshToken);
    await page.evaluate(letTokenExpire);
    await page.reload();
    await waitForStatus(page, 'Connected.');
    await ask(page);
    await waitForAnswer(page);
    expect(await page.evaluate(readRefreshToken)).not.toBe(before);
    await ask(page);
    await waitForStatus(page, 'All requests that the owner allowed are used.');
    await page.getByRole('button', { name: 'Allow more' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await waitForStatus(page, 'Connected.');
    await ask(page);
    await waitForAnswer(page);
    await owner.revoke('My page');
    await ask(page);
    await waitForStatus(page, 'The access was removed.');
    await page.getByRole('button', { name: 'Connect your AI' }).waitFor();
    expect(new Set(sent.map(({ scheme }) => scheme))).toEqual(new Set(['DPoP']));
    expect(new Set(sent.map(({ proof }) => proof)).size).toBe(sent.length);
    await page.close();
  },
  90_000,
);

withChromium(
  'after a denial the example says that access was not allowed, and a reload does not repeat the message',
  async () => {
    const page = await browser().newPage();
    await page.goto(app.origin);
    await page.getByRole('button', { name: 'Connect your AI' }).click();
    await signIn(page, owner.credentials);
    await page.getByRole('button', { name: 'Deny' }).click();
    await waitForStatus(page, 'The owner did not allow access.');
    expect(page.url()).toBe(`${app.origin}/`);
    await page.reload();
    await waitForStatus(page, 'This page has no AI of its own');
    await page.close();
  },
  60_000,
);

for (const [width, colorScheme] of [
  [390, 'light'],
  [390, 'dark'],
  [1180, 'light'],
  [1180, 'dark'],
] as const)
  withChromium(
    `the button is accessible, at least 44 pixels high, and works with the keyboard: ${width} pixels, ${colorScheme}`,
    async () => {
      const page = await browser().newPage({ viewport: { width, height: 700 }, colorScheme });
      await page.goto(app.origin);
      const button = page.getByRole('button', { name: 'Connect your AI' });
      await button.waitFor();
      expect(await listAccessibilityProblems(page)).toEqual([]);
      expect(await fitsTheScreen(page)).toBe(true);
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement?.shadowRoot?.activeElement?.matches(":focus-visible")')).toBe(
        true,
      );
      await page.keyboard.press('Enter');
      await page.waitForURL(`${deployment.issuer}/**`);
      await page.close();
    },
    60_000,
  );

withChromium(
  'the lines at the start of the client guide and of the library’s README are the same, at most 20, and work',
  async () => {
    const program = readGuideProgram('Connect your AI');
    expect(readFileSync(new URL('../../../../client/README.md', import.meta.url), 'utf8')).toContain(program);
    expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    const page = await browser().newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    const served = await servePage(program);
    await page.goto(served.origin);
    await page.getByRole('button', { name: 'Connect your AI' }).click();
    await signIn(page, owner.credentials);
    await page.getByRole('button', { name: 'Allow' }).click();
    await waitUntil(() => said.includes(simulatedAnswer), 'the answer is printed', 15_000);
    await page.close();
    served.close();
  },
  60_000,
);

/** Serves the program as a page, and registers a client for it. The page gets its modules from the example's server. */
async function servePage(program: string): Promise<{ readonly origin: string; readonly close: () => void }> {
  let html = '';
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/modules/') !== true) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
      return;
    }
    void fetch(`${app.origin}${request.url}`).then(async (module) => {
      response.writeHead(module.status, { 'content-type': module.headers.get('content-type') ?? '' });
      response.end(await module.text());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const metadata = { redirect_uris: [`${origin}/`], token_endpoint_auth_method: 'none' };
  const { client_id: clientId } = await register({ deployment }, metadata);
  const filled = program
    .replace('https://issuer.example', deployment.issuer)
    .replace('https://proxy.example', deployment.resourceProxyUrl)
    .replace('your-client-id', clientId);
  const importMap = /<script type="importmap">.*?<\/script>/s.exec(await (await fetch(app.origin)).text())?.[0] ?? '';
  html = `<!doctype html><link rel="icon" href="data:,">${importMap}${filled}`;
  return { origin, close: () => void server.close() };
}
