import type { Capability, Model, Operation } from '@aipassport/policy';
import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorDescription } from '../denials/describe-denial.js';
import type { JsonObject, JsonValue } from '../json/read-strict-json.js';

/** What is known of one request's wishes while its body is read. */
export interface Wishes {
  /** Capabilities that it needs beyond the operation's own. */
  readonly capabilities: Set<Capability>;
}

/** What a body of one operation may hold. A field that is not named here is refused: it may cost, store or fetch. */
export interface BodyRules {
  readonly fields: ReadonlySet<string>;
  /** Known fields that point at state kept by the vendor, with the values that point at nothing. */
  readonly stored?: Readonly<Record<string, readonly JsonValue[]>>;
  /** Whole numbers with their bounds; null counts as absent. */
  readonly integers?: Readonly<Record<string, readonly [min: number, max: number]>>;
  /** The only values of a field, where others would cost more or do something else. */
  readonly values?: Readonly<Record<string, readonly JsonValue[]>>;
  /** What else has to be looked at; may put fields in. Throws Denied. */
  readonly adjust?: (body: JsonObject, wishes: Wishes, modelId: string) => void;
}

/** A page of a model list was asked for. */
export interface ModelPage {
  readonly query: ReadonlyMap<string, string>;
}

/** What an upstream's error is answered with, or that it refused the owner's key. */
export type UpstreamError = { readonly kind: 'key_rejected' } | { readonly kind: 'passed_on'; readonly body: unknown };

/** All that differs from vendor to vendor. */
export interface UpstreamApi {
  /** SECRET in the answer: the header that carries the key. */
  readonly buildCredential: (key: string) => Record<string, string>;
  /** The client's headers that mean something to the vendor and cost nothing, checked. */
  readonly pickClientHeaders: (headers: IncomingHttpHeaders) => Record<string, string>;
  /** By operation id. */
  readonly rules: Readonly<Record<string, BodyRules>>;
  /** Members that hold the client's own data. */
  readonly opaque: ReadonlySet<string>;
  readonly canonicalName: (name: string) => string;
  /** Looks at one member of a body, wherever it stands. Throws Denied. */
  readonly visit: (name: string, value: JsonValue, holder: JsonObject, wishes: Wishes) => void;
  readonly listModels: (models: readonly Model[], page: ModelPage) => unknown;
  readonly describeModel: (model: Model) => unknown;
  /** @param body undefined when it was no JSON object */
  readonly readError: (status: number, body: JsonObject | undefined) => UpstreamError;
  /** An event that ends a stream with an error, as the vendor's own streams do. */
  readonly formatErrorEvent: (description: ErrorDescription, requestId: string) => string;
}

/** Where an operation lies at the upstream: from the table, never from what the client sent but a checked model. */
export function buildUpstreamPath(
  { upstreamPath }: Operation,
  pathModel: string | undefined,
  query: ReadonlyMap<string, string>,
): string {
  const path = pathModel === undefined ? upstreamPath : upstreamPath.replace('{model}', () => pathModel);
  return query.size === 0 ? path : `${path}?${new URLSearchParams([...query]).toString()}`;
}
