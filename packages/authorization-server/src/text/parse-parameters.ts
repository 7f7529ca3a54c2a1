import { isText } from './is-text.js';
import { malformedText } from './malformed-text.js';

/** One `name=value` pair of a query or a form. */
export interface Parameter {
  readonly name: string;
  /** UTF-8 bytes, not a string: a password that was once a string stays in memory until it is garbage-collected. */
  readonly value: Buffer;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const [ampersand, equals, plus, percent, space] = [0x26, 0x3d, 0x2b, 0x25, 0x20];

/**
 * Parses `application/x-www-form-urlencoded` strictly: each name and value must be text in UTF-8, and each percent sign
 * must begin an encoded byte.
 * @throws Denied 400
 */
export function parseParameters(encoded: Uint8Array): readonly Parameter[] {
  const parameters: Parameter[] = [];
  for (let start = 0; start <= encoded.length; ) {
    const found = encoded.indexOf(ampersand, start);
    const end = found === -1 ? encoded.length : found;
    if (end > start) parameters.push(parseParameter(encoded.subarray(start, end)));
    start = end + 1;
  }
  return parameters;
}

function parseParameter(pair: Uint8Array): Parameter {
  const mark = pair.indexOf(equals);
  const name = decodeText(decodePercent(mark === -1 ? pair : pair.subarray(0, mark)));
  const value = decodePercent(mark === -1 ? pair.subarray(pair.length) : pair.subarray(mark + 1));
  requireText(value);
  return { name, value };
}

/** @throws Denied 400 */
export function decodeText(bytes: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw malformedText();
  }
  if (!isText(text)) throw malformedText();
  return text;
}

/** ASCII is checked as bytes, so that an ASCII password never becomes a string. */
function requireText(bytes: Uint8Array): void {
  if (bytes.some((byte) => byte >= 0x80)) decodeText(bytes);
  else if (bytes.some(isControl)) throw malformedText();
}

function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) || byte === 0x7f;
}

/**
 * Decodes percent-encoding, and `+` as a space.
 * @throws Denied 400 for a percent sign without two hexadecimal digits
 */
export function decodePercent(encoded: Uint8Array): Buffer {
  // V8's garbage collector copies small arrays on its heap, and the copies cannot be overwritten. This buffer is
  // outside of that heap.
  const decoded = Buffer.from(new ArrayBuffer(encoded.length));
  let length = 0;
  for (let index = 0; index < encoded.length; index += 1) {
    let byte = encoded[index] ?? 0;
    if (byte === plus) byte = space;
    else if (byte === percent) {
      const [high, low] = [hexDigit(encoded[index + 1]), hexDigit(encoded[index + 2])];
      if (high === undefined || low === undefined) throw malformedText();
      byte = high * 16 + low;
      index += 2;
    }
    decoded[length] = byte;
    length += 1;
  }
  return decoded.subarray(0, length);
}

function hexDigit(byte: number | undefined): number | undefined {
  if (byte === undefined) return undefined;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : undefined;
}
