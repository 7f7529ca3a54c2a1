import { ignoredScopeTokens } from '@aipassport/policy';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Middleware } from '../context.js';
import { Denied } from '../denials/denial.js';
import { paths } from '../endpoints.js';
import type { Parameter } from '../text/parse-parameters.js';
import { oauthError } from './describe-oauth-denial.js';
import { changeParameter } from './engine/change-parameter.js';
import { isAtEndpoint } from './engine/route.js';
import { encodeParameters, rewriteParameters } from './rewrite-parameters.js';

/** Parameters about an ID token. oidc-provider refuses them in a request that asks for no ID token. */
const idTokenParameters = ['acr_values', 'claims', 'claims_locales', 'id_token_hint', 'nonce'];
/**
 * The name under which oidc-provider gets the `max_age` of a request without `openid`. In such a request, oidc-provider
 * would refuse the name `max_age`.
 */
const maxAgeParameter = 'max_age_without_openid';

const adaptedPaths: readonly string[] = [
  paths.authorization,
  paths.pushedAuthorizationRequest,
  paths.deviceAuthorization,
];

/**
 * Makes oidc-provider accept three kinds of legitimate authorization and logout requests that it would refuse:
 *
 * - requests by POST (OpenID Connect Core section 3.1.2.1, RP-Initiated Logout section 2). The browser is redirected to
 *   a GET request, because a browser that sends a form of another site does not send the cookies of a sign-in;
 * - requests with parameters of OpenID Connect but without the scope `openid`. Libraries for both OAuth and OpenID
 *   Connect send these requests;
 * - requests with scopes about people, such as `email`. This server has no claims about people, so nothing is granted
 *   for these scopes (RFC 6749 section 3.3), and the token response says so.
 */
export const adaptParameters: Middleware = async (ctx, next) => {
  const { path, method } = ctx;
  if (adaptedPaths.includes(path)) rewriteParameters(ctx, adapt);
  if (method !== 'POST' || (path !== paths.authorization && path !== paths.endSession)) return next();
  if (ctx.state.form === undefined) throw new Denied({ reason: 'form_missing' });
  ctx.status = 303;
  ctx.set('Location', `${path}?${encodeParameters(ctx.state.form)}`);
};

/** For oidc-provider: restores `max_age` after oidc-provider has accepted the request without it. */
export const extraParameters = {
  [maxAgeParameter]: ({ oidc }: KoaContextWithOIDC, value: string | undefined): void => {
    if (value === undefined || oidc.params === undefined) return;
    if (!/^\d{1,9}$/.test(value)) throw oauthError({ reason: 'max_age_malformed' });
    // The `max_age` of a pushed request is restored when the request is used, because oidc-provider validates its
    // parameters again then.
    if (!isAtEndpoint(oidc, 'pushed_authorization_request')) changeParameter(oidc, 'max_age', value);
  },
};

/** A request with a repeated `scope` is left as it is, because oidc-provider refuses the request. */
function adapt(parameters: readonly Parameter[]): readonly Parameter[] {
  if (parameters.filter(({ name }) => name === 'scope').length > 1) return parameters;
  const scope = parameters.find(({ name }) => name === 'scope')?.value.toString() ?? '';
  const words = scope.split(' ').filter((word) => word !== '' && !ignoredScopeTokens.includes(word));
  const isOpenId = words.includes('openid');
  const adapted = parameters.flatMap((parameter) => {
    if (parameter.name === 'scope') return { name: 'scope', value: Buffer.from(words.join(' ')) };
    if (isOpenId) return parameter;
    if (parameter.name === 'max_age') return { ...parameter, name: maxAgeParameter };
    return idTokenParameters.includes(parameter.name) ? [] : parameter;
  });
  return adapted.filter(({ name, value }) => name !== 'scope' || value.length > 0);
}
