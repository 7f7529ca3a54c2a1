import { noLimits, parseGrantedScope } from '@aipassport/policy';
import type { GrantRevocation } from '@aipassport/store/authorization';
import { expect } from '@jest/globals';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { alreadyConsumed } from '../../src/oidc/engine/already-consumed.js';
import { buildGrantPayload } from '../../src/oidc/engine/build-grant-payload.js';
import { currentContext } from '../../src/oidc/engine/current-context.js';
import { describeRevocation } from '../../src/oidc/engine/describe-revocation.js';
import { endsWithGrant } from '../../src/oidc/engine/ends-with-grant.js';
import { identifierLength } from '../../src/oidc/engine/identifier-length.js';
import { isIssuedFor } from '../../src/oidc/engine/is-issued-for.js';
import { createResourceSpeller, stripSecrets } from '../../src/oidc/engine/stored-payload.js';
import { type BareProvider, codeVerifier, pushRequest, resource } from '../support/bare-provider.js';
import { adapt, canary, start, storeSigned } from './canary.js';

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

/** The calls that the adapters get while oidc-provider ends a grant. */
interface Calls {
  /** One for each call of `destroy` of the grant. */
  readonly revocations: GrantRevocation[];
  /** The grants of the codes and tokens that were destroyed. */
  readonly destroyed: unknown[];
  /** The grants for which `revokeByGrantId` was called. */
  readonly revoked: string[];
}

function watch({ Grant, AccessToken, AuthorizationCode, RefreshToken }: BareProvider['provider'], calls: Calls): void {
  adapt(Grant, (own) => ({
    destroy: async (id) => {
      calls.revocations.push(describeRevocation(currentContext(), id));
      await own.destroy(id);
    },
  }));
  for (const model of [AccessToken, AuthorizationCode, RefreshToken]) {
    expect(endsWithGrant(model.name)).toBe(true);
    adapt(model, (own) => ({
      destroy: async (id) => {
        calls.destroyed.push((await own.find(id))?.grantId);
        await own.destroy(id);
      },
      revokeByGrantId: async (grantId) => {
        calls.revoked.push(grantId);
        await own.revokeByGrantId(grantId);
      },
    }));
  }
}

/** The ways in which oidc-provider ends a grant. */
const endings: readonly ((
  bare: BareProvider,
  secrets: {
    readonly page: Awaited<ReturnType<BareProvider['authorize']>>;
    readonly used: string;
    readonly jti: string;
  },
) => Promise<Record<string, unknown>>)[] = [
  async (bare, { page }) => bare.redeem(page),
  async (bare, { used }) => bare.post('/token', { grant_type: 'refresh_token', refresh_token: used }),
  async (bare, { used }) => bare.postRevocation(used),
  async (bare, { jti }) => bare.postRevocation(jti),
];

/** @returns the calls and the answer of each way. Before the grant ends, the code and a refresh token are used once */
async function endGrants() {
  return Promise.all(
    endings.map(async (end) => {
      const issued: string[] = [];
      const calls: Calls = { revocations: [], destroyed: [], revoked: [] };
      const bare = await start({
        configuration: { revokeGrantPolicy: () => true, rotateRefreshToken: true, formats: storeSigned(issued) },
        prepare: (provider) => watch(provider, calls),
      });
      const page = await bare.authorize(bare.newBrowser());
      const used = String((await bare.redeem(page))['refresh_token']);
      await bare.post('/token', { grant_type: 'refresh_token', refresh_token: used });
      await bare.post('/token/introspection', { token: issued[0] ?? '' });
      expect(calls).toEqual({ revocations: [], destroyed: [], revoked: [] });
      const answer = await end(bare, { page, used, jti: issued[0] ?? '' });
      return { ...calls, answer };
    }),
  );
}

canary(
  'a grant is destroyed while Provider.ctx is the request that ends it, and the token endpoint then answers with an error',
  async () => {
    const ended = await endGrants();
    expect(
      ended.map(({ revocations }) => revocations.map(({ reason, revokedBy }) => `${reason} ${revokedBy}`)),
    ).toEqual([['code_replay app'], ['refresh_token_reuse app'], ['client app'], ['client app']]);
    expect(ended.map(({ answer }) => answer['error'])).toEqual([
      'invalid_grant',
      'invalid_grant',
      undefined,
      undefined,
    ]);
  },
);

canary('destroy of a code or token is called only when its grant is destroyed too', async () => {
  const ended = await endGrants();
  expect(ended.map(({ destroyed }) => destroyed.length)).toEqual([0, 1, 1, 1]);
  for (const { destroyed, revocations } of ended)
    for (const grantId of destroyed) expect(grantId).toBe(revocations[0]?.grantId);
});

canary('revokeByGrantId is called only when the grant is destroyed too', async () => {
  for (const { revoked, revocations } of await endGrants())
    expect(new Set(revoked)).toEqual(new Set(revocations.map(({ grantId }) => grantId)));
});
