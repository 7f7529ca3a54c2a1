import type { Capability } from './catalogue/capabilities.js';
import type { Upstream } from './catalogue/upstreams.js';

/**
 * One method and path template of an upstream that the proxy serves. Anything that is not in this table is refused. No
 * URL is built from parts that a client sent.
 */
export interface Operation {
  /** Stable name, for logs. */
  readonly id: string;
  readonly upstream: Upstream;
  /** The vendor whose format its requests, answers and errors have. Google and Anthropic also offer OpenAI's format. */
  readonly dialect: Upstream;
  /** The id of the operation whose requests and answers it has; its own, unless it repeats one of another vendor. */
  readonly form: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As clients call it; `{model}` stands for one model identifier, `{id}` for something that the upstream stores. */
  readonly path: string;
  /** As the upstream calls it. */
  readonly upstreamPath: string;
  /**
   * How it is answered: forwarded with its JSON body read, forwarded with its form read whole, forwarded as a streamed
   * upload, by the proxy itself, or, for something that the upstream stores for the grant, forwarded without being
   * counted.
   */
  readonly kind: 'json' | 'form' | 'upload' | 'models' | 'state';
  /** For an operation with a form that takes JSON too: the id that stands for these requests in the tables. */
  readonly jsonForm?: string;
  /** What the grant must allow; undefined for what only describes the grant itself. */
  readonly capability: Capability | undefined;
  /** Query parameters that may be given, each with the values allowed; undefined: any. */
  readonly query: Readonly<Record<string, readonly string[] | undefined>>;
  /** The model that the vendor takes where the request names none; undefined: it must name one. */
  readonly defaultModel?: string;
}

const none = {};
const page = { limit: undefined, after_id: undefined, before_id: undefined, pageSize: undefined, pageToken: undefined };

function openai(id: string, capability: Capability, kind: Operation['kind'] = 'json'): Operation {
  const path = `/v1/${id}`;
  return {
    id: `openai.${id}`,
    upstream: 'openai',
    dialect: 'openai',
    form: `openai.${id}`,
    method: 'POST',
    path: `/openai${path}`,
    upstreamPath: path,
    kind,
    capability,
    query: none,
  };
}

const list = { limit: undefined, order: ['asc', 'desc'], after: undefined, before: undefined };
const include = { include: undefined, 'include[]': undefined };
const resume = { stream: ['true', 'false'], starting_after: undefined, include_obfuscation: ['true', 'false'] };

/** Reads or changes what is stored. It costs nothing. */
function openaiState(
  name: string,
  method: Operation['method'],
  path: string,
  query: Operation['query'] = none,
): Operation {
  const id = `openai.${name}`;
  return { ...openai(path, 'chat', 'state'), id, form: id, method, query };
}

const openaiStates: readonly Operation[] = [
  openaiState('responses.get', 'GET', 'responses/{id}', { ...include, ...resume }),
  openaiState('responses.delete', 'DELETE', 'responses/{id}'),
  openaiState('responses.cancel', 'POST', 'responses/{id}/cancel'),
  openaiState('responses.input_items', 'GET', 'responses/{id}/input_items', { ...include, ...list }),
  openaiState('conversations.create', 'POST', 'conversations'),
  openaiState('conversations.get', 'GET', 'conversations/{id}'),
  openaiState('conversations.update', 'POST', 'conversations/{id}'),
  openaiState('conversations.delete', 'DELETE', 'conversations/{id}'),
  openaiState('conversations.items.list', 'GET', 'conversations/{id}/items', { ...include, ...list }),
  openaiState('conversations.items.create', 'POST', 'conversations/{id}/items', include),
  openaiState('conversations.items.get', 'GET', 'conversations/{id}/items/{id}', include),
  openaiState('conversations.items.delete', 'DELETE', 'conversations/{id}/items/{id}'),
];

function anthropic(id: string): Operation {
  const path = `/v1/${id}`;
  // The SDK's beta helpers add `?beta=true`; it selects nothing by itself.
  return {
    id: `anthropic.${id}`,
    upstream: 'anthropic',
    dialect: 'anthropic',
    form: `anthropic.${id}`,
    method: 'POST',
    path: `/anthropic${path}`,
    upstreamPath: path,
    kind: 'json',
    capability: 'chat',
    query: { beta: ['true'] },
  };
}

function google(action: string, capability: Capability, query: Operation['query'] = none): Operation {
  const path = `/v1beta/models/{model}:${action}`;
  return {
    id: `google.${action}`,
    upstream: 'google',
    dialect: 'google',
    form: `google.${action}`,
    method: 'POST',
    path: `/google${path}`,
    upstreamPath: path,
    kind: 'json',
    capability,
    query,
  };
}

/**
 * Google's SDK asks for `v1` where its documentation has `v1beta`, which offers all that `v1` does: one operation
 * under two paths.
 */
function alsoUnderV1(operation: Operation): readonly Operation[] {
  return [operation, { ...operation, path: operation.path.replace('/v1beta/', '/v1/') }];
}

function models(upstream: Upstream, version: string, dialect: Upstream = upstream): readonly Operation[] {
  const path = `/${version}/models`;
  const like = dialect === upstream ? upstream : `${upstream}.${dialect}`;
  const common = { upstream, dialect, method: 'GET', kind: 'models', capability: undefined } as const;
  const list = { id: `${like}.models.list`, form: `${dialect}.models.list`, upstreamPath: path, query: page };
  const get = { id: `${like}.models.get`, form: `${dialect}.models.get`, upstreamPath: `${path}/{model}`, query: none };
  return [list, get].map((one) => ({ ...common, ...one, path: `/${upstream}${one.upstreamPath}` }));
}

/** An operation of OpenAI's that another vendor offers as well, for the sake of OpenAI's SDKs. */
function asOpenai(upstream: Upstream, version: string, operation: Operation): Operation {
  const path = operation.upstreamPath.replace('/v1/', `/${version}/`);
  return {
    ...operation,
    id: `${upstream}.${operation.id}`,
    upstream,
    path: `/${upstream}${path}`,
    upstreamPath: path,
  };
}

export const operations: readonly Operation[] = [
  openai('chat/completions', 'chat'),
  openai('completions', 'chat'),
  openai('responses', 'chat'),
  openai('responses/input_tokens', 'chat'),
  { ...openai('moderations', 'chat'), defaultModel: 'omni-moderation-latest' },
  ...openaiStates,
  openai('embeddings', 'embeddings'),
  openai('images/generations', 'images'),
  { ...openai('images/edits', 'images', 'form'), jsonForm: 'openai.images/edits.json' },
  { ...openai('images/variations', 'images', 'form'), defaultModel: 'dall-e-2' },
  openai('audio/speech', 'audio'),
  openai('audio/transcriptions', 'audio', 'upload'),
  openai('audio/translations', 'audio', 'upload'),
  ...models('openai', 'v1'),
  anthropic('messages'),
  anthropic('messages/count_tokens'),
  ...models('anthropic', 'v1'),
  asOpenai('anthropic', 'v1', openai('chat/completions', 'chat')),
  ...[
    google('generateContent', 'chat'),
    google('streamGenerateContent', 'chat', { alt: ['sse', 'json'] }),
    google('countTokens', 'chat'),
    google('embedContent', 'embeddings'),
    google('batchEmbedContents', 'embeddings'),
    ...models('google', 'v1beta'),
  ].flatMap(alsoUnderV1),
  asOpenai('google', 'v1beta/openai', openai('chat/completions', 'chat')),
  asOpenai('google', 'v1beta/openai', openai('embeddings', 'embeddings')),
  ...models('google', 'v1beta/openai', 'openai'),
];
