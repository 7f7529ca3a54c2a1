import { loadSpecification, readAiAccessSchema, type SpecificationName } from '@aipassport/contracts';
import { isJsonObject, type JsonObject } from '@aipassport/policy';
import { type Field, listReferences, nameOf, readShape, type Shape, textOf } from './reference-shapes.js';

/** One specification, as the API reference shows it. */
export interface Reference {
  readonly name: SpecificationName;
  readonly title: string;
  readonly description: string;
  readonly groups: readonly Group[];
  /** The named schemas to which the operations refer, sorted by name. */
  readonly schemas: readonly (readonly [name: string, shape: Shape])[];
}

interface Group {
  readonly name: string;
  readonly description: string;
  readonly operations: readonly Operation[];
}

export interface Operation {
  /** The identifier of the operation's element on the page: unique, and the fragment of links to the operation. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string | undefined;
  readonly parameters: readonly Field[];
  readonly body: readonly Content[];
  readonly answers: readonly Answer[];
}

interface Answer {
  readonly status: string;
  readonly description: string;
  readonly content: readonly Content[];
}

/** A body of one media type. */
interface Content {
  readonly mediaType: string;
  readonly shape: Shape;
}

/** Operations that the reference leaves out: the forms of the pages for owners, which no program calls. */
const leftOutTag = 'pages';
const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Reads a specification. It is read once, when the server starts. */
export function readReference(name: SpecificationName): Reference {
  const document: JsonObject = { ...loadSpecification(name).document };
  const info = member(document, 'info');
  const operations = listOperations(document).filter(({ tag }) => tag !== leftOutTag);
  const tags = Array.isArray(document['tags']) ? document['tags'].filter(isJsonObject) : [];
  const groups = tags.map((tag) => ({
    name: String(tag['name']),
    description: textOf(tag['description']) ?? '',
    operations: operations.filter((operation) => operation.tag === tag['name']).map(({ operation }) => operation),
  }));
  return {
    name,
    title: textOf(info['title']) ?? name,
    description: textOf(info['description']) ?? '',
    groups: groups.filter((group) => group.operations.length > 0),
    schemas: listSchemas(
      document,
      operations.map(({ operation }) => operation),
    ),
  };
}

function listOperations(document: JsonObject): readonly { readonly tag: string; readonly operation: Operation }[] {
  const { paths } = document;
  return Object.entries(isJsonObject(paths) ? paths : {}).flatMap(([path, written]) => {
    const item = resolve(document, written);
    return methods.flatMap((method) => {
      const operation = item[method];
      if (!isJsonObject(operation)) return [];
      const tag = Array.isArray(operation['tags']) ? String(operation['tags'][0]) : '';
      return [{ tag, operation: readOperation(document, { path, method, operation }) }];
    });
  });
}

function readOperation(
  document: JsonObject,
  { path, method, operation }: { readonly path: string; readonly method: string; readonly operation: JsonObject },
): Operation {
  const { parameters, requestBody, responses } = operation;
  return {
    id: `${method}${path.replaceAll(/[^\w]+/g, '-')}`,
    method: method.toUpperCase(),
    path,
    summary: textOf(operation['summary']) ?? '',
    description: textOf(operation['description']),
    parameters: (Array.isArray(parameters) ? parameters : []).map((one) => readParameter(resolve(document, one))),
    body: listContent(document, resolve(document, requestBody)),
    answers: Object.entries(isJsonObject(responses) ? responses : {}).map(([status, written]) => {
      const answer = resolve(document, written);
      return { status, description: textOf(answer['description']) ?? '', content: listContent(document, answer) };
    }),
  };
}

function readParameter(parameter: JsonObject): Field {
  const [content] = Object.values(member(parameter, 'content')).filter(isJsonObject);
  const shape = readShape(member(content ?? parameter, 'schema'));
  return {
    name: String(parameter['name']),
    place: textOf(parameter['in']),
    isRequired: parameter['required'] === true,
    shape: { ...shape, description: textOf(parameter['description']) ?? shape.description },
  };
}

function listContent(document: JsonObject, holder: JsonObject): readonly Content[] {
  return Object.entries(member(holder, 'content')).map(([mediaType, content]) => ({
    mediaType,
    shape: readShape(member(resolve(document, content), 'schema')),
  }));
}

/** The schemas to which the operations refer, directly or through other schemas. */
function listSchemas(document: JsonObject, operations: readonly Operation[]): Reference['schemas'] {
  const found = new Map<string, Shape>();
  const shapes = operations.flatMap(({ parameters, body, answers }) => [
    ...parameters.map(({ shape }) => shape),
    ...body.map(({ shape }) => shape),
    ...answers.flatMap(({ content }) => content.map(({ shape }) => shape)),
  ]);
  const missing = shapes.flatMap(listReferences);
  for (let name = missing.pop(); name !== undefined; name = missing.pop()) {
    if (found.has(name)) continue;
    const shape = readShape(findSchema(document, name));
    found.set(name, shape);
    missing.push(...listReferences(shape));
  }
  return [...found].toSorted(([one], [other]) => one.localeCompare(other));
}

/**
 * A schema of the specification, or of a file to which the specification refers: the specification of the authorization
 * server, or the JSON Schema of `ai_access`.
 */
function findSchema(document: JsonObject, name: string): JsonObject {
  const server: JsonObject = { ...loadSpecification('authorization-server').document };
  const holders = [schemasOf(document), schemasOf(server), readAiAccessSchema().$defs as JsonObject];
  // a schema that only refers to the one of the same name in another file is left out
  const found = holders.map((holder) => member(holder, name)).find((schema) => isWritten(schema, name));
  if (found === undefined) throw new Error(`the specification has no schema ${name}`);
  return found;
}

function schemasOf(document: JsonObject): JsonObject {
  return member(member(document, 'components'), 'schemas');
}

function isWritten(schema: JsonObject, name: string): boolean {
  const reference = textOf(schema['$ref']);
  return Object.keys(schema).length > 0 && (reference === undefined || nameOf(reference) !== name);
}

/** Follows a reference inside the document: `{ $ref: '#/components/responses/Page' }`. */
function resolve(document: JsonObject, value: unknown): JsonObject {
  if (!isJsonObject(value)) return {};
  const { $ref: reference } = value;
  if (typeof reference !== 'string') return value;
  const keys = reference.slice(2).split('/');
  const target = keys.reduce<unknown>(
    (holder, key) => (isJsonObject(holder) ? holder[unescapePointer(key)] : undefined),
    document,
  );
  if (!isJsonObject(target)) throw new Error(`the specification has no ${nameOf(reference)}`);
  return target;
}

/** Decodes one key of a JSON Pointer in a URI fragment (RFC 6901 section 6). */
function unescapePointer(key: string): string {
  return decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');
}

function member(holder: JsonObject, name: string): JsonObject {
  const value = holder[name];
  return isJsonObject(value) ? value : {};
}
