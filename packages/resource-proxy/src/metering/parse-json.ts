import { isJsonObject, type JsonObject } from '@aipassport/policy';

/** @returns undefined for what is no JSON object */
export function parseJsonObject(bytes: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const usageKey = Buffer.from('"usage":');

/**
 * Reads the `usage` that ends an object of which only the last bytes are at hand. It is found only where it is the
 * very last member, so that nothing deeper inside can be taken for it.
 */
export function parseTrailingUsage(tail: Buffer): JsonObject | undefined {
  const start = tail.lastIndexOf(usageKey);
  if (start === -1) return undefined;
  const text = tail.toString('utf8', start + usageKey.length).trimEnd();
  if (!text.endsWith('}')) return undefined;
  const usage = parseJsonObject(Buffer.from(text.slice(0, -1)));
  return usage && { usage };
}
