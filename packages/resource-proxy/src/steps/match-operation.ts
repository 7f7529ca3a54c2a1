import { isModelId, type Operation, type OperationKind, type OperationOf } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import { plainWord } from '../denials/plain-word.js';
import { listSeparator, type TargetParts } from '../upstreams/upstream-api.js';

/** A requested operation whose kind is one of `K`, with the values in the request target. */
export type OperationMatch<K extends OperationKind = OperationKind> = { readonly [Kind in K]: MatchOfKind<Kind> }[K];

/** The kinds of the operations that are counted and metered. */
export type CountedKind = Exclude<OperationKind, 'models' | 'state'>;

interface MatchOfKind<K extends OperationKind> extends TargetParts {
  readonly kind: K;
  readonly operation: OperationOf<K>;
  /** Names of unknown parameters, which are left out. */
  readonly droppedQuery: readonly string[];
}

interface Template {
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly operation: Operation;
}

const placeholders = /\{(model|id)\}/;
const patterns: Readonly<Record<string, string>> = { model: '([A-Za-z0-9_.-]{1,128})', id: '([A-Za-z0-9_-]{1,128})' };
/**
 * The model in a request for its description, if the names of models have colons and slashes (`meta-llama/llama-4`).
 * SDKs may encode these two. The name is only looked up in the catalogue: it is in no path that the proxy calls.
 */
const describedModel = '([A-Za-z0-9_.:/%-]{1,200})';
const credentialParameters = new Set(['key', 'api_key', 'apikey', 'access_token', 'token']);

/** The operations of this instance, indexed by their paths. */
export interface OperationTable {
  readonly exact: ReadonlyMap<string, readonly Operation[]>;
  readonly templates: readonly Template[];
}

export function createOperationTable(operations: readonly Operation[]): OperationTable {
  return {
    exact: Map.groupBy(
      operations.filter(({ path }) => !placeholders.test(path)),
      ({ path }) => path,
    ),
    templates: operations.filter(({ path }) => placeholders.test(path)).map(compileTemplate),
  };
}

function compileTemplate(operation: Operation): Template {
  // Every second part is the name of a placeholder.
  const parts = operation.path.split(placeholders);
  const allowed = operation.modelHasSlashes ? { model: describedModel } : patterns;
  const source = parts.map((part, index) => (index % 2 === 0 ? part.replaceAll('.', '\\.') : allowed[part])).join('');
  return { pattern: new RegExp(`^${source}$`), names: parts.filter((_, index) => index % 2 === 1), operation };
}

/**
 * Finds the operation by the raw path of the request target, byte for byte. The path is not decoded, normalised or
 * resolved: a path with `%`, `//`, `\`, `..` or a host is not in the table, except for `%2F` and `%3A` in the name of a
 * model that is described. The parameters of the query are decoded.
 *
 * @throws Denied `path_unknown`, `method_not_allowed`, `query_not_allowed` or `credential_in_url`
 */
export function matchOperation({ exact, templates }: OperationTable, method: string, target: string): OperationMatch {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? noQuery : parseQuery(target.slice(mark + 1));
  const candidates =
    exact.get(path)?.map((operation) => ({ operation, pathModel: undefined, pathIds: [] })) ??
    matchTemplates(templates, path);
  if (candidates.length === 0) throw new Denied({ reason: 'path_unknown' });
  // `HEAD` is `GET` without the body (RFC 9110 section 9.3.2), which Node.js leaves out.
  const match = candidates.find(
    ({ operation }) => operation.method === method || (method === 'HEAD' && operation.kind === 'models'),
  );
  if (match === undefined) {
    throw new Denied({
      reason: 'method_not_allowed',
      allow: candidates.map(({ operation }) => operation.method).join(', '),
    });
  }
  const { kind } = match.operation;
  return { ...match, kind, ...sortQuery(match.operation, query) } as OperationMatch; // the operation has this kind
}

const noQuery: ReadonlyMap<string, string> = new Map();

interface PathMatch extends Omit<TargetParts, 'query'> {
  readonly operation: Operation;
}

function matchTemplates(templates: readonly Template[], path: string): readonly PathMatch[] {
  const found = [];
  for (const { pattern, names, operation } of templates) {
    const values = pattern.exec(path)?.slice(1);
    if (values === undefined) continue;
    const pathIds = values.filter((_, index) => names[index] === 'id');
    const pathModel = values[names.indexOf('model')];
    if (!operation.modelHasSlashes) found.push({ operation, pathModel, pathIds });
    else if (isPlainName(decodeName(pathModel))) found.push({ operation, pathModel: decodeName(pathModel), pathIds });
  }
  return found;
}

function decodeName(name = ''): string {
  return name.replaceAll(/%2f/gi, '/').replaceAll(/%3a/gi, ':');
}

/** Whether a name can be that of a model, and has no segment such as `..`, which other software could resolve. */
function isPlainName(name: string): boolean {
  return isModelId(name) && !name.split('/').some((segment) => /^\.+$/.test(segment));
}

function parseQuery(text: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    // Credentials are refused before the path is looked up. So a client whose path is unknown also learns that its URL
    // contains a credential, which may have leaked.
    if (credentialParameters.has(name.toLowerCase())) throw new Denied({ reason: 'credential_in_url' });
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1));
    const others = query.get(name);
    if (value.includes(listSeparator) || (others !== undefined && !name.endsWith('[]')))
      throw new Denied({ reason: 'query_not_allowed', field: plainWord(name) ?? '?' });
    query.set(name, others === undefined ? value : `${others}${listSeparator}${value}`);
  }
  return query;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Denied({ reason: 'query_not_allowed' });
  }
}

/**
 * The allowed form of a query value in operations on stored objects (kind `state`): identifiers, names of fields, and
 * numbers. `\n` is `listSeparator`, which separates the values of a repeated parameter.
 */
const plainValues = /^[\w.\n-]{0,1000}$/;

function sortQuery(
  { query: known, kind }: Operation,
  asked: ReadonlyMap<string, string>,
): Pick<OperationMatch, 'query' | 'droppedQuery'> {
  const query = new Map<string, string>();
  const droppedQuery: string[] = [];
  for (const [name, value] of asked) {
    if (!Object.hasOwn(known, name)) {
      droppedQuery.push(plainWord(name) ?? '?');
      continue;
    }
    const isPlain = kind !== 'state' || plainValues.test(value);
    if (!isPlain || known[name]?.includes(value) === false)
      throw new Denied({ reason: 'query_not_allowed', field: name });
    query.set(name, value);
  }
  return { query, droppedQuery };
}
