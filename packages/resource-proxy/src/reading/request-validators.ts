import type { Specification, Violation } from '@aipassport/contracts';
import { type Operation, operations } from '@aipassport/policy';
import { type Denial, Denied } from '../denials/denial.js';
import { describeValue } from '../denials/describe-value.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/read-strict-json.js';

/** Checks a body against the request schema of its operation. Throws Denied. */
export type RequestValidators = ReadonlyMap<Operation['id'], (body: JsonObject) => void>;

/** Compiles the request schemas of `openapi/resource-proxy.yaml`, once. */
export function compileRequestValidators(specification: Specification): RequestValidators {
  const validators = new Map<string, (body: JsonObject) => void>();
  for (const { id, kind, jsonForm, upstream, upstreamPath } of operations) {
    if ((kind !== 'json' && jsonForm === undefined) || validators.has(id)) continue;
    const pointer = `/paths/${`/${upstream}${upstreamPath}`.replaceAll('/', '~1')}/post/requestBody/content/application~1json/schema`;
    const validate = specification.compile(pointer);
    validators.set(id, (body) => {
      const [violation] = validate(body) ?? [];
      if (violation === undefined) return;
      if (violation.field === 'model' && body.model === undefined) throw new Denied({ reason: 'model_missing' });
      throw new Denied(describeViolation(violation, body));
    });
  }
  return validators;
}

const rulePattern = /^must be (\w.*)$/;

function describeViolation({ field, message }: Violation, body: JsonObject): Denial {
  const expected = rulePattern.exec(message)?.[1];
  if (expected === undefined) return { reason: 'field_invalid', field };
  return { reason: 'field_invalid', field, found: describeValue(readPath(body, field)), expected: inWords(expected) };
}

/** JSON Schema's names of types, as a sentence has them; what is in words already stays. */
const typeWords: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'an object',
  string: 'a text',
};

function inWords(expected: string): string {
  const words = expected.split(',');
  return words.every((word) => word === 'null' || Object.hasOwn(typeWords, word))
    ? words.map((word) => typeWords[word] ?? word).join(' or ')
    : expected;
}

function readPath(body: JsonObject, path: string): JsonValue | undefined {
  return path.split('.').reduce<JsonValue | undefined>((value, name) => {
    return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }, body);
}
