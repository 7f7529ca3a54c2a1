import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { insertInvitation } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readText } from './support/browser.js';
import { startIdentityProvider, type TestIdentityProvider } from './support/identity-provider.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let idp: TestIdentityProvider;
let server: TestServer;
beforeAll(async () => {
  idp = await startIdentityProvider('elsewhere');
  server = await startTestServer({ configuration: { accountCreation: 'invite', identityProviders: [idp.entry] } });
  idp.register(`${server.issuer}/account/identities/elsewhere/callback`);
});
afterAll(async () => {
  await server?.close();
  await idp?.close();
});

const countAttempts = async () => (await server.db.selectFrom('attempts').select('count').execute()).length;

it('L10: if an invitation expires while a person is at an identity provider, the page says that the invitation has expired', async () => {
  const invitation = { note: undefined, expiresInSeconds: 604_800, createdBy: undefined };
  const code = await insertInvitation(server.db, invitation);
  const browser = new Browser(server.issuer);
  await browser.open(`/account/create?invitation=${code}`);
  const there = await browser.open('/account/identities/elsewhere/start');
  idp.person = { sub: randomUUID(), email: 'guest@example.com', email_verified: true };
  const back = await idp.visit(there.url);
  const attempts = await countAttempts();
  const coming = await server.db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable('invitations')
      .set({ expires_at: new Date(0) })
      .execute();
    const opened = browser.open(back);
    // the server counts the attempt after it has found the invitation open, and before it uses the invitation
    while ((await countAttempts()) === attempts) await sleep(10);
    return { opened };
  });
  const page = await coming.opened;
  expect([page.status, readText(page.text)]).toEqual([
    403,
    expect.stringContaining('It has expired, was withdrawn, or has already been used.'),
  ]);
  expect(await server.db.selectFrom('accounts').select('id').execute()).toEqual([]);
});
