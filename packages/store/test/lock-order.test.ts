import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  confirmAuthenticatorApp,
  deleteAccountToken,
  deleteAuthenticatorApp,
  deleteIdentity,
  deletePasskey,
  insertAuthenticatorApp,
  insertConfirmationLink,
  insertIdentity,
  insertPasskey,
} from '../src/authorization/index.js';
import { type Database, openDatabase } from '../src/index.js';
import { createTestDatabase, type TestDatabase, waitForLocks } from '../src/testing.js';
import { addAccount } from './fixtures.js';

let test: TestDatabase;
let other: Database;
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  other = openDatabase({ url: test.url, applicationName: 'test', maxConnections: 2 });
});
afterAll(async () => {
  await other?.destroy();
  await test?.close();
});

/** An account whose owner gets notices, so that a change also adds a mail. */
async function addNotifiedAccount(): Promise<string> {
  const accountId = await addAccount(test.db);
  await sql`insert into account_mail (account_id, confirmed_email, language)
    select id, email, 'en' from accounts where id = ${accountId}`.execute(test.db);
  return accountId;
}

const sealedSecret = 'sealed';
const token = { token: 'a token', lifetimeSeconds: 60 };

async function addToken(accountId: string): Promise<string> {
  const id = randomUUID();
  await sql`insert into account_tokens (id, account_id, token_hash, name, scopes, expires_at)
    values (${id}, ${accountId}, ${id}, 'a token', '{read}', now() + interval '1 day')`.execute(test.db);
  return id;
}

async function addPasskey(accountId: string): Promise<string> {
  const passkey = { credentialId: randomUUID(), publicKey: 'x', signCount: 0, transports: [], name: 'a passkey' };
  await insertPasskey(test.db, { ...passkey, accountId });
  const { id } = await test.db
    .selectFrom('passkeys')
    .select('id')
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  return id;
}

type Change = (db: Database) => Promise<unknown>;

/** Each function inserts a row for the account, and returns a function that changes it. */
const changes: readonly (readonly [string, (accountId: string) => Promise<Change>])[] = [
  [
    'confirming an authenticator app',
    async (accountId) => {
      await insertAuthenticatorApp(test.db, accountId, sealedSecret);
      return (db) => confirmAuthenticatorApp(db, { accountId, sealedSecret, step: 1n });
    },
  ],
  [
    'removing an authenticator app',
    async (accountId) => {
      await insertAuthenticatorApp(test.db, accountId, sealedSecret);
      await confirmAuthenticatorApp(test.db, { accountId, sealedSecret, step: 1n });
      return (db) => deleteAuthenticatorApp(db, accountId);
    },
  ],
  [
    'removing an API token',
    async (accountId) => {
      const id = await addToken(accountId);
      return (db) => deleteAccountToken(db, { accountId, id });
    },
  ],
  [
    'removing a passkey',
    async (accountId) => {
      const id = await addPasskey(accountId);
      return (db) => deletePasskey(db, { accountId, id });
    },
  ],
  [
    'removing a connected account',
    async (accountId) => {
      const identity = { accountId, issuer: 'https://idp.example' };
      const insert: Change = (db) => insertIdentity(db, { ...identity, subject: accountId, email: undefined });
      await test.db.transaction().execute(insert);
      return (db) => db.transaction().execute((transaction) => deleteIdentity(transaction, identity));
    },
  ],
];

it.each(changes)(
  '%s locks the account first, so that it does not deadlock with a deletion of the account',
  async (_, prepare) => {
    const accountId = await addNotifiedAccount();
    const change = await prepare(accountId);
    let begun: Promise<unknown> = Promise.resolve();
    await test.db.transaction().execute(async (transaction) => {
      await sql`select lock_account(${accountId})`.execute(transaction);
      begun = change(other);
      await waitForLocks(test.db, 1);
      await sql`delete from accounts where id = ${accountId}`.execute(transaction);
    });
    expect(await begun).toBe(false);
  },
);

it('storing a link that confirms an address locks the account before the link', async () => {
  const accountId = await addNotifiedAccount();
  const link = { ...token, accountId, email: 'a@example.com' };
  await insertConfirmationLink(test.db, link);
  let begun: Promise<void> = Promise.resolve();
  await test.db.transaction().execute(async (transaction) => {
    await sql`select lock_account(${accountId})`.execute(transaction);
    begun = other.transaction().execute((db) => insertConfirmationLink(db, { ...link, token: 'another' }));
    await waitForLocks(test.db, 1);
    // fails at once if the other transaction has locked the link
    await sql`select from address_links where account_id = ${accountId} for update nowait`.execute(transaction);
  });
  await begun;
});
