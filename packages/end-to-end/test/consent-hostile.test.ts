import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { chromiumPath } from './harness/browser.js';
import { ClientApp } from './harness/client-app.js';
import { createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { listFaults } from './harness/expect-finished.js';
import { copyCookies } from './harness/open-page.js';
import type { Owner } from './harness/owner.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { useBrowser, withChromium } from './harness/use-browser.js';

const phone = { width: 390, height: 844 };
const redirectUri = 'https://app.example/callback';
const scope = 'model:gpt-4o-mini cap:chat';
const proposal = { max_cost_usd: '1', expires_in: 86_400 };

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;
const browser = useBrowser();

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  if (chromiumPath === undefined) return;
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
}, 120_000);

afterAll(async () => {
  await deployment?.stop();
  await upstream.stop();
});

async function openConsent(client: ClientApp, reason?: string): Promise<Page> {
  const { url } = await client.beginAuthorization(scope, reason === undefined ? proposal : { ...proposal, reason });
  // without transitions, so that the checks see the final colours
  const context = await browser().newContext({ viewport: phone, reducedMotion: 'reduce' });
  await copyCookies(owner, context, deployment.issuer);
  await context.route('https://app.example/**', (route) => route.fulfill({ body: 'the app' }));
  const page = await context.newPage();
  await page.goto(url.href);
  return page;
}

const rename = (client: ClientApp, name: string) =>
  deployment.db.updateTable('clients').set({ name }).where('id', '=', client.clientId).execute();

/** Names that the registration refuses, or that look like something else. `shown`: a text on the page. */
const names: Readonly<Record<string, { readonly name: string; readonly shown: string; readonly isRefused: boolean }>> =
  {
    'with markup': {
      name: '</h1><img src=x onerror=hacked=1><script>hacked=1</script><b style="font-size:9em">Bank</b>',
      shown: '</h1><img src=x onerror=hacked=1>',
      isRefused: false,
    },
    'with a right-to-left override': {
      name: 'Bank \u202egro.elpmaxe\u202c\u2067',
      shown: 'Bank gro.elpmaxe',
      isRefused: true,
    },
    'in a script that is written from right to left': { name: 'בנק (v2.1) !', shown: 'בנק (v2.1) !', isRefused: false },
    'of 100 letters without a space': { name: 'W'.repeat(100), shown: 'W'.repeat(100), isRefused: false },
    'with piles of combining marks': { name: `B${'\u0301\u0336\u0489'.repeat(20)}ank`, shown: 'ank', isRefused: true },
  };

// The ids at the beginning of titles are rows of docs/security.md.
for (const [kind, { name, shown, isRefused }] of Object.entries(names))
  withChromium(
    `C2: on a phone, the name of an app ${kind} is inert, and the page around it stays readable`,
    async () => {
      const registered = ClientApp.register(deployment, { name, redirectUri });
      if (isRefused) await expect(registered).rejects.toMatchObject({ error: 'invalid_client_metadata' });
      // An earlier release may have stored a name that is refused today.
      const client = isRefused ? await ClientApp.register(deployment, { redirectUri }) : await registered;
      await rename(client, name);
      // The title names an approved app by its name, and any other app by its host, because anyone can choose a name.
      for (const isApproved of [false, true]) {
        if (isApproved)
          await deployment.db.insertInto('client_approvals').values({ client_id: client.clientId }).execute();
        const page = await openConsent(client, `To help you. ${name.slice(0, 60)}`);
        const heading = await page.locator('h1').innerText();
        expect(heading).toContain(isApproved ? shown : 'app.example');
        expect(heading).toContain('wants to use your AI');
        const text = await page.locator('body').innerText();
        expect(text).toContain(shown);
        expect(text).toContain('app.example');
        expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|\p{M}{5}/u);
        expect(await page.evaluate('typeof hacked')).toBe('undefined');
        expect(await page.locator('main :is(img[src=x], b[style], script)').count()).toBe(0);
        expect(await page.evaluate<string[]>(findReversedWords)).toEqual([]);
        expect(await listFaults(page)).toEqual([]);
        for (const decision of ['deny', 'allow'])
          await expect(page.locator(`[name=decision][value=${decision}]`).isVisible()).resolves.toBe(true);
        await page.context().close();
      }
    },
  );

/**
 * The words beside the app's name whose letters are drawn from right to left: an override in the name would reverse
 * them.
 */
const findReversedWords = `[...document.querySelectorAll('main bdi')].flatMap((name) => {
  const text = name.nextSibling;
  const word = /\\w{3,}/.exec(text?.textContent ?? '');
  if (word === null) return [];
  const at = (offset) => {
    const range = document.createRange();
    range.setStart(text, offset);
    range.setEnd(text, offset + 1);
    return range.getBoundingClientRect().left;
  };
  return at(word.index) < at(word.index + word[0].length - 1) ? [] : [word[0]];
})`;

withChromium(
  'C5: a request that has changed since the page was opened is not granted; the page shows the changed request, and says so',
  async () => {
    const client = await ClientApp.register(deployment, { name: 'Recipe Helper', redirectUri });
    const countGrants = async () =>
      (await deployment.db.selectFrom('grants').select('id').where('client_id', '=', client.clientId).execute()).length;
    const page = await openConsent(client);
    expect(await page.locator('body').innerText()).toContain('It calls itself “Recipe Helper”');
    await rename(client, 'Harbour Planner');
    await page.locator('[name=decision][value=allow]').click();
    await page.getByText('The request has changed').first().waitFor();
    expect(await page.locator('body').innerText()).toContain('It calls itself “Harbour Planner”');
    expect(await page.locator('body').innerText()).not.toContain('Recipe Helper');
    // the focus is on the list of problems, so a screen reader reads it first
    expect(await page.evaluate('document.activeElement.matches(".error-summary, .error-summary *")')).toBe(true);
    expect(await listFaults(page)).toEqual([]);
    expect(await countGrants()).toBe(0);
    await page.locator('[name=decision][value=allow]').click();
    await page.waitForURL('https://app.example/callback?**');
    expect(new URL(page.url()).searchParams.has('code')).toBe(true);
    expect(await countGrants()).toBe(1);
    await page.context().close();
  },
);
