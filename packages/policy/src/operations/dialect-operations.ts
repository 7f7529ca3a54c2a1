import type { Capability } from '../catalogue/capabilities.js';
import type { Dialect } from './dialects.js';

/**
 * How a request is answered:
 * `json`: the proxy reads the JSON body, and forwards the request.
 * `form`: the proxy reads the whole form, and forwards the request.
 * `upload`: the proxy reads the form until the model is known, and forwards the request while it receives the file.
 * `models`: the proxy answers the request itself.
 * `state`: the proxy forwards the request without counting it, because the request only reads or changes what the
 * upstream stores for the grant. A request for the list of files is not forwarded: the proxy reads the upstream's list,
 * and answers with the grant's own files.
 */
export type OperationKind = 'json' | 'form' | 'upload' | 'models' | 'state';

/** One method and path template of a dialect, without the operations that it names. */
interface OperationFacts {
  readonly kind: OperationKind;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the root of the API. `{model}` stands for one model identifier, `{id}` for a stored object. */
  readonly path: string;
  /** Whether the model in the path may have colons and slashes, which SDKs may encode. */
  readonly modelHasSlashes?: true;
  /** The capability that the grant must have. Undefined: the operation only describes models that the grant allows. */
  readonly capability: Capability | undefined;
  /** The query parameters that may be given, each with its allowed values. Undefined: any value. */
  readonly query: Readonly<Record<string, readonly string[] | undefined>>;
  /** The model that the vendor uses when the request names none. Undefined: the request must name a model. */
  readonly defaultModel?: string;
  /** Whether its answers are always streams. The streams are JSON lists unless the request asks for events. */
  readonly streamsList?: true;
  /** Whether its requests may refer to objects that the vendor stores. */
  readonly refersToStored?: true;
  /** For a `state` operation: its action, and the kind of stored object. */
  readonly stored?: StoredObjectUse;
}

/** One method and path template of a dialect. */
export interface DialectOperation extends OperationFacts {
  /**
   * For a JSON operation: the operation with a form on the same path. The content type of a request selects one of the
   * two.
   */
  readonly variantOf?: OperationOfKind<'form'>;
  /** The operation that counts the input of this one, free of charge. Undefined: there is none. */
  readonly countedBy?: OperationOfKind<'json'>;
}

/**
 * What an operation does with an object that the vendor stores. The path names the object, unless the operation creates
 * an object or lists the grant's own files (`list_own`).
 */
export interface StoredObjectUse {
  readonly kind: 'response' | 'conversation' | 'file';
  readonly action:
    | 'create'
    | 'upload'
    | 'get'
    | 'content'
    | 'list'
    | 'list_own'
    | 'update'
    | 'delete'
    | 'cancel'
    | 'add_items'
    | 'get_item'
    | 'delete_item';
}

/** The names of other operations. `DialectOperation` says which operations they may be. */
type NamedOperations = Readonly<Partial<Record<'variantOf' | 'countedBy', string>>>;

const none = {};
const list = { limit: undefined, order: ['asc', 'desc'], after: undefined, before: undefined };
const include = { include: undefined, 'include[]': undefined };
const resume = { stream: ['true', 'false'], starting_after: undefined, include_obfuscation: ['true', 'false'] };
const page = { limit: undefined, after_id: undefined, before_id: undefined, pageSize: undefined, pageToken: undefined };
/** The beta helpers of Anthropic's SDK add `?beta=true`; it has no effect by itself. */
const beta = { beta: ['true'] };

function post<const K extends OperationKind>(
  kind: K,
  path: string,
  capability: Capability,
  query: OperationFacts['query'] = none,
) {
  return { kind, method: 'POST', path, capability, query } as const;
}

/** An operation that reads or changes stored objects. It costs nothing. */
function state<const M extends OperationFacts['method']>(
  method: M,
  path: string,
  stored: StoredObjectUse,
  query: OperationFacts['query'] = none,
) {
  const capability = stored.kind === 'file' ? 'files' : 'chat';
  return { kind: 'state', method, path, capability, query, stored } as const;
}

function response(action: StoredObjectUse['action']): StoredObjectUse {
  return { kind: 'response', action };
}

function conversation(action: StoredObjectUse['action']): StoredObjectUse {
  return { kind: 'conversation', action };
}

function file(action: StoredObjectUse['action']): StoredObjectUse {
  return { kind: 'file', action };
}

const models = { kind: 'models', method: 'GET', path: 'models', capability: undefined, query: page } as const;
const model = { kind: 'models', method: 'GET', path: 'models/{model}', capability: undefined, query: none } as const;

/**
 * Every operation that the proxy can serve. A table that is keyed by operations does not compile unless it has all of
 * them.
 */
export const dialectOperations = {
  'openai.chat/completions': {
    ...post('json', 'chat/completions', 'chat'),
    countedBy: 'openai.responses/input_tokens',
    refersToStored: true,
  },
  'openai.completions': post('json', 'completions', 'chat'),
  'openai.responses': {
    ...post('json', 'responses', 'chat'),
    countedBy: 'openai.responses/input_tokens',
    refersToStored: true,
  },
  'openai.responses/input_tokens': { ...post('json', 'responses/input_tokens', 'chat'), refersToStored: true },
  'openai.moderations': { ...post('json', 'moderations', 'chat'), defaultModel: 'omni-moderation-latest' },
  'openai.responses.get': state('GET', 'responses/{id}', response('get'), { ...include, ...resume }),
  'openai.responses.delete': state('DELETE', 'responses/{id}', response('delete')),
  'openai.responses.cancel': state('POST', 'responses/{id}/cancel', response('cancel')),
  'openai.responses.input_items': state('GET', 'responses/{id}/input_items', response('list'), { ...include, ...list }),
  'openai.conversations.create': state('POST', 'conversations', conversation('create')),
  'openai.conversations.get': state('GET', 'conversations/{id}', conversation('get')),
  'openai.conversations.update': state('POST', 'conversations/{id}', conversation('update')),
  'openai.conversations.delete': state('DELETE', 'conversations/{id}', conversation('delete')),
  'openai.conversations.items.list': state('GET', 'conversations/{id}/items', conversation('list'), {
    ...include,
    ...list,
  }),
  'openai.conversations.items.create': state('POST', 'conversations/{id}/items', conversation('add_items'), include),
  'openai.conversations.items.get': state('GET', 'conversations/{id}/items/{id}', conversation('get_item'), include),
  'openai.conversations.items.delete': state('DELETE', 'conversations/{id}/items/{id}', conversation('delete_item')),
  'openai.files.create': state('POST', 'files', file('upload')),
  'openai.files.list': state('GET', 'files', file('list_own'), {
    limit: undefined,
    order: ['asc', 'desc'],
    after: undefined,
    purpose: ['user_data', 'vision'],
  }),
  'openai.files.get': state('GET', 'files/{id}', file('get')),
  'openai.files.content': state('GET', 'files/{id}/content', file('content')),
  'openai.files.delete': state('DELETE', 'files/{id}', file('delete')),
  'openai.embeddings': post('json', 'embeddings', 'embeddings'),
  'openai.images/generations': post('json', 'images/generations', 'images'),
  'openai.images/edits': post('form', 'images/edits', 'images'),
  'openai.images/edits.json': { ...post('json', 'images/edits', 'images'), variantOf: 'openai.images/edits' },
  'openai.images/variations': { ...post('form', 'images/variations', 'images'), defaultModel: 'dall-e-2' },
  'openai.audio/speech': post('json', 'audio/speech', 'audio'),
  'openai.audio/transcriptions': post('upload', 'audio/transcriptions', 'audio'),
  'openai.audio/translations': post('upload', 'audio/translations', 'audio'),
  'openai.models.list': models,
  'openai.models.get': { ...model, modelHasSlashes: true },
  'anthropic.messages': { ...post('json', 'messages', 'chat', beta), countedBy: 'anthropic.messages/count_tokens' },
  'anthropic.messages/count_tokens': post('json', 'messages/count_tokens', 'chat', beta),
  'anthropic.models.list': models,
  'anthropic.models.get': model,
  'google.generateContent': {
    ...post('json', 'models/{model}:generateContent', 'chat'),
    countedBy: 'google.countTokens',
  },
  'google.streamGenerateContent': {
    ...post('json', 'models/{model}:streamGenerateContent', 'chat', { alt: ['sse', 'json'] }),
    countedBy: 'google.countTokens',
    streamsList: true,
  },
  'google.countTokens': post('json', 'models/{model}:countTokens', 'chat'),
  'google.embedContent': post('json', 'models/{model}:embedContent', 'embeddings'),
  'google.batchEmbedContents': post('json', 'models/{model}:batchEmbedContents', 'embeddings'),
  'google.models.list': models,
  'google.models.get': model,
} as const satisfies Readonly<Record<`${Dialect}.${string}`, OperationFacts & NamedOperations>>;

export type OperationId = keyof typeof dialectOperations;

/** The operations of some kinds. */
export type OperationOfKind<K extends OperationKind> = {
  [Id in OperationId]: (typeof dialectOperations)[Id]['kind'] extends K ? Id : never;
}[OperationId];

/** The operations of one dialect. */
export type OperationIn<D extends Dialect, Id extends OperationId = OperationId> = Extract<Id, `${D}.${string}`>;

/** The dialects of some operations. */
export type DialectOf<Id extends OperationId> = Id extends `${infer D extends Dialect}.${string}` ? D : never;

/** The operations whose requests are read whole, into one object. */
export type BodyOperationId = OperationOfKind<'json' | 'form'>;
/** The operations whose requests are forwarded while they arrive. */
export type UploadOperationId = OperationOfKind<'upload'>;
/** The operations that are counted and metered. */
export type CountedOperationId = BodyOperationId | UploadOperationId;

/** The operations whose requests have a field table. */
export type FieldedOperationId =
  | CountedOperationId
  | {
      [Id in OperationOfKind<'state'>]: (typeof dialectOperations)[Id]['method'] extends 'POST' ? Id : never;
    }[OperationOfKind<'state'>];

export function hasFields(id: OperationId): id is FieldedOperationId {
  const { kind, method } = dialectOperations[id];
  return isCountedOperation(id) || (kind === 'state' && method === 'POST');
}

export function isBodyOperation(id: OperationId): id is BodyOperationId {
  const { kind } = dialectOperations[id];
  return kind === 'json' || kind === 'form';
}

export function isCountedOperation(id: OperationId): id is CountedOperationId {
  return isBodyOperation(id) || dialectOperations[id].kind === 'upload';
}

/** Whether an operation's answers are always streams: see `DialectOperation`. */
export function streamsList(id: OperationId): boolean {
  const operation: DialectOperation = dialectOperations[id];
  return operation.streamsList === true;
}

/** All operations of a dialect. */
export function operationsOf<D extends Dialect>(dialect: D): readonly OperationIn<D>[] {
  const ids = Object.keys(dialectOperations) as OperationId[]; // the table has no other keys
  return ids.filter((id): id is OperationIn<D> => id.startsWith(`${dialect}.`));
}

/** @returns undefined for a text that is not an operation */
export function parseOperationId(text: string): OperationId | undefined {
  return Object.hasOwn(dialectOperations, text) ? (text as OperationId) : undefined; // a key of the table
}
