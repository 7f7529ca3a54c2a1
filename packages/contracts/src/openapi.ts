import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { CORE_SCHEMA, load } from 'js-yaml';

export type SpecificationName = 'admin' | 'authorization-server' | 'resource-proxy';

/** A document below `openapi/`: the source of types, of request validation and of response checks. */
export interface Specification {
  readonly document: OpenApiDocument;
  /**
   * A validator of one schema, which is compiled when the validator is first called.
   * @param pointer a JSON pointer into the document, for instance `/components/schemas/SignInForm`
   */
  readonly compile: (pointer: string) => Validator;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Readonly<Record<string, unknown>>;
}

/** @returns undefined for a valid value, otherwise what is wrong: field names and rules, never the value */
export type Validator = (value: unknown) => readonly Violation[] | undefined;

export interface Violation {
  /** Dotted path of the field; empty for the value itself. */
  readonly field: string;
  readonly message: string;
}

const addFormats = addFormatsModule.default ?? addFormatsModule;
const IDENTIFIER = 'https://specification.invalid/openapi';

const loaded = new Map<SpecificationName, Specification>();

/** Reads a specification from its file at the first call. Later calls return the same object. */
export function loadSpecification(name: SpecificationName): Specification {
  const specification = loaded.get(name) ?? readSpecification(name);
  loaded.set(name, specification);
  return specification;
}

function readSpecification(name: SpecificationName): Specification {
  const document = load(readOpenApiFile(`${name}.yaml`), { schema: CORE_SCHEMA }) as OpenApiDocument;
  // Our tests check that the schemas are valid. At the start of a server, this check would take longer than everything
  // else.
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    allowUnionTypes: true,
    discriminator: false,
    validateSchema: false,
  });
  addFormats(ajv);
  for (const keyword of ['components', 'paths', 'example']) ajv.addKeyword({ keyword });
  ajv.addSchema(readAiAccessSchema(), new URL(aiAccessSchemaFile, IDENTIFIER).href);
  ajv.addSchema({ $id: IDENTIFIER, components: document.components, paths: document.paths });
  if (name === 'admin') addReferred(ajv);
  return {
    document,
    compile: (pointer) => {
      const fragment = pointer.replaceAll('{', '%7B').replaceAll('}', '%7D');
      let validate: ValidateFunction | undefined;
      return (value) => {
        validate ??= ajv.compile({ $ref: `${IDENTIFIER}#${fragment}` });
        return validate(value) ? undefined : (validate.errors ?? []).map(describeError);
      };
    },
  };
}

/** The admin API has many schemas in common with the JSON API. Its document refers to them by the name of the file. */
function addReferred(ajv: Ajv2020): void {
  const { components } = loadSpecification('authorization-server').document;
  ajv.addSchema({ $id: new URL('authorization-server.yaml', IDENTIFIER).href, components });
}

/** The JSON Schema of the type `ai_access` (docs/ai-access.md). The OpenAPI documents refer to it by the file name. */
const aiAccessSchemaFile = 'ai-access.schema.json' as const;

export function readAiAccessSchema(): AiAccessSchema {
  return JSON.parse(readOpenApiFile(aiAccessSchemaFile)) as AiAccessSchema;
}

export interface AiAccessSchema {
  readonly $defs: Readonly<Record<'AiAccessRequest' | 'AiAccess' | 'GrantLimits' | 'ProposedUsd', object>>;
}

/** The files below `openapi/`, which the authorization server publishes. */
export const openApiFiles = [
  'authorization-server.yaml',
  'admin.yaml',
  'resource-proxy.yaml',
  aiAccessSchemaFile,
] as const;
export type OpenApiFile = (typeof openApiFiles)[number];

export function readOpenApiFile(name: OpenApiFile): string {
  return readFileSync(new URL(`../../../../openapi/${name}`, import.meta.url), 'utf8');
}

function describeError({ instancePath, keyword, message, params }: ErrorObject): Violation {
  const path = instancePath.slice(1).replaceAll('/', '.');
  const named: unknown =
    keyword === 'required'
      ? params.missingProperty
      : keyword === 'additionalProperties'
        ? params.additionalProperty
        : undefined;
  const field = typeof named === 'string' ? (path === '' ? named : `${path}.${named}`) : path;
  return { field, message: message ?? keyword };
}
