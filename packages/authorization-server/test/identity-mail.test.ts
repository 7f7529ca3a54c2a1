import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser } from './support/browser.js';
import { createConfirmedOwner } from './support/confirmed-owner.js';
import { startIdentityProvider, type TestIdentityProvider } from './support/identity-provider.js';
import { type MailServer, takeMail } from './support/mail-server.js';
import type { TestServer } from './support/start-server.js';
import { startWithMail } from './support/start-with-mail.js';

let mailServer: MailServer;
let idp: TestIdentityProvider;
let server: TestServer;
let close: () => Promise<void>;
beforeAll(async () => {
  idp = await startIdentityProvider('elsewhere');
  ({ mailServer, server, close } = await startWithMail({ identityProviders: [idp.entry] }));
  idp.register(`${server.issuer}/account/identities/elsewhere/callback`);
});
afterAll(async () => {
  await close?.();
  await idp?.close();
});

const path = '/account/identities';
const changed = 'How you sign in was changed';

it('an owner gets an e-mail when an identity is connected, used on a new device, or removed', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  idp.person = { sub: randomUUID() };
  const there = await owner.browser.submit(await owner.browser.open(path), `${path}/elsewhere/connect`);
  const connected = await owner.browser.open(await idp.visit(there.url));
  expect((await takeMail(mailServer, owner.email, changed)).text).toContain('Another way to sign in connected');

  const elsewhere = new Browser(server.issuer);
  for (let turn = 0; turn < 2; turn += 1) {
    const start = await elsewhere.open(`${path}/elsewhere/start?again=true`);
    expect((await elsewhere.open(await idp.visit(start.url))).url.pathname).toBe('/account');
  }
  await takeMail(mailServer, owner.email, 'New sign-in to your account');

  await owner.browser.submit(connected, `${path}/elsewhere/remove`);
  expect((await takeMail(mailServer, owner.email, changed)).text).toContain('Another way to sign in removed');
  expect(mailServer.mails.filter(({ to }) => to.includes(owner.email))).toEqual([]);
});
