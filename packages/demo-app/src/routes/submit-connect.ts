import type { Middleware } from 'koa';
import { parseAiRequest } from '../ai-request.js';
import type { DemoAppDependencies } from '../demo-app-dependencies.js';
import { beginAuthorization } from '../oauth/begin-authorization.js';
import { explainAuthorizationFailure } from '../oauth/explain-authorization-failure.js';

/** POST /connect: sends the browser to the authorization server with the request that the form describes. */
export function submitConnect({ client, sessions, issuer, log }: DemoAppDependencies): Middleware {
  return async (ctx) => {
    const session = sessions.open(ctx);
    ctx.status = 303;
    const parsed = parseAiRequest(ctx.request.body);
    if (!parsed.ok) {
      session.notice = { title: 'Not sent.', advice: parsed.problem };
      return ctx.redirect('/');
    }
    try {
      ctx.redirect((await beginAuthorization(client, session, parsed.request)).href);
    } catch (error) {
      session.notice = explainAuthorizationFailure(error, issuer, log);
      ctx.redirect('/');
    }
  };
}
