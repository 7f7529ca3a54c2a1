import { afterAll, beforeAll, expect } from '@jest/globals';
import { collectComplaints, fitsTheScreen, listAccessibilityProblems } from './harness/browser.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { delayRequests, readShifts, watchShifts } from './harness/layout-shifts.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { useBrowser, withChromium } from './harness/use-browser.js';

const password = 'correct horse battery staple 42';

let upstream: RecordingUpstream;
let deployment: Deployment;
const browser = useBrowser();

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  const variables = () => ({ 'authorization-server': { PLAYGROUND: 'on' }, 'resource-proxy': {} });
  deployment = await startDeployment({ upstreamUrl: upstream.url, variables });
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

withChromium(
  'the playground takes every step in a browser, and never shows a complete token',
  async () => {
    const context = await browser().newContext({ viewport: { width: 390, height: 844 } });
    const complaints = await collectComplaints(context);
    await context.addInitScript(watchShifts);
    const page = await context.newPage();
    const tokens: string[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('/token'))
        void response.json().then((body: Readonly<Record<string, string>>) => {
          tokens.push(body['access_token'] ?? '', body['refresh_token'] ?? '');
        });
    });
    await page.goto(`${deployment.issuer}/account/create`);
    await page.fill('#email', 'developer@example.com');
    await page.fill('#password', password);
    await page.press('#password', 'Enter');
    await page.waitForURL('**/account');

    for (const link of ['Settings', 'Developers', 'Playground'])
      await page.getByRole('link', { name: link, exact: true }).click();
    await page.waitForURL('**/developers/playground');
    expect(await listAccessibilityProblems(page)).toEqual([]);
    expect(await page.textContent('#authorize-request')).toContain(`GET ${deployment.issuer}/authorize\n`);
    expect(await page.textContent('#authorize-request')).toContain('code_challenge_method=S256');
    const sent = await page.textContent('#authorize-request');
    await page.click('#authorize-run');
    await page.waitForURL('**/interaction/**');
    expect(await page.locator('.origin').innerText()).toContain('You’ll return to Playground on this device');
    await page.click('button[value="allow"]');
    await page.waitForURL('**/developers/playground');
    await page.waitForSelector('#token-run:enabled');
    expect(await page.textContent('#authorize-request')).toBe(sent);
    const [, state] = /\nstate=(\S+)/.exec(sent ?? '') ?? [];
    expect(await page.textContent('#authorize-answer')).toContain(`state=${state}`);
    for (const pattern of ['**/token', '**/revoke', `${deployment.resourceProxyUrl}/**`])
      await delayRequests(context, pattern);
    for (const [step, status, request] of [
      ['token', 200, `POST ${deployment.issuer}/token\n`],
      ['chat', 200, `POST ${deployment.resourceProxyUrl}/openai/v1/chat/completions\n`],
      ['grant', 200, `GET ${deployment.resourceProxyUrl}/v1/grant\n`],
      ['refresh', 200, `POST ${deployment.issuer}/token\n`],
      ['revoke', 200, `POST ${deployment.issuer}/revoke\n`],
      ['refused', 401, `POST ${deployment.resourceProxyUrl}/openai/v1/chat/completions\n`],
    ] as const) {
      await page.click(`#${step}-run:enabled`);
      await page.waitForSelector(`#${step}-answer[aria-busy=false]`);
      expect([step, await page.textContent(`#${step}-request`), await page.textContent(`#${step}-answer`)]).toEqual([
        step,
        expect.stringContaining(request),
        expect.stringMatching(new RegExp(`^${status}\\b`)),
      ]);
    }
    expect(await readShifts(page)).toEqual([]);
    const content = await page.content();
    expect(tokens).toHaveLength(4);
    for (const token of tokens) expect([token.length > 20, content.includes(token)]).toEqual([true, false]);
    expect(await page.isHidden('#problem-failed')).toBe(true);
    expect(await fitsTheScreen(page)).toBe(true);
    expect(await listAccessibilityProblems(page)).toEqual([]);
    expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
    await context.close();
  },
  60_000,
);

withChromium(
  'the playground refuses an authorization response that it did not ask for',
  async () => {
    const context = await browser().newContext();
    const page = await context.newPage();
    await page.goto(`${deployment.issuer}/developers/playground?code=planted&state=planted&iss=${deployment.issuer}`);
    await page.waitForSelector('#problem-mismatch:not([hidden])');
    expect(await page.isDisabled('#token-run')).toBe(true);
    expect(page.url()).toBe(`${deployment.issuer}/developers/playground`);
    await context.close();
  },
  60_000,
);

/** Adds a script element for a file of the server. Resolves to the directive that blocked it, or to `ran`. */
const loadWithoutNonce = `new Promise((resolve) => {
  document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
  const added = document.createElement('script');
  added.addEventListener('load', () => resolve('ran'));
  added.src = document.querySelector('script').src;
  document.head.append(added);
})`;

// The ids at the beginning of titles are rows of docs/security.md.
withChromium(
  'H1: a script element without the page’s nonce does not run, not even with a file of this server',
  async () => {
    const context = await browser().newContext();
    const page = await context.newPage();
    await page.goto(`${deployment.issuer}/developers/playground`);
    expect(await page.evaluate(loadWithoutNonce)).toBe('script-src-elem');
    await context.close();
  },
  60_000,
);
