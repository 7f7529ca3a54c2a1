/**
 * The most tokens that a text can be: one for each byte of its UTF-8. Every vendor's tokenizer works on bytes, or
 * falls back to them. Those that are not published may normalise first (Unicode NFKC), by which one character can
 * become eighteen, so the longer form counts.
 */
export function boundTextTokens(text: string): number {
  const bytes = Buffer.byteLength(text);
  return bytes === text.length ? bytes : Math.max(bytes, Buffer.byteLength(text.normalize('NFKC')));
}

const plain = /^[ !#-[\]-~]*$/;

/**
 * The same for a text that the vendor writes into the prompt as JSON, where every character that is not plain ASCII
 * may stand as an escape of six, or twelve for a pair.
 */
export function boundJsonTokens(text: string): number {
  if (plain.test(text)) return text.length + 2;
  let tokens = 2;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    tokens += unit >= 0x20 && unit < 0x7f ? 2 : 6;
  }
  return tokens;
}
