import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as oauth4webapi from 'oauth4webapi';
import * as oauth from 'openid-client';
import { collectComplaints } from './harness/browser.js';
import { postChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { createOwner } from './harness/connect.js';
import { createAccount } from './harness/create-account.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { expectSound } from './harness/expect-sound.js';
import type { Owner } from './harness/owner.js';
import type { Page as PlainPage } from './harness/page.js';
import { readSpecified } from './harness/read-specified.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { useBrowser, withChromium } from './harness/use-browser.js';

const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code';
const scope = 'model:gpt-4o-mini cap:chat';

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;
let terminal: ClientApp;
const browser = useBrowser();

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
  terminal = await ClientApp.register(deployment, { name: 'Code Helper', metadata: metadataOfTerminal });
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

const metadataOfTerminal = { grant_types: [deviceGrantType, 'refresh_token'], response_types: [], redirect_uris: [] };

/** Types the code and presses a button of the consent page. */
async function decide(userCode: string, button: 'Allow' | 'Deny', by: Owner = owner): Promise<PlainPage> {
  const { page } = await by.open('/device');
  const consent = await by.press(page, 'Continue', { fill: { user_code: userCode } });
  return (await by.press(consent.page, button)).page;
}

it('openid-client begins, polls while the request is pending, gets tokens, calls a model and refreshes', async () => {
  const { configuration } = terminal;
  expect(configuration.serverMetadata().device_authorization_endpoint).toBe(
    `${deployment.issuer}/device_authorization`,
  );
  const device = await oauth.initiateDeviceAuthorization(configuration, { scope });
  const polled = oauth.pollDeviceAuthorizationGrant(configuration, device);
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  const after = await decide(device.user_code.toLowerCase(), 'Allow');
  expect(after.text).toContain('You can return to your terminal');
  const tokens = await polled;
  expect(tokens).toMatchObject({ token_type: 'bearer', scope });
  const answer = await postChat(deployment.resourceProxyUrl, tokens.access_token);
  expect(answer.status).toBe(200);
  const next = await oauth.refreshTokenGrant(configuration, tokens.refresh_token ?? '');
  expect((await postChat(deployment.resourceProxyUrl, next.access_token)).status).toBe(200);
  const { page } = await owner.open('/account/apps');
  expect(page.text).toMatch(
    /Code Helper (Verified by this server’s operator|Not verified by this server) in a terminal/,
  );
}, 60_000);

it('oauth4webapi begins and polls, and is told that the owner denied', async () => {
  const issuer = new URL(deployment.issuer);
  const insecure = { [oauth4webapi.allowInsecureRequests]: true };
  const found = await oauth4webapi.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  const server = await oauth4webapi.processDiscoveryResponse(issuer, found);
  const client = { client_id: terminal.clientId };
  const asked = await oauth4webapi.deviceAuthorizationRequest(server, client, oauth4webapi.None(), { scope }, insecure);
  await readSpecified(asked.clone(), 'authorization-server', 'POST /device_authorization');
  const device = await oauth4webapi.processDeviceAuthorizationResponse(server, client, asked);
  const poll = async () => {
    const { device_code: deviceCode } = device;
    const request = oauth4webapi.deviceCodeGrantRequest(server, client, oauth4webapi.None(), deviceCode, insecure);
    return oauth4webapi.processDeviceCodeResponse(server, client, await request);
  };
  await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' });
  await expect(poll()).rejects.toMatchObject({ error: 'slow_down' });
  await decide(device.user_code, 'Deny');
  await expect(poll()).rejects.toMatchObject({ error: 'access_denied' });
});

// The ids at the beginning of titles are rows of docs/security.md.
it('D3: of 20 redemptions at once at two processes exactly one gets tokens, and they work at the proxy', async () => {
  const device = await oauth.initiateDeviceAuthorization(terminal.configuration, { scope });
  await decide(device.user_code, 'Allow');
  const body = { grant_type: deviceGrantType, device_code: device.device_code, client_id: terminal.clientId };
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) =>
      (deployment.authorizationServers[index % 2] ?? globalThis).fetch(`${deployment.issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams(body),
      }),
    ),
  );
  const [winner, ...others] = answers.filter(({ status }) => status === 200);
  expect([others.length, answers.filter(({ status }) => status === 400).length]).toEqual([0, 19]);
  const tokens = (await winner?.json()) as { readonly access_token: string };
  expect((await postChat(deployment.resourceProxyUrl, tokens.access_token)).status).toBe(200);
});

for (const [name, width] of [
  ['phone', 390],
  ['desktop', 1180],
] as const)
  withChromium(
    `D4: an owner on a ${name} signs in, types the code and allows; a second browser cannot use the code any more`,
    async () => {
      const device = await oauth.initiateDeviceAuthorization(terminal.configuration, { scope });
      const open = async (email: string, address: string) => {
        const context = await browser().newContext({ viewport: { width, height: 844 } });
        const complaints = await collectComplaints(context);
        const page = await context.newPage();
        await page.goto(address);
        await createAccount(page, email);
        await page.waitForURL(`${deployment.issuer}/device**`);
        return { context, page, complaints };
      };
      const first = await open(`${name}-1@example.org`, device.verification_uri);
      const { page } = first;
      await expectSound(page);
      const field = page.getByLabel('Code');
      await field.fill('AEIO UAEI');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('alert').getByText('Enter the 8 letters your terminal shows').waitFor();
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      await expectSound(page);
      await page.getByRole('link', { name: 'Enter the 8 letters' }).click();
      expect(await page.evaluate<string>('document.activeElement.id')).toBe('user_code');
      await field.fill(device.user_code.toLowerCase().replace('-', ' '));
      await field.press('Enter');

      await page.getByText(device.user_code).waitFor();
      await expectSound(page);
      expect(await page.locator('main').innerText()).toContain(
        'Continue only if you started this in your own terminal',
      );

      // The second browser opens the complete URL. The code is then filled in, and nothing is sent.
      const complete = device.verification_uri_complete ?? '';
      const second = await open(`${name}-2@example.org`, complete);
      expect(await second.page.getByLabel('Code').inputValue()).toBe(device.user_code);

      await page.getByRole('button', { name: 'Allow' }).click();
      await page.getByRole('heading', { name: 'You can return to your terminal' }).waitFor();
      await expectSound(page);
      const tokens = await oauth.pollDeviceAuthorizationGrant(terminal.configuration, { ...device, interval: 1 });
      expect(tokens.scope).toBe(scope);

      await second.page.getByRole('button', { name: 'Continue' }).click();
      await second.page.getByRole('alert').getByText('We don’t recognize this code').waitFor();
      await expectSound(second.page);
      for (const { complaints, context } of [first, second]) {
        expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
        await context.close();
      }
    },
    90_000,
  );
