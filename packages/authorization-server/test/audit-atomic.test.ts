import { setOperator } from '@aipassport/store/authorization';
import { createTestDatabase, EventRefusal, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Prepare, submit } from './support/audited-acts.js';
import { addedSpareKey, auditedForms, change, consent, deviceConsent, replacedKey } from './support/audited-forms.js';
import { identityActs, otherSignIns } from './support/audited-sign-ins.js';
import { addClient, buildRequest, connect, redeem, refresh, revoke } from './support/client.js';
import { startIdentityProvider, type TestIdentityProvider } from './support/identity-provider.js';
import { type MailServer, sendTo, startMailServer } from './support/mail-server.js';
import { registerClient } from './support/own-client.js';
import { createOwner, type Owner } from './support/owner.js';
import { pageForms } from './support/page-forms.js';
import { findFreePort, startTestServer, type TestServer } from './support/start-server.js';

let database: TestDatabase;
let events: EventRefusal;
let mailServer: MailServer;
let idp: TestIdentityProvider;
let server: TestServer;
let inviting: TestServer;
let owner: Owner;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  mailServer = await startMailServer();
  idp = await startIdentityProvider('elsewhere');
  const port = await findFreePort();
  const configuration = {
    ...sendTo(mailServer),
    // A name and not an IP address: browsers bind passkeys to domain names only.
    issuer: `http://localhost:${port}`,
    port,
    operatorKeysFor: ['openai'],
    identityProviders: [idp.entry],
  } as const;
  server = await startTestServer({ database, configuration });
  inviting = await startTestServer({ database, configuration: { ...sendTo(mailServer), accountCreation: 'invite' } });
  idp.register(`${server.issuer}/account/identities/elsewhere/callback`);
  events = await EventRefusal.prepare(database);
});
afterAll(async () => {
  await inviting.close();
  await server.close();
  await idp.close();
  await mailServer.close();
  await database.close();
});
beforeEach(async () => {
  // All accounts of these tests come from one IP address.
  await database.query('delete from attempts');
  owner = await createOwner(server);
  await setOperator(server.db, owner.accountId, true);
});

/** Acts that are not completed by a form of a page, and further acts of forms that can cause more than one. */
const otherActs: Readonly<Record<string, Prepare>> = {
  ...identityActs,
  ...otherSignIns,
  'a denial': consent('deny'),
  'a denial of a terminal’s request': deviceConsent('deny'),
  'an API key that replaces another': replacedKey,
  'a spare API key': addedSpareKey,
  // Each attempt opens the page again, because its form works only once, even if the sign-out fails.
  'a sign-out that an app asks for':
    async ({ owner: { browser } }) =>
    async () =>
      submit(browser, await browser.open('/logout'), '/logout/confirm', { logout: 'yes' })(),
  'a code that is redeemed': async ({ owner: { browser } }) => {
    const client = await addClient(server);
    const request = await buildRequest(server, client);
    const page = await browser.open(request.url);
    const back = await browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow' });
    const code = back.url.searchParams.get('code') ?? '';
    return () => redeem(server, client, { code, codeVerifier: request.codeVerifier });
  },
  'a token that is refreshed': async ({ owner: { browser } }) => {
    const client = await addClient(server);
    const tokens = await connect(server, browser, client);
    return () => refresh(server, client, tokens.refresh_token);
  },
  'a token that is revoked': async ({ owner: { browser } }) => {
    const client = await addClient(server);
    const tokens = await connect(server, browser, client);
    return () => revoke(server, client, tokens.refresh_token);
  },
  'the right to invite': change('let_invite', async () => (await createOwner(server)).accountId),
  'an app that is blocked': change('block_client', async () => (await addClient(server)).id),
  'an app that is approved': change('approve_client', async ({ owner }) => (await registerClient(owner.browser)).id),
};

/** The forms without an event, and why they need none. */
const unrecorded: Readonly<Record<string, readonly string[]>> = {
  'changes only a name or the language of the pages': [
    '/account/keys/{upstream}/name',
    '/account/keys/spare/{key_id}/name',
    '/account/passkeys/{passkey_id}/name',
    '/account/settings/language',
  ],
  'begins what another form or the identity provider’s answer completes': [
    '/account/authenticator',
    '/account/email/change',
    '/account/email/send-link',
    '/account/identities/{provider}/connect',
    '/account/create/passkey-options',
    '/account/passkeys/options',
    '/account/sign-in/passkey-challenge',
    '/device',
  ],
  'asks something, and changes no access': [
    '/account/keys/{upstream}/test',
    '/account/keys/spare/{key_id}/test',
    '/account/recovery-codes/saved',
    '/interaction/{uid}/summary',
    '/device/{code}/summary',
  ],
};

it('each form of the pages is tried below, or is listed here with the reason why it has no event', () => {
  const listed = [...Object.keys(auditedForms), ...Object.values(unrecorded).flat()];
  expect(listed.toSorted()).toEqual([...pageForms.keys()].toSorted());
});

/**
 * The tables that an act changes before the transaction with its event. These changes stay if the act fails, and the
 * next attempt continues from there. An app that is deleted is blocked first, so that it gets no more access while its
 * access ends.
 */
const earlierSteps: Readonly<Record<string, readonly string[]>> = {
  '/account/developer/clients/{client_id}/delete': ['client_blocks'],
};

const acts: Readonly<Record<string, Prepare>> = { ...auditedForms, ...otherActs };

// The ids at the beginning of titles are rows of docs/security.md.
it.each(Object.keys(acts))('G2: %s: nothing changes if the audit log cannot be written', async (name) => {
  const act = await acts[name]?.({ server, inviting, owner, mailServer, idp });
  if (act === undefined) throw new Error('there is no such act');
  const before = await events.readTables();
  const answer = await events.whileRefused(act);
  const left = await events.readTables();
  const steps = (earlierSteps[name] ?? []).map((table) => [table, left[table]]);
  expect([answer.status, left]).toEqual([500, { ...before, ...Object.fromEntries(steps) }]);
  expect((await act()).status).toBeLessThan(400);
  expect(await events.readTables()).not.toEqual(before);
});
