import { aiAccessType, formatScope, type ModelCatalogue } from '@aipassport/policy';
import type { AuthorizationDetail, KoaContextWithOIDC } from 'oidc-provider';
import { readDetail, readScope } from './access-request.js';

/** RFC 9396 for the one type that there is. What comes out is always what the owner allowed, whatever was asked. */
export function describeRichAuthorizationRequests(models: ModelCatalogue) {
  return {
    enabled: true as const,
    types: { [aiAccessType]: { validate: createScopeJoiner(models) } },
    authorizationDetailsForGrantSource: listGranted,
    authorizationDetailsForAccessToken: listGranted,
    authorizationDetailsForIntrospection: listGranted,
  };
}

/**
 * Models and capabilities that are named in the details are asked for just as those in `scope`: from here on the
 * two are one, so that whatever looks at the scope sees all of it.
 */
function createScopeJoiner(models: ModelCatalogue) {
  return ({ oidc }: KoaContextWithOIDC, detail: AuthorizationDetail): void => {
    const { tokens } = readDetail(detail, models);
    if (oidc.params === undefined || tokens.length === 0) return;
    const asked = readScope(oidc.params, models);
    const all = [...asked.protocolTokens, ...new Set(formatScope([...asked.tokens, ...tokens]).split(' '))];
    oidc.params['scope'] = all.join(' ');
  };
}

function listGranted({ oidc }: KoaContextWithOIDC): readonly AuthorizationDetail[] | undefined {
  return oidc.entities.Grant?.rar;
}
