import { builtInUpstreams } from '@aipassport/policy';
import { verifyOperatorSpending } from '@aipassport/store';
import { deleteProviderKey, listOperatorKeys } from '@aipassport/store/authorization';
import { afterEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { sql } from 'kysely';
import { createLog, parseSealingJwks, parseUpstreamUrl, Secret } from '../src/index.js';
import { type KeyQuestion, type ProviderKey, ProviderKeys } from '../src/provider-keys/provider-keys.js';
import { SealingKeys } from '../src/provider-keys/sealing-keys.js';
import { answerJson } from './support/recording-upstream.js';
import { operatorKey, TestProxy, type TestProxyOptions } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
afterEach(() => proxy?.stop());

const ownKey = 'sk-of-the-owner-0123456789abcdefgh';
/**
 * The cost of one chat of these tests, in nano-US-dollars. A million tokens of gpt-4o-mini cost $0.15 as input and
 * $0.60 as output.
 */
const billed = 11n * 150n + 7n * 600n;
const bounds = { max_completion_tokens: 16 };

async function start(options: TestProxyOptions): Promise<void> {
  proxy = await TestProxy.start(options);
  proxy.upstream.behaviour = answerJson({
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 11, completion_tokens: 7 },
  });
}

async function readSpending(accountId = ''): Promise<{ cost: bigint; held: bigint } | undefined> {
  const { rows } = await sql<{ cost: bigint; held: bigint }>`
    select cost, held from operator_spending where account_id = ${accountId}`.execute(proxy.database.db);
  return rows[0];
}

async function waitForQuiet(): Promise<void> {
  await waitUntil(async () => ((await readSpending())?.held ?? 0n) === 0n, 'nothing is held any more');
}

const countBy = (values: readonly unknown[]) =>
  Object.fromEntries([...Map.groupBy(values, String)].map(([value, all]) => [value, all.length]));

it('50 parallel owners over two proxies do not exceed the cap of the operator’s provider keys, and an owner’s own key still works', async () => {
  await start({ replicas: 2, operatorCaps: { ofAll: 20n * billed } });
  const owners = await Promise.all(Array.from({ length: 50 }, () => proxy.connect()));
  const answers = await Promise.all(
    owners.flatMap(({ token }, n) => [0, 1].map((index) => proxy.chat(token, bounds, { proxy: (n + index) % 2 }))),
  );
  const statuses = countBy(answers.map(({ status }) => status));
  expect(Object.keys(statuses)).toEqual(['200', '402']);
  await waitForQuiet();
  const spent = (await readSpending())?.cost ?? 0n;
  expect(spent).toBe(BigInt(statuses['200'] ?? 0) * billed);
  expect(spent).toBeLessThanOrEqual(20n * billed);
  expect(proxy.upstream.hits).toHaveLength(statuses['200'] ?? 0);
  expect(await verifyOperatorSpending(proxy.database.db)).toEqual([]);

  await sql`update operator_spending set cost = ${20n * billed} where account_id = ''`.execute(proxy.database.db);
  const [owner] = owners;
  if (owner === undefined) throw new Error('there are fifty');
  const refused = await proxy.chat(owner.token, bounds);
  expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([402, 'false']);
  expect(refused.headers.get('aipassport-limit')).toBe('operator');
  const { error } = (await refused.json()) as { error: { code: string; message: string } };
  expect(error.code).toBe('operator_budget_exhausted');
  expect(error.message).toContain(`${proxy.issuer.url}/account/keys`);
  await proxy.addProviderKey(owner.grant.accountId, 'openai', ownKey);
  expect((await proxy.chat(owner.token, bounds)).status).toBe(200);
  expect(proxy.upstream.last.headers.authorization).toBe(`Bearer ${ownKey}`);
});

it('the cap of each account counts all grants of the account, and no grants of another account', async () => {
  await start({ replicas: 2, operatorCaps: { ofAccount: 14n * billed } });
  const one = await proxy.connect();
  const second = await proxy.createGrant({ accountId: one.grant.accountId });
  const tokens = [one.token, await proxy.createToken(second)];
  const statuses: number[] = [];
  while (statuses.at(-1) !== 402 && statuses.length < 15) {
    const n = statuses.length;
    statuses.push((await proxy.chat(tokens[n % 2] ?? '', bounds, { proxy: n % 2 })).status);
    await waitForQuiet();
  }
  expect(statuses.slice(0, 3)).toEqual([200, 200, 200]);
  expect(statuses.at(-1)).toBe(402);
  const other = await proxy.connect();
  expect((await proxy.chat(other.token, bounds)).status).toBe(200);
  await waitForQuiet();
  expect((await readSpending(one.grant.accountId))?.cost).toBeLessThanOrEqual(14n * billed);
});

it('simulated answers and calls with the owner’s provider key count towards no cap', async () => {
  await start({ operatorCaps: { ofAll: 1n, ofAccount: 1n } });
  const own = await proxy.connect();
  await proxy.addProviderKey(own.grant.accountId, 'openai', ownKey);
  expect((await proxy.chat(own.token, bounds)).status).toBe(200);
  const simulating = await TestProxy.start({
    hasOperatorKeys: false,
    simulatedUpstreamUrl: proxy.upstream.url,
    operatorCaps: { ofAll: 1n, ofAccount: 1n },
  });
  const simulated = await simulating.connect();
  expect((await simulating.chat(simulated.token, bounds)).status).toBe(200);
  const { rows } = await sql`select from operator_spending`.execute(simulating.database.db);
  expect(rows).toEqual([]);
  await simulating.stop();
});

it('each proxy reports for which providers it has a provider key of the operator and whether the key was refused, and stores no provider key', async () => {
  await start({ replicas: 2 });
  const states = () => listOperatorKeys(proxy.database.db);
  expect(await states()).toMatchObject(
    builtInUpstreams
      .map(({ name }) => name)
      .sort()
      .map((upstream) => ({
        upstream,
        sources: [upstream === 'google' ? 'file' : 'environment'],
        proxies: 2,
        refused: undefined,
      })),
  );
  const { token } = await proxy.connect();
  proxy.upstream.behaviour = answerJson({ error: { code: 'invalid_api_key', message: 'no' } }, 401);
  await proxy.chat(token, bounds);
  await waitUntil(async () => (await states()).some(({ refused }) => refused !== undefined), 'the refusal is noted');
  expect((await states()).find(({ upstream }) => upstream === 'openai')?.refused?.reason).toContain('401');
  const { rows } = await sql<{ text: string }>`select operator_keys::text as text from operator_keys`.execute(
    proxy.database.db,
  );
  expect(rows.map(({ text }) => text).join()).not.toContain(operatorKey);
});

describe('a provider key that changes between its lookup and the admission', () => {
  /** Sends a request. Runs `act` when the request's provider key was found and the request waits for its admission. */
  async function sendAround(token: string, grantId: string, act: () => Promise<unknown>): Promise<Response> {
    let answering: Promise<Response> | undefined;
    await proxy.database.db.transaction().execute(async (transaction) => {
      await sql`select from grants where id = ${grantId} for update`.execute(transaction);
      answering = proxy.chat(token, bounds);
      await waitUntil(async () => {
        const { rows } = await sql`
          select from pg_stat_activity where query like '%admit_requests%' and wait_event_type = 'Lock'`.execute(
          proxy.database.db,
        );
        return rows.length > 0;
      }, 'the request waits for its grant');
      await act();
    });
    if (answering === undefined) throw new Error('nothing was sent');
    return answering;
  }

  it('when it is deleted, the request is refused unless the cap has room', async () => {
    await start({ operatorCaps: { ofAll: 1n } });
    const { grant, token } = await proxy.connect();
    await proxy.addProviderKey(grant.accountId, 'openai', ownKey);
    expect((await proxy.chat(token, bounds)).status).toBe(200);
    const answer = await sendAround(token, grant.id, () =>
      deleteProviderKey(proxy.database.db, { accountId: grant.accountId, upstream: 'openai' }),
    );
    expect(answer.status).toBe(402);
    expect(proxy.upstream.hits).toHaveLength(1);
  });

  it('when one is added, the request uses it and counts towards no cap', async () => {
    await start({ operatorCaps: { ofAll: 1_000n * billed } });
    const { grant, token } = await proxy.connect();
    expect((await proxy.chat(token, bounds)).status).toBe(200);
    await waitForQuiet();
    const answer = await sendAround(token, grant.id, () => proxy.addProviderKey(grant.accountId, 'openai', ownKey));
    expect(answer.status).toBe(200);
    expect(proxy.upstream.hits.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${operatorKey}`,
      `Bearer ${ownKey}`,
    ]);
    expect((await readSpending())?.cost).toBe(billed);
  });
});

it('a request uses the kind of provider key that its admission counted, or is refused', async () => {
  await start({});
  const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const sealing = parseSealingJwks({ ...(await exportJWK(privateKey)), kid: 'px-1' });
  const log = createLog('error', { write: () => undefined });
  const url = parseUpstreamUrl(proxy.upstream.url);
  const options = {
    db: proxy.database.db,
    log,
    sealingKeys: await SealingKeys.open({
      file: { read: () => sealing, readVersion: () => '' },
      engine: undefined,
      now: Date.now,
      log,
    }),
    urls: { openai: url, anthropic: url, google: url },
    operatorKeys: { openai: () => new Secret(operatorKey) },
    simulated: undefined,
  };
  const keys = new ProviderKeys(options);
  const question: KeyQuestion = {
    accountId: await proxy.createAccount(),
    upstream: 'openai',
    currentId: 'one-that-is-deleted-now',
    usesOperatorKey: false,
  };
  const ofOperator = await keys.recall(question.accountId, 'openai');
  expect(ofOperator.kind).toBe('operator');
  await expect(keys.confirm(ofOperator, question)).rejects.toMatchObject({
    denial: { reason: 'provider_key_changed' },
  });
  const own: ProviderKey = { key: new Secret(ownKey), url, kind: 'account', id: 'own' };
  await expect(keys.confirm(own, { ...question, currentId: 'own' })).resolves.toBe(own);
  await expect(keys.confirm(own, { ...question, currentId: 'own', usesOperatorKey: true })).resolves.toMatchObject({
    kind: 'operator',
  });
  const keysWithoutOperator = new ProviderKeys({ ...options, operatorKeys: {}, simulated: url });
  await expect(
    keysWithoutOperator.confirm(own, { ...question, currentId: 'own', usesOperatorKey: true }),
  ).rejects.toMatchObject({ denial: { reason: 'provider_key_changed' } });
});
