import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, type Page } from './support/browser.js';
import {
  type AuthorizationRequest,
  addClient,
  buildRequest,
  keepAccess,
  pressButton,
  redeem,
  type TestClient,
} from './support/client.js';
import { header } from './support/http.js';
import { createOwner, type Owner, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
let other: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  client = await addClient(server);
  other = await addClient(server);
});
afterAll(() => server.close());

/** One tab of a browser, at the page to which its request led. */
interface Tab {
  readonly request: AuthorizationRequest;
  readonly client: TestClient;
  readonly page: Page;
}

async function openTab(browser: Browser, of: TestClient = client): Promise<Tab> {
  const request = await buildRequest(server, of, { prompt: 'consent' });
  return { request, client: of, page: await browser.open(request.url) };
}

/** Presses "Allow" and does not follow the redirect. @returns the URL of the redirect */
async function allow(browser: Browser, { page }: Pick<Tab, 'page'>): Promise<URL> {
  const fields = { decision: 'allow', ...keepAccess(page) };
  const answer = await browser.submit(page, `${page.url.pathname}/consent`, fields, { follow: false });
  expect(answer.status).toBe(303);
  return new URL(header(answer, 'location'), page.url);
}

async function goOn(browser: Browser, { page }: Pick<Tab, 'page'>): Promise<Page> {
  return pressButton(browser, page, 'allow');
}

/** Expects that the browser is back at the client, with a code for the request of this tab. */
async function expectTokens(tab: Tab, back: Page): Promise<void> {
  expect(back.url.origin + back.url.pathname).toBe(tab.client.redirectUri);
  expect(back.url.searchParams.get('state')).toBe(tab.request.state);
  const code = back.url.searchParams.get('code') ?? '';
  const answer = await redeem(server, tab.client, { code, codeVerifier: tab.request.codeVerifier });
  expect(answer.status).toBe(200);
}

/** The client of the second tab: another app than in the first tab, or the same app. */
const seconds = (): readonly TestClient[] => [other, client];

it('two tabs of one browser that proceed in turn each get their own code', async () => {
  for (const second of seconds()) {
    const { browser } = await createOwner(server);
    const a = await openTab(browser);
    const b = await openTab(browser, second);
    const [resumeA, resumeB] = [await allow(browser, a), await allow(browser, b)];
    await expectTokens(a, await browser.open(resumeA));
    await expectTokens(b, await browser.open(resumeB));
  }
});

it('if the last steps of two tabs overlap, both tabs get their code, and so does a third one that follows', async () => {
  for (const second of seconds()) {
    const { browser } = await createOwner(server);
    const a = await openTab(browser);
    const b = await openTab(browser, second);
    const waiting = await openTab(browser);
    const [resumeA, resumeB] = [await allow(browser, a), await allow(browser, b)];
    const cookie = browser.cookieHeader(resumeB);
    await expectTokens(a, await browser.open(resumeA));
    const answer = await browser.request(resumeB, { headers: { cookie } });
    await expectTokens(b, { ...answer, url: new URL(header(answer, 'location'), answer.url) });
    await expectTokens(waiting, await goOn(browser, waiting));
  }
});

it('eight tabs that finish at once each get their code', async () => {
  const { browser } = await createOwner(server);
  for (let round = 0; round < 3; round += 1) {
    const tabs = await Promise.all(
      Array.from({ length: 8 }, (_, index) => openTab(browser, index % 2 ? other : client)),
    );
    const backs = await Promise.all(tabs.map((tab) => goOn(browser, tab)));
    for (const [index, tab] of tabs.entries()) await expectTokens(tab, backs[index] ?? tab.page);
  }
});

/** Browsers without a signed-in owner. */
const visitors: Readonly<Record<string, () => Promise<{ browser: Browser; email: string }>>> = {
  'that is new to this server': async () => {
    const { email } = await createOwner(server);
    const browser = new Browser(server.issuer);
    await browser.open('/account/sign-in');
    return { browser, email };
  },
  'whose owner has signed out': async () => {
    const { email, browser } = await createOwner(server);
    await expectTokensOf(browser);
    await browser.submit(await browser.open('/account/apps'), '/account/sign-out');
    return { browser, email };
  },
};

async function expectTokensOf(browser: Browser): Promise<void> {
  const tab = await openTab(browser);
  await expectTokens(tab, await goOn(browser, tab));
}

it.each(Object.keys(visitors))(
  'after a sign-in in one tab of a browser %s, its other open tabs can finish',
  async (name) => {
    for (let round = 0; round < 3; round += 1) {
      const { browser, email } = (await visitors[name]?.()) ?? (await createOwner(server));
      const tabs = await Promise.all([openTab(browser), openTab(browser, other), openTab(browser)]);
      const waiting = await openTab(browser, other);
      const paths = tabs.map(({ page }) => page.url.searchParams.get('return_to') ?? '');
      await signIn(browser, email);
      const shown = await Promise.all(paths.map((path) => browser.open(path)));
      const backs = await Promise.all(shown.map((page) => goOn(browser, { page })));
      for (const [index, tab] of tabs.entries()) await expectTokens(tab, backs[index] ?? tab.page);
      const page = await browser.open(waiting.page.url.searchParams.get('return_to') ?? '');
      await expectTokens(waiting, await goOn(browser, { ...waiting, page }));
    }
  },
);

it('after the password was entered again in one tab, another open tab can finish', async () => {
  const { browser, email } = await createOwner(server);
  const tab = await openTab(browser);
  await signIn(browser, email);
  // The form belongs to the earlier session, so the page has to be loaded again.
  const page = await browser.open(tab.page.url);
  await expectTokens(tab, await goOn(browser, { ...tab, page }));
});

/** Browsers whose session is not the one in which the owner allowed the request. */
const takeovers: Readonly<Record<string, (owner: Owner) => Promise<Browser>>> = {
  'a browser without a session': async () => new Browser(server.issuer),
  'the browser of another account': async () => {
    const { browser } = await createOwner(server);
    await expectTokensOf(browser);
    return browser;
  },
  'another browser of the same owner': async ({ email }) => {
    const browser = new Browser(server.issuer);
    await signIn(browser, email);
    await expectTokensOf(browser);
    return browser;
  },
  'another browser of the same owner that has not connected an app': async ({ email }) => {
    const browser = new Browser(server.issuer);
    await signIn(browser, email);
    return browser;
  },
  'the same browser, after its session has ended': async ({ browser, accountId }) => {
    await server.db.deleteFrom('owner_sessions').where('account_id', '=', accountId).execute();
    return browser;
  },
  'the same browser, signed out': async ({ browser }) => {
    await browser.submit(await browser.open('/account/apps'), '/account/sign-out');
    return browser;
  },
  'the same browser, signed in as somebody else': async ({ browser }) => {
    const { email } = await createOwner(server);
    await browser.submit(await browser.open('/account/apps'), '/account/sign-out');
    await signIn(browser, email);
    return browser;
  },
};

// The ids at the beginning of titles are rows of docs/security.md.
it.each(Object.keys(takeovers))(
  'L5: an allowed request cannot be finished by %s, even with the cookies of the interaction',
  async (name) => {
    for (const isFirst of [true, false]) {
      const owner = await createOwner(server);
      if (!isFirst) await expectTokensOf(owner.browser);
      const tab = await openTab(owner.browser);
      const ofInteraction = () =>
        [...owner.browser.cookies].filter(([key]) => key.includes(tab.page.url.pathname.split('/').at(-1) ?? '-'));
      const resume = await allow(owner.browser, tab);
      const stolen = ofInteraction();
      expect(stolen.length).toBeGreaterThan(1);
      const browser = (await takeovers[name]?.(owner)) ?? owner.browser;
      for (const [key, cookie] of stolen) browser.cookies.set(key, cookie);
      const back = await browser.open(resume);
      expect([back.status, back.url.searchParams.get('code')]).toEqual([400, null]);
    }
  },
);

/** The identifier by which oidc-provider recognises this browser. */
function providerCookie(browser: Browser): string {
  return browser.cookies.get('aipassport_session;/')?.value ?? '';
}

it('L3: signing in also makes a new session of oidc-provider, and never adopts a planted one', async () => {
  const { browser, email } = await createOwner(server);
  await expectTokensOf(browser);
  const before = providerCookie(browser);
  await browser.submit(await browser.open('/account/apps'), '/account/sign-out');
  await browser.open((await buildRequest(server, client)).url);
  await signIn(browser, email);
  await expectTokensOf(browser);
  expect(before).toMatch(/^[\w-]{43}$/);
  expect(providerCookie(browser)).not.toBe(before);

  // An attacker puts cookies into the browser of a signed-in victim, who then connects an app: first those of a session
  // without an account, then those of the attacker’s own session.
  for (const attacker of [new Browser(server.issuer), (await createOwner(server)).browser]) {
    await openTab(attacker);
    await attacker.open('/logout');
    const planted = [...attacker.cookies].filter(([key]) => key.startsWith('aipassport_session'));
    expect(planted.length).toBe(2);
    const victim = await createOwner(server);
    for (const [key, cookie] of planted) victim.browser.cookies.set(key, cookie);
    await expectTokensOf(victim.browser);
    expect(providerCookie(victim.browser)).not.toBe(providerCookie(attacker));
    const tab = await openTab(attacker);
    expect(tab.page.text).not.toContain(victim.email);
  }
});
