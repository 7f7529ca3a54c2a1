import { makeSecret } from '@aipassport/store';
import { insertPasswordReset } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeRecoveryCodes, parseRecoveryCode } from '../src/account/recovery-code-format.js';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { withoutOrigin } from './support/events.js';
import { encodeForm, header } from './support/http.js';
import { createOwner, type Owner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let database: TestDatabase;
let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ replicas: 2, database, configuration: { trustedProxyHops: 1 } });
});
afterAll(async () => {
  await server.close();
  await database.close();
});
beforeEach(async () => {
  owner = await createOwner(server);
});

const codesPath = '/account/recovery-codes';
const forgottenPath = '/account/forgotten-password';
const resetPath = '/account/reset';
const newPassword = 'another horse, another staple 43';

const readCodes = ({ text }: Page) => [...text.matchAll(/<code>([\dA-Z-]{19})<\/code>/g)].map(([, code = '']) => code);

async function createCodes(): Promise<readonly string[]> {
  return readCodes(await owner.browser.submit(await owner.browser.open(codesPath), codesPath, { asked: 'yes' }));
}

/** Sends the form for a forgotten password to one of the replicas. @param from the IP address of the sender */
async function recover(
  fields: { readonly email?: string; readonly recovery_code: string; readonly new_password?: string },
  { browser = new Browser(server.issuer), from = '203.0.113.7', replica = 0 } = {},
): Promise<Page> {
  const page = await browser.open(forgottenPath);
  const all = { ...readForm(page.text, forgottenPath), email: owner.email, new_password: newPassword, ...fields };
  const headers = {
    'x-forwarded-for': from,
    host: new URL(server.issuer).host,
    cookie: browser.cookieHeader(new URL(server.issuer)),
  };
  const url = new URL(forgottenPath, server.urls[replica]);
  return browser.request(url, { method: 'POST', body: encodeForm(all), headers });
}

async function listEvents(): Promise<readonly string[]> {
  const rows = await server.db
    .selectFrom('audit_events')
    .select(['event', 'detail'])
    .where('account_id', '=', owner.accountId)
    .orderBy('id')
    .execute();
  return rows.map(({ event, detail }) => [event, ...Object.values(withoutOrigin(detail))].join(' '));
}

const countSessions = async () =>
  (await server.db.selectFrom('owner_sessions').select('id_hash').where('account_id', '=', owner.accountId).execute())
    .length;

describe('recovery codes', () => {
  it('are ten, are shown once, and only their hashes are stored', async () => {
    const codes = await createCodes();
    expect(new Set(codes).size).toBe(10);
    const later = await owner.browser.open(codesPath);
    expect([readCodes(later), readText(later.text).includes('You have 10 recovery codes left.')]).toEqual([[], true]);
    const stored = JSON.stringify(await server.db.selectFrom('recovery_codes').selectAll().execute());
    for (const code of codes) {
      expect(stored).not.toContain(code.replaceAll('-', ''));
      expect(server.logLines.join('\n')).not.toContain(code.replaceAll('-', ''));
    }
  });

  // The ids at the beginning of titles are rows of docs/security.md.
  it('L7: creating them requires a recent sign-in or the password', async () => {
    const page = await owner.browser.open(codesPath);
    server.advanceClock(6 * 60);
    const asked = await owner.browser.submit(page, codesPath, { asked: 'yes' });
    expect([asked.status, readText(asked.text).includes('Confirm it’s you')]).toEqual([422, true]);
    const done = await owner.browser.submit(asked, codesPath, { asked: 'yes', password });
    server.advanceClock(-6 * 60);
    expect(readCodes(done).length).toBe(10);
  });

  it('can be made on the way to another page, such as an app’s request; the owner then reaches that page, even if asked for the password', async () => {
    const next = '/account/keys';
    const page = await owner.browser.open(`${codesPath}?return_to=${encodeURIComponent(next)}`);
    server.advanceClock(6 * 60);
    const asked = await owner.browser.submit(page, codesPath, { asked: 'yes' });
    expect(readForm(asked.text, codesPath)).toMatchObject({ return_to: next });
    const done = await owner.browser.submit(asked, codesPath, { asked: 'yes', password });
    server.advanceClock(-6 * 60);
    expect(readCodes(done).length).toBe(10);
    expect((await owner.browser.submit(done, `${codesPath}/saved`)).url.pathname).toBe(next);
  });

  it('are not replaced by a form that was opened before they were made', async () => {
    const [first, second] = [await owner.browser.open(codesPath), await owner.browser.open(codesPath)];
    const codes = readCodes(await owner.browser.submit(first, codesPath, { asked: 'yes' }));
    const refused = await owner.browser.submit(second, codesPath, { asked: 'yes' });
    expect([refused.status, readText(refused.text)]).toEqual([
      422,
      expect.stringMatching(/This was changed in the meantime.*You have 10 recovery codes left/),
    ]);
    expect((await recover({ recovery_code: codes[0] ?? '' })).status).toBe(303);
  });

  it('can each set a new password once, which ends all sessions; codes that are made later replace them', async () => {
    const [old = ''] = await createCodes();
    const [first = '', second = ''] = await createCodes();
    expect((await recover({ recovery_code: old })).status).toBe(422);
    const done = await recover({ recovery_code: first.toLowerCase().replaceAll('-', ' ') });
    expect([done.status, header(done, 'location')]).toEqual([303, '/account/sign-in?return_to=%2Faccount']);
    expect(await countSessions()).toBe(0);
    expect((await signIn(new Browser(server.issuer), owner.email)).status).toBe(422);
    expect((await signIn(new Browser(server.issuer), owner.email, newPassword)).status).toBe(200);
    expect((await recover({ recovery_code: first })).status).toBe(422);
    expect((await recover({ recovery_code: second, new_password: password })).status).toBe(303);
    expect(await listEvents()).toEqual(
      expect.arrayContaining([
        'recovery_codes_created',
        expect.stringMatching(/^recovery_code_used [\w-]{16}$/),
        'password_reset recovery_code',
      ]),
    );
  });

  it('L2: of many concurrent uses of one code at two replicas, exactly one sets a password', async () => {
    const [code = ''] = await createCodes();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        recover(
          { recovery_code: code, new_password: `${newPassword} ${index}` },
          { replica: index % 2, from: `203.0.113.${20 + index}` },
        ),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 422, 422, 422, 422, 422]);
  });

  it('L1: an unknown e-mail address, a wrong code and a disabled account get the same answer, and a weak password changes nothing', async () => {
    const [code = ''] = await createCodes();
    const [wrong = ''] = makeRecoveryCodes();
    const weak = await recover({ recovery_code: code, new_password: 'password123' });
    expect([weak.status, readText(weak.text).includes('too common')]).toEqual([422, true]);
    expect(weak.text).not.toContain(code);
    expect(readText((await owner.browser.open(codesPath)).text)).toContain('You have 10 recovery codes left.');
    const strip = ({ text }: Page) => readText(text).replaceAll(/\S+@example\.com/g, '');
    const answers = [
      await recover({ recovery_code: wrong }),
      await recover({ recovery_code: code, email: 'nobody-at-all@example.com' }),
    ];
    await server.db
      .updateTable('accounts')
      .set({ disabled_at: new Date() })
      .where('id', '=', owner.accountId)
      .execute();
    answers.push(await recover({ recovery_code: code }));
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422]);
    expect(new Set(answers.map(strip)).size).toBe(1);
  });

  it('L2: guesses of a code are limited together with guesses of the password', async () => {
    const [wrong = ''] = makeRecoveryCodes();
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess += 1)
      statuses.push((await recover({ recovery_code: wrong }, { from: `198.51.100.${guess}` })).status);
    expect(statuses).toEqual([...Array<number>(10).fill(422), 429, 429]);
    expect((await signIn(new Browser(server.issuer), owner.email)).status).toBe(429);
  });

  it('are read in upper and lower case, with spaces or hyphens, and with the letters that look like digits', () => {
    expect(parseRecoveryCode(' abcd-EFGH jkmn–pqrs ')).toBe('ABCDEFGHJKMNPQRS');
    expect(parseRecoveryCode('OIL0-0000-0000-0000')).toBe('0110000000000000');
    for (const bad of ['', 'ABCD', 'ABCD-EFGH-JKMN-PQRU', 'ABCD-EFGH-JKMN-PQRS-T'])
      expect([bad, parseRecoveryCode(bad)]).toEqual([bad, undefined]);
  });
});

describe('a link to set a new password', () => {
  async function createLink(lifetimeSeconds = 3_600): Promise<string> {
    const token = makeSecret();
    await insertPasswordReset(server.db, { accountId: owner.accountId, token, lifetimeSeconds });
    return token;
  }

  const open = (token: string, browser = new Browser(server.issuer)) => browser.open(`${resetPath}?token=${token}`);

  it('works once and ends all sessions; its token is removed from the URL at once, and is never logged', async () => {
    const [token, other] = [await createLink(), await createLink()];
    const browser = new Browser(server.issuer);
    const page = await open(token, browser);
    expect([page.status, page.url.search, page.text.includes(token)]).toEqual([200, '', false]);
    expect(page.text).toContain(owner.email);
    const weak = await browser.submit(page, resetPath, { new_password: 'password123' });
    expect([weak.status, readText(weak.text).includes('too common')]).toEqual([422, true]);
    const done = await browser.submit(weak, resetPath, { new_password: newPassword });
    expect(readText(done.text)).toContain('Password changed. Sign in with your new password.');
    expect(await countSessions()).toBe(0);
    expect((await signIn(new Browser(server.issuer), owner.email, newPassword)).status).toBe(200);
    for (const used of [token, other]) {
      const again = await open(used);
      expect([again.status, readText(again.text).includes('This link no longer works')]).toEqual([403, true]);
    }
    expect(server.logLines.join('\n')).not.toContain(token);
    const dump = JSON.stringify(await server.db.selectFrom('audit_events').select(['event', 'detail']).execute());
    expect(dump).not.toContain(token);
    expect(await listEvents()).toContain('password_reset link');
  });

  it('deletes the recovery codes of the last 30 days, which may be a thief’s, and says what it does not end', async () => {
    const [code = ''] = await createCodes();
    const browser = new Browser(server.issuer);
    const page = await open(await createLink(), browser);
    expect(readText(page.text)).toContain('Recovery codes made in the last 30 days are deleted');
    const done = await browser.submit(page, resetPath, { new_password: newPassword });
    expect(readText(done.text)).toContain(
      'Recovery codes made in the last 30 days were deleted, so create new ones. Passkeys and connected accounts stay. Check them ',
    );
    expect(done.text).toContain('<a href="/account/security">Check them</a>');
    expect((await recover({ recovery_code: code })).status).toBe(422);
    expect(await listEvents()).toContain('password_reset link ended');
  });

  it('keeps older recovery codes, with which the owner can set a new password even if a thief reads the owner’s e-mails', async () => {
    const [code = ''] = await createCodes();
    await database.query("update recovery_codes set created_at = created_at - interval '31 days'");
    const browser = new Browser(server.issuer);
    const done = await browser.submit(await open(await createLink(), browser), resetPath, {
      new_password: newPassword,
    });
    expect(readText(done.text)).toContain('Passkeys, connected accounts and recovery codes stay. Check them ');
    expect((await recover({ recovery_code: code })).status).toBe(303);
  });

  it('keeps the recovery codes of an account with an authenticator app, because the owner may have lost the phone too', async () => {
    const [code = ''] = await createCodes();
    const app = { account_id: owner.accountId, sealed_secret: 'sealed', confirmed_at: new Date() };
    await server.db.insertInto('authenticator_apps').values(app).execute();
    const browser = new Browser(server.issuer);
    const done = await browser.submit(await open(await createLink(), browser), resetPath, {
      new_password: newPassword,
    });
    expect(readText(done.text)).toContain('Passkeys, connected accounts and recovery codes stay. Check them ');
    expect((await recover({ recovery_code: code })).status).toBe(303);
  });

  it('sets exactly one password if it is used at two replicas at once', async () => {
    const token = await createLink();
    const visitors = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const browser = new Browser(server.issuer);
        return { browser, page: await open(token, browser) };
      }),
    );
    const answers = await Promise.all(
      visitors.map(({ browser, page }, index) => {
        const body = encodeForm({ ...readForm(page.text, resetPath), new_password: `${newPassword} ${index}` });
        const headers = { host: new URL(server.issuer).host, cookie: browser.cookieHeader(new URL(server.issuer)) };
        return browser.request(new URL(resetPath, server.urls[index % 2]), { method: 'POST', body, headers });
      }),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 403, 403, 403]);
  });

  it('does not work after it has expired, without its token, or for a disabled account', async () => {
    expect((await open(await createLink(-1))).status).toBe(403);
    expect((await open('x'.repeat(43))).status).toBe(403);
    expect((await new Browser(server.issuer).open(resetPath)).status).toBe(403);
    const token = await createLink();
    await server.db
      .updateTable('accounts')
      .set({ disabled_at: new Date() })
      .where('id', '=', owner.accountId)
      .execute();
    expect((await open(token)).status).toBe(403);
  });
});
