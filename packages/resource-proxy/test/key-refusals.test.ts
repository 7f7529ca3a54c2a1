import type { Upstream } from '@aipassport/policy';
import { listOperatorKeys, listProviderKeys } from '@aipassport/store/authorization';
import { noteKeyRefusals } from '@aipassport/store/proxying';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { pauseMilliseconds } from '../src/provider-keys/key-refusal-recorder.js';
import { answerJson } from './support/recording-upstream.js';
import { chat, chatPath, chatScope, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
});
beforeEach(() => proxy.upstream.reset());
afterAll(() => proxy?.stop());

/** No pattern for confidential texts matches this key: it is removed only if the proxy searches for the key itself. */
const canary = 'CANARY.0123456789abcdefghijklmnop';

const requests = {
  openai: [chatPath, chat],
  anthropic: ['/anthropic/v1/messages', { model: 'claude-haiku-4-5', max_tokens: 1, messages: [] }],
  google: ['/google/v1beta/models/gemini-2.5-flash:generateContent', { contents: [] }],
} as const;

interface Owner {
  readonly accountId: string;
  readonly upstream: 'openai' | 'anthropic' | 'google';
  readonly token: string;
}

async function createOwner(upstream: Owner['upstream']): Promise<Owner> {
  const { grant, token } = await proxy.connect(`${chatScope} model:omni-moderation-latest`);
  await proxy.addProviderKey(grant.accountId, upstream, canary);
  return { accountId: grant.accountId, upstream, token };
}

async function send({ upstream, token }: Owner, replica = 0): Promise<string> {
  const [path, body] = requests[upstream];
  return (await proxy.post(path, body, token, { proxy: replica })).text();
}

async function readRefusal({ accountId }: Owner): Promise<string | undefined> {
  return (await listProviderKeys(proxy.database.db, accountId))[0]?.refused?.reason;
}

const waitForRefusal = (owner: Owner) =>
  waitUntil(async () => (await readRefusal(owner)) !== undefined, 'the refusal is recorded');
const waitForNone = (owner: Owner) =>
  waitUntil(async () => (await readRefusal(owner)) === undefined, 'the refusal is removed');

function errorOf(upstream: Upstream, [code, message]: readonly [code: string, message: string]): unknown {
  if (upstream === 'openai') return { error: { message, type: code, param: null, code } };
  if (upstream === 'anthropic') return { type: 'error', error: { type: code, message } };
  return { error: { code: 0, message, status: code, details: [] } };
}

const serve = answerJson({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } });

const noCredit = 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.';
const ownLimit = 'You have reached your specified API usage limits. You will regain access on 2026-12-01.';
const noPrepayment = 'Your prepayment credits are depleted. Please go to AI Studio to manage your billing.';
const disabled = 'This organization has been disabled.';
const leaked = 'Your API key was reported as leaked. Please use another API key.';
const spendingCap = 'Your project has exceeded its monthly spending cap. Please go to AI Studio.';

it.each([
  ['openai', 401, ['invalid_api_key', 'Incorrect API key'], '401 invalid_api_key'],
  ['openai', 402, ['unknown_error', 'Insufficient Balance'], '402 unknown_error'],
  ['openai', 403, ['unsupported_country_region_territory', 'Not here'], '403 unsupported_country_region_territory'],
  ['openai', 429, ['insufficient_quota', 'You exceeded your current quota'], '429 insufficient_quota'],
  ['openai', 429, ['billing_not_active', 'Your account is not active'], '429 billing_not_active'],
  ['openai', 400, ['billing_hard_limit_reached', 'Billing hard limit'], '400 billing_hard_limit_reached'],
  ['anthropic', 400, ['invalid_request_error', noCredit], '400 out_of_credit'],
  ['anthropic', 400, ['invalid_request_error', ownLimit], '400 out_of_credit'],
  ['anthropic', 402, ['billing_error', 'There’s an issue with your billing'], '402 billing_error'],
  ['anthropic', 403, ['permission_error', noCredit], '403 out_of_credit'],
  ['anthropic', 400, ['invalid_request_error', disabled], '400 organization_disabled'],
  ['google', 403, ['PERMISSION_DENIED', leaked], '403 key_leaked'],
  ['google', 429, ['RESOURCE_EXHAUSTED', noPrepayment], '429 out_of_credit'],
  ['google', 429, ['RESOURCE_EXHAUSTED', spendingCap], '429 out_of_credit'],
] as const)(
  'an error of %s with status %i and %j is recorded for the owner as “%s”',
  async (upstream, status, error, reason) => {
    const owner = await createOwner(upstream);
    proxy.upstream.behaviour = answerJson(errorOf(upstream, error), status);
    await send(owner);
    await waitForRefusal(owner);
    expect(await readRefusal(owner)).toBe(reason);
  },
);

it('a rate limit, a missing permission and an error that repeats the client’s text are not recorded as faults of the provider key', async () => {
  const quota = 'You exceeded your current quota, please check your plan and billing details.';
  for (const [upstream, status, error] of [
    ['openai', 429, ['rate_limit_exceeded', 'Rate limit reached']],
    ['openai', 403, ['model_not_found', 'Project `proj_1` does not have access to model `gpt-4o-mini`']],
    ['openai', 403, ['insufficient_permissions', 'You have insufficient permissions for this operation.']],
    ['openai', 403, ['unknown', 'Forbidden']],
    ['openai', 400, ['invalid_value', `Invalid value: '${noCredit}'`]],
    ['anthropic', 403, ['permission_error', 'Your API key does not have permission to use the specified resource.']],
    ['anthropic', 429, ['rate_limit_error', 'This request would exceed your rate limit']],
    ['anthropic', 529, ['overloaded_error', 'Overloaded']],
    ['google', 429, ['RESOURCE_EXHAUSTED', quota]],
    ['google', 403, ['PERMISSION_DENIED', 'You do not have permission to access the tuned model.']],
    ['google', 503, ['UNAVAILABLE', 'The model is overloaded']],
  ] as const) {
    const owner = await createOwner(upstream);
    proxy.upstream.behaviour = answerJson(errorOf(upstream, error), status);
    await send(owner);
    // A later refusal is recorded by the same process, after everything that came before it.
    proxy.upstream.behaviour = answerJson(errorOf(upstream, ['later', 'later']), 402);
    await send(owner);
    await waitForRefusal(owner);
    expect(await readRefusal(owner)).toBe('402 later');
  }
});

it('the next success removes the record, whichever proxy serves it, and a later refusal is recorded again', async () => {
  const owner = await createOwner('openai');
  const refuse = answerJson(errorOf('openai', ['insufficient_quota', 'No credit']), 429);
  for (const [refusing, serving] of [
    [0, 0],
    [0, 1],
  ] as const) {
    proxy.upstream.behaviour = refuse;
    await send(owner, refusing);
    await waitForRefusal(owner);
    proxy.upstream.behaviour = answerJson(errorOf('openai', ['rate_limit_exceeded', 'Rate limit reached']), 429);
    await send(owner, serving);
    expect(await readRefusal(owner)).toBe('429 insufficient_quota');
    proxy.upstream.behaviour = serve;
    await send(owner, serving);
    await waitForNone(owner);
  }
});

it('a success removes a record that another proxy has written, even soon after an earlier success at the same proxy', async () => {
  const owner = await createOwner('openai');
  for (let turn = 0; turn < 2; turn += 1) {
    proxy.upstream.behaviour = serve;
    await send(owner, 1);
    proxy.upstream.behaviour = answerJson(errorOf('openai', ['insufficient_quota', 'No credit']), 429);
    await send(owner, 0);
    await waitForRefusal(owner);
    proxy.upstream.behaviour = serve;
    await send(owner, 1);
    await waitForNone(owner);
  }
});

it('a late refusal of a replaced provider key does not hide the note about the new one', async () => {
  const owner = await createOwner('openai');
  const { db } = proxy.database;
  const [old] = await db.selectFrom('provider_keys').select('id').where('account_id', '=', owner.accountId).execute();
  await proxy.addProviderKey(owner.accountId, 'openai', canary);
  proxy.upstream.behaviour = answerJson(errorOf('openai', ['insufficient_quota', 'No credit']), 429);
  await send(owner);
  await waitForRefusal(owner);
  const { accountId, upstream } = owner;
  await noteKeyRefusals(db, [{ id: old?.id ?? '', accountId, upstream, reason: '401 invalid_api_key' }]);
  expect(await readRefusal(owner)).toBe('429 insufficient_quota');
});

it('requests that the AI provider alternately refuses and serves cause few statements, and the note is about the last one', async () => {
  const { db } = proxy.database;
  const owner = await createOwner('openai');
  await sql`create table written_notes (operation text)`.execute(db);
  await sql`
    create function count_note() returns trigger language plpgsql security definer as $$
      begin insert into written_notes values (tg_op); return null; end $$`.execute(db);
  await sql`
    create trigger count_note after insert or update or delete on provider_key_refusals
      for each statement execute function count_note()`.execute(db);
  const refuse = answerJson(errorOf('openai', ['insufficient_quota', 'No credit']), 429);
  const startedAt = performance.now();
  for (let turn = 0; turn < 20; turn += 1) {
    proxy.upstream.behaviour = turn % 2 === 0 ? refuse : serve;
    await send(owner);
  }
  proxy.upstream.behaviour = refuse;
  await send(owner);
  // The record of the first refusal may be there already, so wait until the last note must have been written.
  const lastSentAt = performance.now();
  await waitUntil(
    async () => performance.now() - lastSentAt > 2 * pauseMilliseconds && (await readRefusal(owner)) !== undefined,
    'the last refusal is recorded',
  );
  const pauses = Math.ceil((performance.now() - startedAt) / pauseMilliseconds);
  const { rows } = await sql<{ operation: string }>`select operation from written_notes`.execute(db);
  await sql`drop function count_note cascade`.execute(db);
  expect(rows.length).toBeGreaterThan(0);
  // An upsert fires the triggers of both operations.
  const statements = rows.filter(({ operation }) => operation !== 'UPDATE').length;
  expect(statements).toBeLessThanOrEqual(pauses + 1);
});

it('a success of an operation that costs nothing does not show that the account has credit again', async () => {
  const owner = await createOwner('openai');
  proxy.upstream.behaviour = answerJson(errorOf('openai', ['insufficient_quota', 'No credit']), 429);
  await send(owner);
  await waitForRefusal(owner);
  proxy.upstream.behaviour = answerJson({ id: 'modr_1', results: [] });
  const free = await proxy.post('/openai/v1/moderations', { input: 'x' }, owner.token, { proxy: 1 });
  expect(free.status).toBe(200);
  // A later refusal is recorded by the same process, after everything that came before it.
  const other = await createOwner('openai');
  proxy.upstream.behaviour = answerJson(errorOf('openai', ['later', 'later']), 402);
  await send(other, 1);
  await waitForRefusal(other);
  expect(await readRefusal(owner)).toBe('429 insufficient_quota');
  proxy.upstream.behaviour = serve;
  await send(owner, 1);
  await waitForNone(owner);
});

it('a success also removes the record about the operator’s key', async () => {
  const { token } = await proxy.connect();
  const owner = { accountId: '', upstream: 'openai', token } as const;
  const refused = async () => {
    const keys = await listOperatorKeys(proxy.database.db);
    return keys.find(({ upstream }) => upstream === 'openai')?.refused?.reason;
  };
  proxy.upstream.behaviour = answerJson(errorOf('openai', ['insufficient_quota', 'No credit']), 429);
  await send(owner);
  await waitUntil(async () => (await refused()) === '429 insufficient_quota', 'the refusal is recorded');
  proxy.upstream.reset();
  await send(owner);
  await waitUntil(async () => (await refused()) === undefined, 'the refusal is removed');
});

it('a code that contains the provider key is neither recorded nor logged, nor is the text of the error', async () => {
  for (const [upstream, status] of [
    ['openai', 429],
    ['openai', 401],
    ['anthropic', 402],
    ['google', 402],
  ] as const) {
    const owner = await createOwner(upstream);
    const code = status === 429 ? 'insufficient_quota' : canary;
    proxy.upstream.behaviour = answerJson(errorOf(upstream, [code, `The key is ${canary}.`]), status);
    expect(await send(owner)).not.toContain('CANARY');
    await waitForRefusal(owner);
    expect(await readRefusal(owner)).not.toContain('CANARY');
  }
  expect(proxy.lines.join('\n')).not.toContain('CANARY');
});
