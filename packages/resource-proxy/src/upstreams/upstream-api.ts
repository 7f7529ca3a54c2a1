import type { IncomingHttpHeaders } from 'node:http';
import type { Capability, FieldedOperationId, Model, Operation } from '@aipassport/policy';
import type { ErrorDescription } from '../denials/error-description.js';
import type { Member } from '../json/inspect-body.js';
import type { JsonObject } from '../json/read-strict-json.js';
import type { StateFacts, StateTerms } from '../state/state-facts.js';

/** What is known of one request's wishes while its body is read. */
export interface Wishes {
  /** Capabilities that it needs beyond the operation's own. */
  readonly capabilities: Set<Capability>;
  /** What the operator knows to be harmless. */
  readonly additions: KindAdditions;
  /** Whether the vendor is to read something at an address. */
  readsAddresses?: boolean;
  /** What it wants of what the vendor stores. */
  readonly state: { readonly terms: StateTerms; facts: StateFacts };
}

/** Checks rules about more than one field of a request. It may add fields. Throws Denied. */
export type RequestAdjustment = (body: JsonObject, wishes: Wishes, modelId: string) => void;

/** Most operations have none. */
export type RequestAdjustments = Readonly<Partial<Record<FieldedOperationId, RequestAdjustment>>>;

/** Kinds that an operator added to what is known of an upstream. */
export interface KindAdditions {
  /** Run by the client itself. */
  readonly tools: ReadonlySet<string>;
  /** Items of a conversation that are complete in themselves. */
  readonly items: ReadonlySet<string>;
  /** Parts of a message that are counted as text. */
  readonly content: ReadonlySet<string>;
  /** Names of betas, without their dates. */
  readonly betas: ReadonlySet<string>;
}

export const noAdditions: KindAdditions = {
  tools: new Set(),
  items: new Set(),
  content: new Set(),
  betas: new Set(),
};

/** Headers for the upstream, and the names of what was left out of them. */
export interface PickedHeaders {
  readonly headers: Record<string, string>;
  readonly dropped: readonly string[];
}

/** A page of a model list was asked for. */
export interface ModelPage {
  readonly query: ReadonlyMap<string, string>;
}

/** What an upstream's error is answered with, or that it refused the owner's key. */
export type UpstreamError = {
  /** The vendor's word for what is wrong, for the owner and the log: a plain word without names of the account. */
  readonly code: string | undefined;
} & ({ readonly kind: 'key_rejected' } | { readonly kind: 'passed_on'; readonly body: unknown });

/** All that differs from dialect to dialect, but for the request tables. */
export interface UpstreamApi {
  /** The client's headers that mean something to the vendor and cost nothing, checked. */
  readonly pickClientHeaders: (headers: IncomingHttpHeaders, additions: KindAdditions) => PickedHeaders;
  /** What depends on several fields of a request. */
  readonly adjustments: RequestAdjustments;
  /** Members that hold the client's own data. */
  readonly opaque: ReadonlySet<string>;
  readonly canonicalName: (name: string) => string;
  /** Looks at one member of a body, wherever it stands. Throws Denied. */
  readonly visit: (member: Member, wishes: Wishes) => void;
  readonly listModels: (models: readonly Model[], page: ModelPage) => unknown;
  readonly describeModel: (model: Model) => unknown;
  /** @param body undefined when it was no JSON object */
  readonly readError: (status: number, body: JsonObject | undefined) => UpstreamError;
  /** What is sent on a silent stream between two events, and means nothing to the vendor's SDKs. */
  readonly keepAlive: string;
  /** An event that ends a stream with an error, as the vendor's own streams do. */
  readonly formatErrorEvent: (description: ErrorDescription, requestId: string) => string;
}

/** What a request target says besides its operation. */
export interface TargetParts {
  readonly pathModel: string | undefined;
  readonly pathIds: readonly string[];
  readonly query: ReadonlyMap<string, string>;
}

/**
 * Where an operation lies at the upstream: from the table, never from what the client sent but a checked model and the
 * checked names of what is stored.
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

/** Between the values of a parameter that occurs several times; no value has it. */
export const listSeparator = '\n';
