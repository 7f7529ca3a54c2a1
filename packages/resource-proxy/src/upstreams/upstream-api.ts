import type { IncomingHttpHeaders } from 'node:http';
import type {
  Capability,
  Dialect,
  DialectOf,
  Model,
  Operation,
  OperationIn,
  OperationOfKind,
} from '@aipassport/policy';
import type { InputCounting } from '../counting/input-counting.js';
import type { ErrorDescription } from '../denials/error-description.js';
import type { Member } from '../json/inspect-body.js';
import type { JsonObject } from '../json/read-strict-json.js';
import type { StateFacts, StateTerms } from '../state/state-facts.js';
import type { StoredState } from '../state/stored-state.js';
import type { AccountProblems } from './account-faults.js';

/** The facts about one request that are collected while its body is read. */
export interface BodyFacts {
  /** The capabilities that the request needs. For requests to a model, the first one is that of the operation. */
  readonly capabilities: Set<Capability>;
  /** The kinds that the operator declares harmless. */
  readonly additions: KindAdditions;
  /** Whether the vendor will read an input from a URL. */
  readsUrls?: boolean;
  /** How the request uses stored state. */
  readonly state: {
    readonly terms: StateTerms;
    facts: StateFacts;
    /** The stored files that the messages name, each with its first place. undefined: the body must name none. */
    readonly files?: Map<string, string> | undefined;
  };
}

/** Checks the rules that concern more than one field of a request. May change the body. Throws Denied. */
export type RequestAdjustment = (body: JsonObject, bodyFacts: BodyFacts, modelId: string) => void;

/** The adjustment of each operation of a dialect. undefined: its requests need none. */
export type RequestAdjustments<D extends Dialect> = Readonly<
  Record<OperationIn<D, OperationOfKind<'json'>>, RequestAdjustment | undefined>
>;

/** The dialects with operations on stored objects. */
export type StatefulDialect = DialectOf<OperationOfKind<'state'>>;

/** The kinds that an operator added to the known kinds of an upstream. */
export interface KindAdditions {
  /** Tools that the client itself runs. */
  readonly tools: ReadonlySet<string>;
  /** Items of a conversation that are self-contained. */
  readonly items: ReadonlySet<string>;
  /** Parts of a message that are counted as text. */
  readonly content: ReadonlySet<string>;
  /** Names of betas, without their dates. */
  readonly betas: ReadonlySet<string>;
}

/** Headers for the upstream, and the names of headers that were left out. */
export interface PickedHeaders {
  readonly headers: Record<string, string>;
  readonly dropped: readonly string[];
}

/** The request for one page of a model list. */
export interface ModelPage {
  readonly query: ReadonlyMap<string, string>;
  /** The members that the vendor's own SDK needs besides those of the dialect. */
  readonly membersOf: (model: Model) => object;
}

/** An upstream's error as the client gets it, or the fact that the upstream refused the provider key. */
export type UpstreamError = {
  /** The vendor's error code, for the owner and the log: a plain word without names of the account. */
  readonly code: string | undefined;
} & ({ readonly kind: 'key_rejected' } | { readonly kind: 'passed_on'; readonly body: unknown });

/**
 * The rules and formats of one dialect. Its tables of operations, fields and metering are elsewhere, and so are the
 * formats of the proxy's own errors (`denials/sdk-forms.ts`).
 */
export interface UpstreamApi {
  /** Picks and checks the client's headers that the vendor understands and that cost nothing. */
  readonly pickClientHeaders: (headers: IncomingHttpHeaders, additions: KindAdditions) => PickedHeaders;
  /** The header in which the vendor accepts a client's own identifier of a request; undefined if there is none. */
  readonly requestIdHeader: string | undefined;
  /** Client headers that may occur only once, because they decide how the request is read. */
  readonly singularHeaders: readonly string[];
  /** The adjustments of requests, by operation. */
  readonly adjustments: Partial<RequestAdjustments<Dialect>>;
  /** Members that contain the client's own data. Members inside them are not checked. */
  readonly opaque: ReadonlySet<string>;
  readonly canonicalName: (name: string) => string;
  /** Checks one member of a body, at any depth. Throws Denied. */
  readonly visit: (member: Member, bodyFacts: BodyFacts) => void;
  readonly listModels: (models: readonly Model[], page: ModelPage) => unknown;
  readonly describeModel: (model: Model, page: ModelPage) => unknown;
  /** How the input of a request is counted. */
  readonly counting: InputCounting;
  /**
   * Whether the stream shows everything that a model generates. Thinking may be billed but not shown.
   * @param modelsWithoutThinking a pattern; undefined: any model of the upstream may think
   */
  readonly showsThinking: (modelId: string, modelsWithoutThinking: string | undefined) => boolean;
  /** The answer headers that the client gets only in this dialect, each with the form of its values. */
  readonly answerHeaders: Readonly<Record<string, RegExp>>;
  /**
   * Headers that name the owner's account. They are not passed on, and their values must not occur elsewhere in the
   * answer.
   */
  readonly accountHeaders: readonly string[];
  /** How requests and answers of the vendor name stored objects. undefined: nothing is stored for a grant. */
  readonly storedState: StoredState | undefined;
  /** @param body undefined when it is not a JSON object */
  readonly readError: (status: number, body: JsonObject | undefined) => UpstreamError;
  /** The texts and codes of errors that only the owner of the provider key can solve. */
  readonly accountProblems: AccountProblems;
  /** The bytes that are sent on a silent stream between two events. The vendor's SDKs ignore them. */
  readonly keepAlive: string;
  /** Formats an event that ends a stream with an error, as the vendor's own streams do. */
  readonly formatErrorEvent: (description: ErrorDescription, requestId: string) => string;
}

/**
 * The code of one dialect. `adjustments` has a row for each operation with a JSON body. `storedState` is present if the
 * dialect has operations on stored objects.
 */
export interface UpstreamApiOf<D extends Dialect> extends UpstreamApi {
  readonly adjustments: RequestAdjustments<D>;
  readonly storedState: D extends StatefulDialect ? StoredState : undefined;
}

/** The values in a request target besides its operation. */
export interface TargetParts {
  readonly pathModel: string | undefined;
  readonly pathIds: readonly string[];
  readonly query: ReadonlyMap<string, string>;
}

/**
 * Builds an operation's path at the upstream from the table. The only parts of it that come from the client are a
 * checked model, the checked names of stored objects and the listed query parameters.
 */
export function buildUpstreamPath(
  { upstreamPath }: Operation,
  { pathModel = '', pathIds, query }: TargetParts,
): string {
  const ids = [...pathIds];
  const path = upstreamPath.replace(/\{(model|id)\}/g, (_, name) =>
    name === 'model' ? pathModel : (ids.shift() ?? ''),
  );
  if (query.size === 0) return path;
  const pairs = [...query].flatMap(([name, value]) =>
    value.split(listSeparator).map((one): [string, string] => [name, one]),
  );
  return `${path}?${new URLSearchParams(pairs).toString()}`;
}

/** Separates the values of a parameter that occurs several times. No value contains this character. */
export const listSeparator = '\n';
