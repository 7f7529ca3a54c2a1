import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { insertReplica } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => test.close());

it('admits requests of the previous release while a migration adds columns, and reserves the same amounts', async () => {
  await sql.raw(readFileSync(new URL('../../bridges/admit_requests.sql', import.meta.url), 'utf8')).execute(test.db);
  await insertReplica(test.db, { replicaId: 'one', leaseSeconds: 3_600 });
  const accountId = await addAccount(test.db);
  const grantId = await addGrant(test.db, { accountId, limits: { maxRequests: 3 } });
  const admit = async () => {
    const ids = [randomUUID(), randomUUID()];
    const { rows } = await sql<{ verdict: string }>`
      select verdict from admit_requests('one', 'test', array[${grantId}], array[2], array[${accountId}],
        ${ids}::uuid[], array[100, 200]::bigint[], array[10, 10]::bigint[], array[7, 8], array[false, true],
        array['openai', 'openai'], array['gpt-4o', 'gpt-4o'], array['chat', 'chat']) order by item`.execute(test.db);
    return { ids, verdicts: rows.map(({ verdict }) => verdict) };
  };
  const before = await admit();
  expect(before.verdicts).toEqual(['admitted', 'admitted']);
  await sql`alter table reservations add column of_a_newer_release date`.execute(test.db);
  const after = await admit();
  expect(after.verdicts).toEqual(['admitted', 'request_limit_reached']);

  const { rows } = await sql`
    select request_id, replica_id, account_id, client_id is not null as client, admitted_at <= now() as at, reserved::integer,
      estimate::integer, tokens, is_stream, day is not null as day, month is not null as month, upstream, model, operation,
      catalogue_version, of_a_newer_release from reservations where grant_id = ${grantId} order by admitted_at, estimate`.execute(
    test.db,
  );
  const same = {
    replica_id: 'one',
    account_id: accountId,
    client: true,
    at: true,
    day: true,
    month: true,
    upstream: 'openai',
    model: 'gpt-4o',
    operation: 'chat',
    catalogue_version: 'test',
    of_a_newer_release: null,
  };
  const [first, second] = before.ids;
  const small = { ...same, reserved: 100, estimate: 100, tokens: 7, is_stream: false };
  expect(rows).toEqual([
    { ...small, request_id: first },
    { ...same, request_id: second, reserved: 200, estimate: 200, tokens: 8, is_stream: true },
    { ...small, request_id: after.ids[0] },
  ]);
});
