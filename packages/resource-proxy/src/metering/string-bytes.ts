const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * Counts the bytes of all strings in a JSON value, as written, which is at least their size in UTF-8. Member names do
 * not count.
 *
 * @param from the index where the value begins, or of whitespace before it
 * @param framing names, in their quotes, of members whose values the vendor sets; these values do not count
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

/** @returns the index after the closing quote */
function skipString(json: Buffer, from: number): number {
  for (let index = from + 1; index < json.length; index += 1) {
    if (json[index] === backslash) index += 1;
    else if (json[index] === quote) return index + 1;
  }
  return json.length;
}

function skipSpace(json: Buffer, from: number): number {
  let index = from;
  while (json[index] === 0x20 || json[index] === 0x09) index += 1;
  return index;
}
