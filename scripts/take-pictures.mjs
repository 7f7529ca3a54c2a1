// For `npm run pictures`: makes the pictures of the main pages in docs/images, with a demo account. Needs Chromium.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/surroundings.mjs';
import startTestPostgres from './jest/start-postgres.mjs';
import stopTestPostgres from './jest/stop-postgres.mjs';

const harness = path.join(root, 'packages/end-to-end/dist/test/harness');
const { launchBrowser } = await import(path.join(harness, 'browser.js'));
const { furnishAccount, startFurnishedDeployment } = await import(path.join(harness, 'furnished-account.js'));
const { RecordingUpstream } = await import(path.join(harness, 'recording-upstream.js'));

const directory = path.join(root, 'docs/images');
const pictures = {
  consent: '/interaction/{uid}',
  overview: '/account',
  apps: '/account/apps',
  app: '/account/apps/{app_id}',
  keys: '/account/keys',
  security: '/account/security',
  'sign-in': '/account/sign-in',
};
/** Pages for visitors who are not signed in. They redirect a signed-in owner to another page. */
const forVisitors = ['/account/sign-in'];
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

await startTestPostgres();
const upstream = await RecordingUpstream.start();
const furnished = await startFurnishedDeployment(upstream.url);
const { owner, addresses } = await furnishAccount(furnished);
const browser = await launchBrowser();
mkdirSync(directory, { recursive: true });
try {
  for (const [name, template] of Object.entries(pictures))
    for (const [size, viewport] of Object.entries(sizes))
      for (const colorScheme of size === 'phone' || name === 'consent' ? ['light', 'dark'] : ['light'])
        await takePicture({ name: `${name}-${size}-${colorScheme}`, template, viewport, colorScheme });
} finally {
  await browser.close();
  await furnished.stop();
  await upstream.stop();
  await stopTestPostgres();
}

async function takePicture({ name, template, viewport, colorScheme }) {
  const url = new URL(addresses[template] ?? template, furnished.deployment.issuer).href;
  const context = await browser.newContext({ viewport, colorScheme });
  if (!forVisitors.includes(template)) await context.addCookies(await copyCookies(url));
  const page = await context.newPage();
  const answer = await page.goto(url);
  if (answer?.status() !== 200) throw new Error(`${template} is ${answer?.status()}`);
  const file = `${name}.png`;
  await page.screenshot({ path: path.join(directory, file) });
  await context.close();
  console.log(`docs/images/${file}`);
}

async function copyCookies(url) {
  const cookies = (await owner.cookies(url)).split('; ').map((cookie) => cookie.split(/=(.*)/s));
  return cookies.map(([name, value]) => ({ name, value, url }));
}
