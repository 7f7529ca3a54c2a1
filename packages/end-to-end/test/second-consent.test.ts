import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { collectComplaints } from './harness/browser.js';
import { chatStatus, postChat, smallChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { connect } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { listFaults, schemes, sizes } from './harness/expect-finished.js';
import { listHiddenChoices } from './harness/hidden-choices.js';
import { copyCookies } from './harness/open-page.js';
import type { Owner } from './harness/owner.js';
import { RecordingUpstream, streamForever } from './harness/recording-upstream.js';
import { openStaticOrigin } from './harness/static-origin.js';
import { useBrowser, withChromium } from './harness/use-browser.js';
import { waitUntil } from './harness/wait-until.js';
import { watchStream } from './harness/watch-stream.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
const browser = useBrowser();

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
}, 120_000);

afterAll(async () => {
  await deployment?.stop();
  await upstream.stop();
});

const scope = 'model:gpt-4o-mini cap:chat';
const proxyUrl = () => deployment.resourceProxies[0]?.url ?? '';

/** Opens a browser with the cookies of the owner's other browser. */
async function openBrowser(owner: Owner, options: Parameters<Browser['newContext']>[0]) {
  const context = await browser().newContext(options);
  await copyCookies(owner, context, deployment.issuer);
  return context;
}

withChromium(
  'the page of an app that has access shows its choices on one screen of a phone, is accessible, and replaces the access with one click',
  async () => {
    const home = await openStaticOrigin();
    const client = await ClientApp.register(deployment, {
      name: 'Demo Chat',
      redirectUri: `${home.origin}/callback`,
      authMethod: 'client_secret_basic',
    });
    await deployment.db
      .updateTable('clients')
      .set({ registered_by: 'operator' })
      .where('name', '=', 'Demo Chat')
      .execute();
    const { owner, accessToken } = await connect(deployment, { client, scope, proposal: { max_cost_usd: '1' } });
    const { url } = await client.beginAuthorization(scope);
    for (const colorScheme of schemes)
      for (const viewport of sizes) {
        const context = await openBrowser(owner, { colorScheme, viewport });
        const page = await context.newPage();
        await page.goto(url.href);
        await page.getByText('You already allow').waitFor();
        if (viewport.width === 390) expect(await listHiddenChoices(page)).toEqual([]);
        expect(await listFaults(page)).toEqual([]);
        await context.close();
      }
    const context = await openBrowser(owner, { viewport: { width: 390, height: 844 } });
    const complaints = await collectComplaints(context);
    const page = await context.newPage();
    await page.goto(url.href);
    await page.getByText('Add to it').click();
    await page.getByRole('button', { name: 'Allow up to $1.00 more' }).waitFor();
    await page.getByText('Replace it').click();
    await page.getByRole('button', { name: 'Allow up to $1.00', exact: true }).click();
    await page.waitForURL(`${home.origin}/callback?code=**`);
    expect(await chatStatus(proxyUrl(), accessToken)).toBe(401);
    expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
    await context.close();
    await home.close();
  },
  120_000,
);

it('when the owner replaces the access of an app, answers in progress under the old one are cut off', async () => {
  upstream.behaviour = streamForever(5);
  const { owner, client, accessToken, tokens } = await connect(deployment, { scope });
  const stream = watchStream(await postChat(proxyUrl(), accessToken, { ...smallChat, stream: true }));
  await stream.begun;
  const authorization = await client.beginAuthorization(scope);
  const callback = await owner.allow(authorization.url, { fill: { existing_access: 'replace' } });
  const { text, isBroken } = await stream.ended;
  expect(text).not.toContain('[DONE]');
  expect(isBroken || text.includes('"error"')).toBe(true);
  await waitUntil(() => upstream.open.size === 0, 'the connection to the AI provider has been closed');
  await expect(client.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  await client.finishAuthorization(authorization, callback);
});
