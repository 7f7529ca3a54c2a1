import { isJsonObject, type JsonObject, type JsonValue } from '../json/read-strict-json.js';

/**
 * Reads an upstream's error. An operation that streams a list wraps its error in a list too: see `streamsList`.
 * @returns undefined when it is not a JSON object
 */
export function readErrorBody(chunks: readonly Buffer[]): JsonObject | undefined {
  try {
    const value = JSON.parse(Buffer.concat(chunks).toString('utf8')) as JsonValue; // what JSON.parse returns
    const body = Array.isArray(value) ? value[0] : value;
    return isJsonObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
