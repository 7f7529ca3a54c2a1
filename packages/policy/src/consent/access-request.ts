import type { AiAccessRequest } from '../ai-access.js';
import type { ModelCatalogue } from '../catalogue/model-catalogue.js';
import { type Limits, noLimits, stricterLimit, stricterLimits } from '../limits/limits.js';
import { listScopeTokens } from '../scope/list-scope-tokens.js';
import type { Scope } from '../scope/scope.js';
import { parseScopeToken, type ScopeToken } from '../scope/scope-token.js';

/** The access that a client asks for: the `scope` parameter and `authorization_details` combined. */
export interface AccessRequest {
  readonly tokens: readonly ScopeToken[];
  /**
   * The scope tokens that the owner may choose in addition. If the client names capabilities but no model, these are
   * the models with one of the capabilities, and the tokens for all models of the upstreams of such models. If the
   * client names models but no capability, these are all capabilities. If it names neither, these are all tokens. If it
   * names both, there are none.
   */
  readonly choosable: readonly ScopeToken[];
  readonly limits: Limits;
  /** The longest lifetime that the client asks for. undefined: the owner chooses. */
  readonly lifetimeSeconds: number | undefined;
  readonly reason: string | undefined;
}

/**
 * Combines the scope and the details of a request. Takes the strictest limit of each kind, the shortest lifetime and
 * the first reason.
 */
export function buildAccessRequest(
  scope: Scope,
  details: readonly AiAccessRequest[],
  catalogue: ModelCatalogue,
): AccessRequest {
  const all = [...scope.tokens, ...details.flatMap(({ tokens }) => tokens)];
  const tokens = [...new Map(all.map((token) => [token.text, token])).values()];
  return {
    tokens,
    choosable: listChoosable(tokens, catalogue),
    limits: details.map(({ limits }) => limits).reduce(stricterLimits, noLimits),
    lifetimeSeconds: details
      .map(({ lifetimeSeconds }) => lifetimeSeconds)
      .reduce<number | undefined>(stricterLimit, undefined),
    reason: details.find(({ reason }) => reason !== undefined)?.reason,
  };
}

function listChoosable(tokens: readonly ScopeToken[], catalogue: ModelCatalogue): readonly ScopeToken[] {
  const asked = tokens.flatMap((token) => (token.kind === 'capability' ? [token.capability] : []));
  const namesModel = tokens.some(({ kind }) => kind !== 'capability');
  if (asked.length > 0 && namesModel) return [];
  const all = listScopeTokens(catalogue).flatMap((text) => parseScopeToken(text, catalogue) ?? []);
  if (namesModel) return all.filter(({ kind }) => kind === 'capability');
  if (asked.length === 0) return all;
  const able = catalogue.models.filter(({ capabilities }) => capabilities.some((one) => asked.includes(one)));
  const names = new Set(able.map(({ upstream, id }) => `${upstream}/${id}`));
  const ofUpstreams = new Set(able.map(({ upstream }) => upstream));
  return all.filter(
    (token) =>
      (token.kind === 'model' && names.has(`${token.upstream}/${token.modelId}`)) ||
      (token.kind === 'all-models' && ofUpstreams.has(token.upstream)),
  );
}
