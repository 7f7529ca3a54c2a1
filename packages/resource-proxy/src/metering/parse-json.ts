import { isJsonObject, type JsonObject } from '@aipassport/policy';
import { type JsonBounds, scanJson } from '../json/scan-json.js';
import { JsonSkeleton } from './json-skeleton.js';

/** Any text of at most this size is parsed within a few milliseconds. */
const alwaysParsedBytes = 65_536;
/** Real answers have far fewer values than this. Parsing more values would block the event loop. */
const bounds: JsonBounds = {
  depth: 256,
  members: 20_000,
  values: 20_000,
  escapes: 1_000_000,
  textBytes: Number.POSITIVE_INFINITY,
};

/**
 * @returns undefined for text that is not a JSON object, and for a text above `alwaysParsedBytes` that exceeds `bounds`
 */
export function parseJsonObject(bytes: Buffer): JsonObject | undefined {
  if (bytes.length > alwaysParsedBytes && !scanJson(bytes, bounds).ok) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Parses an answer. If it has too many values to be parsed quickly, only its skeleton is parsed. */
export function parseAnswer(bytes: Buffer): JsonObject | undefined {
  const whole = parseJsonObject(bytes);
  if (whole !== undefined || bytes.length <= alwaysParsedBytes) return whole;
  const skeleton = new JsonSkeleton();
  skeleton.write(bytes);
  const json = skeleton.take();
  return json && parseJsonObject(json);
}
