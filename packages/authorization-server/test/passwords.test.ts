import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, type Page, readText } from './support/browser.js';
import { guess } from './support/guess.js';
import { createOwner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ configuration: { trustedProxyHops: 1 } });
});
afterAll(() => server.close());

async function create(email: string, text: string): Promise<Page> {
  const browser = new Browser(server.issuer);
  const page = await browser.open('/account/create');
  return browser.submit(page, '/account/create', { email, password: text }, { follow: false });
}

// The ids at the beginning of titles are rows of docs/security.md.
it('L6: passwords have 8 to 256 characters of any kind, are not shortened, and common ones are refused', async () => {
  for (const bad of [
    'short',
    '7wv#kQz',
    'password123',
    'Password123',
    'qwertyuiop',
    '12345678',
    'JulekAke',
    'aaaaaaaaaaaa',
    'x'.repeat(257),
  ]) {
    const page = await create(`${randomUUID()}@example.com`, bad);
    expect([bad, page.status]).toEqual([bad, 422]);
    expect(page.text).not.toContain(`value="${bad}"`);
  }
  const long = `${'a long passphrase with spaces, ünïcödé and 🗝️ '.repeat(3)}`;
  const email = `${randomUUID()}@example.com`;
  expect((await create(email, `${long}1`)).status).toBe(303);
  expect((await guess(server, email, `${long}2`, { from: '203.0.113.201' })).status).toBe(422);
  expect((await guess(server, email, `${long}1`, { from: '203.0.113.201' })).status).toBe(303);
  for (const accepted of ['ab1-'.repeat(64), '8wv#kQzT'])
    expect([accepted, (await create(`${randomUUID()}@example.com`, accepted)).status]).toEqual([accepted, 303]);
});

it('passwords are stored with argon2id (64 MiB, 3 passes), and a weaker hash is replaced at the next sign-in', async () => {
  const owner = await createOwner(server);
  const find = () =>
    server.db
      .selectFrom('accounts')
      .select('password_hash')
      .where('id', '=', owner.accountId)
      .executeTakeFirstOrThrow();
  expect((await find()).password_hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
  const { hash } = await import('@node-rs/argon2');
  const weak = await hash(password, { memoryCost: 4_096, timeCost: 1, parallelism: 1 });
  await server.db.updateTable('accounts').set({ password_hash: weak }).where('id', '=', owner.accountId).execute();
  await signIn(owner.browser, owner.email);
  expect((await find()).password_hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
});

it('no account is created for an e-mail address that has one in another spelling, or for an invalid address', async () => {
  const owner = await createOwner(server);
  const page = await create(owner.email.toUpperCase(), 'another long password 99');
  expect(page.status).toBe(422);
  expect(readText(page.text)).toContain('We couldn’t create an account with this email');
  for (const email of ['', 'no-address', 'a@', 'x'.repeat(250) + '@example.com'])
    expect((await create(email, password)).status).toBe(422);
});
