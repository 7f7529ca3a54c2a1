/**
 * RFC 6749 appendix A (UNICODECHARNOCRLF), with line ends: every Unicode character except halves of surrogate
 * pairs, U+FFFE, U+FFFF, and the ASCII control characters other than tab, CR and LF. PostgreSQL stores neither NUL nor half a pair.
 */
const textPattern = /^[\t\n\r\x20-\x7e\x80-\ufffd\u{10000}-\u{10ffff}]*$/u;

/** Whether this is text that may be compared, stored and shown. */
export function isText(value: string): boolean {
  return value.isWellFormed() && textPattern.test(value);
}
