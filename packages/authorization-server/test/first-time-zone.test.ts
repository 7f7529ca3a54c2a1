import { insertAccount } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser } from './support/browser.js';
import { createOwner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
});
afterAll(() => server.close());

async function readTimeZone(accountId: string): Promise<string> {
  const accounts = server.db.selectFrom('accounts').select('time_zone').where('id', '=', accountId);
  return (await accounts.executeTakeFirstOrThrow()).time_zone;
}

async function signInFrom(email: string, time_zone: string): Promise<void> {
  const browser = new Browser(server.issuer);
  const page = await browser.open('/account/sign-in');
  const done = await browser.submit(page, '/account/sign-in', { email, password, time_zone });
  expect(done.url.pathname).toBe('/account');
}

it('an account without a time zone gets that of the browser at the first sign-in with a known time zone, and keeps it', async () => {
  const owner = await createOwner(server);
  await signInFrom(owner.email, '');
  await signInFrom(owner.email, 'Mars/Olympus');
  expect(await readTimeZone(owner.accountId)).toBe('UTC');
  await signInFrom(owner.email, 'Asia/Calcutta');
  expect(await readTimeZone(owner.accountId)).toBe('Asia/Kolkata');
  await signInFrom(owner.email, 'Europe/Berlin');
  expect(await readTimeZone(owner.accountId)).toBe('Asia/Kolkata');
});

it('several sign-ins at the same moment all succeed, and set the time zone', async () => {
  for (let round = 0; round < 4; round += 1) {
    const owner = await createOwner(server);
    await Promise.all(Array.from({ length: 6 }, () => signInFrom(owner.email, 'Asia/Tokyo')));
    expect(await readTimeZone(owner.accountId)).toBe('Asia/Tokyo');
  }
});

it('an owner who chose UTC keeps it', async () => {
  const owner = await createOwner(server);
  const page = await owner.browser.open('/account/settings');
  await owner.browser.submit(page, '/account/settings/time-zone', { time_zone: 'UTC' });
  await signInFrom(owner.email, 'Europe/Berlin');
  expect(await readTimeZone(owner.accountId)).toBe('UTC');
});

it('an account that the operator’s command made gets the time zone of its owner’s browser', async () => {
  const { email } = await createOwner(server);
  const { password_hash: passwordHash } = await server.db
    .selectFrom('accounts')
    .select('password_hash')
    .where('email', '=', email)
    .executeTakeFirstOrThrow();
  const account = await insertAccount(server.db, { email: `made-${email}`, passwordHash });
  await signInFrom(`made-${email}`, 'America/New_York');
  expect(await readTimeZone(account?.id ?? '')).toBe('America/New_York');
});
