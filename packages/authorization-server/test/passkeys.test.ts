import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Authenticator, type Deviation } from './support/authenticator.js';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { withoutOrigin } from './support/events.js';
import { encodeForm, header, send } from './support/http.js';
import { createOwner, type Owner, password } from './support/owner.js';
import { addPasskey, challengePath, fetchChallenge, passkeysPath, submitWithPasskey } from './support/passkeys.js';
import { findFreePort, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
let authenticator: Authenticator;
beforeAll(async () => {
  const port = await findFreePort();
  // A name and not an IP address: browsers bind passkeys to domain names only.
  server = await startTestServer({ replicas: 2, configuration: { port, issuer: `http://localhost:${port}` } });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
  authenticator = new Authenticator(server.issuer);
});

const path = passkeysPath;
const signInPath = '/account/sign-in/passkey';

const add = (make = (challenge: string) => authenticator.create(challenge)) => addPasskey(owner.browser, make);

/** Signs in at one of the replicas. */
async function signInWith(
  passkey: (challenge: string) => string,
  { browser = new Browser(server.issuer), replica = 0 } = {},
): Promise<Page> {
  const page = await browser.open('/account/sign-in?again=true');
  const body = encodeForm({
    ...readForm(page.text, signInPath),
    passkey: passkey(await fetchChallenge(browser, challengePath)),
  });
  const headers = { host: new URL(server.issuer).host, cookie: browser.cookieHeader(new URL(server.issuer)) };
  return browser.request(new URL(signInPath, server.urls[replica]), { method: 'POST', body, headers });
}

const answerWith = (deviation: Deviation) => (challenge: string) => authenticator.get(challenge, deviation);

const rows = () => server.db.selectFrom('passkeys').selectAll().where('account_id', '=', owner.accountId).execute();

it('an owner adds, names, uses and removes a passkey', async () => {
  const added = await add();
  expect(readText(added.text)).toContain('Passkey added. You can sign in with it from now on.');
  const [stored] = await rows();
  expect(stored).toMatchObject({ credential_id: authenticator.credentialId, name: 'Laptop', sign_count: 1n });
  const rename = `${path}/${stored?.id}/name`;
  expect((await owner.browser.submit(added, rename, { name: ' ' })).status).toBe(422);
  const renamed = await owner.browser.submit(added, rename, { name: 'Telephone' });
  expect(readText(renamed.text)).toContain('Telephone');

  const browser = new Browser(server.issuer);
  const done = await signInWith(answerWith({}), { browser, replica: 1 });
  expect([done.status, header(done, 'location')]).toEqual([303, '/account']);
  expect(readText((await browser.open(path)).text)).toContain('last used');
  expect(readText((await browser.open('/account/security')).text)).toContain('You have 1 passkey.');

  const old = await owner.browser.submit(added, rename, { name: 'Tablet' });
  expect([old.status, readText(old.text)]).toEqual([422, expect.stringMatching(/changed in the meantime.*Telephone/)]);

  const removed = await owner.browser.submit(renamed, `${path}/${stored?.id}/remove`, { asked: 'yes' });
  expect([readText(removed.text).includes('Passkey removed.'), await rows()]).toEqual([true, []]);
  expect(readText(removed.text)).toContain('Devices that signed in with it stay signed in. Sign out a device');
  expect(removed.text).toContain('<a href="/account/sessions">Sign out a device');
  expect((await signInWith(answerWith({}))).status).toBe(422);
  expect((await owner.browser.submit(renamed, `${path}/${stored?.id}/remove`, { asked: 'yes' })).status).toBe(422);
  const events = await server.db
    .selectFrom('audit_events')
    .select(['event', 'detail'])
    .where('account_id', '=', owner.accountId)
    .execute();
  expect(events.map(({ event, detail }) => ({ event, detail: withoutOrigin(detail) }))).toEqual(
    expect.arrayContaining([
      { event: 'passkey_added', detail: {} },
      { event: 'signed_in', detail: { by: 'passkey' } },
      { event: 'passkey_removed', detail: {} },
    ]),
  );
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L8: an answer to a challenge is refused if it is sent again, at either replica', async () => {
  await add();
  const used: string[] = [];
  const first = await signInWith((challenge) => {
    used.push(authenticator.get(challenge, { signCount: 0 }), authenticator.get(challenge));
    return used[1] ?? '';
  });
  expect(first.status).toBe(303);
  for (const replica of [0, 1])
    for (const answer of used) expect((await signInWith(() => answer, { replica })).status).toBe(422);
});

it('L8: of many concurrent uses of one answer, exactly one signs in', async () => {
  await add();
  const challenge = await fetchChallenge(new Browser(server.issuer), challengePath);
  const answer = authenticator.get(challenge);
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, index) => signInWith(() => answer, { replica: index % 2 })),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 422, 422, 422, 422, 422]);
});

it.each<[string, Deviation]>([
  ['another origin', { origin: 'http://localhost:1' }],
  ['another relying party', { relyingPartyId: 'evil.example' }],
  ['no verification of the owner', { isVerified: false }],
  ['a counter that has not grown', { signCount: 1 }],
  ['a counter that went back to 0', { signCount: 0 }],
  ['an unknown passkey', { credentialId: 'unknown-credential' }],
  ['the type of a new passkey', { type: 'webauthn.create' }],
])('L8: an answer with %s does not sign the owner in', async (_what, deviation) => {
  await add();
  expect((await signInWith(answerWith(deviation))).status).toBe(422);
  expect((await signInWith(answerWith({ signCount: 7 }))).status).toBe(303);
});

it('L8: another key, an unknown or expired challenge and malformed answers do not sign the owner in', async () => {
  await add();
  const other = new Authenticator(server.issuer);
  const bad: readonly ((challenge: string) => string)[] = [
    (challenge) => other.get(challenge, { credentialId: authenticator.credentialId, signCount: 9 }),
    () => authenticator.get('x'.repeat(43)),
    () => '',
    () => 'null',
    () => '[]',
    () => '{"id":7}',
    () => JSON.stringify({ id: authenticator.credentialId, response: { clientDataJSON: '!' } }),
    (challenge) => authenticator.get(challenge).replace(/"signature":"[^"]*"/, '"signature":"AAAA"'),
  ];
  for (const make of bad) expect((await signInWith(make)).status).toBe(422);
  expect((await signInWith(answerWith({}))).status).toBe(303);
  const browser = new Browser(server.issuer);
  const challenge = await fetchChallenge(browser, challengePath);
  await server.db
    .updateTable('sign_in_challenges')
    .set({ expires_at: new Date(0) })
    .execute();
  expect((await signInWith(() => authenticator.get(challenge))).status).toBe(422);
  expect(server.logLines.join('\n')).not.toMatch(/unexpected_error/);
});

it('L8: a new passkey must answer a challenge for this account, with the owner verified', async () => {
  const thief = await createOwner(server);
  const theirs = readForm((await thief.browser.open(path)).text, path);
  const foreign = await fetchChallenge(thief.browser, `${path}/options`, { csrf_token: theirs['csrf_token'] ?? '' });
  const signInChallenge = await fetchChallenge(new Browser(server.issuer), challengePath);
  for (const credential of [
    () => authenticator.create(foreign),
    () => authenticator.create(signInChallenge),
    (challenge: string) => authenticator.create(challenge, { isVerified: false }),
    (challenge: string) => authenticator.create(challenge, { origin: 'https://evil.example' }),
    () => '{}',
  ])
    expect((await add(credential)).status).toBe(422);
  expect(await rows()).toEqual([]);
});

it('L7: adding a passkey requires a recent sign-in; removing one takes the password or a passkey', async () => {
  const added = await add();
  const page = await owner.browser.open(path);
  const [stored] = await rows();
  const removal = `${path}/${stored?.id}/remove`;
  server.advanceClock(6 * 60);
  const { csrf_token = '' } = readForm(page.text, path);
  const options = await owner.browser.request(`${path}/options`, { method: 'POST', body: encodeForm({ csrf_token }) });
  expect(options.status).toBe(403);
  const late = await owner.browser.submit(page, path, { name: 'x', new_passkey: '{}' });
  expect([late.status, readText(late.text)]).toEqual([
    422,
    expect.stringContaining('Confirm it’s you to add a passkey.'),
  ]);
  const asked = await owner.browser.submit(added, removal, { asked: 'yes' });
  expect([asked.status, readForm(asked.text, removal)]).toMatchObject([422, { password: '', passkey: '' }]);

  const intruder = new Authenticator(server.issuer);
  const foreign = await fetchChallenge(owner.browser, challengePath);
  const refused = await owner.browser.submit(asked, removal, { passkey: intruder.get(foreign) });
  expect([refused.status, (await rows()).length]).toEqual([422, 1]);
  const challenge = await fetchChallenge(owner.browser, challengePath);
  const done = await owner.browser.submit(refused, removal, { passkey: authenticator.get(challenge) });
  server.advanceClock(-6 * 60);
  expect([readText(done.text).includes('Passkey removed.'), await rows()]).toEqual([true, []]);
});

it.each(['password', 'passkey'])(
  'L7: more than five minutes after a sign-in, the %s is asked for first, and then a passkey can be added',
  async (way) => {
    await add();
    const page = await owner.browser.open(path);
    await server.db
      .updateTable('owner_sessions')
      .set({ authenticated_at: new Date(Date.now() - 6 * 60_000) })
      .where('account_id', '=', owner.accountId)
      .execute();
    const asked = await owner.browser.submit(page, path, { name: 'x' });
    const confirmed =
      way === 'password'
        ? await owner.browser.submit(asked, path, { password })
        : await submitWithPasskey(owner.browser, authenticator, { page: asked, action: path });
    expect(readText(confirmed.text)).toContain('Confirmed. You can add a passkey now.');
    const second = new Authenticator(server.issuer);
    const added = await add((challenge) => second.create(challenge));
    expect([readText(added.text).includes('Passkey added.'), (await rows()).length]).toEqual([true, 2]);
  },
);

it('L7: a passkey of another account does not confirm the removal of a passkey', async () => {
  const accomplice = await createOwner(server);
  const victim = owner;
  owner = accomplice;
  await add();
  owner = victim;
  const own = new Authenticator(server.issuer);
  const page = await add((challenge) => own.create(challenge));
  const [stored] = await rows();
  const removal = `${path}/${stored?.id}/remove`;
  server.advanceClock(6 * 60);
  const challenge = await fetchChallenge(owner.browser, challengePath);
  const refused = await owner.browser.submit(page, removal, { asked: 'yes', passkey: authenticator.get(challenge) });
  server.advanceClock(-6 * 60);
  expect([refused.status, (await rows()).length]).toEqual([422, 1]);
});

it('a passkey of a disabled account does not sign its owner in, and an account has at most twenty passkeys', async () => {
  await add();
  for (let index = 0; index < 20; index += 1) {
    const another = new Authenticator(server.issuer);
    expect((await add((challenge) => another.create(challenge))).status).toBe(index < 19 ? 200 : 422);
  }
  expect((await rows()).length).toBe(20);
  await server.db.updateTable('accounts').set({ disabled_at: new Date() }).where('id', '=', owner.accountId).execute();
  expect((await signInWith(answerWith({}))).status).toBe(422);
});

it('C4: signing in with a passkey requires the form token, and challenges are limited for each network', async () => {
  await add();
  const browser = new Browser(server.issuer);
  const passkey = authenticator.get(await fetchChallenge(browser, challengePath));
  const body = encodeForm({ csrf_token: 'x'.repeat(43), passkey });
  expect((await browser.request(signInPath, { method: 'POST', body })).status).toBe(403);
  await server.db.updateTable('attempts').set({ count: 1000 }).execute();
  const headers = { accept: 'application/json' };
  expect((await browser.request(challengePath, { method: 'POST', body: '', headers })).status).toBe(429);
  await server.db.deleteFrom('attempts').execute();
});

it('if the issuer is an IP address, for which browsers have no passkeys, no page offers passkeys', async () => {
  const plain = await startTestServer();
  try {
    const one = await createOwner(plain);
    const page = await new Browser(plain.issuer).open('/account/sign-in');
    expect(page.text).not.toMatch(/passkey|webauthn/);
    expect((await new Browser(plain.issuer).open('/account/create')).text).not.toContain('passkey');
    expect((await one.browser.open('/account/security')).text).not.toContain(path);
    expect((await one.browser.open(path)).url.pathname).toBe('/account/security');
    expect((await send(`${plain.issuer}${challengePath}`, { method: 'POST' })).status).toBe(403);
  } finally {
    await plain.close();
  }
});
