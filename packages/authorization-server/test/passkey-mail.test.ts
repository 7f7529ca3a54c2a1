import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Authenticator } from './support/authenticator.js';
import { Browser } from './support/browser.js';
import { createConfirmedOwner } from './support/confirmed-owner.js';
import { type MailServer, takeMail } from './support/mail-server.js';
import { addPasskey, challengePath, fetchChallenge, passkeysPath } from './support/passkeys.js';
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

const changed = 'How you sign in was changed';

it('an owner gets a mail about a new passkey, about its use on a new device, and about its removal', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const authenticator = new Authenticator(server.issuer);
  await addPasskey(owner.browser, (challenge) => authenticator.create(challenge));
  const { text } = await takeMail(mailServer, owner.email, changed);
  expect(text).toContain('Passkey added');
  // a new password alone would not stop a thief who has added a passkey
  expect(text).toContain('remove those that aren’t yours, and create new recovery codes');
  expect(text).toContain(`${server.issuer}/account/security`);

  const elsewhere = new Browser(server.issuer);
  for (let turn = 0; turn < 2; turn += 1) {
    const signIn = await elsewhere.open('/account/sign-in?again=true');
    const passkey = authenticator.get(await fetchChallenge(elsewhere, challengePath));
    await elsewhere.submit(signIn, '/account/sign-in/passkey', { passkey });
  }
  await takeMail(mailServer, owner.email, 'New sign-in to your account');

  const { id } = await server.db
    .selectFrom('passkeys')
    .select('id')
    .where('account_id', '=', owner.accountId)
    .executeTakeFirstOrThrow();
  await owner.browser.submit(await owner.browser.open(passkeysPath), `${passkeysPath}/${id}/remove`, { asked: 'yes' });
  expect((await takeMail(mailServer, owner.email, changed)).text).toContain('Passkey removed');
  expect(mailServer.mails.filter(({ to }) => to.includes(owner.email))).toEqual([]);
});
