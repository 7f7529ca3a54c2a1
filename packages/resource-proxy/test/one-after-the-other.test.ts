import { setAccountLimit } from '@aipassport/store/authorization';
import { waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { answerJson } from './support/recording-upstream.js';
import { chatScope, TestProxy } from './support/test-proxy.js';

const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const answer = { choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' } }], usage };
const maxTokens = 10_000;
/** The price of gpt-4o-mini is $0.60 for a million tokens of output. */
const worstCaseNanoUsd = BigInt(maxTokens) * 600n;

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
});
beforeEach(waitPastMidnight);
beforeEach(() => {
  proxy.upstream.reset();
  proxy.upstream.behaviour = answerJson(answer);
});
afterAll(() => proxy.stop());

/** Sends one request after the other, with alternating tokens and replicas. */
async function sendInTurn(tokens: readonly string[], changes: Record<string, unknown>): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < 20; index += 1) {
    const token = tokens[index % tokens.length] ?? '';
    const response = await proxy.chat(token, changes, { proxy: Math.floor(index / tokens.length) % 2 });
    await response.text();
    statuses.push(response.status);
  }
  return statuses;
}

it('one stream at a time is enough for streams one after the other', async () => {
  const { token } = await proxy.connect(chatScope, { maxStreams: 1 });
  expect(await sendInTurn([token], { stream: true })).toEqual(Array(20).fill(200));
});

it('a budget for one request at a time is enough for requests one after the other, and shortens none of them', async () => {
  const { token } = await proxy.connect(chatScope, { maxCost: (worstCaseNanoUsd * 3n) / 2n });
  expect(await sendInTurn([token], { max_tokens: maxTokens })).toEqual(Array(20).fill(200));
  const sent = proxy.upstream.hits.map(
    ({ body }) => (JSON.parse(body.toString()) as { max_tokens: number }).max_tokens,
  );
  expect(sent).toEqual(Array(20).fill(maxTokens));
});

it('a limit of tokens per minute that covers one request at a time is enough for requests that are sent one after the other', async () => {
  const { token } = await proxy.connect(chatScope, { maxTokensPerMinute: (maxTokens * 3) / 2 });
  expect(await sendInTurn([token], { max_tokens: maxTokens })).toEqual(Array(20).fill(200));
});

it('an account’s budget for one request at a time is enough for two grants that take turns', async () => {
  const one = await proxy.connect();
  const { accountId } = one.grant;
  const other = await proxy.createToken(await proxy.createGrant({ accountId }));
  await setAccountLimit(proxy.database.db, {
    accountId,
    maxCostPerMonth: (worstCaseNanoUsd * 3n) / 2n,
    mayRaise: true,
  });
  expect(await sendInTurn([one.token, other], { max_tokens: maxTokens })).toEqual(Array(20).fill(200));
});
