import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  endEarlierSecrets,
  findClient,
  isPreviousClientSecret,
  replaceClientSecret,
  upsertClient,
} from '../src/authorization/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';

let test: TestDatabase;
const clientId = 'resource-proxy';

beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.query('delete from previous_client_secrets');
  const metadata = { client_name: 'Resource proxy' };
  const values = { id: clientId, name: 'Resource proxy', metadata, secretHash: 'first', webOrigins: [] };
  await upsertClient(test.db, { ...values, registeredBy: 'operator' });
});

const replace = (secretHash: string, overlapSeconds: number) =>
  replaceClientSecret(test.db, { clientId, secretHash, overlapSeconds });

it('the earlier secret works for the overlap, and until it is ended; both acts are in the audit log', async () => {
  expect(await replace('second', 60)).toBe(true);
  expect((await findClient(test.db, clientId))?.secretHash).toBe('second');
  expect(await isPreviousClientSecret(test.db, clientId, 'first')).toBe(true);
  await test.query(`update previous_client_secrets set expires_at = now() - interval '1 second'`);
  expect(await isPreviousClientSecret(test.db, clientId, 'first')).toBe(false);
  expect(await replace('third', 60)).toBe(true);
  expect(await endEarlierSecrets(test.db, clientId)).toBe(true);
  expect(await isPreviousClientSecret(test.db, clientId, 'second')).toBe(false);
  expect(await endEarlierSecrets(test.db, clientId)).toBe(false);
  const events = await test.query<{ event: string }>(
    `select event, client_id, detail from audit_events where event like 'client_secret%' order by id`,
  );
  expect(events).toEqual([
    { event: 'client_secret_replaced', client_id: clientId, detail: { by: 'command', overlap_seconds: 60 } },
    { event: 'client_secret_replaced', client_id: clientId, detail: { by: 'command', overlap_seconds: 60 } },
    { event: 'client_secrets_ended', client_id: clientId, detail: { by: 'command' } },
  ]);
});

it('without an overlap the earlier secret ends at once; the same secret and an unknown client change nothing', async () => {
  expect(await replace('second', 0)).toBe(true);
  expect(await isPreviousClientSecret(test.db, clientId, 'first')).toBe(false);
  expect(await replace('second', 60)).toBe(false);
  expect(await isPreviousClientSecret(test.db, clientId, 'second')).toBe(false);
  expect(await replaceClientSecret(test.db, { clientId: 'unknown', secretHash: 'second', overlapSeconds: 60 })).toBe(
    false,
  );
});
