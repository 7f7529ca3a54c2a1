import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Authenticator } from './support/authenticator.js';
import { Browser, readForm } from './support/browser.js';
import { createConfirmedOwner } from './support/confirmed-owner.js';
import { encodeForm, json } from './support/http.js';
import { type MailServer, takeMail } from './support/mail-server.js';
import { findFreePort, type TestServer } from './support/start-server.js';
import { startWithMail } from './support/start-with-mail.js';

let mailServer: MailServer;
let server: TestServer;
let close: () => Promise<void>;
beforeAll(async () => {
  const port = await findFreePort();
  // browsers bind passkeys to domain names only
  ({ mailServer, server, close } = await startWithMail({ port, issuer: `http://localhost:${port}` }));
});
afterAll(() => close());

const path = '/account/passkeys';
const changed = 'How you sign in was changed';

async function fetchChallenge(browser: Browser, from: string, csrf_token = ''): Promise<string> {
  const headers = { accept: 'application/json' };
  const answer = await browser.request(from, { method: 'POST', body: encodeForm({ csrf_token }), headers });
  return String(json(answer)['challenge']);
}

it('an owner gets a mail about a new passkey, about its use on a new device, and about its removal', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const authenticator = new Authenticator(server.issuer);
  const page = await owner.browser.open(path);
  const challenge = await fetchChallenge(
    owner.browser,
    `${path}/options`,
    String(readForm(page.text, path)['csrf_token']),
  );
  await owner.browser.submit(page, path, { name: 'Laptop', passkey: authenticator.create(challenge) });
  expect((await takeMail(mailServer, owner.email, changed)).text).toContain('Passkey added');

  const elsewhere = new Browser(server.issuer);
  for (let turn = 0; turn < 2; turn += 1) {
    const signIn = await elsewhere.open('/account/sign-in?again=true');
    const passkey = authenticator.get(await fetchChallenge(elsewhere, '/account/sign-in/passkey-challenge'));
    await elsewhere.submit(signIn, '/account/sign-in/passkey', { passkey });
  }
  await takeMail(mailServer, owner.email, 'New sign-in to your account');

  const { id } = await server.db
    .selectFrom('passkeys')
    .select('id')
    .where('account_id', '=', owner.accountId)
    .executeTakeFirstOrThrow();
  await owner.browser.submit(await owner.browser.open(path), `${path}/${id}/remove`);
  expect((await takeMail(mailServer, owner.email, changed)).text).toContain('Passkey removed');
  expect(mailServer.mails.filter(({ to }) => to.includes(owner.email))).toEqual([]);
});
