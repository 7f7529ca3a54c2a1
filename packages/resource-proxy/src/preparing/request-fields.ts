import { type Dialect, dialects } from '@aipassport/policy';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/read-strict-json.js';

const kindSections = ['tools', 'items', 'content', 'betas'] as const;
type KindSection = (typeof kindSections)[number];

/**
 * The operator's list of harmless fields, in the form of the operator's file. It is plain data, because it is passed to
 * threads.
 */
export interface RequestFields
  extends Readonly<Record<KindSection, Readonly<Partial<Record<Dialect, readonly string[]>>>>> {
  /** Members by operation. `stream_options.new_option` is the member `new_option` of the member `stream_options`. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** The values that are accepted in addition, by operation and member. */
  readonly values: Readonly<Record<string, Readonly<Record<string, readonly JsonValue[]>>>>;
}

export const noRequestFields: RequestFields = { fields: {}, values: {}, tools: {}, items: {}, content: {}, betas: {} };

/** The message says which place in the operator's file is wrong, and the rule for this place. */
export class MalformedFields extends Error {}

/**
 * Reads the operator's file. `createRequestRules` checks whether its names fit the tables.
 * @throws MalformedFields
 */
export function parseRequestFields(json: string): RequestFields {
  const document = requireObject(readJson(json), 'the document');
  const known = ['fields', 'values', ...kindSections];
  const unknown = Object.keys(document).find((name) => !known.includes(name));
  if (unknown !== undefined) refuse('the document', `has a member that is not known; it may have ${known.join(', ')}`);
  const read = (name: string) => requireObject(document[name] ?? {}, name);
  const kinds = kindSections.map((name) => [name, mapMembers(read(name), name, requireWords, requireDialect)] as const);
  return {
    fields: mapMembers(read('fields'), 'fields', requireWords),
    values: mapMembers(read('values'), 'values', (value, where) =>
      mapMembers(requireObject(value, where), where, requireList),
    ),
    ...(Object.fromEntries(kinds) as Pick<RequestFields, KindSection>), // one entry for each section
  };
}

function readJson(json: string): JsonValue {
  try {
    return JSON.parse(json) as JsonValue; // what JSON.parse returns
  } catch {
    return refuse('the document', 'is not JSON');
  }
}

function mapMembers<T>(
  object: JsonObject,
  where: string,
  read: (value: JsonValue, where: string) => T,
  requireName?: (name: string, where: string) => void,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      requireName?.(name, where);
      return [name, read(value, `${where}["${name}"]`)];
    }),
  );
}

function requireObject(value: JsonValue, where: string): JsonObject {
  return isJsonObject(value) ? value : refuse(where, 'must be an object');
}

function requireList(value: JsonValue, where: string): readonly JsonValue[] {
  return Array.isArray(value) ? value : refuse(where, 'must be a list');
}

const wordPattern = /^[A-Za-z0-9_.=-]{1,64}$/;

function requireWords(value: JsonValue, where: string): readonly string[] {
  return requireList(value, where).map((word) =>
    typeof word === 'string' && wordPattern.test(word) ? word : refuse(where, 'must be a list of plain names'),
  );
}

function requireDialect(name: string, where: string): void {
  if (!dialects.some((dialect) => dialect === name))
    refuse(`${where}["${name}"]`, `is not a dialect; the dialects are ${dialects.join(', ')}`);
}

function refuse(where: string, rule: string): never {
  throw new MalformedFields(`${where} ${rule}`);
}
