import { loadSpecification } from '@aipassport/contracts';
import { aiAccessType, formatScope, type ModelCatalogue, type ScopeToken } from '@aipassport/policy';
import type { AuthorizationDetail, KoaContextWithOIDC } from 'oidc-provider';
import type { RequestState } from '../context.js';
import { listDetails, nameDetail, readDetail, readScope } from './access-request.js';
import { requireStructure } from './adapt-details.js';
import { oauthError } from './describe-oauth-denial.js';
import { changeParameter } from './engine/change-parameter.js';

/**
 * Rich authorization requests (RFC 9396) for `ai_access`, the only type that this server supports. Tokens list the
 * access that the owner allowed, even if the client asked for more.
 */
export function describeRichAuthorizationRequests(models: ModelCatalogue) {
  return {
    enabled: true as const,
    types: { [aiAccessType]: { validate: createScopeJoiner(models) } },
    authorizationDetailsForGrantSource: listGranted,
    authorizationDetailsForAccessToken: listAllowed,
    authorizationDetailsForIntrospection: listAllowed,
  };
}

/**
 * Creates a check of authorization details. The check also adds the models and capabilities that the details name to
 * the parameter `scope`, so that later checks of the scope see all requested access.
 *
 * oidc-provider calls the check for each detail. The first call checks all details of the request, so that they are
 * parsed only once, and an error can name the place of the wrong detail.
 */
function createScopeJoiner(models: ModelCatalogue) {
  const { compile } = loadSpecification('authorization-server');
  const findViolations = compile('/components/schemas/AiAccessRequest');
  return (ctx: KoaContextWithOIDC): void => {
    const state = ctx.state as RequestState;
    if (state.areDetailsChecked) return;
    requireStructure(ctx);
    const { oidc } = ctx;
    const tokens = listDetails(oidc.params ?? {}).flatMap(readTokens);
    state.areDetailsChecked = true;
    if (oidc.params === undefined || tokens.length === 0) return;
    const asked = readScope(oidc.params, models);
    const all = [...asked.protocolTokens, ...new Set(formatScope([...asked.tokens, ...tokens]).split(' '))];
    changeParameter(oidc, 'scope', all.join(' '));
  };

  function readTokens(detail: AuthorizationDetail, index: number): readonly ScopeToken[] {
    const { tokens } = readDetail(detail, index, models);
    // The details must fit the published schema too. Otherwise this server might accept details that another server
    // refuses.
    const [violation] = findViolations(detail) ?? [];
    if (violation === undefined) return tokens;
    const wrong = { member: violation.field, rule: 'does not fit the schema of ai_access' };
    throw oauthError({ reason: 'details_invalid', ...nameDetail(index, wrong) });
  }
}

function listGranted({ oidc }: KoaContextWithOIDC): readonly AuthorizationDetail[] | undefined {
  return oidc.entities.Grant?.rar;
}

/**
 * The granted details, with only the models and capabilities in the token's scope. A refresh may have narrowed the
 * scope.
 */
function listAllowed(
  ctx: KoaContextWithOIDC,
  { scope = '' }: { readonly scope?: string | undefined },
): readonly AuthorizationDetail[] | undefined {
  const tokens = new Set(scope.split(' '));
  const only = (prefix: string, names: unknown) =>
    Array.isArray(names) ? names.filter((name) => tokens.has(`${prefix}:${String(name)}`)) : names;
  return listGranted(ctx)?.map((detail) => ({
    ...detail,
    models: only('model', detail['models']),
    capabilities: only('cap', detail['capabilities']),
  }));
}
