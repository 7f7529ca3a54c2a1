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

/** The compiler demands Retry-After for each answer with the status 429, 502 or 503. These are their values. */
it.each([
  [{ reason: 'too_many_attempts', retryAfterSeconds: 61 }, [429, 'too_many_attempts', 61]],
  [{ reason: 'too_many_passwords' }, [429, 'too_many_attempts', 5]],
  [{ reason: 'too_many_client_secrets', retryAfterSeconds: 61 }, [429, 'temporarily_unavailable', 61]],
  [{ reason: 'too_many_tokens', retryAfterSeconds: 61 }, [429, 'temporarily_unavailable', 61]],
  [{ reason: 'identity_provider_unavailable' }, [502, 'temporarily_unavailable', 30]],
  [{ reason: 'oauth_database_unavailable' }, [503, 'temporarily_unavailable', 5]],
  [{ reason: 'database_unavailable' }, [503, 'temporarily_unavailable', 5]],
] as const)('a denial that may be retried has Retry-After: %j', (denial, expected) => {
  const { status, code, retryAfterSeconds } = describeDenial(denial);
  expect([status, code, retryAfterSeconds]).toEqual(expected);
});

it('a denial because of too many attempts says how many minutes to wait', () => {
  expect(describeDenial({ reason: 'too_many_attempts', retryAfterSeconds: 61 }).message).toContain('2 minutes');
});
