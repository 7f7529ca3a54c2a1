import { expect } from '@jest/globals';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Context } from '../../src/context.js';
import { keepGrantAtLogout } from '../../src/oidc/engine/keep-grant-at-logout.js';
import { readLogout } from '../../src/oidc/engine/read-logout.js';
import type { BareProvider } from '../support/bare-provider.js';
import { canary, start } from './canary.js';

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
