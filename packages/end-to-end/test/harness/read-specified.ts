import { loadSpecification, type SpecificationName } from '@aipassport/contracts';

interface ResponseObject {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, unknown>>;
}

/**
 * Reads a response and checks it against openapi/.
 *
 * @param operation method and path template, for instance `POST /openai/v1/chat/completions`
 * @throws if the specification does not allow this status, content type or body for the operation
 */
export async function readSpecified<T = Record<string, unknown>>(
  response: Response,
  name: SpecificationName,
  operation: string,
): Promise<T> {
  const text = await response.text();
  const [method = '', path = ''] = operation.split(' ');
  const { document, compile } = loadSpecification(name);
  const here = `${operation} ${response.status}`;
  const described = document.paths[path]?.[method.toLowerCase()] as
    | { readonly responses: Readonly<Record<string, ResponseObject>> }
    | undefined;
  const answer = described?.responses[String(response.status)];
  if (answer === undefined) throw new Error(`${here} is not in openapi/${name}.yaml: ${text}`);
  const pointer =
    answer.$ref?.slice(1) ?? `/paths/${escapePointer(path)}/${method.toLowerCase()}/responses/${response.status}`;
  const content = answer.content ?? (resolve(document, pointer) as ResponseObject).content;
  const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
  if (content?.[type] === undefined) throw new Error(`${here}: the content type "${type}" is not specified: ${text}`);
  const body: unknown = type.endsWith('json') ? JSON.parse(text) : text;
  const problems = compile(`${pointer}/content/${escapePointer(type)}/schema`)(body);
  if (problems !== undefined) throw new Error(`${here}: ${JSON.stringify(problems)}: ${text}`);
  return body as T;
}

function escapePointer(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}

function resolve(document: unknown, pointer: string): unknown {
  const segments = pointer.split('/').slice(1);
  return segments.reduce<unknown>((value, segment) => {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    return (value as Record<string, unknown> | undefined)?.[name];
  }, document);
}
