import { listProviderKeys, requestKeyTest } from '@aipassport/store/authorization';
import { noteKeyTest, takeKeyTests } from '@aipassport/store/proxying';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { answerJson } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
let accountId: string;
beforeEach(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
  proxy.upstream.behaviour = answerJson({ data: [] });
  accountId = await proxy.createAccount();
  await proxy.addProviderKey(accountId, 'openai', 'sk-of-the-owner-0123456789abcdefgh');
});
afterEach(() => proxy?.stop());

const upstream = 'openai';
const ask = () => requestKeyTest(proxy.database.db, { accountId, upstream });
const verdict = async () => (await listProviderKeys(proxy.database.db, accountId))[0]?.test?.verdict;
const waitForVerdict = () => waitUntil(async () => (await verdict()) !== undefined, 'the test has a result');
/** Moves the times of the test into the past, as if this much time had passed since the owner asked for it. */
const pass = (seconds: number) =>
  sql`update provider_key_tests set requested_at = requested_at - make_interval(secs => ${seconds}),
    taken_at = taken_at - make_interval(secs => ${seconds})`.execute(proxy.database.db);
const stopProxies = () => Promise.all(proxy.proxies.splice(0).map((one) => one.close()));
const countTested = () => proxy.upstream.hits.filter(({ target }) => target === '/v1/models').length;

it('of two proxies one tests a provider key, even if the owner asks many times before the result is known', async () => {
  const answers: (() => void)[] = [];
  proxy.upstream.behaviour = (hit, response) => answers.push(() => answerJson({ data: [] })(hit, response));
  await Promise.all([ask(), ask(), ask()]);
  await waitUntil(() => countTested() > 0, 'a proxy tests the key');
  await ask();
  // both proxies look for tests meanwhile
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  for (const answer of answers) answer();
  await waitForVerdict();
  expect([await verdict(), countTested()]).toEqual(['accepted', 1]);
  proxy.upstream.behaviour = answerJson({ error: {} }, 401);
  await ask();
  await waitForVerdict();
  expect([await verdict(), countTested()]).toEqual(['refused', 2]);
});

it('another proxy takes over a test that a proxy took before it died, unless a minute has passed since the owner asked', async () => {
  await stopProxies();
  await ask();
  const { db } = proxy.database;
  expect(await takeKeyTests(db, 8)).toHaveLength(1);
  await pass(14);
  expect(await takeKeyTests(db, 8)).toEqual([]);
  await pass(2);
  expect(await takeKeyTests(db, 8)).toHaveLength(1);
  await pass(60);
  expect(await takeKeyTests(db, 8)).toEqual([]);
  await ask();
  expect(await takeKeyTests(db, 8)).toHaveLength(1);
});

it('the result of an earlier test is not recorded as the result of a later one', async () => {
  await stopProxies();
  const { db } = proxy.database;
  await ask();
  const [earlier] = await takeKeyTests(db, 8);
  await pass(61);
  await ask();
  const [later] = await takeKeyTests(db, 8);
  if (earlier === undefined || later === undefined) throw new Error('a test of the key was not taken');
  await noteKeyTest(db, earlier, 'unpaid');
  expect(await verdict()).toBeUndefined();
  await noteKeyTest(db, later, 'accepted');
  await noteKeyTest(db, later, 'refused');
  expect(await verdict()).toBe('accepted');
});

it('a provider key that the account does not have cannot be tested', async () => {
  expect(await requestKeyTest(proxy.database.db, { accountId, upstream: 'google' })).toBe(false);
});

it('if the proxy that makes a test does not know the upstream, the result is “unknown”', async () => {
  const { db } = proxy.database;
  await proxy.addProviderKey(accountId, 'acme', 'gsk_of-the-owner-0123456789');
  await requestKeyTest(db, { accountId, upstream: 'acme' });
  const find = async () =>
    (await listProviderKeys(db, accountId)).find((one) => one.upstream === 'acme')?.test?.verdict;
  await waitUntil(async () => (await find()) !== undefined, 'the test has a result');
  expect(await find()).toBe('unknown');
});
