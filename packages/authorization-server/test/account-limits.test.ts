import { hashSecret } from '@aipassport/store';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { apiEndpoints } from '../src/api-endpoints.js';
import { type Endpoint, isLimited } from '../src/endpoint.js';
import { pageEndpoints } from '../src/endpoints.js';
import { exchangeGrantType } from '../src/oidc/offered.js';
import { callApi, makeToken } from './support/account-api.js';
import { Authenticator } from './support/authenticator.js';
import { Browser, type Page } from './support/browser.js';
import {
  addClient,
  authenticate,
  buildRequest,
  connect,
  introspect,
  refresh,
  type TestClient,
  usualScope,
} from './support/client.js';
import { countEvents, listEvents } from './support/events.js';
import { type Answer, header, json, postForm } from './support/http.js';
import { submitNewClient } from './support/own-client.js';
import { createOwner, getLastGrant, type Owner, signIn } from './support/owner.js';
import { addPasskey, challengePath, fetchChallenge } from './support/passkeys.js';
import { findFreePort, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
let client: TestClient;
beforeAll(async () => {
  const port = await findFreePort();
  // A name and not an IP address: browsers bind passkeys to domain names only.
  server = await startTestServer({ replicas: 2, configuration: { port, issuer: `http://localhost:${port}` } });
  client = await addClient(server, {
    isPublic: true,
    metadata: { grant_types: ['authorization_code', 'refresh_token', exchangeGrantType] },
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
});

/** Sets the number of counted attempts. At least one attempt must have been counted before. */
async function setCount(key: string, count: number): Promise<void> {
  const { numUpdatedRows } = await server.db
    .updateTable('attempts')
    .set({ count })
    .where('key_hash', '=', hashSecret(key))
    .executeTakeFirstOrThrow();
  expect(numUpdatedRows).toBe(1n);
}

const count = async (event: string) => countEvents(await listEvents(server, owner), event);

function expectRefusal(answer: Answer): void {
  expect(answer.status).toBe(429);
  expect(Number(header(answer, 'retry-after'))).toBeGreaterThan(0);
  expect(Number(header(answer, 'retry-after'))).toBeLessThanOrEqual(900);
}

// The ids at the beginning of titles are rows of docs/security.md.
it('3.7: an account that is signed in may begin 600 requests in ten minutes; other accounts are served', async () => {
  const other = await createOwner(server);
  const begin = async ({ browser }: Owner) => browser.request((await buildRequest(server, client)).url);
  expect((await begin(owner)).status).toBe(303);
  await setCount(`authorize:account:${owner.accountId}`, 599);
  expect((await begin(owner)).status).toBe(303);
  expectRefusal(await begin(owner));
  expect((await begin(other)).status).toBe(303);
});

it('3.7: a grant may be refreshed 300 times in ten minutes; a refused refresh adds no row, and its refresh token stays valid', async () => {
  const first = await connect(server, owner.browser, client);
  const { grant_id: grantId } = await introspect(server, first.access_token);
  const key = `refresh:${String(grantId)}`;
  const next = json(await refresh(server, client, first.refresh_token));
  await setCount(key, 299);
  const last = json(await refresh(server, client, String(next['refresh_token'])));
  const kept = String(last['refresh_token']);
  const rows = () => Promise.all([count('token_issued'), countArtifacts(String(grantId))]);
  const before = await rows();
  for (const url of server.urls) {
    const refused = await refresh(server, client, kept, { url });
    expectRefusal(refused);
    expect(json(refused)['error']).toBe('temporarily_unavailable');
  }
  expect(await rows()).toEqual(before);
  await setCount(key, 0);
  expect((await refresh(server, client, kept)).status).toBe(200);
});

async function countArtifacts(grantId: string): Promise<number> {
  return (await server.db.selectFrom('artifacts').select('model').where('grant_id', '=', grantId).execute()).length;
}

it('3.7: an account’s tokens may be exchanged 1,200 times in ten minutes, even if the new grants are ended', async () => {
  const { access_token: subject_token } = await connect(server, owner.browser, client);
  const form = {
    ...authenticate(client).fields,
    grant_type: exchangeGrantType,
    subject_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    scope: usualScope,
  };
  const exchange = () => postForm(`${server.issuer}/token`, form);
  const made = await exchange();
  expect(made.status).toBe(200);
  await setCount(`exchange:${owner.accountId}`, 1_199);
  expect((await exchange()).status).toBe(200);
  const ended = { ...authenticate(client).fields, token: String(json(made)['access_token']) };
  expect((await postForm(`${server.issuer}/revoke`, ended)).status).toBe(200);
  const before = await count('grant_delegated');
  expectRefusal(await exchange());
  expect(await count('grant_delegated')).toBe(before);
});

it('3.7: an account may make 600 changes in ten minutes, on its pages and with API tokens together', async () => {
  const token = await makeToken(owner, ['manage']);
  const page = await owner.browser.open('/account/recovery-codes');
  const ownClientPage = await submitNewClient(owner.browser);
  const end = () => callApi(server, token, 'DELETE /api/account/apps');
  await setCount(`change:${owner.accountId}`, 598);
  expect((await end()).status).toBe(200);
  await connect(server, owner.browser, client); // the owner's decision is a change too
  expectRefusal(await end());
  expectRefusal(await owner.browser.submit(page, '/account/recovery-codes'));
  const limits = `/account/grants/${(await getLastGrant(server, owner)).id}/limits`;
  expectRefusal(await owner.browser.submit(await owner.browser.open(limits), limits));
  expectRefusal(await submitNewClient(owner.browser));
  expectRefusal(await owner.browser.submit(ownClientPage, `${ownClientPage.url.pathname}/delete`));
  expect((await callApi(server, token, 'GET /api/account/apps')).status).toBe(200);
  expect((await owner.browser.open('/account/recovery-codes')).status).toBe(200);
});

it('3.7: every form of an owner counts among the 600 changes, unless the table of endpoints names another limit', async () => {
  await makeToken(owner);
  await setCount(`change:${owner.accountId}`, 600);
  const counted: readonly Endpoint[] = Object.values(pageEndpoints).filter(
    ({ changesLimitedBy }: Endpoint) => changesLimitedBy === undefined,
  );
  const forms = counted.filter(({ methods }) => methods.includes('POST'));
  expect(forms.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/interaction/:uid/consent', '/device/:code/consent', '/account/keys', '/operator/change']),
  );
  for (const { path } of forms) {
    const { status } = await owner.browser.request(path.replace(/:\w+/, 'any'), { method: 'POST', body: 'a=b' });
    expect([path, status]).toEqual([path, 429]);
  }
  // A form of another site is refused before it is counted.
  await setCount(`change:${owner.accountId}`, 599);
  const foreign = { 'sec-fetch-site': 'same-site', origin: 'https://other.example' };
  expect((await owner.browser.request('/account/keys', { method: 'POST', body: 'a=b', headers: foreign })).status).toBe(
    403,
  );
  expect((await owner.browser.submit(await owner.browser.open('/account/tokens'), '/account/tokens')).status).not.toBe(
    429,
  );
});

it('3.7: every change of an account through the API counts among the 600', async () => {
  const token = await makeToken(owner, ['manage', 'developer']);
  await setCount(`change:${owner.accountId}`, 600);
  const endpoints: readonly Endpoint[] = Object.values(apiEndpoints);
  const changes = endpoints.flatMap(({ path, methods, changesLimitedBy }) =>
    methods
      .filter((method) => isLimited(method, changesLimitedBy))
      .map((method) => `${method} ${path.replace(/:(\w+)/, '{$1}')}`),
  );
  expect(changes.length).toBeGreaterThan(10);
  for (const change of changes) {
    const { status } = await callApi(server, token, change, { value: 'any' });
    expect([change, status]).toEqual([change, 429]);
  }
});

it('3.7: a decision after the 600th change leaves the access as it is', async () => {
  const page = await owner.browser.open((await buildRequest(server, client)).url);
  const decide = (fields: Record<string, string>) =>
    owner.browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow', ...fields });
  expect((await decide({ max_cost_usd: '1.00' })).url.searchParams.has('code')).toBe(true);
  const before = [await getLastGrant(server, owner), await listEvents(server, owner)];
  await setCount(`change:${owner.accountId}`, 600);
  expectRefusal(await decide({ max_cost_usd: '2.00' }));
  expectRefusal(await decide({ decision: 'deny' }));
  expect([await getLastGrant(server, owner), await listEvents(server, owner)]).toEqual(before);
});

it('3.7: after 60 sign-ins with the password in 15 minutes, only other ways to sign in, such as a passkey, still work; other accounts are not affected', async () => {
  const authenticator = new Authenticator(server.issuer);
  await addPasskey(owner.browser, (challenge) => authenticator.create(challenge));
  const other = await createOwner(server);
  expect((await signIn(owner.browser, owner.email)).status).toBe(200);
  await setCount(`signed-in:password:${owner.accountId}`, 60);
  const rows = () =>
    server.db.selectFrom('owner_sessions').selectAll().where('account_id', '=', owner.accountId).execute();
  const before = [await rows(), await count('signed_in')];
  for (const browser of [owner.browser, new Browser(server.issuer)]) expectRefusal(await signIn(browser, owner.email));
  expect([await rows(), await count('signed_in')]).toEqual(before);
  const page = await owner.browser.open('/account/sign-in?again=true');
  const passkey = authenticator.get(await fetchChallenge(owner.browser, challengePath));
  const fields = { passkey };
  expect((await owner.browser.submit(page, '/account/sign-in/passkey', fields, { follow: false })).status).toBe(303);
  expect((await signIn(other.browser, other.email)).status).toBe(200);
});

it('3.7: at most 100 refused sign-ins with a passkey are recorded in 15 minutes for one account and for one network; a valid passkey is never refused', async () => {
  const authenticator = new Authenticator(server.issuer);
  await addPasskey(owner.browser, (challenge) => authenticator.create(challenge));
  const stranger = new Browser(server.issuer);
  const attempt = async (deviation = {}): Promise<Page> => {
    const page = await stranger.open('/account/sign-in?again=true');
    const passkey = authenticator.get(await fetchChallenge(stranger, challengePath), deviation);
    return stranger.submit(page, '/account/sign-in/passkey', { passkey }, { follow: false });
  };
  const wrong = { origin: 'http://localhost:1' };
  for (const key of [`refused:${owner.accountId}`, 'refused:127.0.0.1']) {
    expect((await attempt(wrong)).status).toBe(422);
    await setCount(key, 100);
    const before = await count('sign_in_refused');
    expectRefusal(await attempt(wrong));
    expect(await count('sign_in_refused')).toBe(before);
    expect((await attempt()).status).toBe(303);
    await setCount(key, 0);
  }
});
