import { afterAll, beforeAll, expect } from '@jest/globals';
import * as oauth from 'openid-client';
import type { Page } from 'playwright-core';
import { chromiumPath } from './harness/browser.js';
import { type AccessProposal, ClientApp } from './harness/client-app.js';
import { connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { countBytes } from './harness/expect-finished.js';
import { listHiddenChoices } from './harness/hidden-choices.js';
import { copyCookies } from './harness/open-page.js';
import type { Owner } from './harness/owner.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { useBrowser, withChromium } from './harness/use-browser.js';

const phone = { width: 390, height: 844 };
const maxBytes = 60_000;
const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code';

let upstream: RecordingUpstream;
let deployment: Deployment;
const browser = useBrowser();
let owner: Owner;
let client: ClientApp;
/** An app that has access already. */
let connected: ClientApp;
let grantId: string;
let terminal: ClientApp;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  if (chromiumPath === undefined) return;
  const variables = () => ({
    'authorization-server': { NEW_ACCOUNT_MAX_COST_USD_PER_MONTH: '20' },
    'resource-proxy': {},
  });
  deployment = await startDeployment({ upstreamUrl: upstream.url, variables });
  owner = await createOwner(deployment);
  await owner.addKey('openai', 'sk-proj-0123456789abcdef0123456789');
  client = await ClientApp.register(deployment, { name: 'Language Coach' });
  connected = await ClientApp.register(deployment, { name: 'Demo Chat' });
  // The consent page of `client` then says how much the owner's other apps can still spend.
  const connection = await connect(deployment, { owner, client: connected, proposal: { max_cost_usd: '1' } });
  ({ grantId } = connection);
  const metadata = { grant_types: [deviceGrantType], response_types: [], redirect_uris: [] };
  terminal = await ClientApp.register(deployment, { name: 'Code Helper', metadata });
}, 120_000);

afterAll(async () => {
  await deployment?.stop();
  await upstream.stop();
});

const oneVendor = 'model:gpt-4o-mini cap:chat';
const twoVendors = 'model:gpt-4o-mini model:claude-haiku-4-5 cap:chat';
const everything = 'model:openai/* cap:chat cap:embeddings cap:images cap:audio cap:code cap:files cap:tools.web';
const reason = 'To practise Spanish with you every day.';
const day = { max_cost_usd: '2', expires_in: 86_400 };
const year = { expires_in: 365 * 86_400, reason };

const ask = (scope: string | undefined, proposal?: AccessProposal) => async () =>
  (await client.beginAuthorization(scope, proposal)).url.href;
const askAgain = (scope: string, proposal?: AccessProposal) => async () =>
  (await connected.beginAuthorization(scope, proposal)).url.href;
const update = (scope: string | undefined, proposal: AccessProposal) => async () => {
  const parameters = { grant_management_action: 'update', grant_id: grantId };
  return (await connected.beginAuthorization(scope, proposal, parameters)).url.href;
};

async function askFromTerminal(): Promise<string> {
  const device = await oauth.initiateDeviceAuthorization(terminal.configuration, { scope: oneVendor });
  const { page } = await owner.open('/device');
  return (await owner.press(page, 'Continue', { fill: { user_code: device.user_code } })).page.url.href;
}

/** The owner has a key for OpenAI only. */
const requests: Readonly<Record<string, () => Promise<string>>> = {
  'an app names its limits': ask(oneVendor, day),
  'an app proposes no limits': ask(oneVendor),
  'an app names models of two AI providers, and one key is missing': ask(twoVendors, day),
  'an app gives a reason': ask(oneVendor, { ...day, reason }),
  'an app does all of this, and asks for more than is filled in': ask(twoVendors, {
    max_cost_usd: '50',
    expires_in: 30 * 86_400,
    reason,
  }),
  'an app lets the owner choose everything': ask('openid'),
  'an app asks for everything for a year, with three warnings': ask(everything, { ...year, max_cost_usd: '500' }),
  'an app that has access asks again': askAgain(oneVendor),
  'an app that has access asks for more': askAgain(`${twoVendors} model:o3 cap:images`, { max_cost_usd: '20' }),
  'an app that has access lets the owner choose everything': askAgain('openid'),
  'an app asks for more money in an update': update(undefined, { max_cost_usd: '5' }),
  'an app asks for everything in an update, with four warnings': update(everything, { ...year, max_cost_usd: '500' }),
  'a terminal asks': askFromTerminal,
};

/** Requests with so many warnings, or so many new permissions, that the choices need more than one screen. */
const unusual = [
  'an app asks for everything for a year, with three warnings',
  'an app asks for everything in an update, with four warnings',
  'an app that has access asks for more',
];

for (const [name, begin] of Object.entries(requests)) {
  const isUsual = !unusual.includes(name);
  withChromium(
    `if ${name}, the sentence${isUsual ? ', the money, the end and the models' : ''} and both buttons are within one screen of a phone, and the page is smaller than 60 kB`,
    async () => {
      for (const locale of ['en-US', 'de-DE']) {
        const context = await browser().newContext({ viewport: phone, locale });
        await copyCookies(owner, context, deployment.issuer);
        const page = await context.newPage();
        const html = await (await page.goto(await begin()))?.body();
        const { sentence, bar } = await measure(page);
        expect({ locale, sentence, bar, isInReach: sentence < bar.top && bar.bottom <= phone.height }).toMatchObject({
          isInReach: true,
        });
        if (isUsual) expect({ locale, hidden: await listHiddenChoices(page) }).toEqual({ locale, hidden: [] });
        expect(html?.byteLength).toBeLessThan(maxBytes);
        expect(await page.evaluate<number>(countBytes)).toBeLessThan(maxBytes);
        await context.close();
      }
    },
    60_000,
  );
}

/**
 * Where the sentence ends, and where the bar with the buttons is, in pixels from the top of a page that was not
 * scrolled.
 */
async function measure(page: Page) {
  const find = async (selector: string) => {
    const box = await page.locator(selector).boundingBox();
    if (box === null) throw new Error(`${selector} is not shown`);
    return { top: box.y, bottom: box.y + box.height };
  };
  return {
    sentence: (await find('#summary p:first-child')).bottom,
    bar: await find('.decision'),
  };
}

withChromium(
  'while an owner moves through the page with Tab, the buttons at the bottom never cover the focus',
  async () => {
    const context = await browser().newContext({ viewport: phone });
    await copyCookies(owner, context, deployment.issuer);
    const page = await context.newPage();
    await page.goto(await ask(everything, { ...year, max_cost_usd: '500' })());
    const reached = new Set<string>();
    for (;;) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate<{ name: string; covered: boolean }>(describeFocus);
      expect(focus).toMatchObject({ covered: false });
      reached.add(focus.name);
      if (focus.name === 'allow') break;
    }
    expect([...reached]).toEqual(expect.arrayContaining(['max_cost_usd', 'expires_in', 'deny', 'allow']));
    await context.close();
  },
);

/** The control with the focus, and whether the bar with the buttons covers a part of it. */
const describeFocus = `(() => {
  const { activeElement: element } = document;
  const bar = document.querySelector('.decision');
  const covered = !bar.contains(element) && bar.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING
    && element.getBoundingClientRect().bottom > bar.getBoundingClientRect().top;
  return { name: bar.contains(element) ? element.value : element.name || element.tagName, covered: Boolean(covered) };
})()`;

withChromium('the list of fourteen apps is at most 2,800 pixels high on a phone, and smaller than 60 kB', async () => {
  const user = await createOwner(deployment);
  for (let number = 1; number <= 14; number += 1)
    await connect(deployment, { owner: user, scope: oneVendor, proposal: { max_cost_usd: '2', max_requests: 500 } });
  const context = await browser().newContext({ viewport: phone });
  await copyCookies(user, context, deployment.issuer);
  const page = await context.newPage();
  await page.goto(`${deployment.issuer}/account/apps`);
  expect(await page.locator('.apps > li').count()).toBe(14);
  expect(await page.evaluate<number>('document.documentElement.scrollHeight')).toBeLessThanOrEqual(2_800);
  expect(await page.evaluate<number>(countBytes)).toBeLessThan(maxBytes);
  await context.close();
});
