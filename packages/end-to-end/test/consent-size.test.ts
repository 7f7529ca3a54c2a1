import { afterAll, beforeAll, expect } from '@jest/globals';
import { chromiumPath } from './harness/browser.js';
import { type AccessProposal, ClientApp } from './harness/client-app.js';
import { connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import type { Owner } from './harness/owner.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { copyCookies, useBrowser, withChromium } from './harness/use-browser.js';

const phone = { width: 390, height: 844 };

let upstream: RecordingUpstream;
let deployment: Deployment;
const browser = useBrowser();
let owner: Owner;
let client: ClientApp;

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
  // the page says what this other app may spend
  await connect(deployment, { owner, proposal: { max_cost_usd: '1' } });
  client = await ClientApp.register(deployment, { name: 'Language Coach' });
}, 120_000);

afterAll(async () => {
  await deployment?.stop();
  await upstream.stop();
});

const oneVendor = 'model:gpt-4o-mini cap:chat';
const twoVendors = 'model:gpt-4o-mini model:claude-haiku-4-5 cap:chat';
const reason = 'To practise Spanish with you every day.';
const day = { max_cost_usd: '2', expires_in: 86_400 };

/** The owner has a key for OpenAI only. */
const requests: Readonly<Record<string, { readonly scope: string; readonly proposal?: AccessProposal }>> = {
  'names its limits': { scope: oneVendor, proposal: day },
  'proposes no limits': { scope: oneVendor },
  'names models of two AI providers, and one key is missing': { scope: twoVendors, proposal: day },
  'gives a reason': { scope: oneVendor, proposal: { ...day, reason } },
  'does all of this, and asks for more than is filled in': {
    scope: twoVendors,
    proposal: { max_cost_usd: '50', expires_in: 30 * 86_400, reason },
  },
};

for (const [name, { scope, proposal }] of Object.entries(requests))
  withChromium(
    `the sentence and both buttons are within one screen of a phone when an app ${name}`,
    async () => {
      for (const locale of ['en-US', 'de-DE']) {
        const { url } = await client.beginAuthorization(scope, proposal);
        const { sentence, deny, allow } = await measure(url.href, locale);
        expect(sentence).toBeLessThan(deny);
        expect({ locale, deny, allow }).toEqual({ locale, deny: allow, allow });
        expect({ locale, allow: Math.max(allow, phone.height) }).toEqual({ locale, allow: phone.height });
      }
    },
    60_000,
  );

/** Where the sentence and the buttons end, in pixels from the top of a page that was not scrolled. */
async function measure(url: string, locale: string) {
  const context = await browser().newContext({ viewport: phone, locale });
  await copyCookies(owner, context, deployment.issuer);
  const page = await context.newPage();
  await page.goto(url);
  const findBottom = async (selector: string) => {
    const box = await page.locator(selector).boundingBox();
    if (box === null) throw new Error(`${selector} is not shown`);
    return box.y + box.height;
  };
  const bottoms = {
    sentence: await findBottom('#summary p'),
    deny: await findBottom('[name=decision][value=deny]'),
    allow: await findBottom('[name=decision][value=allow]'),
  };
  await context.close();
  return bottoms;
}
