import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
});
afterAll(() => proxy?.stop());

// The ids at the beginning of titles are rows of docs/security.md.
it('G2: requests that are refused because of what the owner allows are counted for their grant; requests with a wrong token or a malformed body are not', async () => {
  const { token, grant } = await proxy.connect('model:gpt-4o-mini cap:embeddings');
  const statuses = await Promise.all(Array.from({ length: 6 }, (_, n) => proxy.chat(token, {}, { proxy: n % 2 })));
  expect(statuses.map(({ status }) => status)).toEqual(Array(6).fill(403));
  expect((await proxy.chat('unknown')).status).toBe(401);
  expect((await proxy.post('/openai/v1/embeddings', { model: 1 }, token)).status).toBe(400);
  const list = async () =>
    (await proxy.database.query(
      'select event, reason, account_id, grant_id, sum(count)::int as count from refusal_counts group by 1, 2, 3, 4',
    )) as { count: number }[];
  await waitUntil(async () => ((await list())[0]?.count ?? 0) >= 6, 'the refusals are counted');
  expect(await list()).toEqual([
    {
      event: 'request_refused',
      reason: 'scope_missing',
      account_id: grant.accountId,
      grant_id: grant.id,
      count: 6,
    },
  ]);
});
