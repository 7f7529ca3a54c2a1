/**
 * Bytes in which the JSON escapes `\u` and `\/`, and the percent escapes of URLs, are decoded. Each escape becomes one
 * byte. Other escapes stay as they are.
 */
export interface PlainView {
  readonly bytes: Buffer;
  /**
   * Returns the position in the original bytes where byte `index` of the view begins, and `end` for the index after the
   * last byte.
   */
  readonly startOf: (index: number) => number;
  /** The position of an incomplete escape, else the end of the original bytes. */
  readonly end: number;
}

const backslash = 0x5c;
const percent = 0x25;
const slash = 0x2f;
const letterU = 0x75;
/** JSON may be nested in strings of JSON. Each level doubles the backslashes. */
const maxBackslashes = 16;
const maxNestedPercents = 4;
const openEscape = new RegExp(
  `(\\\\{1,${maxBackslashes}}(u[0-9a-f]{0,3})?|%(25){0,${maxNestedPercents}}[0-9a-f]?)$`,
  'i',
);
const maxOpenEscape = maxBackslashes + 4;
const escapes = ['\\u', '\\/'].map((text) => Buffer.from(text));

/**
 * Decodes the escapes in the bytes. An incomplete escape at their end is left out of the view. Usually there is nothing
 * to decode: then the view shares its memory with the given bytes.
 */
export function viewPlain(bytes: Buffer): PlainView {
  const hasBackslash = bytes.includes(backslash);
  const hasPercent = bytes.includes(percent);
  const end = hasBackslash || hasPercent ? findOpenEscape(bytes) : bytes.length;
  if (!hasPercent && !(hasBackslash && escapes.some((escape) => bytes.includes(escape))))
    return { bytes: bytes.subarray(0, end), startOf: (index) => index, end };
  return undoEscapes(bytes, end);
}

function findOpenEscape(bytes: Buffer): number {
  const from = Math.max(0, bytes.length - maxOpenEscape);
  const hasSign = bytes.indexOf(backslash, from) !== -1 || bytes.indexOf(percent, from) !== -1;
  if (!hasSign) return bytes.length;
  const open = openEscape.exec(bytes.toString('latin1', from));
  return open === null ? bytes.length : from + open.index;
}

function undoEscapes(bytes: Buffer, end: number): PlainView {
  const plain = Buffer.alloc(end);
  const starts = new Uint32Array(end + 1);
  let length = 0;
  for (let index = 0; index < end; length += 1) {
    const byte = bytes[index] ?? 0;
    const escape = byte === backslash || byte === percent ? readEscape(bytes, index) : none;
    starts[length] = index;
    plain[length] = escape === none ? byte : escape & 0xff;
    index = escape === none ? index + 1 : index + (escape >> 8);
  }
  starts[length] = end;
  return { bytes: plain.subarray(0, length), startOf: (index) => starts[index] ?? end, end };
}

/** An escape as one number, for speed: its length times 256, plus its decoded byte. */
type Escape = number;
const none: Escape = -1;

function readEscape(bytes: Buffer, start: number): Escape {
  if (bytes[start] === percent) return readPercent(bytes, start, maxNestedPercents);
  let index = start;
  while (bytes[index] === backslash && index - start < maxBackslashes) index += 1;
  if (bytes[index] === slash) return ((index + 1 - start) << 8) | slash;
  if (bytes[index] !== letterU) return none;
  const value = (readByte(bytes, index + 1) << 8) | readByte(bytes, index + 3);
  if (value < 0) return none;
  // The view serves to find provider keys, which contain only single-byte characters. So any other character becomes 0.
  return ((index + 5 - start) << 8) | (value > 0xff ? 0 : value);
}

/** Decodes `%2D`, and `%252D`, which is `%2D` in a URL that is nested in another URL. */
function readPercent(bytes: Buffer, start: number, nested: number): Escape {
  const value = readByte(bytes, start + 1);
  if (value < 0) return none;
  const inner = value === percent && nested > 0 ? readPercent(bytes, start + 2, nested - 1) : none;
  return inner === none ? (3 << 8) | value : inner + (2 << 8);
}

/** Decodes two hexadecimal digits. @returns a negative number when they are not hexadecimal */
function readByte(bytes: Buffer, index: number): number {
  return ((digits[bytes[index] ?? 0] ?? -1) << 4) | (digits[bytes[index + 1] ?? 0] ?? -1);
}

const digits = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value += 1)
  for (const digit of [value.toString(16), value.toString(16).toUpperCase()]) digits[digit.charCodeAt(0)] = value;
