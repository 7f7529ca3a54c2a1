import { isRegisteredOrigin } from '@aipassport/store/authorization';
import type { Context, Middleware } from '../context.js';
import type { Foundation } from '../dependencies.js';
import { metadataPaths, paths } from '../oidc/paths.js';

/** What a client in a browser calls, and by which method. Never `/authorize`: that is navigated to (RFC 9700 section 2.6). */
const callable: Readonly<Record<string, string>> = {
  [paths.token]: 'POST',
  [paths.revocation]: 'POST',
  [paths.jwks]: 'GET',
  ...Object.fromEntries(metadataPaths.map((path) => [path, 'GET'])),
};

const preflightSeconds = 600;

/**
 * CORS for the origins of registered redirect URIs, never `*` and never with credentials. oidc-provider checks besides
 * that a browser calls for the client that lives at its origin; where it would say yes to anyone, this takes it back.
 */
export function allowRegisteredOrigins({ db }: Pick<Foundation, 'db'>): Middleware {
  const isAllowed = async (ctx: Context) => {
    const origin = ctx.get('Origin');
    return origin !== '' && callable[ctx.path] !== undefined && (await isRegisteredOrigin(db, origin));
  };
  return async (ctx, next) => {
    if (ctx.method === 'OPTIONS') return answerPreflight(ctx, await isAllowed(ctx));
    await next();
    const isEchoed = ctx.res.hasHeader('Access-Control-Allow-Origin');
    if (isEchoed) ctx.vary('Origin');
    if (isEchoed && (await isAllowed(ctx))) return;
    for (const name of Object.keys(ctx.response.headers)) if (/^access-control-/i.test(name)) ctx.remove(name);
  };
}

function answerPreflight(ctx: Context, isAllowed: boolean): void {
  ctx.status = 204;
  ctx.vary('Origin');
  if (!isAllowed) return;
  ctx.set({
    'Access-Control-Allow-Origin': ctx.get('Origin'),
    'Access-Control-Allow-Methods': callable[ctx.path] ?? '',
    'Access-Control-Allow-Headers': 'authorization, content-type',
    'Access-Control-Max-Age': String(preflightSeconds),
  });
}
