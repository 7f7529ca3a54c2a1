import { skipSpace, skipString } from './skip-json.js';

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;

/**
 * Removes the first member with this name from a JSON object, in the bytes of its text. One comma next to the member is
 * removed too, and sometimes whitespace next to it. All other bytes stay as they are. Members of nested objects are not
 * touched.
 *
 * @param from the index of the object's opening brace, or of whitespace before it
 * @returns the remaining pieces; all bytes in one piece when the object has no such member
 */
export function cutMember(bytes: Buffer, from: number, name: string): readonly Buffer[] {
  const key = Buffer.from(JSON.stringify(name));
  let depth = 0;
  let lastComma = -1;
  for (let index = from; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === quote) {
      const end = skipString(bytes, index);
      const isKey = depth === 1 && bytes.subarray(index, end).equals(key) && bytes[skipSpace(bytes, end)] === colon;
      if (isKey) return cut(bytes, { lastComma, key: index, value: skipSpace(bytes, end) + 1 });
      index = end - 1;
    } else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    else if (byte === comma && depth === 1) lastComma = index;
  }
  return [bytes];
}

interface Place {
  /** The index of the comma before the member; -1 for the first member. */
  readonly lastComma: number;
  readonly key: number;
  readonly value: number;
}

function cut(bytes: Buffer, { lastComma, key, value }: Place): readonly Buffer[] {
  const end = skipValue(bytes, value);
  if (lastComma !== -1) return [bytes.subarray(0, lastComma), bytes.subarray(end)];
  const next = bytes[end] === comma ? skipSpace(bytes, end + 1) : end;
  return [bytes.subarray(0, key), bytes.subarray(next)];
}

/**
 * @returns the index of the comma or the brace that follows the value; the length of the bytes when there is neither
 */
function skipValue(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let index = from; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === quote) index = skipString(bytes, index) - 1;
    else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === comma && depth === 0) return index;
    else if (byte === 0x7d || byte === 0x5d) {
      if (depth === 0) return index;
      depth -= 1;
    }
  }
  return bytes.length;
}
