import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { addClient, refresh } from './support/client.js';
import { withoutOrigin } from './support/events.js';
import { guess } from './support/guess.js';
import { basic, postForm } from './support/http.js';
import { createOwner, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { waitUntil } from './support/wait-until.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ configuration: { trustedProxyHops: 1 } });
});
afterAll(() => server.close());
beforeEach(() => server.db.deleteFrom('refusal_counts').execute());

const listCounts = () =>
  server.db
    .selectFrom('refusal_counts')
    .select(['event', 'reason', 'account_id', 'client_id', 'count', 'address'])
    .orderBy('client_id')
    .execute();

/** The server writes its counts within ten seconds. */
const waitForCounts = (count: bigint) =>
  waitUntil(async () => (await listCounts()).reduce((sum, row) => sum + row.count, 0n) >= count);

// The ids at the beginning of titles are rows of docs/security.md.
it('G2: failed authentications of clients are counted for each client, and those of unknown clients together', async () => {
  const client = await addClient(server);
  const fields = { grant_type: 'refresh_token', refresh_token: 'unknown' };
  const from = { 'x-forwarded-for': '203.0.113.9' };
  const fail = (id: string) =>
    postForm(`${server.issuer}/token`, fields, { ...basic(id, 'wrong'), ...from }).then(({ status }) => status);
  const statuses = await Promise.all(Array.from({ length: 25 }, () => fail(client.id)));
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  await fail(randomUUID());
  await fail(randomUUID());
  // the client proves who it is: only its refresh token is wrong
  expect((await refresh(server, client, 'unknown')).status).toBe(400);
  await waitForCounts(27n);
  const row = { event: 'client_authentication_failed', reason: 'token', account_id: '', address: '203.0.113.9' };
  expect(await listCounts()).toEqual([
    { ...row, client_id: '', count: 2n },
    { ...row, client_id: client.id, count: 25n },
  ]);
});

it('G2: sign-ins that are refused because there were too many are counted for their account', async () => {
  const owner = await createOwner(server);
  for (let n = 0; n < 10; n += 1) await guess(server, owner.email, `wrong ${n}`, { from: '203.0.113.10' });
  expect((await guess(server, owner.email, 'wrong', { from: '203.0.113.10' })).status).toBe(429);
  expect((await guess(server, owner.email, 'wrong', { from: '203.0.113.11' })).status).toBe(429);
  await waitForCounts(2n);
  expect(await listCounts()).toEqual([
    {
      event: 'sign_in_limited',
      reason: '',
      account_id: owner.accountId,
      client_id: '',
      count: 2n,
      address: '203.0.113.11',
    },
  ]);
});

it('G2: when a window has ended, its counts become events, which the owner sees', async () => {
  const owner = await createOwner(server);
  await server.db
    .insertInto('refusal_counts')
    .values({
      counted_until: new Date(Date.now() - 60_000),
      event: 'request_refused',
      reason: 'rate_limited',
      account_id: owner.accountId,
      client_id: 'client',
      grant_id: 'grant',
      count: 3n,
      request_id: 'request',
      address: null,
    })
    .execute();
  await waitUntil(async () => (await listCounts()).length === 0);
  const { text } = await owner.browser.open('/account/activity');
  expect(text).toContain('Requests of the app refused');
});

it('G2: an event has the identifier and the IP address of its request', async () => {
  const owner = await createOwner(server);
  const answer = await signIn(owner.browser, owner.email);
  const rows = await server.db
    .selectFrom('audit_events')
    .select('detail')
    .where('account_id', '=', owner.accountId)
    .where('event', '=', 'signed_in')
    .orderBy('id', 'desc')
    .execute();
  expect(answer.status).toBeLessThan(400);
  expect(rows[0]?.detail).toEqual({
    ...withoutOrigin(rows[0]?.detail ?? {}),
    request_id: expect.stringMatching(/^[\da-f-]{36}$/),
    address: expect.stringMatching(/127\.0\.0\.1$|^::1$/),
  });
  const lines = server.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(
    lines.find((line) => line['event'] === 'request' && line['request_id'] === rows[0]?.detail['request_id']),
  ).toMatchObject({ method: 'POST', path: '/account/sign-in' });
});
