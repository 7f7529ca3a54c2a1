// For `npm run pictures`: makes the pictures of the main pages in docs/images, with a demo account. Needs Chromium.
// `npm run pictures -- --all` makes pictures of every page, in its full length, in pictures/.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/surroundings.mjs';
import startTestPostgres from './jest/start-postgres.mjs';
import stopTestPostgres from './jest/stop-postgres.mjs';

const load = (name) => import(path.join(root, 'packages/end-to-end/dist/test/harness', `${name}.js`));
const { launchBrowser } = await load('browser');
const { furnishAccount, makeOrdinary, startFurnishedDeployment } = await load('furnished-account');
const { openPage, sendForm } = await load('open-page');
const { RecordingUpstream } = await load('recording-upstream');
const { errorPages, furnishedTemplates, needsSignIn } = await load('specified-pages');

const takesAll = process.argv.includes('--all');
const directory = path.join(root, takesAll ? 'pictures' : 'docs/images');
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
/** Pixels. A longer page is cut off here: the reference of an API is very long and looks the same all the way down. */
const maxHeight = 4_000;
/** The pages in docs/images. `shows`: what the picture must show, if it is not at the top of the page. */
const mainPages = {
  consent: { template: '/interaction/{uid}' },
  overview: { template: '/account' },
  apps: { template: '/account/apps' },
  app: { template: '/account/apps/{app_id}', shows: 'article:has(.usage)' },
  keys: { template: '/account/keys' },
  security: { template: '/account/security' },
  'sign-in': { template: '/account/sign-in' },
};

await startTestPostgres();
const upstream = await RecordingUpstream.start();
const furnished = await startFurnishedDeployment(upstream.url, {
  // browsers offer no passkeys to an IP address
  issuerHost: 'localhost',
  accountCreation: takesAll ? 'invite' : 'open',
});
const browser = await launchBrowser();
try {
  const account = await furnishAccount(furnished);
  if (!takesAll) await makeOrdinary(furnished, account.owner);
  if (takesAll) rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const picture of listPictures(account)) await takePictures(account, picture);
} finally {
  await browser.close();
  await furnished.stop();
  await upstream.stop();
  await stopTestPostgres();
}

function listPictures({ addresses }) {
  const describe = (template) => ({
    address: addresses[template] ?? template,
    status: 200,
    isSignedIn: needsSignIn(template),
  });
  if (!takesAll)
    return Object.entries(mainPages).map(([name, { template, shows }]) => ({ name, shows, ...describe(template) }));
  return [
    ...furnishedTemplates.map((template) => ({ name: nameFile(template), ...describe(template) })),
    // the other error pages appear only after something else has happened
    ...Object.entries(errorPages)
      .filter(([, { cause }]) => cause === undefined)
      .map(([name, page]) => ({ name: nameFile(`error ${name}`), ...page })),
  ];
}

function nameFile(text) {
  return text.match(/\w+/g)?.join('-') ?? 'root';
}

/** Takes pictures of one page, in both sizes and both colour schemes. */
async function takePictures(account, { name, address, status, isSignedIn, body, shows }) {
  const open = body === undefined ? openPage : sendForm;
  const opened = await open({ browser, furnished, account }, address, { isSignedIn, body, reducedMotion: 'reduce' });
  const { page, close } = opened;
  if (opened.status !== status) throw new Error(`${name}: the page is ${opened.status}, not ${status}`);
  for (const [size, viewport] of Object.entries(sizes))
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      if (shows !== undefined)
        await page.locator(shows).evaluate((element) => element.scrollIntoView({ block: 'center' }));
      const file = path.join(directory, `${name}-${size}-${colorScheme}.png`);
      await page.screenshot({ path: file, ...(takesAll ? await measureWhole(page, viewport) : {}) });
      console.log(path.relative(root, file));
    }
  await close();
}

async function measureWhole(page, { width }) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  return { fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, maxHeight) } };
}
