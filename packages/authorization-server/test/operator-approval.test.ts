import { disableAccount, lockClient, setMayInvite, setOperator } from '@aipassport/store/authorization';
import { waitForLocks } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readText } from './support/browser.js';
import { redirectUri, type TestClient } from './support/client.js';
import { clientPath, registerClient } from './support/own-client.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

const path = '/operator/change';
let server: TestServer;
let operator: Owner;
let developer: Owner;
beforeAll(async () => {
  server = await startTestServer();
  operator = await createOwner(server);
  developer = await createOwner(server);
  await setOperator(server.db, operator.accountId, true);
});
afterAll(() => server.close());

const openChange = (act: string, subject: string) =>
  operator.browser.open(`${path}?${new URLSearchParams({ act, subject })}`);

async function edit(client: TestClient, fields: Readonly<Record<string, string>>): Promise<void> {
  const editPath = `${clientPath(client)}/edit`;
  const page = await developer.browser.open(editPath);
  const saved = await developer.browser.submit(page, editPath, { redirect_uris: redirectUri, ...fields });
  expect([saved.status, saved.url.pathname]).toEqual([200, clientPath(client)]);
}

const isApproved = async ({ id }: TestClient) =>
  (await server.db.selectFrom('client_approvals').select('client_id').where('client_id', '=', id).execute()).length > 0;

// The ids at the beginning of titles are rows of docs/security.md.
it('L20: an operator sees the hosts and URLs of an app in the list and before approving it', async () => {
  const client = await registerClient(developer.browser, { name: 'Shown Helper', site: 'https://site.example/about' });
  const list = readText((await operator.browser.open('/operator/clients?search=Shown+Helper')).text);
  for (const shown of ['at app.example', 'Website: site.example']) expect(list).toContain(shown);
  const page = readText((await openChange('approve_client', client.id)).text);
  for (const shown of ['at app.example', redirectUri, 'https://site.example/about']) expect(page).toContain(shown);
});

it.each<readonly [string, Readonly<Record<string, string>>]>([
  ['its redirect URIs', { redirect_uris: 'https://elsewhere.example/callback' }],
  ['its name', { name: 'Bank of Trust' }],
  ['its website', { site: 'https://elsewhere.example/' }],
])('L20: an app that has changed %s since the operator looked is not approved', async (_, fields) => {
  const client = await registerClient(developer.browser);
  const page = await openChange('approve_client', client.id);
  await edit(client, fields);
  const refused = await operator.browser.submit(page, path);
  expect([refused.status, await isApproved(client)]).toEqual([422, false]);
  expect(readText(refused.text)).toContain(Object.values(fields)[0]);
  expect((await operator.browser.submit(refused, path)).status).toBe(200);
  expect(await isApproved(client)).toBe(true);
});

it('L20: an app is not approved if it changes while the approval waits', async () => {
  const client = await registerClient(developer.browser);
  const page = await openChange('approve_client', client.id);
  const approving = await server.db.transaction().execute(async (transaction) => {
    await lockClient(transaction, client.id);
    const begun = operator.browser.submit(page, path);
    await waitForLocks(server.db, 1);
    await transaction.updateTable('clients').set({ name: 'Bank of Trust' }).where('id', '=', client.id).execute();
    return { begun };
  });
  expect([(await approving.begun).status, await isApproved(client)]).toEqual([422, false]);
});

it('L20: an old page does not unblock an app that has changed, and does not enable an account or let it invite after its e-mail address has changed', async () => {
  const client = await registerClient(developer.browser);
  await operator.browser.submit(await openChange('block_client', client.id), path);
  const { accountId } = await createOwner(server);
  await disableAccount(server.db, accountId);
  const pages = [
    await openChange('unblock_client', client.id),
    await openChange('enable_account', accountId),
    await openChange('let_invite', accountId),
  ];
  await edit(client, { redirect_uris: 'https://elsewhere.example/callback' });
  await server.db.updateTable('accounts').set({ email: 'other@x.example' }).where('id', '=', accountId).execute();
  for (const page of pages) expect((await operator.browser.submit(page, path)).status).toBe(422);
  const { db } = server;
  expect(
    await db.selectFrom('client_blocks').select('client_id').where('client_id', '=', client.id).execute(),
  ).toHaveLength(1);
  expect(await db.selectFrom('inviters').select('account_id').where('account_id', '=', accountId).execute()).toEqual(
    [],
  );
  const account = db.selectFrom('accounts').select('disabled_at').where('id', '=', accountId);
  expect((await account.executeTakeFirstOrThrow()).disabled_at).not.toBeNull();
});

it('L20: an old page still blocks an app that changes its name, and ends the right to invite', async () => {
  const client = await registerClient(developer.browser);
  const { accountId } = await createOwner(server);
  await setMayInvite(server.db, accountId, { mayInvite: true });
  const pages = [await openChange('block_client', client.id), await openChange('stop_inviting', accountId)];
  await edit(client, { name: 'Another Name' });
  await server.db.updateTable('accounts').set({ email: 'new@x.example' }).where('id', '=', accountId).execute();
  for (const page of pages) expect((await operator.browser.submit(page, path)).status).toBe(200);
  const blocks = server.db.selectFrom('client_blocks').select('client_id').where('client_id', '=', client.id);
  expect(await blocks.execute()).toHaveLength(1);
});
