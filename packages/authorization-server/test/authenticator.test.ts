import { hashSecret } from '@aipassport/store';
import { setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { sealSecret, unsealSecret } from '../src/keys/seal-secret.js';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { countEvents, listEvents, withoutOrigin } from './support/events.js';
import { encodeForm, header } from './support/http.js';
import { ageSignIn, createOwner, type Owner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
});

const path = '/account/authenticator';
const confirmPath = `${path}/confirm`;
const codePath = '/account/sign-in/code';

const readSecret = ({ text }: Page) => /<code>([A-Z2-7 ]+)<\/code>/.exec(text)?.[1]?.replaceAll(' ', '') ?? '';

/** The code that an authenticator app shows, `steps` periods of 30 seconds from now. */
function codeOf(secret: string, steps = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
}

/** A code that is certainly wrong. */
function wrongCode(secret: string): string {
  const right = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code)) ?? '';
}

async function turnOn(): Promise<string> {
  const page = await owner.browser.submit(await owner.browser.open(path), path);
  const secret = readSecret(page);
  const done = await owner.browser.submit(page, confirmPath, { code: codeOf(secret, -1) });
  expect(readText(done.text)).toContain('Authenticator app turned on.');
  return secret;
}

/** Signs in with the password. The page that follows asks for the code. */
async function beginSignIn(givenPassword = password): Promise<{ readonly browser: Browser; readonly page: Page }> {
  const browser = new Browser(server.issuer);
  return { browser, page: await signIn(browser, owner.email, givenPassword) };
}

async function sendCode(browser: Browser, page: Page, code: string, replica = 0): Promise<Page> {
  const body = encodeForm({ ...readForm(page.text, codePath), code });
  const headers = { host: new URL(server.issuer).host, cookie: browser.cookieHeader(new URL(server.issuer)) };
  return browser.request(new URL(codePath, server.urls[replica]), { method: 'POST', body, headers });
}

const stored = () =>
  server.db.selectFrom('authenticator_apps').selectAll().where('account_id', '=', owner.accountId).executeTakeFirst();

it('an owner turns an authenticator app on; a sign-in then needs its code after the password, and no session starts before the code', async () => {
  const secret = await turnOn();
  expect(JSON.stringify({ ...(await stored()), last_step: '' })).not.toContain(secret);
  expect(server.logLines.join('\n')).not.toContain(secret);
  const later = await owner.browser.open(path);
  expect([readText(later.text).includes('On since'), later.text.includes(secret)]).toEqual([true, false]);

  const { browser, page } = await beginSignIn();
  expect([page.url.pathname, readText(page.text).includes('Enter your code')]).toEqual([codePath, true]);
  expect((await browser.open('/account/grants')).url.pathname).toBe('/account/sign-in');
  const wrong = await sendCode(browser, page, wrongCode(secret));
  expect([wrong.status, readText(wrong.text).includes('Wrong code.')]).toEqual([422, true]);
  const code = codeOf(secret);
  const done = await sendCode(browser, page, `${code.slice(0, 3)} ${code.slice(3)}`, 1);
  expect([done.status, header(done, 'location')]).toEqual([303, '/account']);
  expect((await browser.open('/account/security')).status).toBe(200);
  expect((await sendCode(browser, page, codeOf(secret, 1))).status).not.toBe(200);
  expect(server.logLines.join('\n')).not.toContain(code);
});

it('a code works once over both replicas, and no earlier code works after it', async () => {
  const secret = await turnOn();
  const attempts = await Promise.all(Array.from({ length: 4 }, () => beginSignIn()));
  const answers = await Promise.all(
    attempts.map(({ browser, page }, index) => sendCode(browser, page, codeOf(secret, 1), index % 2)),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 422, 422, 422]);
  const { browser, page } = await beginSignIn();
  expect((await sendCode(browser, page, codeOf(secret))).status).toBe(422);
});

it('a sign-in that waits for its code works only in its own browser, and not after the password was changed', async () => {
  const secret = await turnOn();
  const { browser, page } = await beginSignIn();
  const stranger = new Browser(server.issuer);
  expect((await stranger.open(codePath)).url.pathname).toBe('/account/sign-in');
  const newPassword = 'another horse, another staple 43';
  const form = await owner.browser.open('/account/password');
  await owner.browser.submit(form, '/account/password', { password, new_password: newPassword });
  const over = await sendCode(browser, page, codeOf(secret, 1));
  expect(header(over, 'location')).toContain('/account/sign-in?');
  const next = await beginSignIn(newPassword);
  expect((await sendCode(next.browser, next.page, codeOf(secret, 1))).status).toBe(303);
});

it('guesses at the code are limited, even if the password is given again', async () => {
  const secret = await turnOn();
  const statuses: number[] = [];
  for (let guess = 0; guess < 12; guess += 1) {
    const { browser, page } = await beginSignIn();
    statuses.push((await sendCode(browser, page, wrongCode(secret), guess % 2)).status);
  }
  expect(statuses).toEqual([...Array<number>(10).fill(422), 429, 429]);
});

it('a recovery code works in place of the app, once', async () => {
  await turnOn();
  const codesPage = '/account/recovery-codes';
  const made = await owner.browser.submit(await owner.browser.open(codesPage), codesPage, { asked: 'yes' });
  const code = /<code>([\dA-Z-]{19})<\/code>/.exec(made.text)?.[1] ?? '';
  const first = await beginSignIn();
  expect((await sendCode(first.browser, first.page, code.toLowerCase())).status).toBe(303);
  const second = await beginSignIn();
  expect((await sendCode(second.browser, second.page, code)).status).toBe(422);
  const events = await server.db
    .selectFrom('audit_events')
    .select(['event', 'detail'])
    .where('account_id', '=', owner.accountId)
    .execute();
  expect(events.map(({ event, detail }) => ({ event, detail: withoutOrigin(detail) }))).toEqual(
    expect.arrayContaining([
      { event: 'authenticator_app_added', detail: {} },
      { event: 'recovery_code_used', detail: { code: expect.stringMatching(/^[\w-]{16}$/) } },
      { event: 'signed_in', detail: { by: 'recovery_code' } },
    ]),
  );
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L7: turning the app off requires a recent sign-in; an app has no effect before its first correct code', async () => {
  const page = await owner.browser.submit(await owner.browser.open(path), path);
  const secret = readSecret(page);
  expect((await beginSignIn()).page.url.pathname).not.toBe(codePath);
  const wrong = await owner.browser.submit(page, confirmPath, { code: wrongCode(secret) });
  expect([wrong.status, readText(wrong.text).includes('Wrong code.')]).toEqual([422, true]);
  await owner.browser.submit(wrong, confirmPath, { code: codeOf(secret) });
  expect((await stored())?.confirmed_at).not.toBeNull();

  const shown = await owner.browser.open(path);
  server.advanceClock(6 * 60);
  const asked = await owner.browser.submit(shown, `${path}/remove`);
  expect([asked.status, (await stored())?.confirmed_at]).toEqual([422, expect.any(Date)]);
  const done = await owner.browser.submit(asked, `${path}/remove`, { password });
  server.advanceClock(-6 * 60);
  expect([readText(done.text).includes('Authenticator app turned off.'), await stored()]).toEqual([true, undefined]);
  expect((await beginSignIn()).page.url.pathname).toBe('/account');
  const events = await listEvents(server, owner);
  const kinds = ['authenticator_app_added', 'authenticator_app_removed'];
  expect(kinds.map((kind) => countEvents(events, kind))).toEqual([1, 1]);
});

it('C4: the forms require their form token', async () => {
  const secret = await turnOn();
  const csrf_token = 'x'.repeat(43);
  expect(
    (await owner.browser.request(`${path}/remove`, { method: 'POST', body: encodeForm({ csrf_token }) })).status,
  ).toBe(403);
  const { browser } = await beginSignIn();
  const body = encodeForm({ csrf_token, code: codeOf(secret, 1) });
  expect((await browser.request(codePath, { method: 'POST', body })).status).toBe(403);
});

it('a sealed secret can be opened only with the key that sealed it, and only in its own row', async () => {
  const [first, second] = ['a-cookie-key-of-0123456789abcdef', 'another-cookie-key-0123456789abcdef'] as const;
  const one = { purpose: 'authenticator_app', accountId: 'one' } as const;
  const sealed = await sealSecret([first], one, 'SECRET');
  expect(await unsealSecret([second, first], one, sealed)).toBe('SECRET');
  await expect(unsealSecret([second], one, sealed)).rejects.toThrow('is gone');
  await expect(unsealSecret([first], { ...one, purpose: 'mail_link' }, sealed)).rejects.toThrow('is gone');
  await expect(unsealSecret([first], { ...one, accountId: 'two' }, sealed)).rejects.toThrow('in a wrong row');
});

it('guesses from many browsers that are known to have signed in are limited together', async () => {
  const secret = await turnOn();
  await server.db.deleteFrom('attempts').execute();
  const keyHash = hashSecret(`second-factor:all:${owner.accountId}`);
  const { browser, page } = await beginSignIn();
  await sendCode(browser, page, wrongCode(secret));
  const counted = await server.db
    .selectFrom('attempts')
    .select('count')
    .where('key_hash', '=', keyHash)
    .executeTakeFirst();
  expect(counted?.count).toBe(1);
  await server.db.updateTable('attempts').set({ count: 50 }).where('key_hash', '=', keyHash).execute();
  expect((await sendCode(browser, page, wrongCode(secret))).status).toBe(429);
});

it('a browser keeps its device cookie at each sign-in, so that its guesses are counted together', async () => {
  const deviceOf = ({ cookies }: Browser) => [...cookies.values()].find(({ name }) => name.includes('device'))?.value;
  const browser = new Browser(server.issuer);
  await signIn(browser, owner.email);
  const before = deviceOf(browser);
  await signIn(browser, owner.email);
  expect(before).toBeDefined();
  expect(deviceOf(browser)).toBe(before);
});

it('L20: after an hour, an operator’s form takes the code of the app together with the password, and each code works once', async () => {
  await setOperator(server.db, owner.accountId, true);
  const secret = await turnOn();
  const form = '/operator/keys/caps';
  const page = await owner.browser.open('/operator/keys');
  await ageSignIn(server, owner, 61 * 60);
  const asked = await owner.browser.submit(page, form, { cap_of_all_usd: '7' });
  expect(readForm(asked.text, form)).toMatchObject({ cap_of_all_usd: '7', password: '', code: '' });
  for (const code of ['', wrongCode(secret)]) {
    const refused = await owner.browser.submit(asked, form, { password, code });
    expect([code, refused.status, readText(refused.text)]).toEqual([code, 422, expect.stringContaining('Wrong code.')]);
  }
  expect((await owner.browser.open('/operator/keys')).url.pathname).toBe('/account/sign-in');
  const code = codeOf(secret);
  // A mistyped password does not use the code up.
  const mistyped = await owner.browser.submit(asked, form, { password: `${password}x`, code });
  expect([mistyped.status, readText(mistyped.text)]).toEqual([422, expect.stringContaining('Wrong password.')]);
  const saved = await owner.browser.submit(asked, form, { password, code });
  expect([saved.url.pathname, readText(saved.text)]).toEqual(['/operator/keys', expect.stringContaining('Saved.')]);
});
