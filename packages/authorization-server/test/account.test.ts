import { randomUUID } from 'node:crypto';
import { hashSecret } from '@aipassport/store';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { encodeForm, header } from './support/http.js';
import { createOwner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ configuration: { trustedProxyHops: 1 } });
});
afterAll(() => server.close());

/** Guesses come from elsewhere, as seen by the one proxy in front. */
async function guess(
  email: string,
  text: string,
  { browser = new Browser(server.issuer), from = '203.0.113.7' } = {},
): Promise<Page> {
  const page = await browser.open('/account/sign-in?again=true');
  const body = encodeForm({ ...readForm(page.text, '/account/sign-in'), email, password: text });
  return browser.request('/account/sign-in', { method: 'POST', body, headers: { 'x-forwarded-for': from } });
}

const elapsed = async (work: () => Promise<unknown>) => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function ownerCookie(browser: Browser): Promise<string> {
  return [...browser.cookies.values()].find(({ name }) => name.endsWith('owner'))?.value ?? '';
}

it('L1: an unknown address, a wrong password and a disabled account are answered alike, after the same time', async () => {
  const owner = await createOwner(server);
  const disabled = await createOwner(server);
  await server.db
    .updateTable('accounts')
    .set({ disabled_at: new Date() })
    .where('id', '=', disabled.accountId)
    .execute();
  const strip = ({ text }: Page) => readText(text).replace(/\S+@example\.com/g, '');
  const wrong = await guess(owner.email, 'wrong password', { from: '203.0.113.1' });
  const unknown = await guess(`${randomUUID()}@example.com`, 'wrong password', { from: '203.0.113.1' });
  const closed = await guess(disabled.email, password, { from: '203.0.113.1' });
  expect([wrong.status, unknown.status, closed.status]).toEqual([422, 422, 422]);
  expect(new Set([wrong, unknown, closed].map(strip)).size).toBe(1);

  const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
  for (let sample = 0; sample < 8; sample += 1) {
    times.known.push(await elapsed(() => guess(owner.email, `wrong ${sample}`, { from: '203.0.113.2' })));
    times.unknown.push(
      await elapsed(() => guess(`${randomUUID()}@example.com`, `wrong ${sample}`, { from: '203.0.113.2' })),
    );
  }
  const ratio = median(times.known) / median(times.unknown);
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});

it('L2: guessing is stopped after ten tries, and the owner’s own browser still gets in, from the same address too', async () => {
  const owner = await createOwner(server);
  const attacker = new Browser(server.issuer);
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const page = await guess(owner.email, `guess ${attempt}`, { browser: attacker });
    statuses.push(page.status);
    if (page.status === 429) expect(Number(header(page, 'retry-after'))).toBeGreaterThan(0);
  }
  expect(statuses.filter((status) => status === 429).length).toBe(190);
  expect((await guess(owner.email, password)).status).toBe(429);
  expect((await guess(owner.email, password, { browser: owner.browser })).status).toBe(303);
});

it('L2: one address cannot try many accounts either', async () => {
  const from = '203.0.113.99';
  const tryAnother = async () => (await guess(`${randomUUID()}@example.com`, 'x', { from })).status;
  expect(await tryAnother()).toBe(422);
  await server.db
    .updateTable('attempts')
    .set({ count: 99 })
    .where('key_hash', '=', hashSecret(`sign-in:address:${from}`))
    .execute();
  expect([await tryAnother(), await tryAnother()]).toEqual([422, 429]);
});

it('H3: what a client says of its own address behind our proxy is not believed', async () => {
  const owner = await createOwner(server);
  const attacker = new Browser(server.issuer);
  const statuses = [];
  for (let attempt = 0; attempt < 6; attempt += 1)
    statuses.push(
      (await guess(`${attempt}${owner.email}`, 'x', { browser: attacker, from: `198.51.100.${attempt}, 203.0.113.50` }))
        .status,
    );
  const key = await server.db.selectFrom('attempts').select('count').where('count', '=', 6).execute();
  expect(key.length).toBe(1);
  expect(statuses).not.toContain(429);
});

it('the right password, given in time, clears the count', async () => {
  const owner = await createOwner(server);
  for (let round = 0; round < 2; round += 1) {
    for (let attempt = 0; attempt < 9; attempt += 1)
      await guess(owner.email, `wrong ${attempt}`, { from: `203.0.113.${100 + round}` });
    expect((await guess(owner.email, password, { from: `203.0.113.${100 + round}` })).status).toBe(303);
  }
});

it('L3: signing in makes a new session, ends the old one, and adopts none that was planted', async () => {
  const owner = await createOwner(server);
  const before = await ownerCookie(owner.browser);
  await signIn(owner.browser, owner.email);
  const after = await ownerCookie(owner.browser);
  expect(after).not.toBe(before);
  expect(after).toMatch(/^[\w-]{43}$/);
  const replayed = new Browser(server.issuer);
  replayed.cookies.set('x', { name: 'aipassport_owner', value: before, path: '/' });
  expect((await replayed.open('/account/grants')).url.pathname).toBe('/account/sign-in');
  const planted = new Browser(server.issuer);
  planted.cookies.set('aipassport_owner;/', { name: 'aipassport_owner', value: 'a'.repeat(43), path: '/' });
  await signIn(planted, owner.email);
  expect(await ownerCookie(planted)).not.toBe('a'.repeat(43));
});

it('L5: a session ends when it is idle, when it is old, and when its owner signs out; a kept cookie is worth nothing', async () => {
  const ends: readonly ((accountId: string) => Promise<unknown>)[] = [
    (accountId) =>
      server.db
        .updateTable('owner_sessions')
        .set({ last_seen_at: new Date(Date.now() - 8.1 * 3_600_000) })
        .where('account_id', '=', accountId)
        .execute(),
    (accountId) =>
      server.db
        .updateTable('owner_sessions')
        .set({ expires_at: new Date() })
        .where('account_id', '=', accountId)
        .execute(),
  ];
  for (const end of ends) {
    const owner = await createOwner(server);
    await end(owner.accountId);
    expect((await owner.browser.open('/account/grants')).url.pathname).toBe('/account/sign-in');
  }
  const owner = await createOwner(server);
  const kept = await ownerCookie(owner.browser);
  const page = await owner.browser.open('/account/grants');
  await owner.browser.submit(page, '/account/sign-out');
  const thief = new Browser(server.issuer);
  thief.cookies.set('x', { name: 'aipassport_owner', value: kept, path: '/' });
  expect((await thief.open('/account/grants')).url.pathname).toBe('/account/sign-in');
});

async function create(email: string, text: string): Promise<Page> {
  const browser = new Browser(server.issuer);
  const page = await browser.open('/account/create');
  return browser.submit(page, '/account/create', { email, password: text }, { follow: false });
}

it('L6: passwords have 8 to 256 characters of any kind, are used whole, and are not among those tried first', async () => {
  for (const bad of [
    'short',
    'password123',
    'Password123',
    'qwertyuiop',
    '12345678',
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
  expect((await guess(email, `${long}2`, { from: '203.0.113.201' })).status).toBe(422);
  expect((await guess(email, `${long}1`, { from: '203.0.113.201' })).status).toBe(303);
  expect((await create(`${randomUUID()}@example.com`, `${'ab1-'.repeat(64)}`)).status).toBe(303);
});

it('stores passwords with argon2id (64 MiB, 3 passes), and hashes weaker ones anew at the next sign-in', async () => {
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

it('makes one account for an address, however it is written, and does not say whose it is', async () => {
  const owner = await createOwner(server);
  const page = await create(owner.email.toUpperCase(), 'another long password 99');
  expect(page.status).toBe(422);
  expect(readText(page.text)).toContain('No account could be made for this address');
  for (const email of ['', 'no-address', 'a@', 'x'.repeat(250) + '@example.com'])
    expect((await create(email, password)).status).toBe(422);
});

it('sends nobody anywhere but to its own pages after signing in', async () => {
  const owner = await createOwner(server);
  for (const returnTo of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/logout',
    '/account/grants/../../x',
    'javascript:alert(1)',
    '/interaction/../x',
  ]) {
    const browser = new Browser(server.issuer);
    const page = await browser.open(`/account/sign-in?${new URLSearchParams({ return_to: returnTo })}`);
    expect(readForm(page.text, '/account/sign-in')['return_to']).toBe('/account/grants');
    const done = await browser.submit(
      page,
      '/account/sign-in',
      { email: owner.email, password, return_to: returnTo },
      { follow: false },
    );
    expect([returnTo, header(done, 'location')]).toEqual([returnTo, '/account/grants']);
  }
});

it('refuses forms without this browser’s token: signing in, creating an account, signing out', async () => {
  const owner = await createOwner(server);
  const forms = [
    ['/account/sign-in', { email: owner.email, password }],
    ['/account/create', { email: `${randomUUID()}@example.com`, password }],
    ['/account/sign-out', {}],
  ] as const;
  for (const [action, fields] of forms) {
    const victim = new Browser(server.issuer);
    const forged = await victim.request(action, {
      method: 'POST',
      body: encodeForm({ ...fields, csrf_token: 'x'.repeat(43) }),
    });
    expect([action, forged.status]).toEqual([action, 403]);
    const attackerPage = await new Browser(server.issuer).open('/account/sign-in');
    const stolen = readForm(attackerPage.text, '/account/sign-in')['csrf_token'] ?? '';
    expect(
      (await victim.request(action, { method: 'POST', body: encodeForm({ ...fields, csrf_token: stolen }) })).status,
    ).toBe(403);
  }
});

it('refuses what is no form of ours: another type, a field too many, a field twice, more than 64 KiB', async () => {
  const browser = new Browser(server.issuer);
  const page = await browser.open('/account/sign-in');
  const fields = readForm(page.text, '/account/sign-in');
  const post = (body: string, headers: Record<string, string> = {}) =>
    browser.request('/account/sign-in', { method: 'POST', body, headers });
  expect((await post('{}', { 'content-type': 'application/json' })).status).toBe(400);
  expect((await post(encodeForm({ ...fields, email: 'a@b.example', password: 'x', admin: 'true' }))).status).toBe(422);
  expect((await post(encodeForm({ ...fields, email: ['a@b.example', 'b@b.example'], password: 'x' }))).status).toBe(
    422,
  );
  expect((await post(encodeForm({ ...fields, email: 'a@b.example', password: 'x'.repeat(70_000) }))).status).toBe(413);
});

it('hashes no more than it can: a flood of sign-ins is answered with 429', async () => {
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

it('G2: each step of an account has its row in the audit log', async () => {
  const owner = await createOwner(server);
  await guess(owner.email, 'wrong', { from: '203.0.113.220' });
  await signIn(owner.browser, owner.email);
  const page = await owner.browser.open('/account/grants');
  await owner.browser.submit(page, '/account/sign-out');
  const rows = await server.db
    .selectFrom('audit_events')
    .select('event')
    .where('account_id', '=', owner.accountId)
    .orderBy('id')
    .execute();
  expect(rows.map(({ event }) => event)).toEqual(['account_created', 'sign_in_refused', 'signed_in', 'signed_out']);
});
