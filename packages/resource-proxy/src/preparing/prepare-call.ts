import {
  type Capability,
  type Counted,
  type CountedInput,
  type CountedMedia,
  type Model,
  type ModelCatalogue,
  type Operation,
  type OperationOf,
  type PriceCatalogue,
  streamsList,
} from '@aipassport/policy';
import { findCounting } from '../counting/find-counting.js';
import type { InputCounting } from '../counting/input-counting.js';
import { Denied } from '../denials/denial.js';
import { inspectBody } from '../json/inspect-body.js';
import { writeWithNumbers } from '../json/keep-numbers.js';
import { readStrictJson } from '../json/read-strict-json.js';
import type { JsonShape } from '../json/scan-json.js';
import { findMetering } from '../metering/metering-table.js';
import { type StateTerms, stateless } from '../state/state-facts.js';
import type { BodyFacts } from '../upstreams/upstream-api.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { CallFacts } from './call-facts.js';
import { estimateCallCost, tryCost } from './estimate-call-cost.js';
import { fitBudget } from './fit-budget.js';
import type { RequestRules } from './request-rules.js';
import { requireModel } from './require-model.js';
import { sortFields } from './sort-fields.js';

/** The rules for bodies; the same in every thread. */
export interface Rulebook {
  readonly models: ModelCatalogue;
  readonly prices: PriceCatalogue;
  readonly requestRules: RequestRules;
  /** Limits the time for counting texts. Only the threads that prepare bodies have it, and only they count texts. */
  readonly countingClock?: () => number;
}

/** What will be counted instead of bounded, or has been. */
export type CountOrder =
  | { readonly kind: 'texts'; readonly media: CountedMedia | undefined }
  | { readonly kind: 'input'; readonly input: CountedInput };

/** The facts of a request besides its body. */
export interface CallOrder {
  readonly operation: OperationOf<'json'>;
  /** The model that the path names; undefined for operations that name it in their body. */
  readonly pathModel: string | undefined;
  /** The prices of this time apply. */
  readonly nowMilliseconds: number;
  readonly counted?: CountOrder | undefined;
  readonly state: StateTerms;
}

/** A body that is ready to be sent. */
export interface ComposedBody {
  readonly bytes: Buffer;
  /** undefined for JSON. */
  readonly contentType?: string;
  /** The output limit of one choice, if it differs from the one that the client asked for. */
  readonly maxOutputTokens: number | undefined;
}

export interface PreparedCall {
  readonly facts: CallFacts;
  /**
   * Serialises the body that will be sent. The client's own bytes are never forwarded.
   * @param reservedNanoUsd the reservation, if it is less than the estimate
   */
  readonly compose: (reservedNanoUsd?: bigint) => ComposedBody;
  /**
   * Serialises the body for the vendor's own counting; undefined when there is no such counting or it would not be
   * reliable.
   */
  readonly composeCount: () => Buffer | undefined;
}

/**
 * Parses a body strictly and within limits, and determines its model, the capabilities that it needs and its estimated
 * cost. All work that grows with the size of a body is here, so that it can run in another thread.
 *
 * @throws Denied 400, or 404 for an unknown model
 */
export function prepareCall(
  { models, prices, requestRules, countingClock }: Rulebook,
  { operation, pathModel, nowMilliseconds, state, counted: order }: CallOrder,
  { bytes, shape }: { readonly bytes: Buffer; readonly shape?: JsonShape },
): PreparedCall {
  const { value: body, members, media, numbers } = readStrictJson(bytes, shape);
  const api = upstreamApis[operation.dialect];
  const { counting } = api;
  const table = requestRules.tableOf(operation.form);
  const bodyFacts: BodyFacts = {
    capabilities: startCapabilities(operation),
    additions: requestRules.additionsFor(operation.dialect),
    state: { terms: state, facts: stateless },
  };
  const left = sortFields(body, { ...requestRules, table, canonicalName: api.canonicalName, bodyFacts });
  inspectBody(
    { value: body, members },
    { ...api, isLeftOut: left.has, visit: (member) => api.visit(member, bodyFacts) },
  );
  left.remove();
  // The default is written into the body, so that the vendor uses the model that was checked.
  if (operation.defaultModel !== undefined) body.model ??= operation.defaultModel;
  const model = requireModel(models, operation, pathModel ?? body.model);
  api.adjustments[operation.form]?.(body, bodyFacts, model.id);
  const counted = order && useCounted(order, { model, counting, countingClock });
  const { facts } = bodyFacts.state;
  const { cost, estimate } = tryCost(() => {
    // The body is prepared again when the stored objects have been looked up.
    if (facts.unresolved.length > 0) throw new Denied({ reason: 'state_unknown', field: undefined });
    const priced = {
      operation,
      model,
      content: { kind: 'json', form: operation.form, body },
      nowMilliseconds,
      counted,
    } as const;
    return estimateCallCost(prices, { ...priced, storedTokens: facts.tokens, storedPictures: facts.pictures });
  });
  // A model that makes pictures makes them without being asked.
  if (estimate?.output?.kind === 'outputImageTokens') bodyFacts.capabilities.add('images');
  // The media strings are no longer needed.
  media.takeOut();
  const requestUsage = findMetering(operation.form)?.requestedUsage?.request;
  return {
    facts: {
      model,
      capabilities: [...bodyFacts.capabilities],
      dropped: left.reported,
      isStream: body.stream === true || streamsList(operation.form),
      hidesUsage: requestUsage?.(body).hidesUsage === true,
      state: facts,
      mediaParts: counting.kind === 'texts' ? counting.listMedia(body).length : 0,
      cost,
    },
    compose: (reservedNanoUsd) => {
      if (estimate === undefined) throw new Error('a body without a price is not sent');
      const fitted = fitBudget(operation.form, estimate, reservedNanoUsd ?? estimate.worstCaseNanoUsd);
      const sent = requestUsage?.(fitted.body).body ?? fitted.body;
      return { bytes: media.write(writeWithNumbers(sent, numbers)), maxOutputTokens: fitted.maxOutputTokens };
    },
    composeCount: () => {
      // The content at an address may change between two readings.
      if (bodyFacts.readsAddresses === true || findCounting(models.upstreams, operation) === undefined)
        return undefined;
      const asked = counting.composeBody(body, model.id);
      return asked && media.write(JSON.stringify(asked));
    },
  };
}

interface TextCounting {
  readonly countingClock: Rulebook['countingClock'] | undefined;
  readonly model: Model;
  readonly counting: InputCounting;
}

function useCounted(order: CountOrder, { model, counting, countingClock }: TextCounting): Counted {
  if (order.kind === 'input') return { input: order.input };
  const countText =
    counting.kind === 'texts' && countingClock !== undefined
      ? counting.createTextCounter(model.id, countingClock)
      : undefined;
  return { countText, media: order.media };
}

export function startCapabilities({ capability }: Operation): Set<Capability> {
  return new Set(capability === undefined ? [] : [capability]);
}
