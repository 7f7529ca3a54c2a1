import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeDenial } from '../src/denials/describe-denial.js';
import { Browser } from './support/browser.js';
import { header } from './support/http.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let database: TestDatabase;
let server: TestServer;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ database });
});
afterAll(async () => {
  await server.close();
  await database.close();
});

it('the page of an unexpected error says server_error, without Retry-After and without details of the error', async () => {
  await database.query(
    "create function fail() returns trigger language plpgsql as $$ begin raise exception 'CANARY'; end $$",
  );
  await database.query('create trigger fail before insert on accounts execute function fail()');
  const browser = new Browser(server.issuer);
  const page = await browser.open('/account/create');
  const credentials = { email: 'a@b.example', password: 'a password of this test' };
  const answer = await browser.submit(page, '/account/create', credentials);
  expect([answer.status, header(answer, 'retry-after')]).toEqual([500, '']);
  expect(answer.text).toContain('<code>server_error</code>');
  expect(answer.text).not.toMatch(/temporarily_unavailable|CANARY/);
});

it('every denial that may be retried has Retry-After', () => {
  const retried = [
    describeDenial({ reason: 'database_unavailable' }),
    describeDenial({ reason: 'too_many_passwords' }),
    describeDenial({ reason: 'too_many_attempts', retryAfterSeconds: 61 }),
  ];
  expect(retried.map(({ status, code, retryAfterSeconds }) => [status, code, retryAfterSeconds])).toEqual([
    [503, 'temporarily_unavailable', 5],
    [429, 'too_many_attempts', 5],
    [429, 'too_many_attempts', 61],
  ]);
  expect(retried[2]?.message).toContain('2 minutes');
});
