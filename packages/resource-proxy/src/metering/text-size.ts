import { isJsonObject, type JsonObject } from '@aipassport/policy';

/** Adds up the sizes of a list's objects. Anything that is no list of objects has no size. */
export function sumOf(list: unknown, size: (item: JsonObject) => number): number {
  if (!Array.isArray(list)) return 0;
  return list.reduce<number>((sum, item) => (isJsonObject(item) ? sum + size(item) : sum), 0);
}

/** The bytes of a text. */
export function sizeOf(text: unknown): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : 0;
}
