import type { Middleware } from 'koa';
import type { DemoAppDependencies } from '../demo-app-dependencies.js';
import { explainAuthorizationFailure } from '../oauth/explain-authorization-failure.js';
import { finishAuthorization } from '../oauth/finish-authorization.js';

/** GET /callback: the redirect URI. Success and failure both redirect, so that no code stays in the address bar. */
export function takeCallback({ client, sessions, issuer, log }: DemoAppDependencies): Middleware {
  return async (ctx) => {
    const session = sessions.open(ctx);
    try {
      await finishAuthorization(client, session, ctx.querystring);
    } catch (error) {
      session.notice = explainAuthorizationFailure(error, issuer, log);
      return ctx.redirect('/');
    }
    sessions.renewId(ctx);
    log('connected');
    ctx.redirect('/chat');
  };
}
