import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { callApi, makeToken } from './support/account-api.js';
import { readText } from './support/browser.js';
import { createConfirmedOwner } from './support/confirmed-owner.js';
import { type MailServer, takeMail } from './support/mail-server.js';
import { clientPath, registerClient } from './support/own-client.js';
import type { TestServer } from './support/start-server.js';
import { startWithMail } from './support/start-with-mail.js';

let mailServer: MailServer;
let server: TestServer;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ mailServer, server, close } = await startWithMail());
});
afterAll(() => close());

const subject = 'An app you build was changed';
const other = 'https://other.example/callback';

it('an owner gets a mail when the redirect addresses or the secret of an app that they build change on the account pages', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const client = await registerClient(owner.browser, { name: 'Weather' });
  const path = clientPath(client);
  const edit = async (fields: Readonly<Record<string, string>>) =>
    owner.browser.submit(await owner.browser.open(`${path}/edit`), `${path}/edit`, fields);
  await edit({ name: 'Weather today', redirect_uris: client.redirectUri });
  await edit({ name: 'Weather today', redirect_uris: other });
  const mail = await takeMail(mailServer, owner.email, subject);
  expect(mail.text).toContain('“Weather today”, which you build, got other redirect addresses on');
  expect(mail.text).toContain(`${server.issuer}${path}`);
  await owner.browser.submit(await owner.browser.open(path), `${path}/secret`, { overlap: '0' });
  expect((await takeMail(mailServer, owner.email, subject)).text).toContain('which you build, got a new secret on');
  expect(mailServer.mails.filter(({ to }) => to.includes(owner.email))).toEqual([]);
  const activity = readText((await owner.browser.open('/account/activity')).text);
  expect(activity).toMatch(
    /New secret of your app created .*Redirect addresses of your app changed .*Registration of your app changed .*App registered/,
  );
});

it('an owner gets a mail when a program with an API token changes an app that they build', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const { id: value } = await registerClient(owner.browser);
  const token = await makeToken(owner, ['developer']);
  await takeMail(mailServer, owner.email, 'API tokens of your account');
  await callApi(server, token, 'PATCH /api/account/clients/{client_id}', { value, body: { redirect_uris: [other] } });
  expect((await takeMail(mailServer, owner.email, subject)).text).toContain('got other redirect addresses on');
  const rotation = { value, body: { overlap_seconds: 0 } };
  await callApi(server, token, 'POST /api/account/clients/{client_id}/secrets', rotation);
  expect((await takeMail(mailServer, owner.email, subject)).text).toContain('got a new secret on');
});
