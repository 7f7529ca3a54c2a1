import { insertOperatorLink, setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { addClient, buildRequest, decide } from './support/client.js';
import { createConfirmedOwner } from './support/confirmed-owner.js';
import type { FormFields } from './support/http.js';
import { type MailServer, takeMail } from './support/mail-server.js';
import { createOwner, type Owner } from './support/owner.js';
import type { TestServer } from './support/start-server.js';
import { startWithMail } from './support/start-with-mail.js';

let mailServer: MailServer;
let server: TestServer;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ mailServer, server, close } = await startWithMail());
});
afterAll(() => close());

const isNewApp = 'A new app can use your AI account';
const isChanged = 'The access of an app was changed';
const isDeleted = 'Your account was deleted';

const listRest = ({ email }: Owner) =>
  mailServer.mails.filter(({ to }) => to.includes(email)).map(({ subject }) => subject);

async function deleteAccount({ browser, email }: Owner): Promise<void> {
  await browser.submit(await browser.open('/account/deletion'), '/account/deletion', { email });
}

it('the mail about the first access of an app calls the app new; later mails say that its access was changed', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const client = await addClient(server, { name: 'Recipe Helper' });
  const allow = async (fields: FormFields = {}) =>
    decide(owner.browser, await buildRequest(server, client), 'allow', fields);
  const redeemLast = () => server.db.deleteFrom('unredeemed_grants').execute();
  await allow();
  await takeMail(mailServer, owner.email, isNewApp);
  await redeemLast();
  for (const existing_access of ['replace', 'add']) {
    await allow({ existing_access });
    const { text } = await takeMail(mailServer, owner.email, isChanged);
    expect(text).toContain(
      'You changed the access of “Recipe Helper” (at app.example, verified) to your AI account on',
    );
    await redeemLast();
  }
  expect(listRest(owner)).toEqual([]);
});

it('a mail about the deletion is sent to the e-mail address that the account had, in the language of the owner’s pages', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  await deleteAccount(owner);
  const { text } = await takeMail(mailServer, owner.email, isDeleted);
  expect(text).toContain(`Your AIPassport account at ${server.issuer} was deleted on`);
  expect(text).not.toContain('Settings');

  const german = await createConfirmedOwner(server, mailServer);
  await german.browser.submit(await german.browser.open('/account/settings'), '/account/settings/language', {
    language: 'de',
  });
  await deleteAccount(german);
  expect((await takeMail(mailServer, german.email, 'Ihr Konto wurde gelöscht')).text).toContain('(UTC)');
});

it('no mail about a deletion is sent to an e-mail address that was never confirmed', async () => {
  const stranger = await createOwner(server);
  await takeMail(mailServer, stranger.email, 'Confirm your email address');
  await deleteAccount(stranger);
  // mails are sent in the order of their causes
  const other = await createConfirmedOwner(server, mailServer);
  await deleteAccount(other);
  await takeMail(mailServer, other.email, isDeleted);
  expect(listRest(stranger)).toEqual([]);
});

it('an owner gets a mail when the account becomes an operator, by a link or by a command, and when it stops being one', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  await setOperator(server.db, owner.accountId, true);
  const added = await takeMail(mailServer, owner.email, 'You can now manage this server');
  expect(added.text).toContain(`became an operator of ${server.issuer} on`);
  expect(added.text).toContain(`${server.issuer}/operator\n`);
  await setOperator(server.db, owner.accountId, true);
  await setOperator(server.db, owner.accountId, false);
  await takeMail(mailServer, owner.email, 'You can no longer manage this server');
  expect(listRest(owner)).toEqual([]);

  const code = await insertOperatorLink(server.db, { isForFirst: false, expiresInSeconds: 60 });
  await owner.browser.submit(await owner.browser.open(`/operator/claim?code=${code}`), '/operator/claim');
  await takeMail(mailServer, owner.email, 'You can now manage this server');
});
