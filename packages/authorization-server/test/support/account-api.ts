import { loadSpecification, type Specification } from '@aipassport/contracts';
import { type Answer, header, send } from './http.js';
import type { Owner } from './owner.js';
import type { TestServer } from './start-server.js';

const tokensPath = '/account/tokens';
const specification = loadSpecification('authorization-server');
const adminSpecification = loadSpecification('admin');

export interface ApiOperation {
  readonly method: string;
  /** As in the specification: `/api/account/apps/{app_id}`. */
  readonly template: string;
  readonly scope: string;
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: object }>>;
  /** Compiles the schemas of the document that has the operation. */
  readonly compile: Specification['compile'];
}

interface SpecifiedOperation {
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly responses: ApiOperation['responses'];
}

/** Every operation of the JSON API of accounts: below `/api/account` and `/api/operator`. */
export const apiOperations = listOperations(specification);
/** Every operation of the admin API. */
export const adminOperations = listOperations(adminSpecification);

function listOperations({ document, compile }: Specification): readonly ApiOperation[] {
  return Object.entries(document.paths)
    .filter(([template]) => template.startsWith('/api/'))
    .flatMap(([template, operations]) =>
      Object.entries(operations as Readonly<Record<string, SpecifiedOperation>>).map(([method, operation]) => ({
        method: method.toUpperCase(),
        template,
        scope: Object.values(operation.security?.[0] ?? {})
          .flat()
          .join(' '),
        responses: operation.responses,
        compile,
      })),
    );
}

/** Makes a token on the page for tokens, as the owner does. @returns SECRET: the token */
export async function makeToken(
  { browser }: Pick<Owner, 'browser'>,
  permissions: readonly string[] = [],
  name = 'Dashboard',
): Promise<string> {
  const page = await browser.submit(await browser.open(tokensPath), tokensPath, {
    name,
    permissions,
    lifetime_days: '30',
  });
  const token = readNewToken(page.text);
  if (token === undefined) throw new Error(`no token was made: ${page.text}`);
  return token;
}

export function readNewToken(html: string): string | undefined {
  return /<textarea id="new-token"[^>]*>(aipat_[\w-]{43})<\/textarea>/.exec(html)?.[1];
}

export interface ApiRequest {
  /** The value of the path's variable segment. */
  readonly value?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The index of the replica. */
  readonly replica?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiAnswer<T> extends Answer {
  readonly body: T;
}

/**
 * Sends one request to one of the two JSON APIs.
 * @param operation method and path: `GET /api/account/apps/{app_id}`
 * @throws if the specification does not allow this status or this body
 */
export async function callApi<T = Record<string, unknown>>(
  server: TestServer,
  token: string,
  operation: string,
  request: ApiRequest = {},
): Promise<ApiAnswer<T>> {
  const [method = '', template = ''] = operation.split(' ');
  const { value = '', query = {}, body, replica = 0, headers = {} } = request;
  const path = template.replace(/\{\w+\}/, encodeURIComponent(value));
  const answer = await send(`${server.urls[replica]}${path}?${new URLSearchParams(query)}`, {
    method,
    headers: {
      host: new URL(server.issuer).host,
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const found = [...apiOperations, ...adminOperations].find(
    (one) => one.method === method && one.template === template,
  );
  if (found === undefined) throw new Error(`${operation} is not specified`);
  return { ...answer, body: readSpecified(found, answer) as T };
}

function readSpecified({ method, template, responses, compile }: ApiOperation, answer: Answer): unknown {
  const described = responses[answer.status];
  const here = `${method} ${template} ${answer.status}: ${answer.text}`;
  if (described === undefined) throw new Error(`not specified: ${here}`);
  if (answer.status === 204) return undefined;
  const escaped = template.replaceAll('/', '~1');
  const pointer = described.$ref?.slice(1) ?? `/paths/${escaped}/${method.toLowerCase()}/responses/${answer.status}`;
  if (header(answer, 'content-type') !== 'application/json; charset=utf-8') throw new Error(`not JSON: ${here}`);
  const body: unknown = JSON.parse(answer.text);
  const problems = compile(`${pointer}/content/application~1json/schema`)(body);
  if (problems !== undefined) throw new Error(`${here}: ${JSON.stringify(problems)}`);
  return body;
}
