import { setAccountOperatorCap } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Page, readForm, readText } from './support/browser.js';
import { addClient, appPathOf, buildRequest, type TestClient } from './support/client.js';
import { createOwner, getLastGrant, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let database: TestDatabase;
let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ replicas: 2, database, configuration: { operatorKeysFor: ['google'] } });
  client = await addClient(server, { name: 'Recipe Helper' });
});
afterAll(async () => {
  await server.close();
  await database.close();
});
beforeEach(async () => {
  owner = await createOwner(server);
});

const key = 'sk-proj-of-a-test-openai-0123456789-test';
const scope = 'model:gpt-4o-mini model:gemini-2.5-flash cap:chat';

async function openConsent(asked = scope): Promise<Page> {
  const { url } = await buildRequest(server, client, { prompt: 'consent', scope: asked });
  return owner.browser.open(url);
}

const actionOf = ({ url }: Page) => `${url.pathname}/consent`;
const addKey = (page: Page, fields: Readonly<Record<string, string>> = {}) =>
  owner.browser.submit(page, '/account/keys', { upstream: 'openai', key, ...fields });

it('the consent page says for each requested AI provider which API key is used, or that there is none', async () => {
  const text = readText((await openConsent()).text);
  expect(text).toContain('OpenAI: no API key yet');
  expect(text).toContain('Google: this server’s key');
  expect(text).not.toContain('Anthropic');
  await addKey(await owner.browser.open('/account/keys'));
  expect(readText((await openConsent()).text)).toContain('OpenAI: your key ending in test');
});

it('after a provider key is deleted, its page says that it is still valid at the AI provider, and what apps use now', async () => {
  for (const [upstream, newKey, then] of [
    ['openai', key, 'Delete it at OpenAI too. Apps can’t use OpenAI until you add a key.'],
    ['google', 'AIzaSyA-of-a-test-google-0123456789-abc', 'Delete it at Google too. Apps now use this server’s key.'],
  ] as const) {
    const page = await addKey(await owner.browser.open('/account/keys'), { upstream, key: newKey });
    const deleted = await owner.browser.submit(page, `/account/keys/${upstream}/delete`, { asked: 'yes' });
    expect(readText(deleted.text)).toContain(`Key deleted here. ${then}`);
  }
});

it('an owner who has reached the cap on this server’s provider key, or who may not use it, is asked for a provider key', async () => {
  const setCap = (cap: bigint) =>
    setAccountOperatorCap(server.db, { accountId: owner.accountId, cap, by: owner.accountId });
  const until = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1));
  const shownUntil = until.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  await database.query(`insert into operator_spending (account_id, month, cost)
    values ('${owner.accountId}', date_trunc('month', now() at time zone 'UTC')::date, 2000000000)`);
  await setCap(2_000_000_001n);
  const text = readText((await openConsent()).text);
  expect([text.includes('Google: this server’s key'), text.includes('reached its limit')]).toEqual([true, false]);
  await setCap(2_000_000_000n);
  const usedUp = `this server’s key has reached its limit until ${shownUntil}, 00:00 (UTC)`;
  const consent = await openConsent();
  expect(readText(consent.text)).toContain(`Google: ${usedUp} Add a key`);
  expect(readText((await owner.browser.open('/account/keys')).text)).toContain(
    `This server’s own key has reached its limit until ${shownUntil}, 00:00 (UTC). Add yours to continue.`,
  );
  await owner.browser.submit(consent, actionOf(consent), { decision: 'allow' });
  const grantPath = `/account/grants/${(await getLastGrant(server, owner)).id}`;
  for (const path of ['/account', appPathOf(client), grantPath])
    expect([path, readText((await owner.browser.open(path)).text)]).toEqual([
      path,
      expect.stringContaining(
        `This server’s own key for Google has reached its limit until ${shownUntil}, 00:00 (UTC)`,
      ),
    ]);
  await setCap(0n);
  expect(readText((await openConsent()).text)).toContain('Google: no API key yet');
  expect(readText((await owner.browser.open(grantPath)).text)).toContain('There is no API key for Google');
  expect(readText((await owner.browser.open('/account/keys')).text)).not.toContain('This server’s own key');
});

it('an owner can leave the consent page to add a missing provider key, and comes back to the same request with all choices kept', async () => {
  const consent = await openConsent();
  const choices = { max_cost_usd: '20.00', max_requests: '7', scope: ['model:gpt-4o-mini', 'cap:chat'] };
  const keys = await owner.browser.submit(consent, actionOf(consent), { ...choices, add_key: 'openai' });
  expect([keys.url.pathname, keys.url.searchParams.get('upstream')]).toEqual(['/account/keys', 'openai']);
  expect(keys.text).toContain('<option value="openai" selected>');
  const refused = await addKey(keys, { key: 'sk-ant-of-another-provider-0123456789' });
  expect(refused.status).toBe(422);
  const back = await addKey(refused);
  expect(back.url.pathname).toBe(consent.url.pathname);
  const fields = readForm(back.text, actionOf(back));
  expect(fields).toMatchObject(choices);
  expect(readText(back.text)).toContain('OpenAI: your key ending in test');
  const allowed = await owner.browser.submit(back, actionOf(back), { decision: 'allow' });
  expect(allowed.url.searchParams.has('code')).toBe(true);
  expect(await getLastGrant(server, owner)).toMatchObject({ max_cost: 20_000_000_000n, max_requests: 7 });
});

it('after naming, testing or deleting a provider key, an owner can still go back to the request', async () => {
  await addKey(await owner.browser.open('/account/keys'));
  const consent = await openConsent();
  const query = new URLSearchParams({ upstream: 'openai', return_to: consent.url.pathname });
  let page = await owner.browser.open(`/account/keys?${query}`);
  for (const [action, text] of [
    ['name', 'Name saved.'],
    ['test', 'is still running'],
    ['delete', 'Key deleted here.'],
  ] as const) {
    page = await owner.browser.submit(
      page,
      `/account/keys/openai/${action}`,
      action === 'name' ? { name: 'Mine' } : action === 'delete' ? { asked: 'yes' } : {},
    );
    expect([action, page.url.searchParams.get('return_to')]).toEqual([action, consent.url.pathname]);
    expect(readText(page.text)).toContain(text);
  }
  expect((await addKey(page)).url.pathname).toBe(consent.url.pathname);
}, 30_000);

it('an owner whose session ended before they left the consent page comes back to the request after signing in', async () => {
  const consent = await openConsent();
  const keys = await owner.browser.submit(consent, actionOf(consent), { add_key: 'openai', max_cost_usd: '20.00' });
  await server.db.deleteFrom('owner_sessions').where('account_id', '=', owner.accountId).execute();
  const signIn = await owner.browser.open(keys.url);
  expect(signIn.url.searchParams.get('return_to')).toBe(consent.url.pathname);
});

it('the page of the API keys leads back only to a request, and ignores other URLs', async () => {
  for (const path of ['https://elsewhere.example/', '/account/settings', '//elsewhere.example']) {
    const page = await owner.browser.open(`/account/keys?return_to=${encodeURIComponent(path)}`);
    expect(page.text).not.toContain('name="return_to"');
    const added = await addKey(page, { return_to: path });
    expect(added.url.href).toMatch(/\/account\/keys$/);
  }
});

it('the choices that are kept contain no password, passkey or CSRF token, and no unknown or malformed field', async () => {
  const consent = await openConsent();
  const secrets = { password: 'CANARY-password', passkey: 'CANARY-passkey' };
  const unknown = { other: 'CANARY-field', max_requests: `CANARY-${'1'.repeat(1_000)}` };
  await owner.browser.submit(consent, actionOf(consent), { add_key: 'openai', ...secrets, ...unknown });
  const kept = await server.db.selectFrom('artifacts').select('payload').where('model', '=', 'ConsentDraft').execute();
  expect(kept.length).toBeGreaterThan(0);
  expect(JSON.stringify(kept)).not.toMatch(/CANARY|csrf_token/);
});

it('adding a provider key requires a recent sign-in; the choices on the consent page are kept while the owner enters the password', async () => {
  const consent = await openConsent();
  server.advanceClock(360);
  const keys = await owner.browser.submit(consent, actionOf(consent), { add_key: 'openai', max_cost_usd: '1.00' });
  expect((await addKey(keys)).status).toBe(422);
  const back = await addKey(keys, { password });
  expect(back.url.pathname).toBe(consent.url.pathname);
  expect(readForm(back.text, actionOf(back))).toMatchObject({ max_cost_usd: '1.00' });
});
