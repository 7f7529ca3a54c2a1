import { expect } from '@jest/globals';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Context } from '../../src/context.js';
import { findEndpoint, paths } from '../../src/endpoints.js';
import { describeRoutes } from '../../src/oidc/engine/describe-routes.js';
import { readInteractionCookie } from '../../src/oidc/engine/interaction-cookie.js';
import { keepGrantAtLogout } from '../../src/oidc/engine/keep-grant-at-logout.js';
import { readLogout } from '../../src/oidc/engine/read-logout.js';
import { readOidc } from '../../src/oidc/engine/read-oidc.js';
import { isAtEndpoint } from '../../src/oidc/engine/route.js';
import { type BareProvider, describeRequest, redirectUri } from '../support/bare-provider.js';
import { header } from '../support/http.js';
import { canary, start } from './canary.js';

canary('ctx.oidc.route is the name of the endpoint', async () => {
  const names = [
    'authorization',
    'resume',
    'pushed_authorization_request',
    'device_authorization',
    'token',
    'registration',
    'revocation',
  ] as const;
  const seen = new Map<string, readonly string[]>();
  const bare = await start({
    configuration: { features: { registration: { enabled: true }, deviceFlow: { enabled: true } } },
    prepare: (provider) => {
      provider.use(async (ctx, next) => {
        await next();
        const path = ctx.path.replace(/^\/auth\/.*/, '/auth/:uid');
        if (ctx.oidc !== undefined)
          seen.set(
            path,
            names.filter((name) => isAtEndpoint(readOidc(ctx as unknown as Context), name)),
          );
      });
    },
  });
  await bare.redeem(await bare.authorize(bare.newBrowser()));
  await bare.post('/request', {});
  await bare.post('/device/auth', {});
  await bare.register({ redirect_uris: [redirectUri] });
  await bare.postRevocation('unknown');
  expect(Object.fromEntries(seen)).toEqual({
    '/auth': ['authorization'],
    '/auth/:uid': ['resume'],
    '/token': ['token'],
    '/request': ['pushed_authorization_request'],
    '/device/auth': ['device_authorization'],
    '/reg': ['registration'],
    '/token/revocation': ['revocation'],
  });
});

/** Starts oidc-provider with the paths of our server. `visited` lists the path template of each request. */
async function startAtOurPaths() {
  const visited: unknown[] = [];
  const bare = await start({
    configuration: {
      routes: describeRoutes(),
      features: {
        rpInitiatedLogout: {
          enabled: true,
          logoutSource: (ctx, form) => void (ctx.body = form),
          postLogoutSuccessSource: (ctx) => void (ctx.body = 'signed out'),
        },
      },
    },
    prepare: (provider) => {
      provider.use(async (ctx, next) => {
        visited.push(findEndpoint(ctx.path)?.path);
        await next();
      });
    },
  });
  return { bare, visited };
}

canary('an interaction is resumed below the path of the authorization endpoint, at its uid', async () => {
  const { bare, visited } = await startAtOurPaths();
  const page = await bare.newBrowser().open(`${paths.authorization}?${describeRequest({}).toString()}`);
  expect(page.url.searchParams.has('code')).toBe(true);
  const { authorization, interaction, resumption } = paths;
  expect(visited).toEqual([authorization, interaction, resumption, interaction, resumption]);
});

canary('a logout is confirmed and ends below the path of the logout endpoint, at /confirm and /success', async () => {
  const { bare, visited } = await startAtOurPaths();
  const browser = bare.newBrowser();
  await browser.open(`${paths.authorization}?${describeRequest({}).toString()}`);
  visited.length = 0;
  const { text } = await browser.open(paths.endSession);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const action = /action="([^"]+)"/.exec(text)?.[1] ?? '';
  const body = new URLSearchParams({ xsrf, logout: 'yes' }).toString();
  const ended = await browser.request(action, { method: 'POST', body });
  await browser.open(header(ended, 'location'));
  expect(visited).toEqual([paths.endSession, paths.endSessionConfirmation, paths.endSessionSuccess]);
});

canary(
  'the cookie of an interaction is signed, and its value is the uid under which the interaction is stored',
  async () => {
    const seen: unknown[] = [];
    const bare = await start({
      prepare: (provider) => {
        provider.use(async (ctx, next) => {
          if (!ctx.path.startsWith('/interaction/')) return next();
          const uid = readInteractionCookie(ctx as unknown as Context, '_interaction');
          seen.push([ctx.path === `/interaction/${uid}`, bare.rows.has(`Interaction:${uid}`)]);
          ctx.body = 'the end of this test';
        });
      },
    });
    const browser = bare.newBrowser();
    const { url } = await bare.authorize(browser);
    for (const name of browser.cookies.keys()) if (name.startsWith('_interaction.sig;')) browser.cookies.delete(name);
    await browser.open(url);
    expect(seen).toEqual([
      [true, true],
      [false, false],
    ]);
  },
);

/** Signs out in this browser, with the secret that `readLogout` returned. */
async function logOut(bare: BareProvider, browser: ReturnType<BareProvider['newBrowser']>, secret: () => string) {
  await browser.request('/session/end?client_id=app&post_logout_redirect_uri=https://app.example/bye');
  const body = new URLSearchParams({ xsrf: secret(), logout: 'yes' }).toString();
  return browser.request('/session/end/confirm', { method: 'POST', body });
}

/** Starts oidc-provider. `logouts` lists the result of `readLogout` after each request below `/session/end`. */
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

canary(
  'when the logout page is shown, session.state holds the form’s secret, the clientId and the postLogoutRedirectUri',
  async () => {
    const { bare, logouts } = await startWithLogouts();
    const browser = bare.newBrowser();
    await bare.authorize(browser);
    const ended = await logOut(bare, browser, () => logouts[0]?.secret ?? '');
    const { clientId, postLogoutRedirectUri } = logouts[0] ?? {};
    expect([ended.status, clientId, postLogoutRedirectUri]).toEqual([303, 'app', 'https://app.example/bye']);
  },
);

canary('session.destroyed is true when a logout has destroyed the session', async () => {
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

canary(
  'a browser without a session gets a logout page with status 200, and session.state holds the secret',
  async () => {
    const { bare, logouts } = await startWithLogouts();
    const browser = bare.newBrowser();
    const page = await browser.request('/session/end?client_id=app');
    const ended = await logOut(bare, browser, () => logouts.at(-1)?.secret ?? '');
    expect([page.status, ended.status]).toEqual([200, 303]);
  },
);
