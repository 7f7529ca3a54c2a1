import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { consumeOperatorLink, insertOperatorLink } from '../src/authorization/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterAll(() => test.close());

it('a link is also used up by an account that is an operator already, and the audit log has one new operator', async () => {
  const accountId = await addAccount(test.db);
  const consumed: boolean[] = [];
  for (let n = 0; n < 2; n += 1) {
    const code = await insertOperatorLink(test.db, { expiresInSeconds: 3_600, isForFirst: false });
    consumed.push(await consumeOperatorLink(test.db, code ?? '', accountId));
    expect(await consumeOperatorLink(test.db, code ?? '', accountId)).toBe(false);
  }
  expect(consumed).toEqual([true, true]);
  const { rows } = await sql`select event from audit_events where account_id = ${accountId}`.execute(test.db);
  expect(rows).toEqual([{ event: 'operator_added' }]);
});
