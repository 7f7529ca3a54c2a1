import { setAccountLimit } from '@aipassport/store/authorization';
import { findGrantStatus } from '@aipassport/store/proxying';
import { waitPastMidnight } from '@aipassport/store/testing';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { Behaviour, Hit } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const scope = 'model:gpt-5 model:gpt-4o model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat';
const usd = (amount: number) => BigInt(Math.round(amount * 1e9));
const messages = [{ role: 'user' as const, content: 'Hello' }];

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2, limits: { maxBudgetWaitMilliseconds: 700 } });
});
beforeEach(waitPastMidnight);
beforeEach(() => proxy.upstream.reset());
afterAll(() => proxy.stop());

/** The output limit that reached the AI provider, in any of the dialects. */
function readLimit({ body }: Hit): number {
  const sent = JSON.parse(body.toString()) as {
    max_completion_tokens?: number;
    max_tokens?: number;
    generationConfig?: { maxOutputTokens?: number };
  };
  return sent.max_completion_tokens ?? sent.max_tokens ?? sent.generationConfig?.maxOutputTokens ?? Number.NaN;
}

const answers = (hit: Hit, input: number, output: number): unknown => {
  if (hit.target.startsWith('/v1/messages'))
    return { type: 'message', role: 'assistant', content: [], usage: { input_tokens: input, output_tokens: output } };
  if (hit.target.startsWith('/v1beta'))
    return { candidates: [], usageMetadata: { promptTokenCount: input, candidatesTokenCount: output } };
  return { choices: [], usage: { prompt_tokens: input, completion_tokens: output } };
};

/** Answers after the given time, with as many output tokens as `readOutput` returns. */
function answerAfter(milliseconds: number, readOutput: (hit: Hit) => number = () => 300): Behaviour {
  return (hit, response) => {
    const body = JSON.stringify(answers(hit, 20, readOutput(hit)));
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    }, milliseconds);
  };
}

/** Delays all answers until they are released. */
function holdBack(): { readonly behaviour: Behaviour; readonly letGo: () => void } {
  const held: (() => void)[] = [];
  return {
    behaviour: (hit, response) => held.push(() => answerAfter(0)(hit, response)),
    letGo: () => {
      for (const answer of held.splice(0)) answer();
    },
  };
}

const ask = (token: string, changes: Record<string, unknown> = {}, place = 0) =>
  proxy.chat(token, { model: 'gpt-4o', messages, ...changes }, { proxy: place % 2 });

async function untilSettled(grantId: string) {
  const read = async () => (await findGrantStatus(proxy.database.db, grantId))?.usage;
  await waitUntil(async () => (await read())?.reserved === 0n, 'everything is settled');
  return read();
}

it('consecutive calls all pass even if the longest possible answer does not fit the budget', async () => {
  proxy.upstream.behaviour = answerAfter(0, () => 20);
  const { token } = await proxy.connect(scope, { maxCost: usd(0.05) });
  const statuses = [];
  for (let call = 0; call < 12; call += 1) {
    const response = await ask(token, {}, call);
    await response.text();
    statuses.push(response.status);
  }
  expect(statuses).toEqual(Array(12).fill(200));
});

it('parallel requests without an output limit each get a share of the budget, and the answer says how much', async () => {
  proxy.upstream.behaviour = answerAfter(400);
  const { grant, token } = await proxy.connect(scope, { maxCost: usd(1) });
  const responses = await Promise.all([0, 1, 2, 3, 4].map((place) => ask(token, { model: 'gpt-5' }, place)));
  expect(responses.map(({ status }) => status)).toEqual(Array(5).fill(200));
  const sent = proxy.upstream.hits.map(readLimit);
  expect(Math.min(...sent)).toBeGreaterThanOrEqual(4_096);
  const announced = responses.map(({ headers }) => Number(headers.get('aipassport-max-output-tokens')));
  expect(new Set(announced)).toEqual(new Set(sent));
  await untilSettled(grant.id);
});

describe('the output limit', () => {
  it('is the model’s for a request that runs alone, and is in the answer if the client set none', async () => {
    proxy.upstream.behaviour = answerAfter(0);
    const { token } = await proxy.connect(scope, { maxCost: usd(0.25) });
    const alone = await ask(token);
    expect([readLimit(proxy.upstream.last), alone.headers.get('aipassport-max-output-tokens')]).toEqual([
      16_384,
      '16384',
    ]);
    const limited = await ask(token, { max_tokens: 500 });
    expect([readLimit(proxy.upstream.last), limited.headers.get('aipassport-max-output-tokens')]).toEqual([500, null]);
  });

  it('leaves a part of the budget for others while one request runs', async () => {
    const { behaviour, letGo } = holdBack();
    proxy.upstream.behaviour = behaviour;
    const { token } = await proxy.connect(scope, { maxCost: usd(0.3) });
    const first = ask(token);
    await waitUntil(() => proxy.upstream.hits.length === 1, 'the first is under way');
    const second = ask(token, {}, 1);
    await waitUntil(() => proxy.upstream.hits.length === 2, 'the second is under way');
    const limits = proxy.upstream.hits.map(readLimit);
    expect(limits[0]).toBe(16_384);
    expect(limits[1]).toBeGreaterThan(6_000);
    expect(limits[1]).toBeLessThan(7_000);
    letGo();
    const answered = await Promise.all([first, second]);
    expect(Number(answered[1]?.headers.get('aipassport-remaining-usd'))).toBeGreaterThan(0.05);
  });
});

describe('a budget that other requests have reserved', () => {
  it('leads to a 429 with the time to wait, and never to a final 402, for every kind of budget', async () => {
    const accountId = await proxy.createAccount();
    const grants = await Promise.all(
      [{ maxCost: usd(0.05) }, { maxCostPerDay: usd(0.05) }, { maxCostPerMonth: usd(0.05) }, {}].map((limits) =>
        proxy.createGrant({ scope, limits, accountId }),
      ),
    );
    const tokens = await Promise.all(grants.map((grant) => proxy.createToken(grant)));
    await setAccountLimit(proxy.database.db, { accountId, maxCostPerMonth: usd(0.195), mayRaise: true });
    const { behaviour, letGo } = holdBack();
    proxy.upstream.behaviour = behaviour;
    const held: Promise<Response>[] = [];
    for (const token of tokens) {
      held.push(ask(token));
      await waitUntil(() => proxy.upstream.hits.length === held.length, 'each has one under way');
    }
    const refused = await Promise.all(tokens.map((token, place) => ask(token, {}, place + 1)));
    for (const response of refused) {
      expect([response.status, response.headers.get('x-should-retry')]).toEqual([429, 'true']);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(20);
      expect(await response.json()).toMatchObject({ error: { code: 'budget_held', type: 'rate_limit_error' } });
    }
    const google = await proxy.post(
      '/google/v1beta/models/gemini-2.5-flash:generateContent',
      { contents: [{ parts: [{ text: 'Hello' }] }] },
      tokens[3] ?? '',
    );
    expect([google.status, JSON.stringify(await google.json())]).toEqual([
      429,
      expect.stringMatching(/"status":"RESOURCE_EXHAUSTED".*"reason":"BUDGET_HELD".*RetryInfo","retryDelay":"\d+s"/),
    ]);
    letGo();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual(Array(4).fill(200));
    for (const grant of grants) await untilSettled(grant.id);
    proxy.upstream.behaviour = answerAfter(0);
    expect((await Promise.all(tokens.map((token) => ask(token)))).map(({ status }) => status)).toEqual(
      Array(4).fill(200),
    );
  });

  it('does not make a request wait that would not fit even into the whole budget: it gets a 402 at once', async () => {
    const { behaviour, letGo } = holdBack();
    proxy.upstream.behaviour = behaviour;
    const { token } = await proxy.connect(scope, { maxCost: usd(0.005) });
    const first = ask(token, { max_tokens: 100 });
    await waitUntil(() => proxy.upstream.hits.length === 1, 'the first is under way');
    const refused = await ask(token, { messages: [{ role: 'user', content: 'long '.repeat(2_000) }] });
    expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([402, 'false']);
    expect(await refused.text()).toContain('a lower output limit (such as `max_tokens`)');
    letGo();
    await first;
  });

  it('is released in turn: consecutive small requests do not keep a large one from its share', async () => {
    proxy.upstream.behaviour = answerAfter(30, () => 5);
    // The budget covers one large request, or four small ones, at a time.
    const { token } = await proxy.connect(scope, { maxCost: usd(0.085) });
    const isDone = new AbortController();
    const small = async () => {
      while (!isDone.signal.aborted) await (await ask(token, { max_tokens: 2_000 })).text();
    };
    const stream = Promise.all([0, 1, 2, 3, 4, 5].map(small));
    await waitUntil(() => proxy.upstream.hits.length >= 6, 'small ones come and go');
    const large = await ask(token, { max_tokens: 8_000 });
    isDone.abort();
    await stream;
    expect(large.status).toBe(200);
    const limits = proxy.upstream.hits.map(readLimit).filter((limit) => limit > 2_000);
    expect(limits).toHaveLength(1);
    expect(limits[0]).toBeGreaterThanOrEqual(4_096);
  });
});

it('a small request passes a waiting large one if it takes almost nothing of the remaining budget', async () => {
  const { behaviour, letGo } = holdBack();
  proxy.upstream.behaviour = behaviour;
  const { token } = await proxy.connect(scope, { maxCost: usd(0.08) });
  const first = ask(token, { max_tokens: 5_000 });
  await waitUntil(() => proxy.upstream.hits.length === 1, 'the first is under way');
  const large = ask(token, { max_tokens: 5_000 });
  const small = ask(token, { max_tokens: 16 });
  await waitUntil(() => proxy.upstream.hits.length === 2, 'the small one is under way');
  letGo();
  await waitUntil(() => proxy.upstream.hits.length === 3, 'the large one is under way');
  letGo();
  expect((await Promise.all([first, large, small])).map(({ status }) => status)).toEqual([200, 200, 200]);
});

describe('an SDK with its own retries', () => {
  const count = 6;
  type Ask = () => Promise<unknown>;
  // The budget covers the reservations of about two requests at a time, although each of them costs less than a cent.
  const maxCost = usd(0.15);

  it.each([
    [
      'openai',
      (url: string, apiKey: string) => {
        const sdk = new OpenAI({ baseURL: `${url}/openai/v1`, apiKey });
        return () => sdk.chat.completions.create({ model: 'gpt-4o', messages });
      },
    ],
    [
      'anthropic',
      (url: string, apiKey: string) => {
        const sdk = new Anthropic({ baseURL: `${url}/anthropic`, apiKey });
        return () => sdk.messages.create({ model: 'claude-haiku-4-5', max_tokens: 20_000, messages });
      },
    ],
    [
      'google',
      (url: string, apiKey: string) => {
        const sdk = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${url}/google`, retryOptions: {} } });
        return () => sdk.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hello' });
      },
    ],
  ] satisfies [string, (url: string, apiKey: string) => Ask][])(
    '%s gets every answer of requests that run at once on two replicas, and the budget is not exceeded',
    async (_name, createAsk) => {
      let outputs = 0;
      proxy.upstream.behaviour = answerAfter(900, (hit) => {
        const output = Math.min(300, readLimit(hit));
        outputs += output;
        return output;
      });
      const { grant, token } = await proxy.connect(scope, { maxCost });
      const asking = [0, 1].map((place) => createAsk(proxy.urlOf(place), token));
      const askBy = async (replica: number) => asking[replica]?.();
      const results = await Promise.allSettled(Array.from({ length: count }, (_, n) => askBy(n % 2)));
      expect(results.map(({ status }) => status)).toEqual(Array(count).fill('fulfilled'));
      expect(outputs).toBe(300 * count);
      expect((await untilSettled(grant.id))?.spent).toBeLessThanOrEqual(maxCost);
    },
    30_000,
  );
});

it('parallel requests without an output limit do not exceed the budget, even if each uses its whole share', async () => {
  let billed = 0n;
  proxy.upstream.behaviour = (hit, response) => {
    const output = readLimit(hit);
    // With gpt-4o, a million input tokens cost $2.50 and a million output tokens cost $10.
    billed += 20n * 2_500n + BigInt(output) * 10_000n;
    answerAfter(20, () => output)(hit, response);
  };
  const { grant, token } = await proxy.connect(scope, { maxCost: usd(0.5) });
  await Promise.all(Array.from({ length: 16 }, (_, place) => ask(token, {}, place)));
  expect(billed).toBeGreaterThan(usd(0.25));
  expect(billed).toBeLessThanOrEqual(usd(0.5));
  expect((await untilSettled(grant.id))?.spent).toBe(billed);
});
