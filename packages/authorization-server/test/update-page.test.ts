import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { listPlaceholders, type Page, readForm, readText } from './support/browser.js';
import { addClient, buildRequest, connect, type TestClient } from './support/client.js';
import { encodeForm, type FormFields } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
let owner: Owner;
let client: TestClient;
let grantId: string;
beforeAll(async () => {
  server = await startTestServer();
  owner = await createOwner(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  client = await addClient(server, { name: 'Recipe Helper' });
  const parameters = { scope: 'model:gpt-4o-mini cap:chat', ...details({ max_cost_usd: 3, expires_in: 3_600 }) };
  ({ grant_id: grantId } = (await connect(server, owner.browser, client, parameters)) as never);
});

const details = (members: object) => ({ authorization_details: JSON.stringify([{ type: 'ai_access', ...members }]) });
const consentOf = (page: Page) => `${page.url.pathname.replace(/\/consent$/, '')}/consent`;
const choose = (page: Page, fields: FormFields) => owner.browser.submit(page, consentOf(page), fields);
const readGrant = () => server.db.selectFrom('grants').selectAll().where('id', '=', grantId).executeTakeFirstOrThrow();

async function askForMore(members: object): Promise<Page> {
  const update = { scope: '', grant_management_action: 'update', grant_id: grantId };
  return owner.browser.open((await buildRequest(server, client, { ...update, ...details(members) })).url);
}

it('one sentence sums up the access after the update; the page lists what is new and what stays, and the button names the added amount', async () => {
  const models = ['gpt-4o', 'gpt-image-1'];
  const text = readText((await askForMore({ max_cost_usd: 5, models, capabilities: ['images'] })).text);
  expect(text).toMatch(
    /Recipe Helper can use GPT-4o mini, GPT-4o,? and gpt-image-1 to chat and generate images and spend at most \$5\.00 in total until \w+, \d\d:\d\d( UTC)?\./,
  );
  expect(text).toContain(
    'New: GPT-4o and gpt-image-1 · generate images · $5.00 in total instead of $3.00 As before: GPT-4o mini · chat',
  );
  expect(text).toContain('Allow up to $2.00 more');
  expect(text).toMatch(/Enough for about [\d,]+ short chats with GPT-4o, or [\d,]+ with GPT-4o mini\./);
});

it('the field of a limit that the app asks for does not say “No limit”, because it must not be empty', async () => {
  const page = await askForMore({ max_cost_usd: 5 });
  expect(listPlaceholders(page.text)).toEqual({});
  const refused = await choose(page, { decision: 'update', max_cost_usd: '' });
  expect(readText(refused.text)).toContain('Enter $5.00 or less.');
  expect(listPlaceholders(refused.text)).toEqual({});
});

it('warns of wildcards, much money and long access, and links to another account', async () => {
  const page = await askForMore({ models: ['openai/*'], max_cost_usd: 500, expires_in: 365 * 86_400 });
  const much = await choose(page, { decision: 'update', max_cost_usd: '20.01', expires_in: String(365 * 86_400) });
  const text = readText(much.text);
  for (const warning of ['All OpenAI models: the most', 'This is more than $20.00.', 'Access for more than 90 days.'])
    expect(text).toContain(warning);
  expect(text).toContain(`Signed in as ${owner.email}. Not you?`);
  const back = encodeURIComponent(page.url.pathname);
  expect(page.text).toContain(`<a href="/account/sign-in?return_to=${back}&amp;other=true">`);
});

it('the examples count only the money and the requests that are left, because the grant keeps its usage', async () => {
  const chatsOf = (page: Page) => /Enough for about ([\d,]+) short chats?/.exec(readText(page.text))?.[1];
  const before = chatsOf(await askForMore({ max_cost_usd: 4 }));
  const grant = await readGrant();
  await useGrant(server, grant, { cost: 2_900_000_000n, estimate: 2_900_000_000n });
  const after = chatsOf(await askForMore({ max_cost_usd: 4 }));
  expect([before, after]).toEqual(['10,000', '4,000']);
  await server.db.updateTable('grants').set({ max_requests: 6 }).where('id', '=', grantId).execute();
  expect(chatsOf(await askForMore({ max_cost_usd: 4, max_requests: 8 }))).toBe('7');
});

it('an update that adds no money says so on its button', async () => {
  const page = await askForMore({ models: ['gpt-4o'] });
  expect(readText(page.text)).toContain('Allow with $3.00 as before');
  expect(readText((await askForMore({ max_cost_usd: 1 })).text)).toContain('Nothing will change.');
});

it('the sentence follows the choices, and only choices that a sentence described are granted', async () => {
  const page = await askForMore({ max_cost_usd: 9, models: ['gpt-4o'] });
  const body = encodeForm({ ...readForm(page.text, consentOf(page)), max_cost_usd: '4', decision: 'allow' });
  const unread = await owner.browser.request(consentOf(page), { method: 'POST', body });
  expect([unread.status, readText(unread.text)]).toEqual([
    422,
    expect.stringContaining('Check the summary, then allow.'),
  ]);
  expect(await readGrant()).toMatchObject({ max_cost: 3_000_000_000n });
  expect(readText(unread.text)).toContain('$4.00 in total instead of $3.00');
  expect(readText(unread.text)).toContain('Allow up to $1.00 more');
  const lowered = readText((await choose(unread, { decision: 'update', max_cost_usd: '2', scope: [] })).text);
  expect(lowered).toMatch(/New: \$2\.00 in total instead of \$3\.00 As before: GPT-4o mini · chat/);
  expect((await choose(unread, { decision: 'allow' })).url.searchParams.has('code')).toBe(true);
  expect(await readGrant()).toMatchObject({ max_cost: 4_000_000_000n });
});

it('a new lifetime begins at the time when the page was shown', async () => {
  const page = await askForMore({ expires_in: 86_400 });
  const shownAt = Number(readForm(page.text, consentOf(page))['shown_at']);
  server.advanceClock(2 * 60);
  const body = encodeForm({ ...readForm(page.text, consentOf(page)), decision: 'allow' });
  const back = await owner.browser.request(consentOf(page), { method: 'POST', body });
  server.advanceClock(-2 * 60);
  expect(back.status).toBe(303);
  expect((await readGrant()).expires_at.getTime()).toBe(shownAt + 86_400_000);
});
