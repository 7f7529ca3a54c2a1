/** The characters of base64 and base64url: https://www.rfc-editor.org/rfc/rfc4648 */
const isBase64 = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=')
  isBase64[character.charCodeAt(0)] = 1;

const comma = 0x2c;
/** The maximum length of a prefix such as `data:image/png;base64`. Longer than any media type with its parameters. */
const maxHeadBytes = 256;
const headPattern = /^data:[\w.+/-]*(?:;[\w.+-]+=[\w.+-]+)*;base64$/i;

/**
 * Whether a JSON string has only characters of base64, or is a base64 data URL. Pictures, recordings and files are sent
 * in these forms.
 * @param start the index after the opening quote
 * @param end the index of the closing quote
 */
export function isMediaString(bytes: Buffer, start: number, end: number): boolean {
  const head = bytes.subarray(start, Math.min(end, start + maxHeadBytes));
  const headEnd = head.indexOf(comma);
  if (headEnd !== -1 && !headPattern.test(head.toString('latin1', 0, headEnd))) return false;
  for (let index = start + headEnd + 1; index < end; index += 1) {
    if (isBase64[bytes[index] ?? 0] === 0) return false;
  }
  return true;
}
