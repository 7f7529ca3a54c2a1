const quote = 0x22;
const backslash = 0x5c;

/**
 * @param from the index of the opening quote
 * @returns the index after the closing quote; the length of the bytes when there is no closing quote
 */
export function skipString(json: Buffer, from: number): number {
  for (let index = from + 1; index < json.length; index += 1) {
    if (json[index] === backslash) index += 1;
    else if (json[index] === quote) return index + 1;
  }
  return json.length;
}

/** @returns the first index, at or after `from`, that is not a space or a tab */
export function skipSpace(json: Buffer, from: number): number {
  let index = from;
  while (json[index] === 0x20 || json[index] === 0x09) index += 1;
  return index;
}
