import type { Counted } from './counted.js';

/**
 * The most tokens that a text can be: one for each byte of its UTF-8. Every vendor's tokenizer works on bytes, or
 * falls back to them. Those that are not published may normalise first (Unicode NFKC), by which one character can
 * become eighteen, so the longer form counts.
 */
export function boundTextTokens(text: string): number {
  const bytes = Buffer.byteLength(text);
  return bytes === text.length ? bytes : Math.max(bytes, countNormalBytes(text));
}

const sliceLength = 16_384;

/**
 * Normalises slice by slice, because a long text as a whole could become gigabytes. A character that is composed across
 * the end of a slice counts as its parts, which are not shorter.
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

/** A high surrogate. */
function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
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

/** How the texts of a request are measured, in tokens. */
export interface TextMeasure {
  readonly text: (text: string) => number;
  /** Of a text that the vendor writes into the prompt as JSON. */
  readonly json: (text: string) => number;
  /** Quotes, colon, comma and the spaces around them; more than any vendor's own markup for a message or a part. */
  readonly member: number;
  /** A number, true, false or null. */
  readonly scalar: number;
}

const textBounds: TextMeasure = { text: boundTextTokens, json: boundJsonTokens, member: 8, scalar: 24 };

/** By the model's tokenizer, or by their bytes. */
export function measureTexts(counted?: Counted): TextMeasure {
  const count = counted?.countText;
  if (count === undefined) return textBounds;
  // OpenAI frames a message with four tokens, and a message has at least two members.
  return { text: count, json: (text) => count(text) + 2, member: 4, scalar: 8 };
}
