import { skipSpace, skipString } from './skip-json.js';

const quote = 0x22;
const colon = 0x3a;

/**
 * Counts the bytes of all strings in a JSON value, in their written form. A written string is at least as long as its
 * text in UTF-8. Member names do not count.
 *
 * @param from the index where the value begins, or of whitespace before it
 * @param framing the names, with their quotes, of members whose values the vendor sets and not the model; these values
 * do not count
 */
export function countStringBytes(json: Buffer, from: number, framing: readonly Buffer[]): number {
  let bytes = 0;
  let depth = 0;
  let isFraming = false;
  for (let index = from; index < json.length; index += 1) {
    const byte = json[index];
    if (byte === quote) {
      const end = skipString(json, index);
      if (json[skipSpace(json, end)] === colon) {
        isFraming = framing.some((key) => key.length === end - index && key.compare(json, index, end) === 0);
      } else {
        if (!isFraming) bytes += end - index - 2;
        isFraming = false;
      }
      if (depth === 0) return bytes;
      index = end - 1;
    } else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
      if (depth <= 0) return bytes;
    }
  }
  return bytes;
}
