import { joinBytes } from '../join-bytes.js';
import { accountMembers, maskAccountNames, maskNamesInPart } from './account-names.js';
import { ValueEnd } from './value-end.js';

const members = ['error', ...accountMembers];
const memberStart = new RegExp(`"(${members.join('|')})"\\s{0,16}:\\s{0,16}(?=["{])`);
/** Matches the end of a chunk where one of `members` may have begun, but its value has not begun yet. */
const openStart = /"([a-z_]{0,16}("[ \t]{0,16}(:[ \t]{0,16})?)?)?$/;
const maxStartBytes = 64;
/**
 * In JSON, each of `members` begins with one of these texts. Most answers contain none of these texts, and
 * `Buffer.includes` checks that faster than a regular expression does.
 */
const hints = ['"error"', '"org', '"proj', '"consumer"'].map((text) => Buffer.from(text));
/** Longer than any error that the proxy passes on. A longer value is masked in parts of about this size. */
const maxValueBytes = 65_536;
/** No name in a long value is longer than this. */
const maxNameBytes = 256;

const mayEndStart: ReadonlySet<number> = new Set(Buffer.from('abcdefghijklmnopqrstuvwxyz_": \t'));
const lineFeed = 0x0a;

/**
 * Masks names of the owner's account in the values of `members`, anywhere in a stream of bytes. JSON inside a JSON
 * string is not matched, because its quotation marks are escaped. Bytes are held back only while one of these members
 * is incomplete.
 */
export class NamedValues {
  #heldBack: Buffer = Buffer.alloc(0);
  /** Set while the held-back bytes begin with the value of one of `members`, or with a part of it. */
  #value: ValueEnd | undefined;
  /** Whether the beginning of the value has been passed on, because the value is long. */
  #isPart = false;

  feed(chunk: Buffer): Buffer {
    const bytes = this.#heldBack.length === 0 ? chunk : Buffer.concat([this.#heldBack, chunk]);
    const findMember = searchMembers(bytes);
    const out: Buffer[] = [];
    let from = 0;
    for (;;) {
      if (this.#value === undefined) {
        const start = findMember(from);
        const until = start ?? findOpenStart(bytes, from);
        out.push(bytes.subarray(from, until));
        from = until;
        if (start === undefined) break;
        this.#value = new ValueEnd();
      }
      const end = this.#value.find(bytes.subarray(from));
      if (end === undefined) {
        const part = takePart(bytes.subarray(from));
        if (part.length > 0) {
          out.push(maskNamesInPart(part));
          from += part.length;
          this.#value.skip(part.length);
          this.#isPart = true;
        }
        break;
      }
      const value = bytes.subarray(from, from + end);
      out.push(this.#isPart ? maskNamesInPart(value) : maskAccountNames(value));
      from += end;
      this.#leaveValue();
    }
    this.#heldBack = bytes.subarray(from);
    return joinBytes(out.filter(({ length }) => length > 0));
  }

  /** Call it at the end of a stream. Resets the state. @returns the held-back bytes, masked */
  end(): Buffer {
    const rest = this.#heldBack;
    this.#heldBack = Buffer.alloc(0);
    const isInValue = this.#value !== undefined;
    this.#leaveValue();
    return isInValue ? maskNamesInPart(rest) : rest;
  }

  #leaveValue(): void {
    this.#value = undefined;
    this.#isPart = false;
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
  const [name = ''] = open?.[1]?.split('"') ?? [];
  const isOne =
    open !== null && members.some((member) => (open[2] === undefined ? member.startsWith(name) : member === name));
  return isOne ? from + open.index : bytes.length;
}

/** @returns the part of a long, incomplete value that can be masked now. It does not end within a name */
function takePart(value: Buffer): Buffer {
  if (value.length <= maxValueBytes) return value.subarray(0, 0);
  const last = value.subarray(-maxNameBytes).toString('latin1');
  const name = /(?<![\w/\\-])[\w/\\-]*$/.exec(last)?.[0].length ?? 0;
  return value.subarray(0, value.length - name);
}
