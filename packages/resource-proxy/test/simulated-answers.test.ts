import { verifyLedger, verifyUsage } from '@aipassport/store';
import { exportAccount, listUsage } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { answerJson, RecordingUpstream } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let simulation: RecordingUpstream;
let proxy: TestProxy;
beforeAll(async () => {
  simulation = await RecordingUpstream.start();
  proxy = await TestProxy.start({ hasOperatorKeys: false, simulatedUpstreamUrl: simulation.url });
});
beforeEach(() => {
  const answer = answerJson({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } });
  simulation.behaviour = answer;
  proxy.upstream.behaviour = answer;
});
afterAll(async () => {
  await proxy?.stop();
  await simulation?.stop();
});

it('after the owner has added a provider key, the history and the export still say which answers were simulated', async () => {
  const { grant, token } = await proxy.connect();
  const { id: grantId, accountId } = grant;
  const { db } = proxy.database;
  const list = async () => (await listUsage(db, { accountId, of: { grantId }, limit: 5 })).entries;
  expect((await proxy.chat(token)).status).toBe(200);
  await waitUntil(async () => (await list()).length === 1, 'the first request is in the ledger');
  await proxy.addProviderKey(accountId, 'openai', 'sk-of-the-owner-0123456789abcdefgh');
  expect((await proxy.chat(token)).status).toBe(200);
  await waitUntil(async () => (await list()).length === 2, 'the second request is in the ledger');
  expect([simulation.hits.length, proxy.upstream.hits.length]).toEqual([1, 1]);
  expect((await list()).map(({ isSimulated }) => isSimulated)).toEqual([false, true]);
  const exported: unknown[] = [];
  const requests = exportAccount(db, accountId).find(({ name }) => name === 'requests');
  for await (const row of requests?.rows ?? []) exported.push(row['is_simulated']);
  expect(exported).toEqual([true, false]);
  expect([await verifyLedger(db), await verifyUsage(db)]).toEqual([[], []]);
});

it('a request is marked as simulated before it is sent', async () => {
  const { grant, token } = await proxy.connect();
  const { promise: held, resolve: answer } = Promise.withResolvers<() => void>();
  const before = simulation.behaviour;
  simulation.behaviour = (hit, response) => answer(() => before(hit, response));
  const answered = proxy.chat(token);
  const send = await held;
  const { rows } = await sql`
    select is_simulated from reservations where grant_id = ${grant.id}`.execute(proxy.database.db);
  expect(rows).toEqual([{ is_simulated: true }]);
  send();
  expect((await answered).status).toBe(200);
});

it('a request whose reservation another process has settled meanwhile is not sent to the simulated AI provider', async () => {
  const { db } = proxy.database;
  const { grant, token } = await proxy.connect();
  // The trigger hides the reservation from the statement that marks it, as if it had been settled.
  await sql`
    create function hide() returns trigger language plpgsql as $$ begin return null; end $$`.execute(db);
  await sql`
    create trigger hide before update of is_simulated on reservations for each row execute function hide()`.execute(db);
  const before = simulation.hits.length;
  const answer = await proxy.chat(token);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
  expect(simulation.hits).toHaveLength(before);
  await waitUntil(async () => (await proxy.readUsedRequests(grant.id)) === 0, 'the request does not count');
  await sql`drop function hide cascade`.execute(db);
  expect((await proxy.chat(token)).status).toBe(200);
});
