import { joinBytes } from '../join-bytes.js';
import { accountMembers, maskAccountNames } from './account-names.js';

const members = ['error', ...accountMembers];
const memberStart = new RegExp(`"(${members.join('|')})"\\s{0,16}:\\s{0,16}(?=["{])`);
/** Matches the end of a chunk, if one of `members` may be cut off there before its value. */
const openStart = /"([a-z_]{0,16}("[ \t]{0,16}(:[ \t]{0,16})?)?)?$/;
const maxStartBytes = 64;
/**
 * In JSON, each of `members` begins with one of these texts. Most answers contain none of these texts, and
 * `Buffer.includes` checks that faster than a regular expression does.
 */
const hints = ['"error"', '"org', '"proj', '"consumer"'].map((text) => Buffer.from(text));
/** Longer than any error that the proxy passes on. A longer value is passed on unmasked. */
const maxValueBytes = 65_536;

const mayEndStart: ReadonlySet<number> = new Set(Buffer.from('abcdefghijklmnopqrstuvwxyz_": \t'));
const lineFeed = 0x0a;
const quote = 0x22;
const backslash = 0x5c;

/**
 * Masks names of the owner's account in the values of `members`, anywhere in a stream of bytes. JSON inside a JSON
 * string is not matched, because its quotation marks are escaped. Bytes are held back only while one of these members
 * is incomplete.
 */
export class NamedValues {
  #heldBack: Buffer = Buffer.alloc(0);
  /** Whether the held-back bytes begin with the value of one of `members`. */
  #isInValue = false;

  feed(chunk: Buffer): Buffer {
    const bytes = this.#heldBack.length === 0 ? chunk : Buffer.concat([this.#heldBack, chunk]);
    const findMember = searchMembers(bytes);
    const out: Buffer[] = [];
    let from = 0;
    for (;;) {
      if (!this.#isInValue) {
        const start = findMember(from);
        const until = start ?? findOpenStart(bytes, from);
        out.push(bytes.subarray(from, until));
        from = until;
        if (start === undefined) break;
        this.#isInValue = true;
      }
      const end = findValueEnd(bytes, from);
      if (end === undefined && bytes.length - from <= maxValueBytes) break;
      const value = bytes.subarray(from, end);
      out.push(end === undefined ? value : maskAccountNames(value));
      from += value.length;
      this.#isInValue = false;
    }
    this.#heldBack = bytes.subarray(from);
    return joinBytes(out.filter(({ length }) => length > 0));
  }

  /** @returns the held-back bytes, at the end of a stream. Resets the state */
  end(): Buffer {
    const rest = this.#heldBack;
    this.#heldBack = Buffer.alloc(0);
    const isInValue = this.#isInValue;
    this.#isInValue = false;
    return isInValue ? maskAccountNames(rest) : rest;
  }
}

/** @returns whether a complete text may have a member whose value is masked */
export function holdsNamedValue(text: string): boolean {
  return memberStart.test(text);
}

/** @returns a function that finds where, after an index, the first value to be masked begins */
function searchMembers(bytes: Buffer): (from: number) => number | undefined {
  if (!hints.some((hint) => bytes.includes(hint))) return () => undefined;
  const text = bytes.toString('latin1');
  const pattern = new RegExp(memberStart, 'g');
  return (from) => {
    pattern.lastIndex = from;
    return pattern.test(text) ? pattern.lastIndex : undefined;
  };
}

function findOpenStart(bytes: Buffer, after: number): number {
  // Events end with line feeds and JSON ends with braces, which a member's beginning does not contain. So this check
  // nearly always decides, and no search is needed.
  if (!mayEndStart.has(bytes.at(-1) ?? lineFeed)) return bytes.length;
  const from = Math.max(after, bytes.length - maxStartBytes);
  const open = openStart.exec(bytes.toString('latin1', from));
  const name = open?.[1]?.replace(/".*$/s, '') ?? '';
  const isOne =
    open !== null && members.some((member) => (open[2] === undefined ? member.startsWith(name) : member === name));
  return isOne ? from + open.index : bytes.length;
}

/** @returns the index after a string, or after the closing brace of an object; undefined when it is incomplete */
function findValueEnd(bytes: Buffer, from: number): number | undefined {
  let depth = 0;
  for (let index = from; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === quote) {
      index = findStringEnd(bytes, index);
      if (depth === 0) return index < bytes.length ? index + 1 : undefined;
    } else if (byte === 0x7b) depth += 1;
    else if (byte === 0x7d) {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return undefined;
}

function findStringEnd(bytes: Buffer, start: number): number {
  for (let index = start + 1; index < bytes.length; index += 1) {
    if (bytes[index] === backslash) index += 1;
    else if (bytes[index] === quote) return index;
  }
  return bytes.length;
}
