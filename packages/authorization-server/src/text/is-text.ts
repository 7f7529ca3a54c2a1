/**
 * RFC 6749 appendix A (UNICODECHARNOCRLF), with line ends: every Unicode character except U+FFFE, U+FFFF, and the ASCII
 * control characters other than tab, CR and LF.
 */
const textPattern = /^[\t\n\r\x20-\x7e\x80-\ufffd\u{10000}-\u{10ffff}]*$/u;

/**
 * Whether this is text that may be compared, stored and shown. It must not contain half of a surrogate pair, which
 * PostgreSQL cannot store. PostgreSQL cannot store NUL either.
 */
export function isText(value: string): boolean {
  return value.isWellFormed() && textPattern.test(value);
}
