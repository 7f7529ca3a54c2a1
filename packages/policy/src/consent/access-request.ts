import type { AiAccessRequest } from '../ai-access.js';
import type { ModelCatalogue } from '../catalogue/model-catalogue.js';
import type { Limits } from '../limits.js';
import { noLimits, tighter, tightest } from '../limits.js';
import { listScopeTokens } from '../scope/list-scope-tokens.js';
import type { Scope } from '../scope/scope.js';
import { parseScopeToken, type ScopeToken } from '../scope/scope-token.js';

/** All that a client asks of an owner: the `scope` parameter and `authorization_details` taken together. */
export interface AccessRequest {
  readonly tokens: readonly ScopeToken[];
  /**
   * What the owner may choose besides, because the client left it to them: models if it named none, capabilities if it
   * named none.
   */
  readonly choosable: readonly ScopeToken[];
  readonly limits: Limits;
  /** The longest life that the client asks for; undefined when it leaves that to the owner. */
  readonly lifetimeSeconds: number | undefined;
  readonly reason: string | undefined;
}

/** Takes the scope and the details of a request together. */
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
    limits: details.map(({ limits }) => limits).reduce(tightest, noLimits),
    lifetimeSeconds: details
      .map(({ lifetimeSeconds }) => lifetimeSeconds)
      .reduce<number | undefined>(tighter, undefined),
    reason: details.find(({ reason }) => reason !== undefined)?.reason,
  };
}

function listChoosable(tokens: readonly ScopeToken[], catalogue: ModelCatalogue): readonly ScopeToken[] {
  const isCapability = ({ kind }: ScopeToken) => kind === 'capability';
  const namesCapability = tokens.some(isCapability);
  const namesModel = tokens.some((token) => !isCapability(token));
  if (namesCapability && namesModel) return [];
  return listScopeTokens(catalogue)
    .flatMap((text) => parseScopeToken(text, catalogue) ?? [])
    .filter((token) => (isCapability(token) ? !namesCapability : !namesModel));
}
