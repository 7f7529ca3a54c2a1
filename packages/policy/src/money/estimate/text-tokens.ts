import type { Counted } from './counted.js';

/**
 * The most tokens that a text can have: one for each byte of its UTF-8. Every vendor's tokenizer works on bytes, or
 * falls back to them. Unpublished tokenizers may normalise first (Unicode NFKC), which can turn one character into
 * eighteen, so the longer form counts.
 */
export function boundTextTokens(text: string): number {
  const bytes = Buffer.byteLength(text);
  return bytes === text.length ? bytes : Math.max(bytes, countNormalBytes(text));
}

const sliceLength = 16_384;

/**
 * Normalises in slices, because the normal form of a long text could take gigabytes. A character that is composed
 * across the end of a slice counts as its parts. The parts are not shorter than the character.
 */
function countNormalBytes(text: string): number {
  let bytes = 0;
  for (let from = 0; from < text.length; ) {
    const end = isHighSurrogate(text.charCodeAt(from + sliceLength - 1)) ? from + sliceLength - 1 : from + sliceLength;
    bytes += Buffer.byteLength(text.slice(from, end).normalize('NFKC'));
    from = end;
  }
  return bytes;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

const plain = /^[ !#-[\]-~]*$/;

/**
 * The most tokens of a text that the vendor writes into the prompt as JSON. A character outside ASCII may then become
 * an escape of six characters, or of twelve for a surrogate pair.
 */
function boundJsonTokens(text: string): number {
  if (plain.test(text)) return text.length + 2;
  let tokens = 2;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    tokens += unit >= 0x20 && unit < 0x7f ? 2 : 6;
  }
  return tokens;
}

/** How the texts of a request are measured, in tokens. */
export interface TextMeasure {
  readonly text: (text: string) => number;
  /** For a text that the vendor writes into the prompt as JSON. */
  readonly json: (text: string) => number;
  /**
   * For each member: its quotes, colon, comma and spaces. No vendor's own markup for a message or a part takes more.
   */
  readonly member: number;
  /** For a number, true, false or null. */
  readonly scalar: number;
}

const textBounds: TextMeasure = { text: boundTextTokens, json: boundJsonTokens, member: 8, scalar: 24 };

/** Measures texts by the model's tokenizer, or by their bytes. */
export function measureTexts(counted?: Counted): TextMeasure {
  const count = counted?.countText;
  if (count === undefined) return textBounds;
  // The vendors whose texts are counted here frame a message with four tokens. A message has at least two members, so
  // four tokens for each member are enough.
  return { text: count, json: (text) => count(text) + 2, member: 4, scalar: 8 };
}
