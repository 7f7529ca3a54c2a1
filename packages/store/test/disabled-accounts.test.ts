import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  disableAccount,
  enableAccount,
  findConfirmationLink,
  findPasswordReset,
  findSignInChallenge,
  insertConfirmationLink,
  insertInvitation,
  insertMail,
  insertPasswordReset,
  insertSignInChallenge,
  isInvitationOpen,
  setMayInvite,
} from '../src/authorization/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterAll(() => test.close());

const lifetimeSeconds = 3_600;
const mailTo = (accountId: string) =>
  ({ accountId, email: `${accountId}@x.example`, language: 'en', detail: { sealedToken: 's' } }) as const;
const kindsOfMails = async (accountId: string) =>
  (await test.db.selectFrom('mails').select('kind').where('account_id', '=', accountId).execute()).map(
    ({ kind }) => kind,
  );

it('no link of a disabled account works, not even after the account is enabled', async () => {
  const accountId = await addAccount(test.db);
  const token = (name: string) => `${name}-${accountId}`;
  await insertPasswordReset(test.db, { accountId, token: token('reset'), lifetimeSeconds });
  await insertConfirmationLink(test.db, {
    accountId,
    email: 'new@x.example',
    token: token('address'),
    lifetimeSeconds,
  });
  const challenge = { kind: 'second_factor', value: token('code') } as const;
  await insertSignInChallenge(test.db, { ...challenge, accountId, lifetimeSeconds });
  await setMayInvite(test.db, accountId, { mayInvite: true, by: 'test' });
  const invitation = await insertInvitation(test.db, {
    createdBy: accountId,
    note: undefined,
    expiresInSeconds: lifetimeSeconds,
  });
  await insertMail(test.db, { ...mailTo(accountId), kind: 'reset_password' });
  await insertMail(test.db, { ...mailTo(accountId), kind: 'confirm_new_address' });
  await insertMail(test.db, { ...mailTo(accountId), kind: 'address_changed', detail: {} });
  const working = async () => ({
    reset: await findPasswordReset(test.db, token('reset')),
    address: await findConfirmationLink(test.db, { accountId, token: token('address') }),
    challenge: await findSignInChallenge(test.db, challenge),
    invitation: await isInvitationOpen(test.db, invitation ?? ''),
  });
  expect(Object.values(await working()).every(Boolean)).toBe(true);
  await disableAccount(test.db, accountId);
  await enableAccount(test.db, accountId);
  expect(Object.values(await working()).some(Boolean)).toBe(false);
  expect(await kindsOfMails(accountId)).toEqual(['address_changed']);
});

it('a link that is made while the account is being disabled is not stored', async () => {
  const accountId = await addAccount(test.db);
  let reset: Promise<boolean> | undefined;
  let mail: Promise<boolean> | undefined;
  await test.db.transaction().execute(async (transaction) => {
    await transaction.updateTable('accounts').set({ disabled_at: new Date() }).where('id', '=', accountId).execute();
    reset = insertPasswordReset(test.db, { accountId, token: `late-${accountId}`, lifetimeSeconds });
    mail = insertMail(test.db, { ...mailTo(accountId), kind: 'reset_password' });
    await new Promise((resolve) => setTimeout(resolve, 100));
  });
  expect([await reset, await mail]).toEqual([false, false]);
  await enableAccount(test.db, accountId);
  expect(await findPasswordReset(test.db, `late-${accountId}`)).toBeUndefined();
  expect(await kindsOfMails(accountId)).toEqual([]);
});
