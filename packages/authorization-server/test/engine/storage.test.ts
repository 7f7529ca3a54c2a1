import { noLimits, parseGrantedScope } from '@aipassport/policy';
import { expect } from '@jest/globals';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { alreadyConsumed } from '../../src/oidc/engine/already-consumed.js';
import { buildGrantPayload } from '../../src/oidc/engine/build-grant-payload.js';
import { identifierLength } from '../../src/oidc/engine/identifier-length.js';
import { isIssuedFor } from '../../src/oidc/engine/is-issued-for.js';
import { createResourceSpeller, stripSecrets } from '../../src/oidc/engine/stored-payload.js';
import { codeVerifier, pushRequest, resource } from '../support/bare-provider.js';
import { adapt, canary, start } from './canary.js';

function readClaims(token: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

canary('a grant has the members accountId, clientId, openid, resources and rar', async () => {
  const createdAt = new Date();
  const expiresAt = new Date(createdAt.getTime() + 600_000);
  const scope = 'model:gpt-4o cap:chat';
  const terms = { tokens: parseGrantedScope(scope), limits: noLimits, createdAt, expiresAt };
  const payload = buildGrantPayload({ id: 'the-grant', accountId: 'owner', clientId: 'app', ...terms }, resource);
  const details = ({ oidc }: KoaContextWithOIDC) => oidc.entities.Grant?.rar;
  const bare = await start({
    configuration: {
      loadExistingGrant: async ({ oidc }) => oidc.provider.Grant.find('the-grant'),
      features: {
        richAuthorizationRequests: {
          enabled: true,
          types: { ai_access: { validate: () => undefined }, test: { validate: () => undefined } },
          authorizationDetailsForGrantSource: details,
          authorizationDetailsForAccessToken: details,
          authorizationDetailsForIntrospection: details,
        },
      },
    },
    prepare: ({ Grant }) => adapt(Grant, () => ({ find: async () => payload })),
  });
  const answer = await bare.redeem(await bare.authorize(bare.newBrowser(), { prompt: '', scope: `openid ${scope}` }));
  expect(answer).toMatchObject({ scope, id_token: expect.any(String), authorization_details: payload['rar'] });
});

canary('an error that consume throws is the answer, and no code or token is issued', async () => {
  let isRefusing = false;
  const bare = await start({
    configuration: { rotateRefreshToken: true },
    prepare: ({ AuthorizationCode, RefreshToken, PushedAuthorizationRequest }) => {
      for (const model of [AuthorizationCode, RefreshToken, PushedAuthorizationRequest])
        adapt(model, (own) => ({
          consume: async (id) => {
            if (isRefusing) throw alreadyConsumed(model.name);
            await own.consume(id);
          },
        }));
    },
  });
  const { refresh_token: refreshToken } = await bare.redeem(await bare.authorize(bare.newBrowser()));
  const page = await bare.authorize(bare.newBrowser());
  const stored = () =>
    [...bare.rows.values()].filter(({ kind = '' }) => ['AuthorizationCode', 'RefreshToken'].includes(kind)).length;
  const before = stored();
  isRefusing = true;
  const redeemed = await bare.redeem(page);
  const refreshed = await bare.post('/token', { grant_type: 'refresh_token', refresh_token: String(refreshToken) });
  const pushed = await bare.newBrowser().open(await pushRequest(bare));
  const errors = [redeemed['error'], refreshed['error'], pushed.url.searchParams.get('error')];
  expect([errors, stored() - before]).toEqual([['invalid_grant', 'invalid_grant', 'invalid_request_uri'], 0]);
});

canary(
  'a session that is found by its uid needs no jti, and the session of an interaction needs no cookie',
  async () => {
    const bare = await start({
      prepare: ({ Session, Interaction }) => {
        for (const model of [Session, Interaction])
          adapt(model, (own) => ({
            upsert: async (id, payload, expiresIn) => own.upsert(id, stripSecrets(payload), expiresIn),
            find: async (id) => {
              const payload = await own.find(id);
              return payload && { ...payload, jti: id };
            },
          }));
      },
    });
    const browser = bare.newBrowser();
    await bare.authorize(browser);
    expect(await bare.redeem(await bare.authorize(browser))).toMatchObject({ scope: 'model:a' });
    expect([...bare.rows.keys()].filter((key) => key.startsWith('Session:'))).toHaveLength(1);
  },
);

canary('the resource of a stored code or refresh token may be a list, from which defaultResource chooses', async () => {
  const spell = createResourceSpeller(resource);
  const bare = await start({
    prepare: ({ AuthorizationCode, RefreshToken }) => {
      for (const model of [AuthorizationCode, RefreshToken])
        adapt(model, (own) => ({
          upsert: async (id, payload, expiresIn) => own.upsert(id, spell({ ...payload }), expiresIn),
        }));
    },
  });
  const first = await bare.redeem(await bare.authorize(bare.newBrowser()));
  const refreshToken = String(first['refresh_token']);
  const second = await bare.post('/token', { grant_type: 'refresh_token', refresh_token: refreshToken });
  const audiences = [first, second].map(({ access_token: token }) => readClaims(token)['aud']);
  expect([bare.rows.get(`RefreshToken:${refreshToken}`)?.resource, audiences]).toEqual([
    [resource, `${resource}/`],
    [resource, resource],
  ]);
});

canary('the payload of a code has the members clientId and codeChallenge', async () => {
  const bare = await start();
  const page = await bare.authorize(bare.newBrowser());
  const payload = { ...bare.rows.get(`AuthorizationCode:${page.url.searchParams.get('code') ?? ''}`) };
  const isFor = (clientId: string, verifier: string) => isIssuedFor(payload, { clientId, codeVerifier: verifier });
  const verdicts = [isFor('app', codeVerifier), isFor('other', codeVerifier), isFor('app', `${codeVerifier}x`)];
  expect(verdicts).toEqual([true, false, false]);
});

canary('an identifier has 43 characters', async () => {
  const bare = await start();
  const page = await bare.authorize(bare.newBrowser());
  const { access_token: accessToken, refresh_token: refreshToken } = await bare.redeem(page);
  const identifiers = [page.url.searchParams.get('code'), refreshToken, readClaims(accessToken)['jti']];
  expect(identifiers.map((identifier) => String(identifier).length)).toEqual(Array(3).fill(identifierLength));
});
