import { Readable } from 'node:stream';
import { expect } from '@jest/globals';
import { changeAnswer } from '../../src/oidc/engine/change-answer.js';
import { findRedeemed } from '../../src/oidc/engine/find-redeemed.js';
import { onLostAnswer } from '../../src/oidc/engine/on-lost-answer.js';
import { onRefusal } from '../../src/oidc/engine/on-refusal.js';
import { AnsweredHere, InvalidMetadata, InvalidScope } from '../../src/oidc/engine/provider-errors.js';
import { isRotated, readAskedScopes } from '../../src/oidc/engine/read-refresh.js';
import { readRegistration } from '../../src/oidc/engine/read-registration.js';
import { replaceDescriptions } from '../../src/oidc/engine/replace-descriptions.js';
import { validateClients } from '../../src/oidc/engine/validate-clients.js';
import { redirectUri, resource } from '../support/bare-provider.js';
import { json, postForm, send } from '../support/http.js';
import { canary, start } from './canary.js';

const answer = { status: 503, code: 'a_code', message: 'a message' } as const;

canary('an error with expose is answered with its status, its message and its error_description', async () => {
  const jwt = () => Promise.reject(new AnsweredHere(answer));
  const bare = await start({ configuration: { formats: { customizers: { jwt } } } });
  const page = await bare.authorize(bare.newBrowser());
  const form = { ...bare.describeRedemption(page) };
  const { status, text } = await postForm(`${bare.url}/token`, form, bare.authorization);
  expect([status, JSON.parse(text)]).toEqual([503, { error: 'a_code', error_description: 'a message' }]);
});

canary('an error whose allow_redirect is false is answered with a page and not with a redirect', async () => {
  const places: unknown[] = [];
  for (const mayRedirect of [true, false]) {
    const refuse = () => {
      const error = new AnsweredHere(answer);
      if (mayRedirect) error.allow_redirect = true;
      throw error;
    };
    const bare = await start({ configuration: { extraParams: { other: refuse } } });
    const { status, url } = await bare.authorize(bare.newBrowser());
    places.push([status, url.href.startsWith(redirectUri)]);
  }
  expect(places).toEqual([
    [303, true],
    [503, false],
  ]);
});

canary('an InvalidScope without a scope is answered without a scope', async () => {
  const answers: unknown[] = [];
  for (const token of [undefined, 'model:x']) {
    const jwt = () =>
      Promise.reject(new InvalidScope('a description', { detail: 'a detail', ...(token !== undefined && { token }) }));
    const bare = await start({ configuration: { formats: { customizers: { jwt } } } });
    answers.push(await bare.redeem(await bare.authorize(bare.newBrowser())));
  }
  const refused = { error: 'invalid_scope', error_description: 'a description' };
  expect(answers).toEqual([refused, { ...refused, scope: 'model:x' }]);
});

canary('a refusal emits the error event of its endpoint, with the request and the error', async () => {
  const seen: unknown[] = [];
  const bare = await start({
    configuration: { features: { registration: { enabled: true } } },
    prepare: (provider) =>
      onRefusal(provider, (endpoint, ctx, { code, description, detail }) => {
        seen.push([endpoint, ctx.path, code, typeof description, detail]);
      }),
  });
  await bare.authorize(bare.newBrowser(), { scope: '"' });
  await bare.post('/token', { grant_type: 'refresh_token', refresh_token: 'unknown' });
  await bare.post('/token/introspection', {});
  await bare.post('/token/revocation', {});
  await bare.register({});
  await bare.post('/request', {});
  expect(seen).toEqual([
    ['authorization', '/auth', 'invalid_scope', 'string', undefined],
    ['token', '/token', 'invalid_grant', 'string', 'refresh token not found'],
    ['introspection', '/token/introspection', 'invalid_request', 'string', undefined],
    ['revocation', '/token/revocation', 'invalid_request', 'string', undefined],
    ['registration', '/reg', 'invalid_redirect_uri', 'string', undefined],
    ['pushed_authorization_request', '/request', 'invalid_request', 'string', undefined],
  ]);
});

canary('oidc-provider emits the event error if an answer cannot be sent', async () => {
  const lost: unknown[] = [];
  const failure = new Error('the rest of the answer is lost');
  const bare = await start({
    prepare: (provider) => {
      onLostAnswer(provider, (error) => lost.push(error));
      provider.use((ctx) => {
        const body: Readable = new Readable({ read: () => body.destroy(failure) });
        ctx.body = body;
      });
    },
  });
  await expect(send(`${bare.url}/`)).rejects.toThrow('socket hang up');
  expect(lost).toContain(failure);
});

canary(
  'the answers of the metadata, token, introspection and registration endpoints are objects in ctx.body',
  async () => {
    const bare = await start({
      configuration: { features: { registration: { enabled: true } } },
      prepare: (provider) => {
        provider.use(async (ctx, next) => {
          await next();
          changeAnswer(ctx, (body) => ({ ...body, added: true }));
        });
      },
    });
    const answers = [
      json(await send(`${bare.url}/.well-known/openid-configuration`)),
      await bare.redeem(await bare.authorize(bare.newBrowser())),
      await bare.post('/token/introspection', { token: 'unknown' }),
      await bare.register({ redirect_uris: [redirectUri] }),
    ];
    expect(answers.map(({ added }) => added)).toEqual([true, true, true, true]);
  },
);

canary('while tokens are issued, ctx.oidc.entities has the grant and the code or refresh token', async () => {
  const seen: unknown[] = [];
  const bare = await start({
    configuration: {
      extraTokenClaims: ({ oidc }) => {
        const { kind, scope } = findRedeemed(oidc) ?? {};
        seen.push([kind, scope, oidc.entities.Grant?.getResourceScope(resource)]);
        return undefined;
      },
    },
  });
  const { refresh_token: refreshToken } = await bare.redeem(await bare.authorize(bare.newBrowser()));
  await bare.post('/token', { grant_type: 'refresh_token', refresh_token: String(refreshToken) });
  const scope = 'openid offline_access model:a';
  expect(seen).toEqual([
    ['AuthorizationCode', scope, 'model:a model:b'],
    ['RefreshToken', scope, 'model:a model:b'],
  ]);
});

canary(
  'ctx.oidc.requestParamScopes has the scope tokens of a token request, and is empty without a scope',
  async () => {
    const seen: unknown[] = [];
    const bare = await start({
      configuration: {
        extraTokenClaims: ({ oidc }) => {
          seen.push([...readAskedScopes(oidc)]);
          return undefined;
        },
      },
    });
    const { refresh_token: refreshToken } = await bare.redeem(await bare.authorize(bare.newBrowser()));
    for (const asked of [{}, { scope: 'model:a openid' }])
      await bare.post('/token', { grant_type: 'refresh_token', refresh_token: String(refreshToken), ...asked });
    expect(seen).toEqual([[], [], ['model:a', 'openid']]);
  },
);

canary(
  'after a refresh, ctx.oidc.entities.RotatedRefreshToken is set only if the refresh token was rotated',
  async () => {
    const seen: boolean[] = [];
    for (const rotateRefreshToken of [false, true]) {
      const bare = await start({
        configuration: { rotateRefreshToken },
        prepare: (provider) => {
          provider.use(async (ctx, next) => {
            await next();
            if (ctx.oidc?.params?.['grant_type'] === 'refresh_token') seen.push(isRotated(ctx.oidc));
          });
        },
      });
      const { refresh_token: refreshToken } = await bare.redeem(await bare.authorize(bare.newBrowser()));
      await bare.post('/token', { grant_type: 'refresh_token', refresh_token: String(refreshToken) });
    }
    expect(seen).toEqual([false, true]);
  },
);

const registration = { enabled: true } as const;

canary('a registered client is stored by upsert, with the members of RFC 7591 and the secret', async () => {
  const bare = await start({ configuration: { features: { registration } } });
  const answer = await bare.register({ redirect_uris: [redirectUri], client_name: 'An app' });
  const registered = readRegistration(bare.rows.get(`Client:${String(answer['client_id'])}`) ?? {});
  expect(registered).toMatchObject({
    redirectUris: [redirectUri],
    name: 'An app',
    secret: answer['client_secret'],
    metadata: {
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'RS256',
    },
  });
});

canary(
  'the validator of extraClientMetadata gets all metadata of each client, even if our member is missing',
  async () => {
    const seen: unknown[] = [];
    const bare = await start({
      configuration: {
        features: { registration },
        extraClientMetadata: validateClients(['ours'], (metadata, isRegistering) => {
          seen.push([metadata.redirect_uris, isRegistering]);
        }),
      },
    });
    await bare.authorize(bare.newBrowser());
    await bare.register({ redirect_uris: ['https://other.example/cb'] });
    expect(seen).toEqual(
      expect.arrayContaining([
        [[redirectUri], false],
        [['https://other.example/cb'], true],
      ]),
    );
  },
);

canary(
  'an InvalidClientMetadata whose description begins with redirect_uris has the code invalid_redirect_uri',
  async () => {
    const codes: unknown[] = [];
    for (const member of ['redirect_uris', 'client_name'] as const) {
      const bare = await start({
        configuration: {
          features: { registration },
          extraClientMetadata: validateClients(['ours'], (_metadata, isRegistering) => {
            if (isRegistering) throw new InvalidMetadata(member, 'must be another', { detail: 'a detail' });
          }),
        },
      });
      const { error, error_description: description } = await bare.register({ redirect_uris: [redirectUri] });
      codes.push([error, description]);
    }
    expect(codes).toEqual([
      ['invalid_redirect_uri', 'redirect_uris must be another'],
      ['invalid_client_metadata', 'client_name must be another'],
    ]);
  },
);

canary('oidc-provider emits the event of a refusal before `next()` returns', async () => {
  const details: unknown[] = [];
  const bare = await start({
    prepare: (provider) => {
      const describe = (detail: string | undefined) => {
        details.push(detail);
        return 'described';
      };
      provider.use(replaceDescriptions(provider, describe) as Parameters<typeof provider.use>[0]);
    },
  });
  for (const path of ['/token', '/token/introspection', '/token/revocation', '/request']) {
    const refused = json(await postForm(`${bare.url}${path}`, { client_id: 'unknown' }));
    expect([path, refused]).toEqual([path, { error: 'invalid_client', error_description: 'described' }]);
  }
  expect(details).toEqual(Array.from({ length: 4 }, () => 'client not found'));
});
