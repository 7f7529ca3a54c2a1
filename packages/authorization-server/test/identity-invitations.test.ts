import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { insertInvitation } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readText } from './support/browser.js';
import type { TestIdentityProvider } from './support/identity-provider.js';
import type { TestServer } from './support/start-server.js';
import { startWithIdentityProvider } from './support/start-with-identity-provider.js';

let idp: TestIdentityProvider;
let server: TestServer;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ idp, server, close } = await startWithIdentityProvider({ accountCreation: 'invite' }));
});
afterAll(() => close?.());

const countAttempts = async () => (await server.db.selectFrom('attempts').select('count').execute()).length;

// The ids at the beginning of titles are rows of docs/security.md.
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
