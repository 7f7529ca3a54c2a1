import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CodeChallengeMethod, generateCodeVerifier, generateState, OAuth2Client } from 'arctic';
import * as oauth4webapi from 'oauth4webapi';
import * as openidClient6 from 'openid-client';
import { generators, Issuer } from 'openid-client-5';
import { AuthorizationCode } from 'simple-oauth2';
import { chatStatus } from '../harness/chat.js';
import { type ClientStack, redirectUri, register, startClientStack, usualScope } from './support/stack.js';

let stack: ClientStack;
let issuer: string;
let proxy: string;
beforeAll(async () => {
  stack = await startClientStack();
  issuer = stack.deployment.issuer;
  proxy = stack.deployment.resourceProxyUrl;
});
afterAll(() => stack?.stop());

/** The owner signs in, ticks what the request leaves to the owner, and allows the request. */
const allow = (url: URL) => stack.owner.allow(url);
/** Calls the proxy. The status is 200 with a library's tokens, and 401 after the library has revoked the grant. */
const call = (accessToken: string) => chatStatus(proxy, accessToken);
const codeOf = (callback: URL) => callback.searchParams.get('code') ?? '';

it('oauth4webapi: discovery of the resource and its server, PKCE, refresh and revocation', async () => {
  const insecure = { [oauth4webapi.allowInsecureRequests]: true };
  const url = new URL(`${proxy}/anthropic`);
  const resource = await oauth4webapi.processResourceDiscoveryResponse(
    url,
    await oauth4webapi.resourceDiscoveryRequest(url, insecure),
  );
  const server = new URL(resource.authorization_servers?.[0] ?? '');
  const discovered = await oauth4webapi.discoveryRequest(server, { ...insecure, algorithm: 'oauth2' });
  const as = await oauth4webapi.processDiscoveryResponse(server, discovered);
  const client = await register(stack, { token_endpoint_auth_method: 'none' });
  const verifier = oauth4webapi.generateRandomCodeVerifier();
  const asking = new URL(as.authorization_endpoint ?? '');
  asking.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: usualScope,
    resource: resource.resource,
    code_challenge: await oauth4webapi.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString();
  const parameters = oauth4webapi.validateAuthResponse(as, client, await allow(asking));
  const none = oauth4webapi.None();
  const answer = await oauth4webapi.authorizationCodeGrantRequest(
    as,
    client,
    none,
    parameters,
    redirectUri,
    verifier,
    insecure,
  );
  const tokens = await oauth4webapi.processAuthorizationCodeResponse(as, client, answer);
  expect(await call(tokens.access_token)).toBe(200);
  const refreshing = await oauth4webapi.refreshTokenGrantRequest(
    as,
    client,
    none,
    tokens.refresh_token ?? '',
    insecure,
  );
  const next = await oauth4webapi.processRefreshTokenResponse(as, client, refreshing);
  expect(await call(next.access_token)).toBe(200);
  await oauth4webapi.processRevocationResponse(
    await oauth4webapi.revocationRequest(as, client, none, next.refresh_token ?? '', insecure),
  );
  expect(await call(next.access_token)).toBe(401);
});

it('openid-client 5: a confidential client with ID tokens in RS256, userinfo, refresh and revocation', async () => {
  const found = await Issuer.discover(issuer);
  const registered = await register(stack, {});
  const client = new found.Client({ ...registered, redirect_uris: [redirectUri], response_types: ['code'] });
  const code_verifier = generators.codeVerifier();
  const [state, nonce] = [generators.state(), generators.nonce()];
  const url = client.authorizationUrl({
    scope: `openid email profile ${usualScope}`,
    code_challenge: generators.codeChallenge(code_verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  const parameters = client.callbackParams((await allow(new URL(url))).href);
  const tokens = await client.callback(redirectUri, parameters, { code_verifier, state, nonce });
  expect(await call(tokens.access_token ?? '')).toBe(200);
  expect((await client.userinfo(tokens)).sub).toBe(tokens.claims().sub);
  const next = await client.refresh(tokens);
  expect(await call(next.access_token ?? '')).toBe(200);
  await client.revoke(next.refresh_token ?? '');
  expect(await call(next.access_token ?? '')).toBe(401);
});

it('openid-client 6: a confidential client with ID tokens, userinfo, refresh and revocation', async () => {
  const { client_id: id, client_secret: secret } = await register(stack, {});
  const execute = [openidClient6.allowInsecureRequests];
  const configuration = await openidClient6.discovery(new URL(issuer), id, secret, undefined, { execute });
  const pkceCodeVerifier = openidClient6.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [openidClient6.randomState(), openidClient6.randomNonce()];
  const url = openidClient6.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: `openid email profile ${usualScope}`,
    code_challenge: await openidClient6.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  });
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  const tokens = await openidClient6.authorizationCodeGrant(configuration, await allow(url), checks);
  const { sub = '' } = tokens.claims() ?? {};
  expect(await openidClient6.fetchUserInfo(configuration, tokens.access_token, sub)).toEqual({ sub });
  const next = await openidClient6.refreshTokenGrant(configuration, tokens.refresh_token ?? '');
  expect(await call(next.access_token)).toBe(200);
  await openidClient6.tokenRevocation(configuration, next.refresh_token ?? '');
  expect(await call(next.access_token)).toBe(401);
});

it('arctic: its generic client with PKCE, refresh and revocation', async () => {
  const { client_id: id, client_secret: secret } = await register(stack, {});
  const client = new OAuth2Client(id, secret, redirectUri);
  const verifier = generateCodeVerifier();
  const scopes = usualScope.split(' ');
  const url = client.createAuthorizationURLWithPKCE(
    `${issuer}/authorize`,
    generateState(),
    CodeChallengeMethod.S256,
    verifier,
    scopes,
  );
  const code = codeOf(await allow(url));
  const tokens = await client.validateAuthorizationCode(`${issuer}/token`, code, verifier);
  expect(await call(tokens.accessToken())).toBe(200);
  const next = await client.refreshAccessToken(`${issuer}/token`, tokens.refreshToken(), []);
  expect(await call(next.accessToken())).toBe(200);
  await client.revokeToken(`${issuer}/revoke`, next.refreshToken());
  expect(await call(next.accessToken())).toBe(401);
});

it('simple-oauth2: a code flow with PKCE parameters that the app adds, refresh and revocation', async () => {
  const { client_id: id, client_secret: secret } = await register(stack, {});
  const client = new AuthorizationCode({
    client: { id, secret },
    auth: { tokenHost: issuer, tokenPath: '/token', authorizePath: '/authorize', revokePath: '/revoke' },
  });
  const code_verifier = generators.codeVerifier();
  const pkce = { code_challenge: generators.codeChallenge(code_verifier), code_challenge_method: 'S256' };
  const url = client.authorizeURL({ redirect_uri: redirectUri, scope: usualScope, ...pkce } as never);
  const redeeming = { code: codeOf(await allow(new URL(url))), redirect_uri: redirectUri, code_verifier };
  const tokens = await client.getToken(redeeming as never);
  expect(await call(String(tokens.token['access_token']))).toBe(200);
  const next = await tokens.refresh();
  expect(await call(String(next.token['access_token']))).toBe(200);
  await next.revokeAll();
  expect(await call(String(next.token['access_token']))).toBe(401);
});
