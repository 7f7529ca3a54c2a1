import { isJsonObject, type JsonObject } from '@aipassport/policy';
import { joinBytes } from '../join-bytes.js';
import { type JsonBounds, scanJson } from '../json/scan-json.js';
import { cutMember } from './cut-member.js';

/** Any text of this size is parsed within some milliseconds. */
const alwaysParsedBytes = 65_536;
/** Far more than any answer has besides its text. Parsing more would block the event loop. */
const bounds: JsonBounds = {
  depth: 256,
  members: 20_000,
  values: 20_000,
  escapes: 1_000_000,
  textBytes: Number.POSITIVE_INFINITY,
};

/** @returns undefined for text that is not a JSON object, and for one with too many values to parse quickly */
export function parseJsonObject(bytes: Buffer): JsonObject | undefined {
  if (bytes.length > alwaysParsedBytes && !scanJson(bytes, bounds).ok) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Members that can hold a value for every token and that are not needed to read the usage. */
const unreadMembers = ['choices', 'data', 'words', 'segments', 'logprobs'];

/** Leaves out members that are not needed for the usage, when a text has too many values. */
export function parseAnswer(bytes: Buffer): JsonObject | undefined {
  const whole = parseJsonObject(bytes);
  if (whole !== undefined || bytes.length <= alwaysParsedBytes) return whole;
  const cut = (rest: Buffer, name: string): Buffer =>
    rest.includes(`"${name}"`) ? joinBytes(cutMember(rest, 0, name)) : rest;
  return parseJsonObject(unreadMembers.reduce(cut, bytes));
}

const usageKey = Buffer.from('"usage":');

/**
 * Reads the `usage` that ends an object of which only the last bytes are at hand. It is found only where it is the
 * very last member, so that nothing deeper inside can be taken for it.
 */
export function parseTrailingUsage(tail: Buffer): JsonObject | undefined {
  const start = tail.lastIndexOf(usageKey);
  if (start === -1) return undefined;
  const text = tail.toString('utf8', start + usageKey.length).trimEnd();
  if (!text.endsWith('}')) return undefined;
  const usage = parseJsonObject(Buffer.from(text.slice(0, -1)));
  return usage && { usage };
}
