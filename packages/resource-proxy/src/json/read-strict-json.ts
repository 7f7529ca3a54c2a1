import { isUtf8 } from 'node:buffer';
import { type BodyProblem, Denied } from '../denials/denial.js';
import { scanJson } from './scan-json.js';

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [member: string]: JsonValue;
}

/** Deeper than any request that an SDK builds; parsers of other languages give up not far beyond. */
const maxDepth = 64;
const maxMembers = 100_000;

export interface StrictJson {
  readonly value: JsonObject;
  /** How many members the text names; `inspectBody` compares it with how many there are. */
  readonly members: number;
}

/**
 * Parses a body strictly: UTF-8 only, no byte order mark, one object, bounded depth and size. What is left to be
 * shown is that no member was named twice: `inspectBody`, which walks the value anyway, does it by counting.
 *
 * @throws Denied `body_malformed`
 */
export function readStrictJson(bytes: Buffer): StrictJson {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) refuse('byte_order_mark');
  if (!isUtf8(bytes)) refuse('not_utf8');
  const { members, depth } = scanJson(bytes, maxDepth);
  if (depth > maxDepth) refuse('too_deep');
  if (members > maxMembers) refuse('too_many_members');
  const value = parse(bytes.toString('utf8'));
  if (!isJsonObject(value)) refuse('not_an_object');
  return { value, members };
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue; // what JSON.parse returns
  } catch (error) {
    throw new Denied({ reason: 'body_malformed', problem: 'not_json' }, { cause: hideText(error) });
  }
}

/** V8 quotes the text in its message, and prompts are not logged. */
function hideText(error: unknown): Error {
  return new Error(error instanceof Error ? error.name : 'SyntaxError');
}

function refuse(problem: BodyProblem): never {
  throw new Denied({ reason: 'body_malformed', problem });
}
