import { afterAll, beforeAll, expect } from '@jest/globals';
import { collectComplaints, fitsTheScreen, listAccessibilityProblems } from './harness/browser.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
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

    await page.goto(`${deployment.issuer}/developers/playground`);
    expect(await listAccessibilityProblems(page)).toEqual([]);
    await page.click('#authorize-run');
    await page.waitForURL('**/interaction/**');
    await page.click('button[value="allow"]');
    await page.waitForURL('**/developers/playground');
    for (const [step, status] of [
      ['token', 200],
      ['chat', 200],
      ['grant', 200],
      ['refresh', 200],
      ['revoke', 200],
      ['refused', 401],
    ] as const) {
      await page.click(`#${step}-run:enabled`);
      await page.waitForSelector(`#${step}-answer-box:not([hidden])`);
      expect([step, await page.textContent(`#${step}-answer`)]).toEqual([
        step,
        expect.stringMatching(new RegExp(`^${status}\\b`)),
      ]);
    }
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
