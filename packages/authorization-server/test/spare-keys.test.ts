import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Page, readText } from './support/browser.js';
import type { FormFields } from './support/http.js';
import { createOwner, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2, configuration: { simulatedUpstream: true } });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
});

const path = '/account/keys';
const keyWith = (ending: string) => `sk-proj-CANARY-0123456789-${ending}`;

async function add(ending: string, fields: FormFields = {}): Promise<Page> {
  const page = await owner.browser.open(path);
  return owner.browser.submit(page, path, { upstream: 'openai', key: keyWith(ending), ...fields });
}
const addSpare = (ending: string, fields: FormFields = {}) => add(ending, { as_spare: 'yes', ...fields });

const listSpare = () =>
  server.db
    .selectFrom('spare_provider_keys')
    .select(['id', 'last_four', 'name', 'version', 'jwe'])
    .where('account_id', '=', owner.accountId)
    .orderBy('place')
    .execute();

/** The path of the forms of the spare key with these last characters. */
async function pathOf(ending: string): Promise<string> {
  const key = (await listSpare()).find(({ last_four: lastFour }) => lastFour === ending);
  return `${path}/spare/${key?.id ?? 'none'}`;
}

const submit = async (action: string, fields: FormFields = {}) =>
  owner.browser.submit(await owner.browser.open(path), action, fields);

/** The last characters of the keys, in the order of the page. */
const listShown = ({ text }: Page) => [...text.matchAll(/<code>…(\w+)<\/code>/g)].map(([, ending]) => ending);

const listEvents = async () =>
  (
    await server.db
      .selectFrom('audit_events')
      .select('event')
      .where('account_id', '=', owner.accountId)
      .where('event', 'like', 'provider_key_%')
      .orderBy('id')
      .execute()
  ).map(({ event }) => event);

it('an owner adds spare keys, names one, puts one first and deletes one; the page shows them in their order', async () => {
  expect((await owner.browser.open(path)).text).not.toContain('as_spare');
  expect(listShown(await add('aaaa'))).toEqual(['aaaa']);
  expect(listShown(await addSpare('bbbb', { name: 'Second' }))).toEqual(['aaaa', 'bbbb']);
  const three = await addSpare('cccc');
  expect(listShown(three)).toEqual(['aaaa', 'bbbb', 'cccc']);
  expect(three.text).toContain('<bdi>Second</bdi>');
  expect(three.text).not.toContain('CANARY');
  expect((await listSpare()).map(({ version }) => version)).toEqual([2, 3]);

  const long = await submit(`${await pathOf('cccc')}/name`, { name: 'x'.repeat(61) });
  expect([long.status, readText(long.text)]).toEqual([422, expect.stringContaining('Use 60 characters or fewer.')]);
  const named = await submit(`${await pathOf('cccc')}/name`, { name: ' <b>Third</b> ' });
  expect(readText(named.text)).toContain('Name saved.');
  expect(named.text).toContain('<bdi>&lt;b>Third&lt;/b></bdi>');

  const first = await submit(`${await pathOf('cccc')}/first`);
  expect(readText(first.text)).toContain('Key put first.');
  expect(listShown(first)).toEqual(['cccc', 'aaaa', 'bbbb']);

  const asked = await submit(`${await pathOf('aaaa')}/delete`);
  expect(readText(asked.text)).toContain('nothing changes for them');
  const deleted = await submit(`${await pathOf('aaaa')}/delete`, { asked: 'yes' });
  expect(readText(deleted.text)).toContain('Spare key deleted here.');
  expect(listShown(deleted)).toEqual(['cccc', 'bbbb']);
  expect(await listEvents()).toEqual([
    'provider_key_added',
    'provider_key_added',
    'provider_key_added',
    'provider_key_put_first',
    'provider_key_deleted',
  ]);
});

it('before the first key is deleted, the page names the key that comes next, and that key is first then', async () => {
  await add('aaaa');
  await addSpare('bbbb', { name: 'Second' });
  const asked = await submit(`${path}/openai/delete`);
  expect(readText(asked.text)).toContain('use your next key, …bbbb');
  const deleted = await submit(`${path}/openai/delete`, { asked: 'yes' });
  expect(readText(deleted.text)).toContain('Apps now use your next key, …bbbb.');
  expect(listShown(deleted)).toEqual(['bbbb']);
  expect(deleted.text).toContain('<bdi>Second</bdi>');
});

it('a new key that is no spare one replaces the first key only', async () => {
  await add('aaaa');
  await addSpare('bbbb');
  expect(listShown(await add('dddd'))).toEqual(['dddd', 'bbbb']);
  expect(await listEvents()).toEqual(['provider_key_added', 'provider_key_added', 'provider_key_replaced']);
});

it('a spare key of an AI provider without a first key becomes the first', async () => {
  await add('aaaa');
  const page = await addSpare('efgh', { upstream: 'anthropic', key: 'sk-ant-api03-CANARY-0123456789-efgh' });
  expect(page.status).toBe(200);
  expect(await listSpare()).toEqual([]);
});

it('a form that is sent twice adds a spare key once, at whichever replica', async () => {
  await add('aaaa');
  const page = await owner.browser.open(path);
  const send = () => owner.browser.submit(page, path, { upstream: 'openai', key: keyWith('bbbb'), as_spare: 'yes' });
  const statuses = (await Promise.all([send(), send(), send()])).map(({ status }) => status);
  expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 422, 422]);
  expect(await listSpare()).toHaveLength(1);
});

it('an account has at most nine spare keys of an AI provider', async () => {
  await add('aaaa');
  for (let count = 0; count < 9; count += 1) expect((await addSpare(`000${count}`)).status).toBe(200);
  const refused = await addSpare('more');
  expect([refused.status, readText(refused.text)]).toEqual([422, expect.stringContaining('Delete one first.')]);
  expect(refused.text).toContain('name="as_spare" value="yes" checked');
  expect(await listSpare()).toHaveLength(9);
});

it('the forms of another owner’s spare key do nothing', async () => {
  await add('aaaa');
  await addSpare('bbbb');
  const page = await owner.browser.open(path);
  const action = await pathOf('bbbb');
  const before = await listSpare();
  const stranger = await createOwner(server);
  const { csrf_token = '' } = Object.fromEntries(
    [...(await stranger.browser.open(path)).text.matchAll(/name="(csrf_token)" value="([^"]+)"/g)].map(
      ([, name, value]) => [name, value],
    ),
  );
  const shown = page.text.match(new RegExp(`action="${action}/first".*?name="shown" value="([^"]+)"`, 's'))?.[1] ?? '';
  for (const act of ['test', 'name', 'first', 'delete'])
    await stranger.browser.request(`${action}/${act}`, {
      method: 'POST',
      body: new URLSearchParams({ csrf_token, shown, ...(act === 'delete' && { asked: 'yes' }) }).toString(),
    });
  expect(readText((await stranger.browser.open(path)).text)).toContain('That spare key is gone');
  expect(await listSpare()).toEqual(before);
});

it('adding and deleting a spare key require a recent sign-in', async () => {
  await add('aaaa');
  await addSpare('bbbb');
  await server.db
    .updateTable('owner_sessions')
    .set({ authenticated_at: new Date(Date.now() - 3_600_000) })
    .where('account_id', '=', owner.accountId)
    .execute();
  expect((await addSpare('cccc')).status).toBe(422);
  const action = `${await pathOf('bbbb')}/delete`;
  const asked = await submit(action);
  expect((await owner.browser.submit(asked, action)).status).toBe(422);
  expect(await listSpare()).toHaveLength(1);
  expect(readText((await owner.browser.submit(asked, action, { password })).text)).toContain('Spare key deleted here.');
});
