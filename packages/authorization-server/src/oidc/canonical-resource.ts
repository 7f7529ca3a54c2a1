import type { Configuration } from '../configuration.js';
import type { Middleware } from '../context.js';
import type { Parameter } from '../text/parse-parameters.js';
import { rewriteParameters } from './rewrite-parameters.js';

/**
 * Whether a resource indicator (RFC 8707) means the resource proxy. URIs are compared as in RFC 3986 section 6.2: the
 * case of scheme and host, the default port and a slash at the end make no difference. A path below the proxy's path
 * also means the proxy, because clients of the Model Context Protocol send the URL that they call.
 */
export function namesResourceProxy(resource: string, indicator: string): boolean {
  const ours = new URL(resource);
  const asked = URL.parse(indicator);
  if (asked === null || asked.origin !== ours.origin || indicator.includes('#')) return false;
  if (asked.username !== '' || asked.password !== '') return false;
  const base = ours.pathname.replace(/\/$/, '');
  return asked.pathname === base || asked.pathname.startsWith(`${base}/`);
}

/**
 * Replaces other spellings of the proxy's URI with the configured one, because oidc-provider compares resources
 * character by character.
 */
export function normalizeResources({ resourceProxyUrl }: Pick<Configuration, 'resourceProxyUrl'>): Middleware {
  const isVariant = ({ name, value }: Parameter) =>
    name === 'resource' &&
    value.toString() !== resourceProxyUrl &&
    namesResourceProxy(resourceProxyUrl, value.toString());
  const respell = (parameters: readonly Parameter[]) =>
    parameters.some(isVariant)
      ? parameters.map((one) => (isVariant(one) ? { ...one, value: Buffer.from(resourceProxyUrl) } : one))
      : parameters;
  return async (ctx, next) => {
    if (ctx.state.endpoint?.takesResource) rewriteParameters(ctx, respell);
    await next();
  };
}
