import { isRegisteredOrigin } from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import type { Context, Middleware } from '../context.js';
import type { Foundation } from '../foundation.js';
import { metadataPaths, paths } from '../oidc/paths.js';

/** What a client in a browser calls, and by which method. Never `/authorize`: that is navigated to (RFC 9700 section 2.6). */
const callable: Readonly<Record<string, string>> = {
  [paths.token]: 'POST',
  [paths.revocation]: 'POST',
  [paths.userinfo]: 'GET, POST',
};

const preflightSeconds = 600;

/**
 * CORS, never with credentials. Documents that hold nothing of anybody, and open registration, are for every origin: a
 * client in a browser reads them before it is registered. The rest is for the origins of registered redirect URIs;
 * oidc-provider checks besides that a browser calls for the client that lives at its origin, and where it would say yes
 * to anyone, this takes it back.
 */
export function allowOrigins({ db, configuration }: Pick<Foundation, 'db' | 'configuration'>): Middleware {
  const published = listPublished(configuration);
  const isAllowed = async (ctx: Context) => {
    const origin = ctx.get('Origin');
    return origin !== '' && callable[ctx.path] !== undefined && (await isRegisteredOrigin(db, origin));
  };
  return async (ctx, next) => {
    const method = published[ctx.path];
    if (ctx.method === 'OPTIONS') return answerPreflight(ctx, { method, isAllowed: await isAllowed(ctx) });
    if (method !== undefined) ctx.set('Access-Control-Allow-Origin', '*');
    await next();
    if (method !== undefined) return ctx.set('Access-Control-Allow-Origin', '*');
    const isEchoed = ctx.res.hasHeader('Access-Control-Allow-Origin');
    if (isEchoed) ctx.vary('Origin');
    if (isEchoed && (await isAllowed(ctx))) return;
    for (const name of Object.keys(ctx.response.headers)) if (/^access-control-/i.test(name)) ctx.remove(name);
  };
}

/** What every origin may call, and by which method. */
function listPublished({ clientRegistration }: Configuration): Readonly<Record<string, string | undefined>> {
  const documents = [...metadataPaths, paths.jwks].map((path) => [path, 'GET']);
  return Object.fromEntries(
    clientRegistration.kind === 'open' ? [...documents, [paths.registration, 'POST']] : documents,
  );
}

function answerPreflight(
  ctx: Context,
  { method, isAllowed }: { readonly method: string | undefined; readonly isAllowed: boolean },
): void {
  ctx.status = 204;
  ctx.vary('Origin');
  if (method === undefined && !isAllowed) return;
  ctx.set({
    'Access-Control-Allow-Origin': method === undefined ? ctx.get('Origin') : '*',
    'Access-Control-Allow-Methods': method ?? callable[ctx.path] ?? '',
    // with `*`: libraries add headers of their own, such as MCP-Protocol-Version
    'Access-Control-Allow-Headers': method === undefined ? 'authorization, content-type' : 'authorization, *',
    'Access-Control-Max-Age': String(preflightSeconds),
  });
}
