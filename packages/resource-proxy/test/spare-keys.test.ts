import {
  deleteProviderKey,
  listSpareKeys,
  promoteSpareKey,
  requestSpareKeyTest,
} from '@aipassport/store/authorization';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { answerJson } from './support/recording-upstream.js';
import { chatScope, type TestGrant, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const upstream = 'openai';
const firstKey = 'sk-first-0123456789abcdefghijkl';
const spareKey = 'sk-spare-0123456789abcdefghijkl';
const operatorKey = 'sk-operator-0123456789abcdefghij';

let proxy: TestProxy;
let grant: TestGrant;
let token: string;
beforeEach(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
  ({ grant, token } = await proxy.connect(chatScope));
  await proxy.addProviderKey(grant.accountId, upstream, firstKey);
  await proxy.addSpareKey(grant.accountId, upstream, spareKey);
});
afterEach(() => proxy?.stop());

const getSpare = async () => {
  const [key] = await listSpareKeys(proxy.database.db, grant.accountId);
  if (key === undefined) throw new Error('there is no spare key');
  return { ...key, accountId: grant.accountId };
};

/** Sends a request through each replica. @returns the statuses, and the keys that the upstream got meanwhile */
async function askBoth() {
  proxy.upstream.hits.length = 0;
  const answers = await Promise.all([0, 1].map((replica) => proxy.chat(token, {}, { proxy: replica })));
  const keys = proxy.upstream.hits.map(({ headers }) => headers['authorization']?.replace('Bearer ', ''));
  return [answers.map(({ status }) => status), keys];
}

it('requests use the first provider key, and the spare one from the moment at which it is put first', async () => {
  expect(await askBoth()).toEqual([
    [200, 200],
    [firstKey, firstKey],
  ]);
  expect(await promoteSpareKey(proxy.database.db, await getSpare())).toBe(true);
  expect(await askBoth()).toEqual([
    [200, 200],
    [spareKey, spareKey],
  ]);
  expect(await promoteSpareKey(proxy.database.db, await getSpare())).toBe(true);
  expect(await askBoth()).toEqual([
    [200, 200],
    [firstKey, firstKey],
  ]);
});

it('a deleted first provider key is not used again, and the next one takes its place', async () => {
  await askBoth();
  await deleteProviderKey(proxy.database.db, { accountId: grant.accountId, upstream });
  expect(await askBoth()).toEqual([
    [200, 200],
    [spareKey, spareKey],
  ]);
  await deleteProviderKey(proxy.database.db, { accountId: grant.accountId, upstream });
  expect(await askBoth()).toEqual([
    [200, 200],
    [operatorKey, operatorKey],
  ]);
});

it('tests a spare provider key with that key, and not with the first one', async () => {
  proxy.upstream.behaviour = (hit, response) =>
    answerJson({ data: [] }, hit.headers['authorization'] === `Bearer ${spareKey}` ? 401 : 200)(hit, response);
  await requestSpareKeyTest(proxy.database.db, await getSpare());
  await waitUntil(async () => (await getSpare()).test?.verdict !== undefined, 'the test has a result');
  expect((await getSpare()).test?.verdict).toBe('refused');
});
