import { expect } from '@jest/globals';
import { errors } from 'oidc-provider';
import { AuthorizationProvider } from '../../src/oidc/engine/authorization-provider.js';
import { changeParameter } from '../../src/oidc/engine/change-parameter.js';
import { compareClientSecrets } from '../../src/oidc/engine/compare-client-secrets.js';
import { replayBody } from '../../src/oidc/engine/replay-body.js';
import { canary, start } from './canary.js';

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

canary(
  'a refresh token that is set before a second run of the grant type’s handler is the one that it redeems',
  async () => {
    const bare = await start({ createProvider: (...parameters) => new AuthorizationProvider(...parameters) });
    const { refresh_token: refreshToken } = await bare.redeem(await bare.authorize(bare.newBrowser()));
    (bare.provider as AuthorizationProvider).exchange = async (ctx, handle) => {
      await handle().catch(() => undefined);
      changeParameter(ctx.oidc, 'refresh_token', String(refreshToken));
      await handle();
    };
    const answer = await bare.post('/token', { grant_type: 'refresh_token', refresh_token: 'unknown' });
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
