import { randomUUID } from 'node:crypto';
import { hashSecret } from '@aipassport/store';
import { scale } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createPasswords } from '../src/account/passwords.js';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { guess } from './support/guess.js';
import { encodeForm, header } from './support/http.js';
import { createOwner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ configuration: { trustedProxyHops: 1 } });
});
afterAll(() => server.close());

const elapsed = async (work: () => Promise<unknown>) => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
/**
 * The probability that a random time of `ones` is longer than a random time of `others`. It is near 0.5 if the
 * two kinds cannot be distinguished by their times.
 */
function compareTimes(ones: readonly number[], others: readonly number[]): number {
  const longer = ones.map((one) => others.filter((other) => one > other).length);
  return longer.reduce((sum, count) => sum + count, 0) / (ones.length * others.length);
}

/**
 * How far from 0.5 the result of `compareTimes` may be: 4.5 standard deviations of its distribution for times that
 * cannot be distinguished (Mann-Whitney), which chance exceeds once in 150,000 runs.
 */
const chanceOf = (samples: number) => (4.5 * Math.sqrt((2 * samples + 1) / 12)) / samples;

// The ids at the beginning of titles are rows of docs/security.md.
it('L1: an unknown e-mail address, a wrong password and a disabled account get the same answer after the same time', async () => {
  const owner = await createOwner(server);
  const disabled = await createOwner(server);
  await server.db
    .updateTable('accounts')
    .set({ disabled_at: new Date() })
    .where('id', '=', disabled.accountId)
    .execute();
  const strip = ({ text }: Page) => readText(text).replace(/\S+@example\.com/g, '');
  const wrong = await guess(server, owner.email, 'wrong password', { from: '203.0.113.1' });
  const unknown = await guess(server, `${randomUUID()}@example.com`, 'wrong password', { from: '203.0.113.1' });
  const closed = await guess(server, disabled.email, password, { from: '203.0.113.1' });
  expect([wrong.status, unknown.status, closed.status]).toEqual([422, 422, 422]);
  expect(new Set([wrong, unknown, closed].map(strip)).size).toBe(1);

  // The kinds take turns, in a different order each time, so that other work on the machine slows all of them alike.
  const kinds = ['wrong', 'unknown', 'disabled'] as const;
  const times: Readonly<Record<(typeof kinds)[number], number[]>> = { wrong: [], unknown: [], disabled: [] };
  const samples = scale(120, 200);
  for (let sample = 0; sample < samples; sample += 1) {
    const emails = { wrong: owner.email, unknown: `${randomUUID()}@example.com`, disabled: disabled.email };
    for (const place of kinds.keys()) {
      const kind = kinds[(sample + place) % kinds.length] ?? 'wrong';
      const attempt = () => guess(server, emails[kind], `wrong ${sample}`, { from: '203.0.113.2' });
      times[kind].push(await elapsed(attempt));
    }
    await server.db.deleteFrom('attempts').execute();
  }
  for (const [one, other] of [
    ['wrong', 'unknown'],
    ['wrong', 'disabled'],
  ] as const) {
    const distance = Math.abs(compareTimes(times[one], times[other]) - 0.5);
    expect([one, other, distance, distance < chanceOf(samples)]).toEqual([one, other, distance, true]);
  }
}, 400_000);

it('L1: an email address without an account is locked after as many guesses as one with an account, with the same answer', async () => {
  const owner = await createOwner(server);
  const answers: Page[][] = [];
  for (const [index, email] of [owner.email, `${randomUUID()}@example.com`].entries()) {
    const pages: Page[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1)
      pages.push(await guess(server, email, `guess ${attempt}`, { from: `203.0.113.${20 + index}` }));
    answers.push(pages);
  }
  const [known = [], unknown = []] = answers.map((pages) =>
    pages.map(({ status, text }) => [status, readText(text).replace(/\S+@example\.com/g, '')]),
  );
  expect(known.map(([status]) => status)).toEqual([...Array<number>(10).fill(422), 429, 429]);
  expect(unknown).toEqual(known);
});

it('L2: guessing is stopped after ten attempts; the owner’s own browser can still sign in, even from the same IP address', async () => {
  const owner = await createOwner(server);
  const attacker = new Browser(server.issuer);
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const page = await guess(server, owner.email, `guess ${attempt}`, { browser: attacker });
    statuses.push(page.status);
    if (page.status === 429) expect(Number(header(page, 'retry-after'))).toBeGreaterThan(0);
  }
  expect(statuses.filter((status) => status === 429).length).toBe(190);
  expect((await guess(server, owner.email, password)).status).toBe(429);
  expect((await guess(server, owner.email, password, { browser: owner.browser })).status).toBe(303);
});

it('L2: sign-in attempts from one IP address are limited across all accounts', async () => {
  const from = '203.0.113.99';
  const tryAnother = async () => (await guess(server, `${randomUUID()}@example.com`, 'x', { from })).status;
  expect(await tryAnother()).toBe(422);
  await server.db
    .updateTable('attempts')
    .set({ count: 99 })
    .where('key_hash', '=', hashSecret(`sign-in:address:${from}`))
    .execute();
  expect([await tryAnother(), await tryAnother()]).toEqual([422, 429]);
});

it('H3: behind a reverse proxy, an IP address that a client puts into X-Forwarded-For is ignored', async () => {
  const owner = await createOwner(server);
  const attacker = new Browser(server.issuer);
  const statuses = [];
  for (let attempt = 0; attempt < 6; attempt += 1)
    statuses.push(
      (
        await guess(server, `${attempt}${owner.email}`, 'x', {
          browser: attacker,
          from: `198.51.100.${attempt}, 203.0.113.50`,
        })
      ).status,
    );
  const key = await server.db.selectFrom('attempts').select('count').where('count', '=', 6).execute();
  expect(key.length).toBe(1);
  expect(statuses).not.toContain(429);
});

it('the right password resets the count of attempts', async () => {
  const owner = await createOwner(server);
  for (let round = 0; round < 2; round += 1) {
    for (let attempt = 0; attempt < 9; attempt += 1)
      await guess(server, owner.email, `wrong ${attempt}`, { from: `203.0.113.${100 + round}` });
    expect((await guess(server, owner.email, password, { from: `203.0.113.${100 + round}` })).status).toBe(303);
  }
});

it('the number of concurrent password hashes is limited: in a flood of sign-ins, some get 429', async () => {
  const browser = new Browser(server.issuer);
  const fields = readForm((await browser.open('/account/sign-in')).text, '/account/sign-in');
  const flood = Array.from({ length: 90 }, async (_, index) => {
    const body = encodeForm({ ...fields, email: `${randomUUID()}@example.com`, password: 'x' });
    const headers = { 'x-forwarded-for': `198.18.0.${index}` };
    return (await browser.request('/account/sign-in', { method: 'POST', body, headers })).status;
  });
  const statuses = await Promise.all(flood);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  expect(statuses.filter((status) => status === 422).length).toBeGreaterThan(40);
});

it('while sign-ins from one network fill the queue for password hashes, others still get a turn', async () => {
  const browser = new Browser(server.issuer);
  const fields = readForm((await browser.open('/account/sign-in')).text, '/account/sign-in');
  const send = async (from: string) => {
    const body = encodeForm({ ...fields, email: `${randomUUID()}@example.com`, password: 'x' });
    const headers = { 'x-forwarded-for': from };
    return (await browser.request('/account/sign-in', { method: 'POST', body, headers })).status;
  };
  const flood = Array.from({ length: 90 }, () => send('198.18.1.1'));
  const refusal = flood.map(async (status) => {
    if ((await status) !== 429) throw new Error('not refused');
  });
  await Promise.any(refusal);
  expect(await Promise.all(['198.18.1.2', '198.18.1.3'].map(send))).toEqual([422, 422]);
  await Promise.allSettled(refusal);
});

it('at most ten password hashes of one account wait or run at a time, however many networks the requests come from', async () => {
  const passwords = await createPasswords();
  const hash = (network: number, account: string) =>
    passwords.hash(Buffer.from('a password'), { network: `${network}`, account });
  const hashes = await Promise.allSettled(
    Array.from({ length: 14 }, (_, index) => hash(index, 'one')).concat(hash(0, 'other')),
  );
  expect(hashes.map(({ status }) => status)).toEqual([
    ...Array<string>(10).fill('fulfilled'),
    ...Array<string>(4).fill('rejected'),
    'fulfilled',
  ]);
  expect(await hash(0, 'one')).toContain('argon2id');
});
