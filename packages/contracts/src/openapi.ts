import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { parse } from 'yaml';

export type SpecificationName = 'authorization-server' | 'resource-proxy';

/** A document below `openapi/`: the source of types, of request validation and of response checks. */
export interface Specification {
  readonly document: OpenApiDocument;
  /**
   * A validator of one schema.
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

/** Loads a specification. It only reads two files; each call of `compile` compiles one schema. */
export function loadSpecification(name: SpecificationName): Specification {
  const document = parse(readOpenApiFile(`${name}.yaml`)) as OpenApiDocument;
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true, discriminator: false });
  addFormats(ajv);
  for (const keyword of ['components', 'paths', 'example']) ajv.addKeyword({ keyword });
  ajv.addSchema(readAiAccessSchema(), new URL(aiAccessSchemaFile, IDENTIFIER).href);
  ajv.addSchema({ $id: IDENTIFIER, components: document.components, paths: document.paths });
  return {
    document,
    compile: (pointer) => {
      const fragment = pointer.replaceAll('{', '%7B').replaceAll('}', '%7D');
      const validate = ajv.compile({ $ref: `${IDENTIFIER}#${fragment}` });
      return (value) => runValidator(validate, value);
    },
  };
}

/** The JSON Schema of the type `ai_access` (docs/ai-access.md). The OpenAPI documents refer to it by the file name. */
const aiAccessSchemaFile = 'ai-access.schema.json' as const;

export function readAiAccessSchema(): AiAccessSchema {
  return JSON.parse(readOpenApiFile(aiAccessSchemaFile)) as AiAccessSchema;
}

export interface AiAccessSchema {
  readonly $defs: Readonly<Record<'AiAccessRequest' | 'AiAccess' | 'ProposedUsd', object>>;
}

/** The files below `openapi/`, which the authorization server publishes. */
export const openApiFiles = ['authorization-server.yaml', 'resource-proxy.yaml', aiAccessSchemaFile] as const;
export type OpenApiFile = (typeof openApiFiles)[number];

export function readOpenApiFile(name: OpenApiFile): string {
  return readFileSync(new URL(`../../../../openapi/${name}`, import.meta.url), 'utf8');
}

function runValidator(validate: ValidateFunction, value: unknown): readonly Violation[] | undefined {
  return validate(value) ? undefined : (validate.errors ?? []).map(describeError);
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
