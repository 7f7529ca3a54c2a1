import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, type Page } from './support/browser.js';
import { addClient, buildRequest, connect, type TestClient } from './support/client.js';
import { header } from './support/http.js';
import { createOwner, type Owner, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  client = await addClient(server);
});
afterAll(() => server.close());

/** Begins a request, and opens the page to which it leads. @returns the path of its interaction */
async function begin(browser: Browser): Promise<string> {
  const page = await browser.open((await buildRequest(server, client)).url);
  return page.url.searchParams.get('return_to') ?? page.url.pathname;
}

/**
 * Puts the cookies of an interaction that the attacker began into the owner’s browser, and opens the interaction there.
 * @returns the URL at which it is resumed
 */
async function openPlanted({ browser }: Pick<Owner, 'browser'>, from: Browser, path: string): Promise<URL> {
  const planted = [...from.cookies].filter(([, cookie]) => cookie.path === path);
  expect(planted).toHaveLength(2);
  for (const [key, cookie] of planted) browser.cookies.set(key, cookie);
  const answer = await browser.request(path);
  expect(answer.status).toBe(303);
  return new URL(header(answer, 'location'), answer.url);
}

async function createConnectedOwner(): Promise<Owner> {
  const owner = await createOwner(server);
  await connect(server, owner.browser, client);
  return owner;
}

async function countSessions(accountId: string): Promise<number> {
  const rows = await server.db.selectFrom('artifacts').select('payload').where('model', '=', 'Session').execute();
  return rows.filter(({ payload }) => payload['accountId'] === accountId).length;
}

/**
 * Expects the error page for an interaction that does not belong to the browser's session. The browser gets no code and
 * no access to the account.
 */
function expectRefused(page: Page): void {
  expect([page.status, page.url.origin, page.url.searchParams.get('code')]).toEqual([400, server.issuer, null]);
}

/** The state of the attacker’s browser when it resumes an interaction that it began without a session. */
const attackers: Readonly<Record<string, (browser: Browser) => Promise<void>>> = {
  'has no session': async () => undefined,
  'has the session of another account': async (browser) => {
    const { email } = await createOwner(server);
    await signIn(browser, email);
  },
  'has the session of another account that has connected an app': async (browser) => {
    const { email } = await createOwner(server);
    await signIn(browser, email);
    await connect(server, browser, client);
  },
};

// The ids at the beginning of titles are rows of docs/security.md.
it.each(Object.keys(attackers))(
  'L5: after an owner has opened a planted interaction, the attacker’s browser is not signed in as that owner if it %s',
  async (name) => {
    const victim = await createConnectedOwner();
    const before = await countSessions(victim.accountId);
    const attacker = new Browser(server.issuer);
    const path = await begin(attacker);
    const resume = await openPlanted(victim, attacker, path);
    await attackers[name]?.(attacker);
    expectRefused(await attacker.open(resume));
    expectRefused(await attacker.open(resume));
    // The browser’s next request is not answered for the owner either.
    const next = await attacker.open((await buildRequest(server, client, { prompt: 'none' })).url);
    expect(next.url.searchParams.get('error')).toBe(name.includes('connected') ? null : 'login_required');
    expect(await countSessions(victim.accountId)).toBe(before);
  },
);

it('L5: after signing out, an interaction that the browser has just opened cannot be continued', async () => {
  const { browser, email, accountId } = await createConnectedOwner();
  const home = await browser.open('/account/apps');
  await browser.submit(home, '/account/sign-out');
  const path = await begin(browser);
  await signIn(browser, email);
  const answer = await browser.request(path);
  const before = await countSessions(accountId);
  await browser.submit(await browser.open('/account/apps'), '/account/sign-out');
  expectRefused(await browser.open(header(answer, 'location')));
  expect(await countSessions(accountId)).toBeLessThanOrEqual(before);
});

it('an owner who signs in for a request can finish it, even after giving the password again', async () => {
  const { email } = await createConnectedOwner();
  const browser = new Browser(server.issuer);
  const path = await begin(browser);
  await signIn(browser, email);
  const answer = await browser.request(path);
  await signIn(browser, email);
  const back = await browser.open(header(answer, 'location'));
  expect(back.url.origin + back.url.pathname).toBe(client.redirectUri);
  expect(back.url.searchParams.get('code')).not.toBeNull();
});
