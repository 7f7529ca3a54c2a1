import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { answerJson } from './support/recording-upstream.js';
import { chatScope, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;

const queued = { id: 'resp_1', object: 'response', status: 'queued', background: true, output: [], usage: null };
const usage = { input_tokens: 900, output_tokens: 100, total_tokens: 1_000 };

beforeEach(async () => {
  proxy = await TestProxy.start();
  const accountId = await proxy.createAccount();
  await proxy.addProviderKey(accountId, 'openai', 'sk-proj-own0123456789abcdefghijkl');
  const token = await proxy.createToken(await proxy.createGrant({ accountId, scope: chatScope }));
  proxy.upstream.behaviour = answerJson(queued);
  const body = { model: 'gpt-4o-mini', input: 'x', background: true, max_output_tokens: 100 };
  expect((await proxy.post('/openai/v1/responses', body, token)).status).toBe(200);
});

afterEach(() => proxy?.stop());

const findLine = (text: string) => proxy.lines.find((line) => line.includes(text));

const countOpen = async () => (await proxy.database.query('select from background_responses')).length;

it('if the AI provider cannot be asked about a background response, it is asked again until the deadline; then the response is settled', async () => {
  proxy.upstream.behaviour = (_hit, response) => response.destroy();
  await waitUntil(async () => findLine('it is asked again later') !== undefined, 'a check has failed');
  expect(await countOpen()).toBe(1);
  const before = proxy.lines.length;
  await proxy.database.query(
    "update background_responses set created_at = now() - interval '25 hours', check_at = now()",
  );
  await waitUntil(async () => (await countOpen()) === 0, 'the response is settled');
  const lines = proxy.lines.slice(before).filter((line) => line.includes('background_check_failed'));
  expect(lines).toEqual([expect.stringContaining('charged as reserved because its deadline has passed')]);
});

it('a background response that cannot be settled is not reported as a failure of the AI provider', async () => {
  await proxy.database.query(`create function refuse() returns trigger language plpgsql
    as $$ begin raise exception 'refused'; end $$`);
  await proxy.database.query(
    'create trigger refuse before delete on background_responses for each row execute function refuse()',
  );
  proxy.upstream.behaviour = answerJson({ ...queued, status: 'completed', usage });
  await waitUntil(async () => findLine('background_settlement_failed') !== undefined, 'the settlement has failed');
  expect(findLine('background_check_failed')).toBeUndefined();
  await proxy.database.query('drop trigger refuse on background_responses');
  await waitUntil(async () => (await countOpen()) === 0, 'the response is settled');
});
