import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  endRestoredAccess,
  findPasswordReset,
  insertInvitation,
  insertPasswordReset,
  isInvitationOpen,
  setMayInvite,
} from '../src/authorization/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterAll(() => test.close());

const readLimit = async (accountId: string) => {
  const limits = 'select month_cost, month > current_date - 40 as is_recent from account_limits where account_id = $1';
  return (await test.query(limits, [accountId]))[0];
};

// The ids at the beginning of titles are rows of docs/security.md.
it('F10: ending the access of a restored database ends grants and links, and uses up the overall limits, except those of the named accounts', async () => {
  const [spent, kept] = [await addAccount(test.db), await addAccount(test.db)];
  for (const id of [spent, kept]) {
    await test.query('select set_account_limit($1, 500, true)', [id]);
    await test.query("update account_limits set month = '2020-01-01', month_cost = 700 where account_id = $1", [id]);
  }
  const grants = [await addGrant(test.db, { accountId: spent }), await addGrant(test.db, { accountId: kept })];
  await insertPasswordReset(test.db, { accountId: spent, token: 'reset', lifetimeSeconds: 60 });
  await setMayInvite(test.db, spent, { mayInvite: true, by: 'test' });
  const invitation = await insertInvitation(test.db, { createdBy: spent, note: undefined, expiresInSeconds: 60 });
  expect(await isInvitationOpen(test.db, invitation ?? '')).toBe(true);

  expect(await endRestoredAccess(test.db, [kept])).toEqual({ grants: 2, accounts: 1 });

  const rows = await test.query('select status, revoked_reason from grants where id = any ($1)', [grants]);
  expect(rows).toEqual(grants.map(() => ({ status: 'revoked', revoked_reason: 'operator' })));
  expect(await findPasswordReset(test.db, 'reset')).toBeUndefined();
  expect(await isInvitationOpen(test.db, invitation ?? '')).toBe(false);
  // in the month of the backup more was spent than the limit, but this is a later month
  expect(await readLimit(spent)).toEqual({ month_cost: 500n, is_recent: true });
  expect(await readLimit(kept)).toEqual({ month_cost: 700n, is_recent: false });
  const events = await test.query("select detail from audit_events where event = 'backup_restored'");
  expect(events).toEqual([{ detail: { by: 'command', grants: 2, accounts: 1 } }]);
  expect(await endRestoredAccess(test.db, [kept])).toEqual({ grants: 0, accounts: 1 });
});
