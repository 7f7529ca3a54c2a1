import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { type AdapterPayload, errors, interactionPolicy, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Context } from '../src/context.js';
import { AuthorizationProvider } from '../src/oidc/engine/authorization-provider.js';
import { changeParameter } from '../src/oidc/engine/change-parameter.js';
import { compareClientSecrets } from '../src/oidc/engine/compare-client-secrets.js';
import { createLoginPrompt } from '../src/oidc/engine/create-login-prompt.js';
import { detectReplays } from '../src/oidc/engine/detect-replays.js';
import { findPushedRequest } from '../src/oidc/engine/find-pushed-request.js';
import { keepGrantAtLogout } from '../src/oidc/engine/keep-grant-at-logout.js';
import { readLogout } from '../src/oidc/engine/read-logout.js';
import { readOidc } from '../src/oidc/engine/read-oidc.js';
import { replayBody } from '../src/oidc/engine/replay-body.js';
import { keepSessionIdentifiers } from '../src/oidc/engine/session-identifiers.js';
import {
  type BareProvider,
  describeRequest,
  redirectUri,
  resource,
  startBareProvider,
} from './support/bare-provider.js';
import { json, postForm } from './support/http.js';
import { makeProofKey, prove } from './support/proof.js';

/**
 * A canary fails when an update of oidc-provider breaks an assumption of `oidc/engine/`. The assumption is its title.
 */
const titles: string[] = [];
function canary(title: string, run: () => Promise<void>): void {
  titles.push(title);
  it(title, run);
}

const started: BareProvider[] = [];
async function start(...options: Parameters<typeof startBareProvider>): Promise<BareProvider> {
  const bare = await startBareProvider(...options);
  started.push(bare);
  return bare;
}
afterEach(async () => {
  await Promise.all(started.splice(0).map(async (bare) => bare.close()));
});

const sessionCookie = (browser: ReturnType<BareProvider['newBrowser']>) => browser.cookies.get('_session;/')?.value;

canary(
  'Provider.ctx is the request while oidc-provider answers it, and undefined in middleware before it',
  async () => {
    const seen: unknown[] = [];
    const bare = await start({
      configuration: { extraTokenClaims: (ctx) => void seen.push(Provider.ctx === ctx) },
      prepare: (provider) => {
        provider.use(async (_ctx, next) => {
          seen.push(Provider.ctx);
          await next();
        });
      },
    });
    await bare.redeem(await bare.authorize(bare.newBrowser()));
    expect(new Set(seen)).toEqual(new Set([undefined, true]));
  },
);

canary('the interaction that is resumed is read with Interaction.find', async () => {
  const bare = await start();
  const { Interaction } = bare.provider;
  const find = Interaction.find.bind(Interaction);
  const finds: boolean[] = [];
  Object.assign(Interaction, {
    find: async (id: string) => {
      if (Provider.ctx !== undefined) finds.push(Provider.ctx.oidc.route === 'resume');
      if (finds.length > 1) throw new errors.SessionNotFound('refused by this test');
      return find(id);
    },
  });
  const page = await bare.authorize(bare.newBrowser());
  expect([finds, page.status]).toEqual([[true, true], 400]);
});

canary('the session of each request is made by Session.get, and its jti is the value of its cookie', async () => {
  const bare = await start({
    prepare: (provider) => {
      provider.use(async (ctx, next) => {
        if (!sessionsNamed) ctx.state['newSession'] = { jti: 'the-jti', uid: 'the-uid' };
        sessionsNamed = ctx.path.startsWith('/auth/');
        await next();
      });
      keepSessionIdentifiers(provider);
    },
  });
  let sessionsNamed = false;
  const browser = bare.newBrowser();
  await bare.authorize(browser);
  expect(sessionCookie(browser)).toBe('the-jti');
  expect(bare.rows.get('Session:the-jti')).toMatchObject({ uid: 'the-uid', accountId: 'owner' });
});

canary('the cookie of a session changes after an interaction only by Session.prototype.resetIdentifier', async () => {
  const changed: boolean[] = [];
  for (const prepare of [() => undefined, keepSessionIdentifiers]) {
    const bare = await start({ prepare });
    const browser = bare.newBrowser();
    await bare.authorize(browser);
    const before = sessionCookie(browser);
    await bare.authorize(browser);
    expect(before).toBeDefined();
    changed.push(sessionCookie(browser) !== before);
  }
  expect(changed).toEqual([true, false]);
});

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

canary('client secrets are compared with Client.prototype.compareClientSecret, which may be asynchronous', async () => {
  const verdicts = [false, true];
  const bare = await start({
    prepare: (provider) => compareClientSecrets(provider, async () => verdicts.shift() ?? false),
  });
  const refused = await bare.post('/token/introspection', { token: 'x' });
  const accepted = await bare.post('/token/introspection', { token: 'x' });
  expect([refused['error'], accepted]).toEqual(['invalid_client', { active: false }]);
});

canary('a parameter that a validator of extraParams sets counts in the interaction checks', async () => {
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

/** Signs out in this browser, with the secret that `readLogout` returned. */
async function logOut(bare: BareProvider, browser: ReturnType<BareProvider['newBrowser']>, secret: () => string) {
  await browser.request('/session/end?client_id=app&post_logout_redirect_uri=https://app.example/bye');
  const body = new URLSearchParams({ xsrf: secret(), logout: 'yes' }).toString();
  return browser.request('/session/end/confirm', { method: 'POST', body });
}

/** Starts a provider whose `logouts` lists the result of `readLogout` after each request. */
async function startWithLogouts(prepareGrant: (oidc: KoaContextWithOIDC['oidc']) => void = () => undefined) {
  const logouts: ReturnType<typeof readLogout>[] = [];
  const bare = await start({
    configuration: {
      loadExistingGrant: async (ctx) => {
        const grantId = ctx.oidc.result?.consent?.grantId;
        if (grantId === undefined) return undefined;
        prepareGrant(ctx.oidc);
        return ctx.oidc.provider.Grant.find(grantId);
      },
      expiresWithSession: () => true,
      features: { rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => void (ctx.body = form) } },
    },
    prepare: (provider) => {
      provider.use(async (ctx, next) => {
        await next();
        if (ctx.path.startsWith('/session/end')) logouts.push(readLogout(ctx as unknown as Context));
      });
    },
  });
  return { bare, logouts };
}

canary('before the logout page, session.state holds the form’s secret and the postLogoutRedirectUri', async () => {
  const { bare, logouts } = await startWithLogouts();
  const browser = bare.newBrowser();
  await bare.authorize(browser);
  const ended = await logOut(bare, browser, () => logouts[0]?.secret ?? '');
  expect([ended.status, logouts[0]?.postLogoutRedirectUri]).toEqual([303, 'https://app.example/bye']);
});

canary('a session that a logout has destroyed has the member destroyed', async () => {
  const { bare, logouts } = await startWithLogouts();
  const browser = bare.newBrowser();
  await bare.authorize(browser);
  await logOut(bare, browser, () => logouts[0]?.secret ?? '');
  expect(logouts.map(({ isSessionDestroyed }) => isSessionDestroyed)).toEqual([false, true]);
});

canary('logging out revokes the grants of a session except those of clients with persistsLogout', async () => {
  const live: unknown[] = [];
  for (const prepareGrant of [() => undefined, keepGrantAtLogout]) {
    const { bare, logouts } = await startWithLogouts(prepareGrant);
    const browser = bare.newBrowser();
    await bare.authorize(browser);
    await logOut(bare, browser, () => logouts[0]?.secret ?? '');
    live.push([...bare.rows.values()].some(({ kind }) => kind === 'Grant'));
  }
  expect(live).toEqual([false, true]);
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

canary('an interaction that a pushed request began has its identifier in parJti', async () => {
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
  const { request_uri: uri } = await bare.post('/request', Object.fromEntries(describeRequest({})));
  await bare
    .newBrowser()
    .open(`/auth?${new URLSearchParams({ client_id: 'app', request_uri: String(uri) }).toString()}`);
  await bare.authorize(bare.newBrowser());
  const kind = 'PushedAuthorizationRequest';
  expect(found).toEqual([kind, kind, undefined, undefined]);
});

canary('the base policy has a prompt login, whose details are a function and which has a check max_age', async () => {
  const login = createLoginPrompt({ describe: () => ({ mine: 1 }), isSignInTooOld: () => true });
  const details: unknown[] = [];
  const policy = [login, ...interactionPolicy.base().filter(({ name }) => name !== 'login')];
  const bare = await start({
    configuration: { interactions: { url: (_ctx, { uid }) => `/interaction/${uid}`, policy } },
    prepare: (provider) => {
      provider.use(async (ctx, next) => {
        if (!ctx.path.startsWith('/interaction/')) return next();
        const { prompt } = await provider.interactionDetails(ctx.req, ctx.res);
        details.push([prompt.name, prompt.reasons.includes('max_age'), prompt.details['mine']]);
        ctx.body = 'the end of this test';
      });
    },
  });
  await bare.authorize(bare.newBrowser());
  expect(details).toEqual([['login', true, 1]]);
});

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
  const bare = await start({
    configuration: {
      formats: {
        customizers: {
          jwt: async (_ctx, token, { payload }) => {
            const { jti, kind, clientId, aud, scope } = token;
            const grantId = 'grantId' in token ? token.grantId : undefined;
            const accountId = 'accountId' in token ? token.accountId : undefined;
            const { iat, exp } = payload as { readonly iat: number; readonly exp: number };
            const row = { jti, kind, clientId, accountId, grantId, aud, scope, iat, exp };
            await token.adapter.upsert(jti, row as never, 600);
            issued.push(jti);
          },
        },
      },
    },
  });
  await bare.redeem(await bare.authorize(bare.newBrowser()));
  return { bare, jti: issued[0] ?? '' };
}

canary(
  'introspection and revocation find a signed access token whose row is stored, if they are given its jti',
  async () => {
    const { bare, jti } = await issueStored();
    expect(await bare.post('/token/introspection', { token: jti })).toMatchObject({ active: true, scope: 'model:a' });
    const revoked = await postForm(`${bare.url}/token/revocation`, { token: jti }, bare.authorization);
    expect([revoked.status, bare.destroyed]).toEqual([200, expect.arrayContaining([`AccessToken:${jti}`])]);
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

it('the README of oidc/engine lists each assumption with its file, and each has a canary', () => {
  const folder = new URL('../../src/oidc/engine/', import.meta.url);
  const read = (file: string) => readFileSync(fileURLToPath(new URL(file, folder)), 'utf8');
  const listed = [...read('README.md').matchAll(/^\| (?<assumption>[^|]+) \| \[`(?<file>[^`]+)`\]/gm)].map(
    ({ groups = {} }) => ({ assumption: groups['assumption'] ?? '', file: groups['file'] ?? '' }),
  );
  expect(listed.map(({ assumption }) => assumption).toSorted()).toEqual(titles.toSorted());
  for (const { assumption, file } of listed) {
    const text = read(file)
      .replace(/\n\s*\* ?/g, ' ')
      .replaceAll("'", '’');
    expect([file, text.includes(`Assumption: ${assumption}.`)]).toEqual([file, true]);
  }
});
