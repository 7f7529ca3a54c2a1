import { isUtf8 } from 'node:buffer';
import { isJsonObject as isObject } from '@aipassport/policy';
import { type BodyProblem, Denied } from '../denials/denial.js';
import type { JsonObject, JsonValue } from './json-value.js';
import { parseNumbers } from './keep-numbers.js';
import { MediaStrings } from './media-strings.js';
import { type JsonBounds, type JsonShape, scanJson } from './scan-json.js';

export type { JsonObject, JsonValue } from './json-value.js';

/**
 * The limits of a body. They are far above the needs of honest requests, and a body within them is read in a fraction
 * of a second. 500 tools with their schemas have some 50,000 members. A request for embeddings may have 300,000 tokens,
 * sent as numbers. A prompt of a million tokens has 4 to 6 MB; in Chinese written as ASCII it has 9 MB and 1.5 million
 * escapes.
 */
export const jsonBounds: JsonBounds = {
  /** Deeper than any request that an SDK builds. The limits of parsers in other languages are not much higher. */
  depth: 64,
  members: 100_000,
  values: 400_000,
  escapes: 2_000_000,
  textBytes: 12 * 1024 * 1024,
};

export interface StrictJson {
  readonly value: JsonObject;
  /** The number of members in the text. `inspectBody` compares it with the number of members after parsing. */
  readonly members: number;
  readonly media: MediaStrings;
  /**
   * The numbers as the client wrote them, for `writeWithNumbers`; undefined when JavaScript would write all of them in
   * the same way.
   */
  readonly numbers: unknown;
}

/**
 * Measures a body before anything is built from it.
 * @throws Denied `body_malformed` for a body that exceeds a limit
 */
export function measureJson(bytes: Buffer): JsonShape {
  const scan = scanJson(bytes, jsonBounds);
  return scan.ok ? scan.shape : refuse(scan.problem);
}

/**
 * Parses a body strictly: UTF-8 only, no byte order mark, one object, all sizes bounded. It does not detect repeated
 * members: `inspectBody` does that by counting, because it visits every member anyway.
 *
 * @throws Denied `body_malformed`
 */
export function readStrictJson(bytes: Buffer, shape: JsonShape = measureJson(bytes)): StrictJson {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) refuse('byte_order_mark');
  if (!isUtf8(bytes)) refuse('not_utf8');
  const media = new MediaStrings(bytes, shape.media);
  const text = media.readText();
  const value = parse(text);
  if (!isJsonObject(value)) refuse('not_an_object');
  const numbers = shape.hasUnusualNumbers ? parseNumbers(text) : undefined;
  media.putIn(value);
  return { value, members: shape.members, media, numbers };
}

/**
 * The function `isJsonObject` of the policy package, with the type for parsed JSON: the members of a JSON object are
 * JSON values too.
 */
export const isJsonObject = isObject as (value: JsonValue | undefined) => value is JsonObject;

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue; // what JSON.parse returns
  } catch (error) {
    throw new Denied({ reason: 'body_malformed', problem: 'not_json' }, { cause: hideText(error) });
  }
}

/** V8 quotes the text in its message, and prompts must not be logged. */
function hideText(error: unknown): Error {
  return new Error(error instanceof Error ? error.name : 'SyntaxError');
}

function refuse(problem: BodyProblem): never {
  throw new Denied({ reason: 'body_malformed', problem });
}
