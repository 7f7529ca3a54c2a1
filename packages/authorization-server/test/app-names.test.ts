import { setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deriveAppId } from '../src/account/app-id.js';
import { readText } from './support/browser.js';
import { addClient, buildRequest, decide, type TestClient } from './support/client.js';
import { createConfirmedOwner } from './support/confirmed-owner.js';
import { listPages } from './support/list-pages.js';
import { type MailServer, takeMail } from './support/mail-server.js';
import { getLastGrant, type Owner } from './support/owner.js';
import type { TestServer } from './support/start-server.js';
import { startWithMail } from './support/start-with-mail.js';
import { useGrant } from './support/use-grant.js';

const falseName = 'OpenAI Official Support';
const falseHost = 'support.attacker.example';
const trueName = 'Harbour Planner';
const trueHost = 'harbour.example';

let mailServer: MailServer;
let server: TestServer;
let close: () => Promise<void>;
let owner: Owner;
let self: TestClient;
/** The values of the parameters in the paths of pages. */
const parameters: Record<string, string> = {};

beforeAll(async () => {
  ({ mailServer, server, close } = await startWithMail());
  owner = await createConfirmedOwner(server, mailServer);
  await setOperator(server.db, owner.accountId, true);
  self = await addClient(server, {
    name: falseName,
    redirectUris: [`https://${falseHost}/callback`],
    registeredBy: 'registration',
  });
  const vouched = await addClient(server, { name: trueName, redirectUris: [`https://${trueHost}/callback`] });
  const past = await addClient(server, {
    name: `${falseName} Archive`,
    redirectUris: [`https://${falseHost}/archive`],
    registeredBy: 'registration',
  });
  for (const app of [vouched, past, self]) {
    await decide(owner.browser, await buildRequest(server, app), 'allow', { max_cost_usd: '1', expires_in: '86400' });
    const grant = await getLastGrant(server, owner);
    await useGrant(server, grant, { cost: 400_000_000n, estimate: 500_000_000n });
    const change =
      app === past
        ? { revoked_at: new Date(), revoked_reason: 'owner', status: 'revoked' as const }
        : { expires_at: inTwoDays() };
    await server.db.updateTable('grants').set(change).where('id', '=', grant.id).execute();
    parameters['grant_id'] = grant.id;
  }
  parameters['app_id'] = deriveAppId(self.id);
  parameters['account_id'] = owner.accountId;
});
afterAll(() => close());

const inTwoDays = () => new Date(Date.now() + 2 * 86_400_000);

/** The text after each occurrence of the name on a page: up to the next name, and at most 120 characters. */
function listFollowing(text: string, name: string): readonly string[] {
  return text
    .split(new RegExp(`(?=${falseName}|${trueName})`))
    .filter((part) => part.startsWith(name))
    .map((part) => part.slice(name.length, name.length + 120));
}

/** The title of a page, and its text. */
function readAll(html: string): string {
  const [, title = ''] = /<title>(.*?)<\/title>/.exec(html) ?? [];
  return `${title} | ${readText(html)}`;
}

it('wherever a page shows the name of an app, it also shows the app’s host and whether the operator vouches for the app', async () => {
  const shown: string[] = [];
  for (const address of listPages({ ...parameters, client_id: self.id })) {
    const text = readAll((await owner.browser.open(address)).text);
    const names = listFollowing(text, falseName).map((rest) => ({ rest, host: falseHost, isVouchedFor: false }));
    names.push(...listFollowing(text, trueName).map((rest) => ({ rest, host: trueHost, isVouchedFor: true })));
    for (const { rest, host, isVouchedFor } of names) {
      expect([address, rest]).toEqual([address, expect.stringContaining(host)]);
      const isMarked = /\bverified\b/i.test(rest) && /not verified/i.test(rest) !== isVouchedFor;
      expect([address, rest, isMarked]).toEqual([address, rest, true]);
    }
    if (names.length > 0) shown.push(address.replace(/\?.*/, ''));
  }
  expect(shown).toEqual(
    expect.arrayContaining([
      '/account',
      '/account/apps',
      `/account/apps/${parameters['app_id']}`,
      `/account/grants/${parameters['grant_id']}`,
      `/account/grants/${parameters['grant_id']}/limits`,
      '/account/activity',
      '/operator/spending',
      '/operator/clients',
      '/operator/change',
      `/operator/accounts/${owner.accountId}`,
    ]),
  );
});

it('each mail about a new app says the app’s host, and whether the operator vouches for the app', async () => {
  const subject = 'A new app can use your AI account';
  const mails = [];
  for (let mail = 0; mail < 3; mail += 1) mails.push(await takeMail(mailServer, owner.email, subject));
  const texts = mails.map(({ text }) => text.replaceAll(/\s+/g, ' ')).toSorted();
  expect(texts).toEqual([
    expect.stringContaining(`“${trueName}” (at ${trueHost}, verified) got access`),
    expect.stringContaining(`“${falseName} Archive” (at ${falseHost}, not verified) got access`),
    expect.stringContaining(`“${falseName}” (at ${falseHost}, not verified) got access`),
  ]);
});
