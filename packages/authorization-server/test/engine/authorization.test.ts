import { expect } from '@jest/globals';
import { interactionPolicy, Provider } from 'oidc-provider';
import type { Context } from '../../src/context.js';
import { AuthorizationProvider } from '../../src/oidc/engine/authorization-provider.js';
import { changeParameter } from '../../src/oidc/engine/change-parameter.js';
import { findPushedRequest } from '../../src/oidc/engine/find-pushed-request.js';
import { readOidc } from '../../src/oidc/engine/read-oidc.js';
import { pushRequest } from '../support/bare-provider.js';
import { canary, start } from './canary.js';

canary('oidc-provider registers its own response modes with the method registerResponseMode', async () => {
  const bare = await start({ createProvider: (...parameters) => new AuthorizationProvider(...parameters) });
  const page = await bare.authorize(bare.newBrowser(), { response_mode: 'form_post' });
  expect([page.status, page.url.searchParams.get('error') ?? page.text]).toEqual([303, 'unsupported_response_mode']);
});

canary('an error of a response type with tokens is answered by the response mode fragment', async () => {
  const places: unknown[] = [];
  for (const Class of [Provider, AuthorizationProvider]) {
    const bare = await start({ createProvider: (...parameters) => new Class(...parameters) });
    const { url } = await bare.authorize(bare.newBrowser(), { response_type: 'token' });
    places.push([url.search.includes('error='), url.hash.includes('error=')]);
  }
  expect(places).toEqual([
    [false, true],
    [true, false],
  ]);
});

canary('the interaction checks read the value that a validator of extraParams has set for a parameter', async () => {
  const seen: unknown[] = [];
  const policy = interactionPolicy.base();
  policy.get('login')?.checks.add(
    new interactionPolicy.Check('seen', 'never', ({ oidc }) => {
      seen.push(oidc.params?.['max_age']);
      return false;
    }),
  );
  const bare = await start({
    configuration: {
      extraParams: {
        other: ({ oidc }, value) => (value === undefined ? undefined : changeParameter(oidc, 'max_age', value)),
      },
      interactions: { url: (_ctx, { uid }) => `/interaction/${uid}`, policy },
    },
  });
  await bare.authorize(bare.newBrowser(), { other: '77' });
  expect(seen[0]).toBe('77');
});

canary('a scope that a validator of authorization_details sets is the scope that is asked for', async () => {
  const details = () => [{ type: 'test' }];
  const bare = await start({
    configuration: {
      features: {
        richAuthorizationRequests: {
          enabled: true,
          types: { test: { validate: ({ oidc }) => changeParameter(oidc, 'scope', 'openid model:b') } },
          authorizationDetailsForGrantSource: details,
          authorizationDetailsForAccessToken: details,
          authorizationDetailsForIntrospection: details,
        },
      },
    },
  });
  const page = await bare.authorize(bare.newBrowser(), { authorization_details: '[{"type":"test"}]' });
  expect(await bare.redeem(page)).toMatchObject({ scope: 'model:b' });
});

canary('a scope that the last interaction check sets is the scope of the code', async () => {
  const policy = interactionPolicy.base();
  policy.get('consent')?.checks.add(
    new interactionPolicy.Check('last', 'never', ({ oidc }) => {
      if (oidc.grant?.jti !== undefined) changeParameter(oidc, 'scope', 'openid model:b');
      return false;
    }),
  );
  const interactions = { url: (_ctx: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}`, policy };
  const bare = await start({ configuration: { interactions } });
  expect(await bare.redeem(await bare.authorize(bare.newBrowser()))).toMatchObject({ scope: 'model:b' });
});

canary('after an answer, ctx.oidc still has the session and the entities that led to it', async () => {
  const answers: unknown[] = [];
  const bare = await start({
    prepare: (provider) => {
      provider.use(async (ctx, next) => {
        await next();
        if (!ctx.path.startsWith('/auth/')) return;
        const { entities, session } = readOidc(ctx as unknown as Context);
        const { Interaction: interaction, AuthorizationCode: code } = entities;
        answers.push([session?.accountId, interaction?.params['client_id'], code?.grantId !== undefined]);
      });
    },
  });
  await bare.authorize(bare.newBrowser());
  expect(answers.at(-1)).toEqual(['owner', 'app', true]);
});

canary('an interaction that a pushed request began has the identifier of that request in parJti', async () => {
  const found: unknown[] = [];
  const bare = await start({
    prepare: (provider) => {
      provider.use(async (ctx, next) => {
        if (ctx.path.startsWith('/interaction/')) {
          const interaction = await provider.interactionDetails(ctx.req, ctx.res);
          found.push((await findPushedRequest(provider, interaction))?.kind);
        }
        await next();
      });
    },
  });
  await bare.newBrowser().open(await pushRequest(bare));
  await bare.authorize(bare.newBrowser());
  const kind = 'PushedAuthorizationRequest';
  expect(found).toEqual([kind, kind, undefined, undefined]);
});

canary('oidc-provider consumes a pushed request when it is allowed, and not when it is denied', async () => {
  const consumed: unknown[] = [];
  for (const isAllowed of [true, false]) {
    const bare = await start({
      prepare: (provider) => {
        provider.use(async (ctx, next) => {
          if (isAllowed || !ctx.path.startsWith('/interaction/')) return next();
          ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, { error: 'access_denied' }));
        });
      },
    });
    const page = await bare.newBrowser().open(await pushRequest(bare));
    const row = [...bare.rows.values()].find(({ kind }) => kind === 'PushedAuthorizationRequest');
    consumed.push([page.url.searchParams.get('error'), row?.consumed !== undefined]);
  }
  expect(consumed).toEqual([
    [null, true],
    ['access_denied', false],
  ]);
});
