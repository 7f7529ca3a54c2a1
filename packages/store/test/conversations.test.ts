import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { addToConversation, openTurn, recordStoredObjects } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addGrant } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterAll(() => test.close());

it('a turn is not opened if the request was estimated before the conversation became longer', async () => {
  const grantId = await addGrant(test.db);
  const place = { grantId, upstream: 'openai', conversationId: 'conv_1' };
  await recordStoredObjects(test.db, [
    { grantId, upstream: 'openai', id: 'conv_1', kind: 'conversation', tokens: 100, keptDays: 400 },
  ]);
  expect(await addToConversation(test.db, place, { addedTokens: 900, addedPictures: 2 })).toBe(true);
  const open = (knownTokens: number) =>
    openTurn(
      test.db,
      { ...place, requestId: randomUUID() },
      { addedTokens: 50, addedPictures: 0, knownTokens, keptDays: 400 },
    );
  expect(await open(100)).toBeUndefined();
  expect(await open(1_000)).toBe(1_000);
});
