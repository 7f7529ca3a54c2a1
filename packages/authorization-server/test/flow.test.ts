import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as openid from 'openid-client';
import { readText } from './support/browser.js';
import { introspect } from './support/client.js';
import { createOwner } from './support/owner.js';
import { resourceProxyUrl, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

it('openid-client alone can discover, register, authorize, refresh and revoke', async () => {
  const options = { execute: [openid.allowInsecureRequests], algorithm: 'oauth2' as const };
  const redirectUri = 'http://127.0.0.1:9999/callback';
  const client = await openid.dynamicClientRegistration(
    new URL(server.issuer),
    {
      client_name: 'Recipe Helper',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    openid.None(),
    options,
  );
  const owner = await createOwner(server);
  const codeVerifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const details = [{ type: 'ai_access', max_requests: 100, expires_in: 7200, reason: 'To suggest recipes.' }];
  const url = openid.buildAuthorizationUrl(client, {
    redirect_uri: redirectUri,
    scope: 'model:gpt-4o cap:chat',
    code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    state,
    authorization_details: JSON.stringify(details),
  });

  const page = await owner.browser.open(url);
  expect(readText(page.text)).toContain('An app on your computer wants to use your AI account');
  expect(readText(page.text)).toContain('To suggest recipes.');
  const back = await owner.browser.submit(page, `${page.url.pathname}/consent`, {
    decision: 'allow',
    max_requests: '10',
  });
  expect(back.url.href).toContain(redirectUri);
  expect(back.url.searchParams.get('iss')).toBe(server.issuer);

  const tokens = await openid.authorizationCodeGrant(client, back.url, {
    pkceCodeVerifier: codeVerifier,
    expectedState: state,
  });
  expect(tokens.scope).toBe('model:gpt-4o cap:chat');
  expect(tokens.expires_in).toBe(600);
  const granted = { type: 'ai_access', models: ['gpt-4o'], capabilities: ['chat'], max_requests: 10 };
  expect(tokens['authorization_details']).toMatchObject([granted]);

  const { payload, protectedHeader } = await jwtVerify(
    tokens.access_token,
    createRemoteJWKSet(new URL(`${server.issuer}/jwks`)),
  );
  expect(protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
  expect(payload).toMatchObject({
    iss: server.issuer,
    aud: resourceProxyUrl,
    sub: owner.accountId,
    scope: tokens.scope,
  });
  expect(payload).toMatchObject({ authorization_details: [granted] });
  expect(await introspect(server, tokens.access_token)).toMatchObject({
    active: true,
    grant_id: payload['grant_id'],
    jti: payload.jti,
  });

  const refreshed = await openid.refreshTokenGrant(client, tokens.refresh_token ?? '');
  expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
  expect(refreshed.scope).toBe(tokens.scope);
  await openid.tokenRevocation(client, refreshed.access_token);
  expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
});
