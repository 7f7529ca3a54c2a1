import { expect } from '@jest/globals';
import { errors, type InteractionResults, interactionPolicy, Provider } from 'oidc-provider';
import type { Context } from '../../src/context.js';
import { createLoginPrompt, describeLogin, needsFreshSignIn } from '../../src/oidc/engine/create-login-prompt.js';
import {
  endProviderSession,
  getProviderSession,
  hideCookie,
  updateSignInTime,
} from '../../src/oidc/engine/provider-session.js';
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

const signedInAt = new Date(1_700_000_000_000);

/**
 * Adds middleware that finishes interactions with the result of `decide`. Without a result, the bare server finishes
 * the interaction.
 */
function answerWith(provider: Provider, decide: (prompt: string) => InteractionResults | undefined): void {
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { prompt } = await provider.interactionDetails(ctx.req, ctx.res);
    const result = decide(prompt.name);
    if (result === undefined) return next();
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  });
}

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

canary('a request with prompt=login has the reason login_prompt', async () => {
  const seen: unknown[] = [];
  const bare = await start({
    prepare: (provider) => {
      provider.use(async (ctx, next) => {
        if (ctx.path.startsWith('/interaction/')) {
          const { prompt } = await provider.interactionDetails(ctx.req, ctx.res);
          seen.push([prompt.name, needsFreshSignIn(prompt)]);
        }
        await next();
      });
    },
  });
  await bare.authorize(bare.newBrowser(), { prompt: 'login consent' });
  await bare.authorize(bare.newBrowser());
  expect(seen).toEqual([
    ['login', true],
    ['consent', false],
    ['login', false],
    ['consent', false],
  ]);
});

canary('a prompt counts as answered if the result has a member of its name', async () => {
  const ends: unknown[] = [];
  const base = interactionPolicy.base();
  const selectAccount = new interactionPolicy.Prompt({ name: 'select_account', requestable: true });
  const policy = [
    ...base.filter(({ name }) => name === 'login'),
    selectAccount,
    ...base.filter(({ name }) => name !== 'login'),
  ];
  for (const isAnswered of [true, false]) {
    const { login, ...others } = describeLogin({ accountId: 'owner', authenticatedAt: signedInAt });
    const prompts: string[] = [];
    const bare = await start({
      configuration: { interactions: { url: (_ctx, { uid }) => `/interaction/${uid}`, policy } },
      prepare: (provider) => {
        answerWith(provider, (prompt) => {
          prompts.push(prompt);
          if (prompt === 'login') return { login, ...(isAnswered ? others : {}) };
          return prompt === 'select_account' ? others : undefined;
        });
      },
    });
    const page = await bare.authorize(bare.newBrowser(), { prompt: 'select_account consent' });
    const { loginTs } = [...bare.rows.values()].find(({ kind }) => kind === 'Session') ?? {};
    ends.push([prompts[1], loginTs, page.status]);
  }
  expect(ends).toEqual([
    ['consent', 1_700_000_000, 303],
    ['select_account', 1_700_000_000, 303],
  ]);
});

canary(
  'Session.get in middleware reads the session that the cookie names, and destroy and persist of the session change its row',
  async () => {
    const seen: unknown[] = [];
    const bare = await start({
      prepare: (provider) => {
        provider.use(async (ctx, next) => {
          const context = ctx as unknown as Context;
          if (ctx.path === '/date')
            await updateSignInTime(await getProviderSession(provider, context), { authenticatedAt: signedInAt });
          if (ctx.path === '/end') await endProviderSession(provider, context);
          await next();
        });
      },
    });
    const browser = bare.newBrowser();
    await bare.authorize(browser);
    const sessions = () => [...bare.rows.values()].filter(({ kind }) => kind === 'Session').map((row) => row.loginTs);
    for (const path of ['/date', '/end']) {
      await browser.request(path);
      seen.push(sessions());
    }
    expect(seen).toEqual([[1_700_000_000], []]);
  },
);

canary('the cookie of a session is read from the headers of the request, after our middleware', async () => {
  const prompts: string[] = [];
  const bare = await start({
    prepare: (provider) => {
      provider.use(async (ctx, next) => {
        if (ctx.path === '/auth') hideCookie(ctx as unknown as Context, '_session');
        await next();
      });
      answerWith(provider, (prompt) => void prompts.push(prompt));
    },
  });
  const browser = bare.newBrowser();
  await bare.authorize(browser);
  await bare.authorize(browser);
  expect(prompts).toEqual(['login', 'consent', 'login', 'consent']);
});
