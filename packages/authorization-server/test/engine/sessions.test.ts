import { expect } from '@jest/globals';
import { errors, Provider } from 'oidc-provider';
import { keepSessionIdentifiers } from '../../src/oidc/engine/session-identifiers.js';
import type { BareProvider } from '../support/bare-provider.js';
import { canary, start } from './canary.js';

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
