/** What the bytes of a JSON text say of its shape, before anything is built from them. */
export interface JsonShape {
  /** Colons outside of strings: one for every member of every object, repeated ones included. */
  readonly members: number;
  readonly depth: number;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
/** From here on, looking for the end of a string natively is faster than byte by byte. */
const longString = 48;

/**
 * Counts members and depth of a JSON text in one pass over its bytes, without building anything. It does not
 * validate: for what is no JSON the counts mean nothing.
 */
export function scanJson(bytes: Buffer, maxDepth: number): JsonShape {
  let members = 0;
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    switch (bytes[index]) {
      case quote:
        index = findStringEnd(bytes, index + 1);
        break;
      case colon:
        members += 1;
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth += 1;
        if (depth > deepest) deepest = depth;
        if (depth > maxDepth) return { members, depth };
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth -= 1;
        break;
      default:
        break;
    }
  }
  return { members, depth: deepest };
}

/** @returns the index of the closing quote, or the length of the text when there is none */
function findStringEnd(bytes: Buffer, start: number): number {
  let index = start;
  const nearby = Math.min(bytes.length, start + longString);
  while (index < nearby) {
    const byte = bytes[index];
    if (byte === quote) return index;
    index += byte === backslash ? 2 : 1;
  }
  // Here no escape is open: a quote ends the string unless an odd run of backslashes stands before it.
  const from = index;
  for (let end = bytes.indexOf(quote, from); end !== -1; end = bytes.indexOf(quote, end + 1)) {
    let run = end;
    while (run > from && bytes[run - 1] === backslash) run -= 1;
    if ((end - run) % 2 === 0) return end;
  }
  return bytes.length;
}
