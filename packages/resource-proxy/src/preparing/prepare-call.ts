import {
  type Capability,
  type Counted,
  type CountedInput,
  type CountedMedia,
  type Estimate,
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
import { writeWithNumbers } from '../json/keep-numbers.js';
import { type JsonObject, readStrictJson, type StrictJson } from '../json/read-strict-json.js';
import type { JsonShape } from '../json/scan-json.js';
import { findMetering } from '../metering/metering-table.js';
import { type StateFacts, type StateTerms, stateless } from '../state/state-facts.js';
import type { BodyFacts } from '../upstreams/upstream-api.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import { adaptChat } from './adapt-chat.js';
import type { CallFacts } from './call-facts.js';
import { estimateCallCost, tryCost } from './estimate-call-cost.js';
import { fitBudget } from './fit-budget.js';
import { judgeBody } from './judge-body.js';
import type { RequestRules } from './request-rules.js';
import { requireModelOf } from './require-model.js';

/** The rules for bodies. Except for `countingClock`, they are the same in every thread. */
export interface BodyRules {
  readonly models: ModelCatalogue;
  readonly prices: PriceCatalogue;
  readonly requestRules: RequestRules;
  /** Limits the time for counting texts. Only the threads that prepare bodies count texts and have this clock. */
  readonly countingClock?: () => number;
}

/**
 * Says which part of the input is counted: either a tokenizer counts the texts and the vendor may count the media, or
 * the vendor counts the whole input. For a part that is not counted, the number of bytes is the upper bound for the
 * number of tokens.
 */
export type CountOrder =
  | { readonly kind: 'texts'; readonly media: CountedMedia | undefined }
  | { readonly kind: 'input'; readonly input: CountedInput };

/** The facts of a request that are not in its body. */
export interface CallOrder {
  readonly operation: OperationOf<'json'>;
  /** The model that the path names; undefined for operations that name it in their body. */
  readonly pathModel: string | undefined;
  /** The time whose prices apply. */
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
   * Serialises the parsed body, so that nothing is sent that was not checked. Only the contents of long media strings
   * are copied from the client's bytes.
   * @param reservedNanoUsd the reservation; undefined for a reservation of the whole estimate
   */
  readonly compose: (reservedNanoUsd?: bigint) => ComposedBody;
  /**
   * Serialises the body for the vendor's own counting. Returns undefined when the vendor offers no counting, or when
   * its count would not be reliable.
   */
  readonly composeCount: () => Buffer | undefined;
}

/**
 * Parses a body strictly and within limits, and determines its model, the capabilities that it needs and its estimated
 * cost. This function does all work that grows with the size of a body, so that it can run in another thread.
 *
 * @throws Denied 400, or 404 for an unknown model
 */
export function prepareCall(
  rulebook: BodyRules,
  order: CallOrder,
  { bytes, shape }: { readonly bytes: Buffer; readonly shape?: JsonShape },
): PreparedCall {
  const { models, requestRules } = rulebook;
  const { operation, pathModel } = order;
  const { form, dialect } = operation;
  const parsed = readStrictJson(bytes, shape);
  const { value: body, media, numbers } = parsed;
  const bodyFacts: BodyFacts = {
    capabilities: startCapabilities(operation),
    additions: requestRules.additionsFor(dialect),
    state: {
      terms: order.state,
      facts: stateless,
      files: operation.refersToStored === true ? new Map() : undefined,
    },
  };
  const table = { ...requestRules.tableOf(form), ...operation.ownFields };
  const dropped = judgeBody(parsed, { requestRules, dialect, table, bodyFacts });
  const model = requireModelOf(body, { models, operation, pathModel });
  upstreamApis[dialect].adjustments[form]?.(body, bodyFacts, model.id);
  const { facts } = bodyFacts.state;
  const { cost, estimate } = priceBody(rulebook, order, { body, model, facts });
  // A model with image output makes pictures even if the request does not ask for them.
  if (estimate?.output?.kind === 'outputImageTokens') bodyFacts.capabilities.add('images');
  // This frees the long media strings. `compose` takes their contents from the received bytes.
  media.takeOut();
  const judged = { operation, body, model, bodyFacts, media, numbers };
  return {
    facts: { ...describeCall(judged), dropped, cost },
    compose: (reservedNanoUsd) => composeCall(judged, estimate, reservedNanoUsd),
    composeCount: () => composeCount(judged, models),
  };
}

interface JudgedCall extends Pick<StrictJson, 'media' | 'numbers'> {
  readonly operation: OperationOf<'json'>;
  readonly body: JsonObject;
  readonly model: Model;
  readonly bodyFacts: BodyFacts;
}

function describeCall({ operation, body, model, bodyFacts }: JudgedCall): Omit<CallFacts, 'dropped' | 'cost'> {
  const { form, dialect } = operation;
  const { counting } = upstreamApis[dialect];
  return {
    model,
    capabilities: [...bodyFacts.capabilities],
    isStream: body.stream === true || streamsList(form),
    hidesUsage:
      (operation.chat.streamUsage ?? 'on_request') === 'on_request' &&
      findMetering(form)?.requestedUsage?.request(body).hidesUsage === true,
    state: bodyFacts.state.facts,
    mediaParts: counting.kind === 'texts' ? counting.listMedia(body).length : 0,
  };
}

function composeCall(
  { operation, media, numbers }: JudgedCall,
  estimate: Estimate | undefined,
  reservedNanoUsd: bigint | undefined,
): ComposedBody {
  if (estimate === undefined) throw new Error('the body has no price, so it cannot be sent');
  const { form, chat } = operation;
  const fitted = fitBudget(form, estimate, reservedNanoUsd ?? estimate.worstCaseNanoUsd);
  const asked = findMetering(form)?.requestedUsage?.request(fitted.body).body ?? fitted.body;
  const sent = adaptChat(asked, chat, estimate.price);
  return { bytes: media.write(writeWithNumbers(sent, numbers)), maxOutputTokens: fitted.maxOutputTokens };
}

function composeCount(
  { operation, body, model, bodyFacts, media }: JudgedCall,
  { upstreams }: ModelCatalogue,
): Buffer | undefined {
  // The vendor would fetch a URL for the count, and fetch it again for the request. The content at the URL may change
  // in between.
  if (bodyFacts.readsUrls === true || findCounting(upstreams, operation) === undefined) return undefined;
  const asked = upstreamApis[operation.dialect].counting.composeBody(body, model.id);
  return asked && media.write(JSON.stringify(asked));
}

interface BodyToPrice {
  readonly body: JsonObject;
  readonly model: Model;
  readonly facts: StateFacts;
}

function priceBody(
  { prices, countingClock }: BodyRules,
  { operation, nowMilliseconds, counted: order }: CallOrder,
  { body, model, facts }: BodyToPrice,
): ReturnType<typeof tryCost> {
  const { counting } = upstreamApis[operation.dialect];
  const counted = order && useCounted(order, { model, counting, countingClock });
  return tryCost(() => {
    // The body has no price yet. It is prepared again after the stored objects that it names have been looked up.
    if (facts.unresolved.length > 0) throw new Denied({ reason: 'state_unknown', field: undefined });
    return estimateCallCost(prices, {
      operation,
      model,
      content: { kind: 'json', form: operation.form, body },
      nowMilliseconds,
      counted,
      storedTokens: facts.tokens,
      storedPictures: facts.pictures,
    });
  });
}

interface TextCounting {
  readonly countingClock: BodyRules['countingClock'] | undefined;
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
