import { makeSecret } from '@aipassport/store';
import {
  disableAccount,
  enableAccount,
  insertIdentity,
  insertPasswordReset,
  lockAccount,
} from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { Authenticator } from './support/authenticator.js';
import { Browser, type Page } from './support/browser.js';
import { addClient, buildRequest, pressButton } from './support/client.js';
import { startIdentityProvider, type TestIdentityProvider } from './support/identity-provider.js';
import { createOwner, noSpendingLimit, type Owner, password, signIn } from './support/owner.js';
import { addPasskey, challengePath, fetchChallenge } from './support/passkeys.js';
import { findFreePort, startTestServer, type TestServer } from './support/start-server.js';
import { waitUntil } from './support/wait-until.js';

let database: TestDatabase;
let idp: TestIdentityProvider;
let server: TestServer;
let owner: Owner;
/** Another browser of the owner, which is not signed in. */
let browser: Browser;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  idp = await startIdentityProvider('elsewhere');
  const port = await findFreePort();
  // A name and not an IP address: browsers bind passkeys to domain names only.
  const issuer = `http://localhost:${port}`;
  server = await startTestServer({ database, configuration: { port, issuer, identityProviders: [idp.entry] } });
  idp.register(`${server.issuer}/account/identities/elsewhere/callback`);
});
afterAll(async () => {
  await server?.close();
  await idp?.close();
  await database?.close();
});
beforeEach(async () => {
  owner = await createOwner(server);
  browser = new Browser(server.issuer);
});

type Act = () => Promise<Page>;

/**
 * Locks the owner's account in a transaction, and meanwhile begins acts that need the same lock. All acts wait for the
 * lock, and get it one after the other, in the order of the parameters.
 */
async function overlap<Result>(...acts: readonly (() => Promise<Result>)[]): Promise<readonly Result[]> {
  const begun: Promise<Result>[] = [];
  await server.db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, owner.accountId);
    for (const act of acts) {
      begun.push(act());
      await waitUntil(async () => (await countWaiting()) === begun.length);
    }
  });
  return Promise.all(begun);
}

async function countWaiting(): Promise<number> {
  const rows = await database.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows.length;
}

const newPassword = 'another horse, another staple 43';

async function prepareNewPassword(): Promise<Act> {
  const page = await owner.browser.open('/account/password');
  return () => owner.browser.submit(page, '/account/password', { password, new_password: newPassword });
}

async function preparePasskey(): Promise<Act> {
  const authenticator = new Authenticator(server.issuer);
  await addPasskey(owner.browser, (challenge) => authenticator.create(challenge));
  const page = await browser.open('/account/sign-in');
  const passkey = authenticator.get(await fetchChallenge(browser, challengePath));
  return () => browser.submit(page, '/account/sign-in/passkey', { passkey });
}

async function prepareIdentity(): Promise<Act> {
  const { accountId, email } = owner;
  await server.db
    .transaction()
    .execute((db) => insertIdentity(db, { accountId, issuer: idp.entry.issuer, subject: accountId, email: undefined }));
  const there = await browser.open('/account/identities/elsewhere/start');
  idp.person = { sub: accountId, email, email_verified: true };
  const back = await idp.visit(there.url);
  return () => browser.open(back);
}

async function prepareCode(): Promise<Act> {
  const path = '/account/authenticator';
  const shown = await owner.browser.submit(await owner.browser.open(path), path);
  const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(shown.text)?.[1]?.replaceAll(' ', '') ?? '';
  const codeOf = (steps: number) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
  await owner.browser.submit(shown, `${path}/confirm`, { code: codeOf(-1) });
  const page = await signIn(browser, owner.email);
  return () => browser.submit(page, '/account/sign-in/code', { code: codeOf(1) });
}

async function prepareRecovery(): Promise<Act> {
  const codes = await (await prepareNewCodes())();
  const [, recovery_code = ''] = /<code>([\dA-Z-]{19})<\/code>/.exec(codes.text) ?? [];
  const path = '/account/forgotten-password';
  const page = await browser.open(path);
  return () => browser.submit(page, path, { email: owner.email, recovery_code, new_password: newPassword });
}

async function prepareNewCodes(): Promise<Act> {
  const path = '/account/recovery-codes';
  const page = await owner.browser.open(path);
  return () => owner.browser.submit(page, path, { asked: 'yes' });
}

async function prepareLink(): Promise<Act> {
  const token = makeSecret();
  await insertPasswordReset(server.db, { accountId: owner.accountId, token, lifetimeSeconds: 3_600 });
  const own = new Browser(server.issuer);
  const page = await own.open(`/account/reset?token=${token}`);
  return () => own.submit(page, '/account/reset', { new_password: newPassword });
}

async function prepareRemoval(): Promise<Act> {
  const page = await owner.browser.open('/account/passkeys');
  const { id } = await server.db
    .selectFrom('passkeys')
    .select('id')
    .where('account_id', '=', owner.accountId)
    .executeTakeFirstOrThrow();
  return () => owner.browser.submit(page, `/account/passkeys/${id}/remove`, { asked: 'yes' });
}

// The ids at the beginning of titles are rows of docs/security.md.
it.each<[string, () => Promise<Act>]>([
  ['a password', () => Promise.resolve(() => signIn(browser, owner.email))],
  ['a passkey', preparePasskey],
  ['an identity provider', prepareIdentity],
  ['the code of an app', prepareCode],
  ['a new password', prepareNewPassword],
])(
  'R7: %s starts no session while the account is being disabled, not even a session that works after the account is enabled again',
  async (_, prepare) => {
    const act = await prepare();
    await overlap<unknown>(() => disableAccount(server.db, owner.accountId), act);
    const sessions = await server.db
      .selectFrom('owner_sessions')
      .selectAll()
      .where('account_id', '=', owner.accountId)
      .execute();
    expect(sessions).toEqual([]);
    await enableAccount(server.db, owner.accountId);
    for (const each of [browser, owner.browser])
      expect((await each.open('/account/grants')).url.pathname).toBe('/account/sign-in');
  },
);

it('R7: a consent that overlaps the disabling of its account makes no grant', async () => {
  const { url } = await buildRequest(server, await addClient(server));
  const page = await owner.browser.open(url);
  await overlap<unknown>(
    () => disableAccount(server.db, owner.accountId),
    () => pressButton(owner.browser, page, 'allow', noSpendingLimit),
  );
  const grants = await server.db.selectFrom('grants').selectAll().where('account_id', '=', owner.accountId).execute();
  expect(grants).toEqual([]);
});

it('an identity that is removed during its sign-in starts no session', async () => {
  const act = await prepareIdentity();
  const path = '/account/identities';
  const page = await owner.browser.open(path);
  const [removed, answer] = await overlap(() => owner.browser.submit(page, `${path}/elsewhere/remove`), act);
  expect([removed?.status, answer?.status]).toEqual([200, 400]);
  expect((await browser.open('/account/grants')).url.pathname).toBe('/account/sign-in');
});

it.each<[string, () => Promise<Act>, () => Promise<Act>, number]>([
  ['a link that sets a password and a sign-in with the code of an app', prepareLink, prepareCode, 422],
  ['two links that set a password', prepareLink, prepareLink, 403],
  ['new recovery codes and a recovery with an old one', prepareNewCodes, prepareRecovery, 422],
  ['the removal of a passkey and a sign-in with it', prepareRemoval, preparePasskey, 422],
])(
  '%s, at the same moment: the first succeeds, the second is refused because of it, and there is no deadlock',
  async (_, prepareFirst, prepareSecond, refused) => {
    const second = await prepareSecond();
    const first = await prepareFirst();
    const [done, late] = await overlap(first, second);
    expect([done?.status, late?.status]).toEqual([200, refused]);
  },
);
