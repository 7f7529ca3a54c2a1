import { expect } from '@jest/globals';
import { SignJWT } from 'jose';
import { type AdapterPayload, errors } from 'oidc-provider';
import { AuthorizationProvider } from '../../src/oidc/engine/authorization-provider.js';
import { changeParameter } from '../../src/oidc/engine/change-parameter.js';
import { compareClientSecrets } from '../../src/oidc/engine/compare-client-secrets.js';
import { detectReplays } from '../../src/oidc/engine/detect-replays.js';
import { replayBody } from '../../src/oidc/engine/replay-body.js';
import { exchangeGrantType } from '../../src/oidc/offered.js';
import { type BareProvider, describeRequest, redirectUri, resource } from '../support/bare-provider.js';
import { json, postForm } from '../support/http.js';
import { makeProofKey, prove } from '../support/proof.js';
import { canary, start, storeSigned } from './canary.js';

canary('oidc-provider registers its own grant types with the method registerGrantType', async () => {
  const exchanged: unknown[] = [];
  const bare = await start({ createProvider: (...parameters) => new AuthorizationProvider(...parameters) });
  (bare.provider as AuthorizationProvider).exchange = async (ctx, handle) => {
    exchanged.push(ctx.oidc.params?.['grant_type']);
    await handle();
  };
  const { refresh_token: refreshToken } = await bare.redeem(await bare.authorize(bare.newBrowser()));
  await bare.post('/token', { grant_type: 'refresh_token', refresh_token: String(refreshToken) });
  expect(exchanged).toEqual(['authorization_code', 'refresh_token']);
});

canary('client secrets are compared with Client.prototype.compareClientSecret, which may be asynchronous', async () => {
  const verdicts = [false, true];
  const bare = await start({
    prepare: (provider) => compareClientSecrets(provider, async () => verdicts.shift() ?? false),
  });
  const refused = await bare.post('/token/introspection', { token: 'x' });
  const accepted = await bare.post('/token/introspection', { token: 'x' });
  expect([refused['error'], accepted]).toEqual(['invalid_client', { active: false }]);
});

canary('a second run of the grant type’s handler redeems the refresh token that was set before it', async () => {
  const bare = await start({ createProvider: (...parameters) => new AuthorizationProvider(...parameters) });
  const { refresh_token: refreshToken } = await bare.redeem(await bare.authorize(bare.newBrowser()));
  (bare.provider as AuthorizationProvider).exchange = async (ctx, handle) => {
    await handle().catch(() => undefined);
    changeParameter(ctx.oidc, 'refresh_token', String(refreshToken));
    await handle();
  };
  const answer = await bare.post('/token', { grant_type: 'refresh_token', refresh_token: 'unknown' });
  expect(answer).toMatchObject({ scope: 'model:a' });
});

canary(
  'the handler of refresh_token answers a request of another grant type that has a refresh token set',
  async () => {
    const bare = await start({ createProvider: (...parameters) => new AuthorizationProvider(...parameters) });
    const { refresh_token: refreshToken } = await bare.redeem(await bare.authorize(bare.newBrowser()));
    bare.provider.Client.prototype.grantTypeAllowed = () => true;
    (bare.provider as AuthorizationProvider).exchange = async (ctx, handle) => {
      changeParameter(ctx.oidc, 'refresh_token', String(refreshToken));
      await handle();
    };
    const answer = await bare.post('/token', { grant_type: exchangeGrantType, subject_token: 'x' });
    expect(answer).toMatchObject({ scope: 'model:a' });
  },
);

canary(
  'a body is read with request.iterator if request.readable is true, and its length must be content-length',
  async () => {
    const bare = await start({
      prepare: (provider) => {
        provider.use(async (ctx, next) => {
          if (ctx.method === 'POST') {
            for await (const _chunk of ctx.req) void _chunk;
            replayBody(ctx.req, 'grant_type=unheard_of');
          }
          await next();
        });
      },
    });
    expect(await bare.post('/token', { other: 'x'.repeat(50) })).toMatchObject({ error: 'unsupported_grant_type' });
  },
);

canary('a signed access token is not stored by oidc-provider itself', async () => {
  const bare = await start();
  const { access_token: accessToken } = await bare.redeem(await bare.authorize(bare.newBrowser()));
  expect(String(accessToken).split('.')).toHaveLength(3);
  expect([...bare.rows.values()].filter(({ kind }) => kind === 'AccessToken')).toEqual([]);
});

canary('if formats.customizers.jwt rejects, no access token is issued', async () => {
  const jwt = async () => {
    await Promise.resolve();
    throw new errors.InvalidScope('refused by this test', 'x');
  };
  const bare = await start({ configuration: { formats: { customizers: { jwt } } } });
  expect(await bare.redeem(await bare.authorize(bare.newBrowser()))).toMatchObject({ error: 'invalid_scope' });
});

/** Issues a signed access token and stores its row. @returns its `jti` */
async function issueStored(): Promise<{ readonly bare: BareProvider; readonly jti: string }> {
  const issued: string[] = [];
  const bare = await start({ configuration: { formats: storeSigned(issued) } });
  await bare.redeem(await bare.authorize(bare.newBrowser()));
  return { bare, jti: issued[0] ?? '' };
}

canary(
  'introspection and revocation find a signed access token whose row is stored, if they are given its jti',
  async () => {
    const { bare, jti } = await issueStored();
    expect(await bare.post('/token/introspection', { token: jti })).toMatchObject({ active: true, scope: 'model:a' });
    await bare.postRevocation(jti);
    expect(bare.destroyed).toEqual(expect.arrayContaining([`AccessToken:${jti}`]));
  },
);

canary('an introspection that was asked for a jti leaves jti out of its answer', async () => {
  const { bare, jti } = await issueStored();
  const answer = await bare.post('/token/introspection', { token: jti });
  expect([answer['active'], answer['aud'], Object.hasOwn(answer, 'jti')]).toEqual([true, resource, false]);
});

canary('client assertions and DPoP proofs are checked with ReplayDetection.unique', async () => {
  const assertionKey = await makeProofKey();
  const checked: unknown[] = [];
  const bare = await start({
    configuration: {
      clientAuthMethods: ['private_key_jwt'],
      clients: [],
    },
    prepare: (provider) =>
      detectReplays(provider, async ({ clientId, identifier }) => {
        checked.push([clientId, identifier]);
        return identifier !== 'used';
      }),
  });
  bare.rows.set('Client:signer', {
    client_id: 'signer',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...assertionKey.publicJwk }] },
  } as AdapterPayload);
  const push = async (assertionId: string, proofId: string) => {
    const claims = { iss: 'signer', sub: 'signer', aud: bare.url, jti: assertionId, exp: Date.now() / 1_000 + 60 };
    const assertion = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(assertionKey.privateKey);
    const authentication = {
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
    const form = { ...Object.fromEntries(describeRequest({ client_id: 'signer' })), ...authentication };
    const proof = await prove(assertionKey, `${bare.url}/request`, { claims: { jti: proofId } });
    return json(await postForm(`${bare.url}/request`, form, { dpop: proof }));
  };
  expect(await push('used', 'new')).toMatchObject({ error: 'invalid_client' });
  expect(await push('new', 'used')).toMatchObject({ error: 'invalid_dpop_proof' });
  expect(await push('new', 'new too')).toHaveProperty('request_uri');
  expect(checked).toEqual(['used', 'new', 'used', 'new', 'new too'].map((identifier) => ['signer', identifier]));
});
