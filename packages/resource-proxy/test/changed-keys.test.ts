import { deleteProviderKey } from '@aipassport/store/authorization';
import { afterEach, expect, it } from '@jest/globals';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;

afterEach(() => proxy?.stop());

const oldKey = 'sk-old-0123456789abcdefghijklmnop';
const newKey = 'sk-new-0123456789abcdefghijklmnop';

it('a replacement of a provider key is used from the next request on, at every proxy', async () => {
  proxy = await TestProxy.start({ replicas: 2 });
  const { grant, token } = await proxy.connect();
  await proxy.addProviderKey(grant.accountId, 'openai', oldKey);
  for (const index of [0, 1]) await proxy.chat(token, {}, { proxy: index });
  await proxy.addProviderKey(grant.accountId, 'openai', newKey);
  for (const index of [0, 1]) await proxy.chat(token, {}, { proxy: index });
  expect(readKeys()).toEqual([oldKey, oldKey, newKey, newKey]);
  expect(await proxy.readUsedRequests(grant.id)).toBe(4);
});

it('a deleted provider key is not used again, and a request that has no provider key does not count', async () => {
  proxy = await TestProxy.start({ hasOperatorKeys: false });
  const { grant, token } = await proxy.connect();
  await proxy.addProviderKey(grant.accountId, 'openai', oldKey);
  expect((await proxy.chat(token)).status).toBe(200);
  await deleteProviderKey(proxy.database.db, { accountId: grant.accountId, upstream: 'openai' });
  // The first request still finds the deleted key in the proxy's memory, so it is refused only after its admission,
  // which says that the account has no key. The second finds no key, and is refused before its admission.
  for (const _ of [1, 2]) {
    const answer = await proxy.chat(token);
    expect(answer.status).toBe(424);
    expect(await answer.json()).toMatchObject({ error: { code: 'provider_key_missing' } });
  }
  expect(readKeys()).toEqual([oldKey]);
  await waitForUsedRequests(grant.id, 1);
});

it('an account’s provider key replaces the operator’s from the next request on, until it is deleted', async () => {
  proxy = await TestProxy.start();
  const { grant, token } = await proxy.connect();
  await proxy.chat(token);
  await proxy.addProviderKey(grant.accountId, 'openai', newKey);
  await proxy.chat(token);
  await deleteProviderKey(proxy.database.db, { accountId: grant.accountId, upstream: 'openai' });
  await proxy.chat(token);
  const [first, second, third] = readKeys();
  expect([first === third, second]).toEqual([true, newKey]);
  expect(first).not.toBe(newKey);
});

it('a provider key that was entered for another host is refused at once', async () => {
  proxy = await TestProxy.start();
  const { grant, token } = await proxy.connect();
  await proxy.addProviderKey(grant.accountId, 'openai', oldKey);
  await proxy.chat(token);
  await proxy.addProviderKey(grant.accountId, 'openai', newKey);
  await proxy.database.db
    .updateTable('provider_keys')
    .set({ host: 'elsewhere.example' })
    .where('account_id', '=', grant.accountId)
    .execute();
  expect((await proxy.chat(token)).status).toBe(424);
  expect(readKeys()).toEqual([oldKey]);
  await waitForUsedRequests(grant.id, 1);
});

function readKeys(): (string | undefined)[] {
  return proxy.upstream.hits.map(({ headers }) => headers.authorization?.replace('Bearer ', ''));
}

/** Waits, because the proxy answers a refused request before it subtracts the request from the count. */
async function waitForUsedRequests(grantId: string, count: number): Promise<void> {
  await waitUntil(async () => (await proxy.readUsedRequests(grantId)) === count, `${count} used requests`);
}
