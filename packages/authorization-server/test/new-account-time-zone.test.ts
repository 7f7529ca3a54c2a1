import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser } from './support/browser.js';
import { password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

it('a new account has the time zone that the browser’s script filled in, and UTC if there is no time zone or an unknown one', async () => {
  for (const [given, stored] of [
    ['Europe/Berlin', 'Europe/Berlin'],
    ['Asia/Calcutta', 'Asia/Kolkata'], // some browsers report an old name of a time zone
    ['', 'UTC'],
    ['Mars/Olympus', 'UTC'],
    ['../../etc/passwd', 'UTC'],
  ]) {
    const browser = new Browser(server.issuer);
    const page = await browser.open('/account/create');
    expect(page.text).toMatch(/<script src="\/assets\/[^"]+\.js" nonce="[\w-]{22}" defer><\/script>/);
    const email = `${randomUUID()}@example.com`;
    await browser.submit(page, '/account/create', { email, password, time_zone: given ?? '' });
    const account = await server.db
      .selectFrom('accounts')
      .select('time_zone')
      .where('email', '=', email)
      .executeTakeFirstOrThrow();
    expect([given, account.time_zone]).toEqual([given, stored]);
  }
});
