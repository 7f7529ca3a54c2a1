import { afterAll, beforeAll, expect } from '@jest/globals';
import { chromiumPath, collectComplaints } from './harness/browser.js';
import { ClientApp } from './harness/client-app.js';
import { createAccount, password } from './harness/create-account.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { listFaults } from './harness/expect-finished.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { openStaticOrigin } from './harness/static-origin.js';
import { useBrowser, withChromium } from './harness/use-browser.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
const browser = useBrowser();

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  if (chromiumPath === undefined) return;
  deployment = await startDeployment({ upstreamUrl: upstream.url, hasOperatorKeys: false });
}, 120_000);

afterAll(async () => {
  await deployment?.stop();
  await upstream.stop();
});

withChromium(
  'an owner without a key adds one from the consent page, confirms this with the password, and allows the same request',
  async () => {
    const home = await openStaticOrigin();
    const context = await browser().newContext({ viewport: { width: 390, height: 844 } });
    const complaints = await collectComplaints(context);
    try {
      const page = await context.newPage();
      await page.goto(`${deployment.issuer}/account/create`);
      await createAccount(page, 'without-a-key@example.org');
      await page.waitForURL('**/account');
      await deployment.db
        .updateTable('owner_sessions')
        .set({ authenticated_at: new Date(Date.now() - 3_600_000) })
        .execute();

      const client = await ClientApp.register(deployment, { redirectUri: `${home.origin}/callback` });
      await page.goto((await client.beginAuthorization('model:gpt-4o-mini cap:chat')).url.href);
      await page.getByText('OpenAI: no API key yet').waitFor();
      const box = await page.getByRole('button', { name: /^Allow/ }).boundingBox();
      expect((box?.y ?? 844) + (box?.height ?? 0)).toBeLessThan(844);
      expect(await listFaults(page)).toEqual([]);
      await page.getByText('$1', { exact: true }).click();
      await page.getByText('7 days').click();
      await page.getByRole('button', { name: 'Add a key' }).click();

      await page.waitForURL('**/account/keys?**');
      expect(await listFaults(page)).toEqual([]);
      await page.getByLabel('API key').fill('sk-proj-of-a-test-0123456789-0123456789-test');
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Add key' }).click();

      await page.waitForURL('**/interaction/**');
      await page.getByText('OpenAI: your key ending in test').waitFor();
      expect(await listFaults(page)).toEqual([]);
      expect(await page.getByLabel('7 days').isChecked()).toBe(true);
      await page.getByRole('button', { name: 'Allow up to $1.00' }).click();
      await page.waitForURL(`${home.origin}/callback?code=**`);
      expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
    } finally {
      await context.close();
      await home.close();
    }
  },
  120_000,
);
