import type { Capability } from '../catalogue/capabilities.js';
import type { ChatRules, Upstream, UpstreamEntry, UpstreamInterface } from '../catalogue/upstream-entry.js';
import type { FieldTable } from '../fields/field.js';
import {
  type DialectOf,
  type DialectOperation,
  dialectOperations,
  type OperationId,
  type OperationKind,
  type OperationOfKind,
  parseOperationId,
} from './dialect-operations.js';

/**
 * One operation of an upstream, as the proxy serves it. Operations that are not listed are not served. The proxy never
 * makes a URL by resolving a path that a client sent.
 */
export interface OperationOf<K extends OperationKind> extends DialectOperation {
  readonly kind: K;
  /**
   * A stable name for logs and the ledger. It is the same as `form` if the upstream has the name of its dialect.
   * Otherwise it is the upstream's name, a dot and `form`.
   */
  readonly id: string;
  readonly upstream: Upstream;
  /** The dialect of its requests, answers and errors. */
  readonly dialect: DialectOf<OperationOfKind<K>>;
  /** Which of the dialect's operations this is. */
  readonly form: OperationOfKind<K>;
  /** For an operation that takes a multipart form or JSON: the dialect's operation for its JSON requests. */
  readonly jsonForm: OperationOfKind<'json'> | undefined;
  /** The path that clients call, below the proxy's URL. */
  readonly path: string;
  /** The path of this operation at the upstream, below the upstream's base URL. */
  readonly upstreamPath: string;
  /** The header that carries the provider key. */
  readonly keyHeader: string;
  /** A pattern of the models that do not think before they answer. Undefined: any model may think. */
  readonly modelsWithoutThinking: string | undefined;
  /** For chat completions: how this operation differs from that of the dialect's own vendor. */
  readonly chat: ChatRules;
  /** Members of its requests that the dialect does not have, or that have another rule at this upstream. */
  readonly ownFields: FieldTable;
  /** Members that a description of a model has besides those of the dialect, by a capability of the model. */
  readonly modelMembers: Readonly<Partial<Record<Capability, object>>>;
  /** The path at which clients find the list of this upstream's models. */
  readonly modelsPath: string;
}

export type Operation = { readonly [K in OperationKind]: OperationOf<K> }[OperationKind];

/**
 * Lists the operations of an upstream, by its entry. An operation is listed once for each root. A root is a path below
 * which clients may call the operation.
 */
export function listOperations(entry: UpstreamEntry): readonly Operation[] {
  return entry.interfaces.flatMap((spoken) =>
    spoken.operations
      .filter((form) => variantOf(form) === undefined)
      .flatMap((form) => spoken.roots.map((root) => describe(entry, spoken, form, root))),
  );
}

function describe(entry: UpstreamEntry, spoken: UpstreamInterface, form: OperationId, root: string): Operation {
  const { name } = entry;
  const {
    dialect,
    roots,
    upstreamRoot = roots[0],
    keyHeader,
    modelsWithoutThinking,
    chat = {},
    embeddingsFields,
  } = spoken;
  const { refersToStored, ...operation }: DialectOperation = dialectOperations[form];
  // Chats can refer only to stored files.
  const mayRefer = operation.path !== 'chat/completions' || spoken.operations.some(storesFiles);
  return {
    ...operation,
    ...(refersToStored === true && mayRefer && { refersToStored }),
    id: dialect === name ? form : `${name}.${form}`,
    upstream: name,
    dialect,
    form,
    jsonForm: spoken.operations.find((other) => variantOf(other) === form),
    path: `/${name}${root}/${operation.path}`,
    upstreamPath: `${upstreamRoot}/${operation.path}`,
    keyHeader,
    modelsWithoutThinking,
    chat: operation.path === 'chat/completions' ? chat : {},
    ownFields: { 'chat/completions': chat.fields, embeddings: embeddingsFields }[operation.path] ?? {},
    modelMembers: spoken.modelMembers ?? {},
    modelsPath: `/${name}${entry.interfaces[0].roots[0]}/models`,
  } as Operation; // `form` determines the kind
}

function storesFiles(form: OperationId): boolean {
  const operation: DialectOperation = dialectOperations[form];
  return operation.stored?.kind === 'file';
}

function variantOf(form: OperationId): DialectOperation['variantOf'] {
  const operation: DialectOperation = dialectOperations[form];
  return operation.variantOf;
}

/**
 * The capability that an operation requires, by its `id`.
 * @returns undefined for an operation that this release does not know, and for one that only describes models
 */
export function findCapability(id: string): Capability | undefined {
  const form = parseOperationId(id) ?? parseOperationId(id.slice(id.indexOf('.') + 1));
  return form && dialectOperations[form].capability;
}
