import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { Client } from 'pg';
import { postChat } from './harness/chat.js';
import { type Connection, connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import type { Owner } from './harness/owner.js';
import { answerChat, answerJson, RecordingUpstream } from './harness/recording-upstream.js';
import { type CommandRun, runCommand } from './harness/run-command.js';
import { operatorKey } from './harness/server-environments.js';
import { adminKey, StubOfBills } from './harness/stub-of-bills.js';
import { waitUntil } from './harness/wait-until.js';

const dayMilliseconds = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * dayMilliseconds).toISOString().slice(0, 10);
/** The day on which all requests of this test were sent, as the ledger says after `moveLedger`. */
const day = daysAgo(3);
const adaKey = 'sk-proj-ada-0123456789abcdef';
const beaKey = 'sk-proj-bea-0123456789abcdef';
const messages = [{ role: 'user' as const, content: 'Hello?' }];
const hash = 'ab'.repeat(32);

const stub = new StubOfBills();
let bills: RecordingUpstream;
let upstream: RecordingUpstream;
let deployment: Deployment;
let ada: Owner;
let bea: Owner;
const outputs: string[] = [];

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  bills = await RecordingUpstream.start();
  bills.behaviour = stub.behaviour;
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  [ada, bea] = [await createOwner(deployment), await createOwner(deployment)];
  await ada.addKey('openai', adaKey);
  await bea.addKey('openai', beaKey);
  await sendRequests();
});

afterAll(async () => {
  await deployment?.stop();
  await Promise.all([upstream?.stop(), bills?.stop()]);
});

beforeEach(() => {
  Object.assign(stub, new StubOfBills(), { behaviour: stub.behaviour, targets: [] });
});

/** Over both proxies, Ada sends three chats, Bea two, and an owner without a key one. Ada also asks Anthropic once. */
async function sendRequests(): Promise<void> {
  upstream.behaviour = (hit, response) =>
    hit.target === '/v1/messages'
      ? answerJson(response, 200, {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'claude-haiku-4-5',
          content: [{ type: 'text', text: 'Hello.' }],
          stop_reason: 'end_turn',
          stop_sequence: null,
          usage: { input_tokens: 7, output_tokens: 3 },
        })
      : answerChat(hit, response);
  const scope = 'model:gpt-4o-mini model:claude-haiku-4-5 cap:chat';
  const ofAda = await connect(deployment, { owner: ada, scope });
  for (const index of [0, 1, 0]) await chat(ofAda, index);
  const ofBea = await connect(deployment, { owner: bea });
  for (const index of [1, 0]) await chat(ofBea, index);
  await chat(await connect(deployment), 1);
  const sdk = new Anthropic({
    baseURL: `${deployment.resourceProxyUrl}/anthropic`,
    authToken: ofAda.accessToken,
    apiKey: null,
    maxRetries: 0,
  });
  await sdk.messages.create({ model: 'claude-haiku-4-5', max_tokens: 20, messages });
  await moveLedger(7);
}

async function chat({ accessToken }: Connection, proxy: number): Promise<void> {
  const { url = '' } = deployment.resourceProxies[proxy] ?? {};
  const response = await postChat(url, accessToken);
  await response.text();
  expect(response.status).toBe(200);
}

/** Waits until all requests are settled, and moves them to `day`, because the bill of today is not final. */
async function moveLedger(rows: number): Promise<void> {
  const count = async () => (await query('select from ledger')).length;
  await waitUntil(async () => (await count()) === rows, 'all requests are settled');
  await query(`
    update ledger set admitted_at = noon + (admitted_at - date_trunc('minute', admitted_at)),
      settled_at = noon + interval '3 minutes'
    from (select date_trunc('day', now(), 'UTC') - interval '3 days' + interval '12 hours' as noon) as moved
    where admitted_at > now() - interval '2 days'`);
}

/** Runs a statement as the superuser. */
async function query(text: string, values: readonly string[] = []): Promise<readonly { readonly id: string }[]> {
  const database = new Client({ connectionString: deployment.databaseUrl });
  await database.connect();
  try {
    return (await database.query<{ readonly id: string }>(text, [...values])).rows;
  } finally {
    await database.end();
  }
}

/** Runs the command with the database role of the authorization server, as in a container of that server. */
async function reconcile(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = { OPENAI_ADMIN_KEY: adminKey },
  input = '',
): Promise<CommandRun> {
  const all = ['reconcile', ...args, '--base-url', bills.url];
  const run = await runCommand(all, { DATABASE_URL: deployment.databaseUrls.authorization, ...variables }, input);
  outputs.push(run.stdout, run.stderr);
  return run;
}

/** The options that say which key at OpenAI belongs to which owner. */
function openaiKeys(): readonly string[] {
  const [first, second] = [ada.credentials.email, bea.credentials.email];
  return ['--key', `${first}=key_ada`, '--key', `${second}=key_bea`, '--key', 'operator=key_operator'];
}

/** A chat costs 5 tokens at 0.15 and 2 tokens at 0.60 US dollars a million: 0.00000195. */
const openaiBooks = [
  { day, keyId: 'key_ada', amount: '5.85e-06', requests: 3 },
  { day, keyId: 'key_bea', amount: '0.0000039', requests: 2 },
  { day, keyId: 'key_operator', amount: '1.95E-6', requests: 1 },
];

it('the ledger of requests through two proxies agrees with OpenAI’s costs to the nano-dollar, for each key, over several pages', async () => {
  stub.booked = openaiBooks;
  const { status, stdout, stderr } = await reconcile(['openai', ...openaiKeys(), '--tolerance', '0']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`${ada.credentials.email} = key_ada`);
  expect(stdout).toMatch(new RegExp(`${day} +0\\.00000585 +0\\.00000585 +0 +3 / 3 +agrees`));
  expect(stdout).toMatch(new RegExp(`${day} +0\\.0000039 +0\\.0000039 +0 +2 / 2 +agrees`));
  expect(stdout).toMatch(new RegExp(`${day} +0\\.00000195 +0\\.00000195 +0 +1 / 1 +agrees`));
  // seven days, with a page for each
  const pages = stub.targets.filter((target) => target.startsWith('/v1/organization/costs?'));
  expect(pages).toHaveLength(7);
  const keys = new Set(upstream.hits.map(({ headers }) => headers['authorization']));
  expect(keys).toEqual(new Set([`Bearer ${adaKey}`, `Bearer ${beaKey}`, `Bearer ${operatorKey}`, undefined]));
});

it('the command asks OpenAI and Anthropic as their SDKs do', async () => {
  stub.pageSize = 1_000;
  const [from, to] = [daysAgo(4), day];
  await reconcile(['openai', ...openaiKeys(), '--from', from, '--to', to]);
  const key = `${ada.credentials.email}=apikey_ada`;
  await reconcile(['anthropic', '--key', key, '--from', from, '--to', to], { ANTHROPIC_ADMIN_KEY: adminKey });
  const asked = stub.targets.splice(0);
  const seconds = (text: string) => Date.parse(text) / 1_000;
  const openai = new OpenAI({ baseURL: `${bills.url}/v1`, adminAPIKey: adminKey, apiKey: 'none' });
  const range = { start_time: seconds(from), end_time: seconds(to) + 86_400, bucket_width: '1d' as const };
  await openai.admin.organization.usage.costs({ ...range, group_by: ['api_key_id'], limit: 180 });
  await openai.admin.organization.usage.completions({ ...range, group_by: ['api_key_id'], limit: 31 });
  const anthropic = new Anthropic({ baseURL: bills.url, apiKey: adminKey });
  await anthropic.beta.organization.analytics.cost.list({
    starting_at: `${from}T00:00:00.000Z`,
    ending_at: `${daysAgo(2)}T00:00:00.000Z`,
    time_bucket_width: '1d',
    group_by: ['api_key_id'],
    order_by: 'time',
    order: 'asc',
    limit: 1_000,
  });
  const read = (target: string) => {
    const url = new URL(target, 'http://stub');
    url.searchParams.delete('beta'); // the SDK adds it to all its beta calls
    url.searchParams.sort();
    return `${url.pathname}?${url.searchParams}`;
  };
  const ours = asked.map(read);
  expect(stub.targets).toHaveLength(3);
  for (const target of stub.targets) expect(ours).toContain(read(target));
});

it('after a difference, the command ends with status 1 and reports requests that did not go through AIPassport', async () => {
  const [ofAda, ...others] = openaiBooks;
  stub.booked = [{ ...ofAda, day, keyId: 'key_ada', amount: '0.02000585', requests: 5 }, ...others];
  const { status, stdout, stderr } = await reconcile(['openai', ...openaiKeys()]);
  expect([status, stderr]).toEqual([1, 'The ledger and the bill of OpenAI differ.\n']);
  expect(stdout).toMatch(/0\.00000585 +0\.02000585 +0\.02 +3 \/ 5 +differs/);
  expect(stdout).toContain('2 requests with this key that did not go through AIPassport');
  expect((await reconcile(['openai', ...openaiKeys(), '--tolerance', '0.02'])).status).toBe(0);
});

it('differences that are below the tolerance on each day are reported if their sum over all days is above it', async () => {
  stub.booked = [3, 4].map((days) => ({ day: daysAgo(days), keyId: 'key_ada', amount: '0.004', requests: 1 }));
  const { status, stdout } = await reconcile(['openai', '--key', `${ada.credentials.email}=key_ada`]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/final days +0\.00000585 +0\.008 +0\.00799415 +3 \/ 2 +differs/);
});

it('in the JSON output, amounts are decimal texts, and keys that are in no `--key` option are listed separately', async () => {
  const unattributed = { day, keyId: null, amount: '0.25', requests: 1 };
  stub.booked = [...openaiBooks, unattributed];
  const { status, stdout } = await reconcile(['openai', '--json', '--key', `${ada.credentials.email}=key_ada`]);
  expect(status).toBe(0);
  const line = {
    result: 'agrees',
    ours_usd: '0.00000585',
    vendor_usd: '0.00000585',
    difference_usd: '0',
    our_requests: 3,
    vendor_requests: 3,
    may_be: [],
  };
  expect(JSON.parse(stdout)).toMatchObject({
    upstream: 'openai',
    from: daysAgo(8),
    to: daysAgo(2),
    keys: [{ our_keys: [ada.credentials.email], vendor_keys: ['key_ada'], final_days: line }],
    other_keys: expect.arrayContaining([
      { our_key: bea.credentials.email, ours_usd: '0.0000039', our_requests: 2 },
      { our_key: 'operator', ours_usd: '0.00000195', our_requests: 1 },
    ]),
    other_vendor_keys: expect.arrayContaining([{ vendor_key: null, vendor_usd: '0.25' }]),
  });
});

it('keys that replaced each other, and owners who share a key, are compared as sums', async () => {
  stub.booked = [
    { day, keyId: 'key_old', amount: '0.00000095', requests: 1 },
    { day, keyId: 'key_new', amount: '8.8e-6', requests: 4 },
  ];
  const pair = `${ada.credentials.email},${bea.credentials.email}=key_old,key_new`;
  expect((await reconcile(['openai', '--key', pair, '--tolerance', '0'])).status).toBe(0);
  const twice = await reconcile(['openai', '--key', pair, '--key', 'operator=key_new']);
  expect([twice.status, twice.stderr]).toEqual([2, expect.stringContaining('The key key_new is named twice.')]);
});

it('amounts with more digits than a float has are added exactly', async () => {
  stub.booked = [
    { day, keyId: 'key_ada', amount: '123456789012.000000001', requests: 1 },
    { day, keyId: 'key_ada', amount: '-123456789011.99999415100000000000001', requests: 2 },
  ];
  const { stdout } = await reconcile(['openai', '--key', `${ada.credentials.email}=key_ada`, '--tolerance', '0']);
  expect(stdout).toMatch(/0\.00000585 +0\.00000585 +0 +3 \/ 3 +agrees/);
});

it('requests that end after midnight may explain the differences of both days', async () => {
  const ofAda = ['(select id from accounts where email = $1)', [ada.credentials.email]] as const;
  const settle = (settledAt: string) =>
    query(
      `update ledger set settled_at = ${settledAt} where upstream = 'openai' and account_id = ${ofAda[0]}`,
      ofAda[1],
    );
  await settle("admitted_at + interval '12 hours'");
  stub.booked = [{ day: daysAgo(2), keyId: 'key_ada', amount: '0.00000585', requests: 3 }];
  const key = `${ada.credentials.email}=key_ada`;
  const { status, stdout } = await reconcile(['openai', '--key', key, '--tolerance', '0', '--json']);
  await settle("admitted_at + interval '1 minute'");
  expect(status).toBe(1);
  const [{ days, final_days: all }] = JSON.parse(stdout).keys as [{ days: { day: string }[]; final_days: object }];
  const around = { result: 'differs', may_be: expect.arrayContaining(['around_midnight']) };
  expect(days.filter((one) => one.day === day || one.day === daysAgo(2))).toMatchObject([around, around]);
  expect(all).toMatchObject({ result: 'agrees' });
});

it('a day that is not final yet is listed without a difference; if no day is final, the command ends with status 2', async () => {
  stub.booked = [...openaiBooks, { day: daysAgo(0), keyId: 'key_ada', amount: '9', requests: 9 }];
  const key = ['--key', `${ada.credentials.email}=key_ada`];
  const mixed = await reconcile(['openai', ...key, '--from', day, '--to', daysAgo(0)]);
  expect(mixed.status).toBe(0);
  expect(mixed.stdout).toMatch(new RegExp(`${daysAgo(0)} +0 +9 +0 / 9 +not final yet`));
  const none = await reconcile(['openai', ...key, '--from', daysAgo(1), '--to', daysAgo(0)]);
  expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('No day is final yet')]);
});

it('if a vendor limits the rate, the command waits as long as the vendor asks; it gives up after many such answers or if the wait is too long', async () => {
  stub.booked = openaiBooks;
  stub.limited = 2;
  const { status, stderr } = await reconcile(['openai', ...openaiKeys()]);
  expect([status, stderr.match(/limits the rate; the command continues in 0 seconds/g)?.length]).toEqual([0, 2]);
  stub.limited = 1_000;
  const refused = await reconcile(['openai', ...openaiKeys()]);
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('Try again later.')]);
  Object.assign(stub, { limited: 1, retryAfter: '3600' });
  const later = await reconcile(['openai', ...openaiKeys()]);
  expect([later.status, later.stderr]).toEqual([2, expect.stringContaining('Try again in 3600 seconds.')]);
});

it('the command ends with status 2 for another currency, an answer in another form, an error or an endless report', async () => {
  stub.booked = openaiBooks;
  stub.currency = 'eur';
  const euros = await reconcile(['openai', ...openaiKeys()]);
  expect([euros.status, euros.stderr]).toEqual([2, expect.stringContaining('OpenAI bills in EUR.')]);
  stub.currency = 'usd';
  stub.booked = [{ day, keyId: 'key_ada', amount: '"much"', requests: 1 }];
  const odd = await reconcile(['openai', ...openaiKeys()]);
  expect([odd.status, odd.stderr]).toEqual([2, expect.stringContaining('does not have the form')]);
  for (const [status, body, message] of [
    [500, {}, 'answered with an error (500)'],
    [200, { data: [], has_more: true, next_page: 'again' }, 'has no end'],
    [200, 'text', 'does not have the form'],
  ] as const) {
    stub.instead = (response) => answerJson(response, status, body);
    const run = await reconcile(['openai', ...openaiKeys()]);
    expect([run.status, run.stderr]).toEqual([2, expect.stringContaining(message)]);
  }
});

it('after wrong options or settings, the command ends with status 2, because status 1 means a difference', async () => {
  for (const [args, variables, message] of [
    [['openai', '--unknown'], {}, 'unknown option'],
    [['openai', '--from', 'yesterday'], { OPENAI_ADMIN_KEY: adminKey }, 'is not a day'],
    [['openai'], { OPENAI_ADMIN_KEY_FILE: '/nowhere' }, 'OPENAI_ADMIN_KEY: ENOENT'],
  ] as const) {
    const { status, stderr } = await reconcile(args, variables);
    expect([args, status, stderr]).toEqual([args, 2, expect.stringContaining(message)]);
  }
});

it('Anthropic gives amounts as texts in cents, and a day is not final if Anthropic last refreshed its data before the end of that day', async () => {
  // 7 tokens at 1 and 3 tokens at 5 US dollars a million
  stub.booked = [{ day, keyId: 'apikey_operator', amount: '0.0022', requests: 1 }];
  const args = ['anthropic', '--key', 'operator=apikey_operator', '--tolerance', '0'];
  const { status, stdout, stderr } = await reconcile(args, {}, '');
  expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining('Set ANTHROPIC_ADMIN_KEY')]);
  const agreed = await reconcile([...args, '--admin-key-stdin'], {}, `${adminKey}\nmore\n`);
  expect([agreed.status, agreed.stderr]).toEqual([0, '']);
  expect(agreed.stdout).toMatch(new RegExp(`${day} +0\\.000022 +0\\.000022 +0 +1 / 1 +agrees`));
  stub.refreshedAt = `${day}T23:00:00Z`;
  const early = await reconcile(args, { ANTHROPIC_ADMIN_KEY: adminKey });
  expect(early.stdout).toMatch(new RegExp(`${day} +0\\.000022 +0\\.000022 +1 / 1 +not final yet`));
});

it('OpenRouter is asked for each key by its hash', async () => {
  // The command compares charges without asking how the request was sent. So the test changes the upstream of Bea's
  // rows in the ledger to OpenRouter, instead of sending requests to OpenRouter.
  const { email } = bea.credentials;
  const serve = (name: string) =>
    query('update ledger set upstream = $1 where account_id = (select id from accounts where email = $2)', [
      name,
      email,
    ]);
  await serve('openrouter');
  stub.booked = [
    { day, keyId: hash, amount: '0.00000195', requests: 1 },
    { day, keyId: hash, amount: '1.95e-6', requests: 1 },
    { day: daysAgo(20), keyId: hash, amount: '5', requests: 1 },
  ];
  const args = ['openrouter', '--key', `${email}=${hash}`, '--tolerance', '0'];
  const { status, stdout } = await reconcile(args, { OPENROUTER_ADMIN_KEY: adminKey });
  await serve('openai');
  expect([status, stub.targets]).toEqual([0, [`/api/v1/activity?api_key_hash=${hash}`]]);
  expect(stdout).toMatch(new RegExp(`${day} +0\\.0000039 +0\\.0000039 +0 +2 / 2 +agrees`));
});

// The ids at the beginning of titles are rows of docs/security.md.
it('G1: the admin key is in no output, whatever the vendor answers, and is not sent to another server', async () => {
  const elsewhere = await RecordingUpstream.start();
  stub.instead = (response) => response.writeHead(302, { location: `${elsewhere.url}/v1/costs` }).end();
  const anthropic = ['anthropic', '--key', 'operator=apikey_operator'];
  const redirected = await reconcile(anthropic, { ANTHROPIC_ADMIN_KEY: adminKey });
  expect([redirected.status, elsewhere.hits]).toEqual([2, []]);
  await elsewhere.stop();
  stub.instead = undefined;
  for (const wrong of [
    'canary-wrong-key-dunlin',
    'canary-broken\u0001key-dunlin',
    `canary-long-${'x'.repeat(2_000)}`,
  ]) {
    const refused = await reconcile(['openai', ...openaiKeys()], { OPENAI_ADMIN_KEY: wrong });
    expect([refused.status, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(/OpenAI refuses the key \(401\)|has a character that no API key has/);
  }
  const inOption = await reconcile(['openai', '--base-url', 'http://vendor.example'], { OPENAI_ADMIN_KEY: adminKey });
  expect(inOption.status).toBe(2);
  for (const secret of [adminKey, 'canary-wrong', 'canary-broken', 'canary-long'])
    expect(outputs.filter((output) => output.includes(secret))).toEqual([]);
  expect(deployment.output()).not.toContain(adminKey);
});

it('if the bill is lower, the report mentions requests whose usage is unknown; after a correction of their charge, the bill agrees', async () => {
  upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[{"message":{"content":"Hel');
  };
  const broken = await connect(deployment, { owner: bea });
  await (await postChat(deployment.resourceProxyUrl, broken.accessToken)).text().catch(() => undefined);
  await moveLedger(8);
  stub.booked = openaiBooks;
  const args = ['openai', ...openaiKeys(), '--tolerance', '0'];
  const found = await reconcile(args);
  expect([found.status, found.stdout]).toEqual([1, expect.stringContaining('requests whose usage is unknown')]);
  const [row] = await query('select request_id as id from ledger where grant_id = $1', [broken.grantId]);
  const correction = ['correct-charge', row?.id ?? '', '--cost', '0', '--reason', 'not on the bill'];
  const corrected = await runCommand(correction, { DATABASE_URL: deployment.databaseUrl });
  expect([corrected.status, corrected.stderr]).toEqual([0, '']);
  expect((await reconcile(args)).status).toBe(0);
});
