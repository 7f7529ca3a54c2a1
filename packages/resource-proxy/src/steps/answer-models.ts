import { allowsModel, type Model, namesModel } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { OperationMatch } from './match-operation.js';
import { requireLiveGrant } from './require-live-grant.js';

/**
 * Answers a request for the list of models, or for one model, from the catalogue. The answer contains only models that
 * the grant allows, in the dialect's format. Nothing is forwarded or counted.
 *
 * @throws Denied when the grant has ended, or for a model that the grant does not allow. An unknown model and a model
 * that is not granted get the same answer
 */
export async function answerModels(
  deps: ProxyDependencies,
  exchange: Exchange,
  { match, claims }: { readonly match: OperationMatch<'models'>; readonly claims: AccessTokenClaims },
): Promise<void> {
  const grant = await requireLiveGrant(deps, exchange, claims);
  const { operation, pathModel, query } = match;
  const { upstream, modelsPath, modelMembers } = operation;
  const api = upstreamApis[operation.dialect];
  const page = { query, membersOf };
  const body = Buffer.from(
    JSON.stringify(
      pathModel === undefined ? api.listModels(listAllowed(), page) : api.describeModel(getAllowed(pathModel), page),
    ),
  );
  exchange.response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);

  function membersOf({ capabilities }: Model): object {
    return Object.assign({}, ...capabilities.map((capability) => modelMembers[capability] ?? {})) as object;
  }

  function listAllowed() {
    return deps.models.models.filter(
      (model) => model.upstream === upstream && namesModel(claims.tokens, model) && allowsModel(grant.tokens, model),
    );
  }

  function getAllowed(id: string) {
    const model = deps.models.find(upstream, id);
    if (model === undefined || !allowsModel(claims.tokens, model) || !allowsModel(grant.tokens, model))
      throw new Denied({ reason: 'model_unknown', of: { upstream, modelsPath } });
    return model;
  }
}
