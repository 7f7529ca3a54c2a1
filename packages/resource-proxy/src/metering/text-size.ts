import { isJsonObject, type JsonObject } from '@aipassport/policy';

/**
 * Adds up the sizes of a list's objects. A value that is not a list, and an item that is not an object, have the size
 * 0.
 */
export function sumOf(list: unknown, size: (item: JsonObject) => number): number {
  if (!Array.isArray(list)) return 0;
  return list.reduce<number>((sum, item) => (isJsonObject(item) ? sum + size(item) : sum), 0);
}

/** The number of bytes of a text in UTF-8; 0 for a value that is not a text. */
export function sizeOf(text: unknown): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : 0;
}
