import { isJsonObject, type JsonObject, type JsonValue } from '../json/read-strict-json.js';

/** @returns undefined when an upstream's error is not a JSON object. Google wraps it in a list when it streams. */
export function readErrorBody(chunks: readonly Buffer[]): JsonObject | undefined {
  try {
    const value = JSON.parse(Buffer.concat(chunks).toString('utf8')) as JsonValue; // what JSON.parse returns
    const body = Array.isArray(value) ? value[0] : value;
    return isJsonObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
