import { isRegisteredOrigin } from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import type { Context, Middleware } from '../context.js';
import type { Endpoint } from '../endpoints.js';
import type { Foundation } from '../foundation.js';

const preflightSeconds = 600;

/**
 * CORS, always without credentials. The metadata, the set of signing keys and open registration allow every origin,
 * because a client in a browser needs them before it is registered. The specifications and the JSON API allow every
 * origin too. The token endpoint and some others (`origins: 'registered'`) allow the origins of registered redirect
 * URIs. The remaining endpoints allow no origin. If an origin is not allowed here, this middleware removes the CORS
 * headers that oidc-provider has set. oidc-provider itself also checks that the origin belongs to the calling client.
 */
export function allowOrigins({ db, configuration }: Pick<Foundation, 'db' | 'configuration'>): Middleware {
  const isAllowed = async (ctx: Context) => {
    const origin = ctx.get('Origin');
    return origin !== '' && ctx.state.endpoint?.origins === 'registered' && (await isRegisteredOrigin(db, origin));
  };
  return async (ctx, next) => {
    const { endpoint } = ctx.state;
    const isPublic = endpoint !== undefined && isForAnyOrigin(endpoint, configuration);
    if (ctx.method === 'OPTIONS') return answerPreflight(ctx, { isPublic, isAllowed: await isAllowed(ctx) });
    if (isPublic) ctx.set('Access-Control-Allow-Origin', '*');
    await next();
    if (isPublic) return ctx.set('Access-Control-Allow-Origin', '*');
    const isEchoed = ctx.res.hasHeader('Access-Control-Allow-Origin');
    if (isEchoed) ctx.vary('Origin');
    if (isEchoed && (await isAllowed(ctx))) return;
    for (const name of Object.keys(ctx.response.headers)) if (/^access-control-/i.test(name)) ctx.remove(name);
  };
}

function isForAnyOrigin({ origins }: Endpoint, { clientRegistration }: Configuration): boolean {
  return origins === 'any' || (origins === 'any_if_open' && clientRegistration.kind === 'open');
}

function answerPreflight(
  ctx: Context,
  { isPublic, isAllowed }: { readonly isPublic: boolean; readonly isAllowed: boolean },
): void {
  ctx.status = 204;
  ctx.vary('Origin');
  if (!isPublic && !isAllowed) return;
  ctx.set({
    'Access-Control-Allow-Origin': isPublic ? '*' : ctx.get('Origin'),
    'Access-Control-Allow-Methods': ctx.state.endpoint?.methods.join(', ') ?? '',
    // The `*` is needed because libraries add headers of their own, such as MCP-Protocol-Version.
    'Access-Control-Allow-Headers': isPublic ? 'authorization, *' : 'authorization, content-type, dpop',
    'Access-Control-Max-Age': String(preflightSeconds),
  });
}
