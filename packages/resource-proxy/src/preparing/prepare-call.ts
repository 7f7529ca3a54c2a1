import type { Capability, ModelCatalogue, Operation, PriceCatalogue } from '@aipassport/policy';
import { inspectBody } from '../json/inspect-body.js';
import { readStrictJson } from '../json/read-strict-json.js';
import type { JsonShape } from '../json/scan-json.js';
import { requestUsage } from '../metering/request-usage.js';
import type { RequestValidators } from '../reading/request-validators.js';
import type { BodyRules, Wishes } from '../upstreams/upstream-api.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { CallFacts } from './call-facts.js';
import { estimateCallCost, tryCost } from './estimate-call-cost.js';
import { fitBudget } from './fit-budget.js';
import { requireModel } from './require-model.js';
import { requireOfferedFields } from './require-offered-fields.js';

/** What bodies are held against; the same in every thread. */
export interface Rulebook {
  readonly models: ModelCatalogue;
  readonly prices: PriceCatalogue;
  readonly validators: RequestValidators;
}

/** What is known of a request besides its body. */
export interface CallOrder {
  readonly operation: Operation;
  /** The model that the path names; undefined for operations that name it in their body. */
  readonly pathModel: string | undefined;
  /** Prices are those of this moment. */
  readonly nowMilliseconds: number;
}

export interface PreparedCall {
  readonly facts: CallFacts;
  /**
   * The body as it will be sent, written anew: the client's own bytes end here.
   * @param reservedNanoUsd what was set aside, where that is less than it can cost
   */
  readonly compose: (reservedNanoUsd?: bigint) => Buffer;
}

/** An operation that nobody wrote rules for takes no field at all. */
const noRules: BodyRules = { fields: new Set() };

/**
 * Reads a body, strictly and within bounds, and finds out what it wants and may cost: the model, from the one place
 * where the operation names it, and every capability that it takes. Everything that takes the longer the larger a body
 * is happens here, so that it can happen in a thread of its own.
 *
 * @throws Denied 400, or 404 for a model that is not known
 */
export function prepareCall(
  { models, prices, validators }: Rulebook,
  { operation, pathModel, nowMilliseconds }: CallOrder,
  { bytes, shape }: { readonly bytes: Buffer; readonly shape?: JsonShape },
): PreparedCall {
  const { value: body, members, media } = readStrictJson(bytes, shape);
  const api = upstreamApis[operation.upstream];
  const rules = api.rules[operation.id] ?? noRules;
  const wishes: Wishes = { capabilities: startCapabilities(operation) };
  requireOfferedFields(body, rules, api);
  validators.get(operation.id)?.(body);
  inspectBody(
    { value: body, members },
    {
      opaque: api.opaque,
      canonicalName: api.canonicalName,
      visit: (name, value, holder) => api.visit(name, value, holder, wishes),
    },
  );
  const model = requireModel(models, operation, pathModel ?? body.model);
  rules.adjust?.(body, wishes, model.id);
  const { cost, estimate } = tryCost(() =>
    estimateCallCost(prices, { operation, model, content: { kind: 'json', body }, nowMilliseconds }),
  );
  // Nothing looks at them any more.
  media.takeOut();
  const asksForUsage = operation.id === 'openai.chat/completions';
  return {
    facts: {
      model,
      capabilities: [...wishes.capabilities],
      isStream: body.stream === true || operation.id === 'google.streamGenerateContent',
      hidesUsage: asksForUsage && requestUsage(body).hidesUsage,
      cost,
    },
    compose: (reservedNanoUsd) => {
      if (estimate === undefined) throw new Error('what cannot be priced is not sent');
      const fitted = fitBudget(operation.id, estimate, reservedNanoUsd ?? estimate.worstCaseNanoUsd);
      return media.write(JSON.stringify(asksForUsage ? requestUsage(fitted).body : fitted));
    },
  };
}

export function startCapabilities({ capability }: Operation): Set<Capability> {
  return new Set(capability === undefined ? [] : [capability]);
}
