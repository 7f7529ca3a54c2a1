import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { collectComplaints, fitsTheScreen, listAccessibilityProblems } from './harness/browser.js';
import { ClientApp } from './harness/client-app.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { useBrowser, withChromium } from './harness/use-browser.js';

/** A red PNG, 3 pixels wide and 2 high. */
const bytes = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAQMAAACnuvRZAAAAA1BMVEX/AAAZ4gk3AAAADElEQVQI12NgYGAAAAAEAAEnNCcKAAAAAElFTkSuQmCC',
  'base64',
);

let upstream: RecordingUpstream;
let deployment: Deployment;
const browser = useBrowser();
/** The host of the app’s logo. The test counts its connections. */
let canary: Server;
let connections = 0;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  canary = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
}, 90_000);

afterAll(async () => {
  canary?.close();
  await deployment?.stop();
  await upstream?.stop();
});

/** Registers an app as the operator does, with a logo at the canary. Its logo has been fetched already. */
async function registerWithLogo(): Promise<ClientApp> {
  const { port } = canary.address() as { readonly port: number };
  const url = `https://localhost:${port}/logo.png`;
  const app = await ClientApp.register(deployment, { name: 'Recipe Helper', metadata: { logo_uri: url } });
  const { clientId } = app;
  await deployment.db.updateTable('clients').set({ registered_by: 'operator' }).where('id', '=', clientId).execute();
  const hash = createHash('sha256').update(bytes).digest('hex');
  const instants = { fetched_at: new Date(), next_fetch_at: new Date(Date.now() + 3_600_000) };
  const logo = { client_id: clientId, url, hash, media_type: 'image/png', bytes, ...instants } as const;
  await deployment.db.insertInto('client_logos').values(logo).execute();
  return app;
}

/** Expects that the page shows the logo, in its fixed size in pixels. */
async function expectLogo(page: Page, size: 36 | 48): Promise<void> {
  const logo = page.locator('img.logo').first();
  await logo.waitFor();
  expect(await page.evaluate<number>('document.querySelector("img.logo").naturalWidth')).toBe(3);
  expect(await logo.boundingBox()).toMatchObject({ width: size, height: size });
  expect(await listAccessibilityProblems(page)).toEqual([]);
  expect(await fitsTheScreen(page)).toBe(true);
}

// The ids at the beginning of titles are rows of docs/security.md.
for (const width of [390, 1280])
  withChromium(
    `C2: a browser ${width} pixels wide shows an app’s logo, and connects only to the authorization server`,
    async () => {
      const context = await browser().newContext({ viewport: { width, height: 844 } });
      const complaints = await collectComplaints(context);
      const origins = new Set<string>();
      context.on('request', (request) => origins.add(new URL(request.url()).origin));
      const app = await registerWithLogo();
      const { url } = await app.beginAuthorization('model:gpt-4o-mini cap:chat');
      await context.route(`${app.redirectUri}**`, (route) => route.fulfill({ body: 'The app' }));
      const page = await context.newPage();
      await page.goto(url.href);
      await page.getByRole('button', { name: 'Create an account' }).click();
      await page.getByLabel('Email').fill(`logo-${width}@example.org`);
      await page.getByLabel('Password').fill('correct horse battery staple');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.waitForURL(`${deployment.issuer}/interaction/**`);
      await expectLogo(page, 48);
      await page.getByRole('button', { name: 'Allow' }).click();
      await page.waitForURL(`${app.redirectUri}**`);
      await page.goto(`${deployment.issuer}/account/grants`);
      await expectLogo(page, 36);
      await page.locator('main a[href^="/account/apps/"]').first().click();
      await page.waitForURL(`${deployment.issuer}/account/apps/**`);
      await expectLogo(page, 48);
      expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
      const { origin: ownOrigin } = new URL(app.redirectUri);
      expect([...origins].filter((origin) => origin !== 'null')).toEqual([deployment.issuer, ownOrigin]);
      expect(connections).toBe(0);
      await context.close();
    },
    60_000,
  );
