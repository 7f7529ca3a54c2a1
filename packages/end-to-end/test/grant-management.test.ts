import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as oauth4webapi from 'oauth4webapi';
import * as openid from 'openid-client';
import { fitsTheScreen, listAccessibilityProblems } from './harness/browser.js';
import { chatOutcome, postChat, smallChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { copyCookies } from './harness/open-page.js';
import type { Owner } from './harness/owner.js';
import { readSpecified } from './harness/read-specified.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { useBrowser, withChromium } from './harness/use-browser.js';
import { waitUntil } from './harness/wait-until.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;
const browser = useBrowser();

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

/** Asks both proxies, so that the result does not depend on what one of them has in memory. */
const outcomes = async (accessToken: string, model = smallChat.model) =>
  Promise.all(
    deployment.resourceProxies.map(({ port }) =>
      chatOutcome(`http://127.0.0.1:${port}`, accessToken, { ...smallChat, model }),
    ),
  );

const passed = { status: 200, code: undefined };

// The ids at the beginning of titles are rows of docs/security.md.
it('Y7: after all requests are used and the owner has allowed more in an update, the same access token works again', async () => {
  const { client, accessToken, grantId } = await connect(deployment, {
    owner,
    proposal: { max_requests: 2, max_cost_usd: '1' },
  });
  expect(await outcomes(accessToken)).toEqual([passed, passed]);
  const refused = { status: 402, code: 'request_limit_reached' };
  expect(await outcomes(accessToken)).toEqual([refused, refused]);
  const authorization = await client.beginAuthorization(
    undefined,
    { max_requests: 6 },
    { grant_management_action: 'update', grant_id: grantId },
  );
  const page = await owner.openConsent(authorization.url);
  expect(page.text).toContain('6 requests in total instead of 2');
  const { leftTo } = await owner.press(page, 'Allow');
  // The owner has decided, but the client has not redeemed the code yet.
  expect(await outcomes(accessToken)).toEqual([passed, passed]);
  if (leftTo === undefined) throw new Error('the browser was not sent back to the app');
  const tokens = (await client.finishAuthorization(authorization, leftTo)) as {
    grant_id?: string;
    access_token: string;
  };
  expect(tokens.grant_id).toBe(grantId);
  expect(await outcomes(tokens.access_token)).toEqual([passed, passed]);
  expect(await outcomes(accessToken)).toEqual([refused, refused]);
});

it('the link in a 402 leads the owner to the page where the limits of this grant can be raised', async () => {
  const { accessToken, grantId } = await connect(deployment, { owner, proposal: { max_requests: 1 } });
  await connect(deployment, { owner, proposal: { max_requests: 1 } });
  expect((await chatOutcome(deployment.resourceProxyUrl, accessToken)).status).toBe(200);
  const answer = await postChat(deployment.resourceProxyUrl, accessToken);
  const { error } = (await answer.json()) as { readonly error: { readonly message: string } };
  const link = /https?:\S+/.exec(error.message)?.[0] ?? '';
  const { pathname, search } = new URL(link);
  expect([answer.status, pathname, search]).toEqual([402, `/account/grants/${grantId}/limits`, '?limit=max_requests']);
  const { page } = await owner.open(link);
  const saved = await owner.press(page, 'Save', { fill: { max_requests: '2' } });
  expect(saved.page.text).toContain('1 of 2 used');
  expect((await chatOutcome(deployment.resourceProxyUrl, accessToken)).status).toBe(200);
});

it('Y7: after a budget is used up and the owner has raised it, the same access token works again', async () => {
  const { client, accessToken, grantId } = await connect(deployment, { owner, proposal: { max_cost_usd: '0.00001' } });
  const used = { status: 402, code: 'budget_exhausted' };
  expect(await outcomes(accessToken)).toEqual([used, used]);
  const authorization = await client.beginAuthorization(
    undefined,
    { max_cost_usd: '2' },
    { grant_management_action: 'merge', grant_id: grantId },
  );
  await owner.allow(authorization.url);
  expect(await outcomes(accessToken)).toEqual([passed, passed]);
});

it('a model that the owner takes away is refused at once at every proxy, for tokens that were issued before too', async () => {
  const scope = 'model:gpt-4o-mini model:gpt-4o cap:chat';
  const { accessToken, grantId } = await connect(deployment, { owner, scope });
  expect(await outcomes(accessToken, 'gpt-4o')).toEqual([passed, passed]);
  const { page } = await owner.open(`/account/grants/${grantId}/limits`);
  const done = await owner.press(page, 'Save', { untick: ['model:gpt-4o'] });
  expect(done.page.text).toContain('Saved. Applies from the next request.');
  const refused = { status: 403, code: 'insufficient_scope' };
  expect(await outcomes(accessToken, 'gpt-4o')).toEqual([refused, refused]);
  expect(await outcomes(accessToken)).toEqual([passed, passed]);
});

it('Y7: a model that a replacement removes is refused at once at every proxy, and an earlier token does not gain a model that is added later', async () => {
  const { client, accessToken, grantId } = await connect(deployment, {
    owner,
    scope: 'model:gpt-4o-mini model:gpt-4o cap:chat',
  });
  for (const model of ['gpt-4o-mini', 'gpt-4o']) expect(await outcomes(accessToken, model)).toEqual([passed, passed]);
  const change = async (action: string, scope: string) => {
    const parameters = { grant_management_action: action, grant_id: grantId };
    const authorization = await client.beginAuthorization(scope, undefined, parameters);
    return client.finishAuthorization(authorization, await owner.allow(authorization.url));
  };
  await change('replace', 'model:gpt-4o-mini cap:chat');
  const refused = { status: 403, code: 'insufficient_scope' };
  expect(await outcomes(accessToken, 'gpt-4o')).toEqual([refused, refused]);
  expect(await outcomes(accessToken)).toEqual([passed, passed]);
  const bearer = { headers: { authorization: `Bearer ${accessToken}` } };
  const models = await (await fetch(`${deployment.resourceProxyUrl}/openai/v1/models`, bearer)).json();
  expect((models as { data: readonly { id: string }[] }).data.map(({ id }) => id)).not.toContain('gpt-4o');
  const shown = await readSpecified(
    await fetch(`${deployment.resourceProxyUrl}/v1/grant`, bearer),
    'resource-proxy',
    'GET /v1/grant',
  );
  expect(shown).toMatchObject({ scope: 'model:gpt-4o-mini cap:chat' });
  // Once all requests are settled, no refused request is counted.
  const readUse = async () => {
    const status = await fetch(`${deployment.issuer}/grants/${grantId}`, bearer);
    return (await readSpecified(status, 'authorization-server', 'GET /grants/{grant_id}')) as {
      readonly used: { readonly requests: number; readonly held_usd: string };
    };
  };
  await waitUntil(async () => (await readUse()).used.held_usd === '0', 'every request is settled');
  expect((await readUse()).used.requests).toBe(6);
  const grown = await change('update', 'model:gpt-4.1-mini');
  expect(await outcomes(grown.access_token, 'gpt-4.1-mini')).toEqual([passed, passed]);
  expect(await outcomes(accessToken, 'gpt-4.1-mini')).toEqual([refused, refused]);
});

it('openid-client and oauth4webapi manage grants with their usual functions', async () => {
  const client = await ClientApp.register(deployment, { authMethod: 'client_secret_basic' });
  const { tokens, grantId } = await connect(deployment, { owner, client, proposal: { max_cost_usd: '1' } });
  expect(tokens).toMatchObject({ grant_id: grantId });
  const { grant_management_endpoint: endpoint } = client.configuration.serverMetadata() as {
    grant_management_endpoint?: string;
  };
  const scope = 'grant_management_query grant_management_revoke';
  const { access_token: token } = await openid.clientCredentialsGrant(client.configuration, { scope });
  const url = new URL(`${endpoint}/${grantId}`);
  const shown = await openid.fetchProtectedResource(client.configuration, token, url, 'GET');
  expect(await shown.json()).toMatchObject({ grant_id: grantId, remaining: { max_cost_usd: '1' } });
  // A pushed request, with oauth4webapi.
  const issuer = new URL(deployment.issuer);
  const insecure = { [oauth4webapi.allowInsecureRequests]: true };
  const server = await oauth4webapi.processDiscoveryResponse(
    issuer,
    await oauth4webapi.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }),
  );
  const { client_id, client_secret } = client.configuration.clientMetadata();
  const app = { client_id };
  const authentication = oauth4webapi.ClientSecretBasic(String(client_secret));
  const verifier = oauth4webapi.generateRandomCodeVerifier();
  const parameters = {
    response_type: 'code',
    redirect_uri: client.redirectUri,
    code_challenge: await oauth4webapi.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    authorization_details: JSON.stringify([{ type: 'ai_access', max_cost_usd: 3 }]),
    grant_management_action: 'update',
    grant_id: grantId,
  };
  const pushed = await oauth4webapi.processPushedAuthorizationResponse(
    server,
    app,
    await oauth4webapi.pushedAuthorizationRequest(server, app, authentication, parameters, insecure),
  );
  const opened = new URL(String(server.authorization_endpoint));
  opened.search = new URLSearchParams({ client_id, request_uri: pushed.request_uri }).toString();
  const callback = oauth4webapi.validateAuthResponse(
    server,
    app,
    await owner.allow(opened),
    oauth4webapi.expectNoState,
  );
  const answer = await oauth4webapi.processAuthorizationCodeResponse(
    server,
    app,
    await oauth4webapi.authorizationCodeGrantRequest(
      server,
      app,
      authentication,
      callback,
      client.redirectUri,
      verifier,
      insecure,
    ),
  );
  expect(answer['grant_id']).toBe(grantId);
  expect(await outcomes(answer.access_token)).toEqual([passed, passed]);
  const ended = await openid.fetchProtectedResource(client.configuration, token, url, 'DELETE');
  expect(ended.status).toBe(204);
  for (const { status } of await outcomes(answer.access_token)) expect(status).toBe(401);
});

withChromium('the pages of an update and a replacement are accessible and fit every screen', async () => {
  const { client, grantId } = await connect(deployment, { owner, proposal: { max_requests: 2, max_cost_usd: '3' } });
  for (const width of [390, 1180]) {
    const context = await browser().newContext({ viewport: { width, height: 900 } });
    await copyCookies(owner, context, deployment.issuer);
    const page = await context.newPage();
    for (const action of ['update', 'replace']) {
      const proposal = {
        max_requests: 1_500,
        max_cost_usd: '5',
        expires_in: 864_000,
        reason: 'It is a long report.',
      };
      const parameters = { grant_management_action: action, grant_id: grantId };
      const { url } = await client.beginAuthorization('model:gpt-4o cap:chat cap:images', proposal, parameters);
      await page.goto(url.href);
      expect([action, width, await listAccessibilityProblems(page)]).toEqual([action, width, []]);
      expect([action, width, await fitsTheScreen(page)]).toEqual([action, width, true]);
    }
  }
});
