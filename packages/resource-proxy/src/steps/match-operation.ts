import { type Operation, operations } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import { plainWord } from '../denials/plain-word.js';

/** An operation that was asked for, with what its target says. */
export interface OperationMatch {
  readonly operation: Operation;
  /** The model that the path names; undefined for operations that name it in their body. */
  readonly pathModel: string | undefined;
  /** The parameters that the operation takes. */
  readonly query: ReadonlyMap<string, string>;
  /** Names of other parameters, which are left out. */
  readonly droppedQuery: readonly string[];
}

interface Template {
  readonly prefix: string;
  readonly suffix: string;
  readonly operation: Operation;
}

const placeholder = '{model}';
const modelPattern = /^[A-Za-z0-9_.-]{1,128}$/;
const credentialParameters = new Set(['key', 'api_key', 'apikey', 'access_token', 'token']);

const exact = Map.groupBy(
  operations.filter(({ path }) => !path.includes(placeholder)),
  ({ path }) => path,
);
const templates: readonly Template[] = operations
  .filter(({ path }) => path.includes(placeholder))
  .map((operation) => {
    const [prefix = '', suffix = ''] = operation.path.split(placeholder);
    return { prefix, suffix, operation };
  });

/**
 * Finds the operation by the raw request target, byte for byte. Nothing is decoded, normalised or resolved: a target
 * with `%`, `//`, `\`, `..` or a host in it is simply not in the table.
 *
 * @throws Denied `path_unknown`, `method_not_allowed`, `query_not_allowed` or `credential_in_url`
 */
export function matchOperation(method: string, target: string): OperationMatch {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? noQuery : parseQuery(target.slice(mark + 1));
  const candidates = exact.get(path)?.map((operation) => ({ operation, pathModel: undefined })) ?? matchTemplates(path);
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
  return { ...match, ...sortQuery(match.operation, query) };
}

const noQuery: ReadonlyMap<string, string> = new Map();

function matchTemplates(path: string): { operation: Operation; pathModel: string }[] {
  const found = [];
  for (const { prefix, suffix, operation } of templates) {
    if (!path.startsWith(prefix) || !path.endsWith(suffix)) continue;
    const pathModel = path.slice(prefix.length, path.length - suffix.length);
    if (modelPattern.test(pathModel)) found.push({ operation, pathModel });
  }
  return found;
}

function parseQuery(text: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    // Said before anything else, and on any path: whoever sees this must take the token for leaked.
    if (credentialParameters.has(name.toLowerCase())) throw new Denied({ reason: 'credential_in_url' });
    if (query.has(name)) throw new Denied({ reason: 'query_not_allowed', field: plainWord(name) ?? '?' });
    query.set(name, equals === -1 ? '' : decode(pair.slice(equals + 1)));
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

function sortQuery(
  { query: known }: Operation,
  asked: ReadonlyMap<string, string>,
): Pick<OperationMatch, 'query' | 'droppedQuery'> {
  const query = new Map<string, string>();
  const droppedQuery: string[] = [];
  for (const [name, value] of asked) {
    if (!Object.hasOwn(known, name)) {
      droppedQuery.push(plainWord(name) ?? '?');
      continue;
    }
    if (known[name]?.includes(value) === false) throw new Denied({ reason: 'query_not_allowed', field: name });
    query.set(name, value);
  }
  return { query, droppedQuery };
}
