import type { IncomingHttpHeaders } from 'node:http';
import { findConfidential } from '../upstreams/scrub-text.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import { KeyFinder } from './key-finder.js';
import { KeyScrubber } from './key-scrubber.js';
import { createNameSpelling } from './key-spellings.js';
import { parseJson } from './parse-json.js';

/** Members of answers whose value may name the owner's account with the vendor. */
export const accountMembers = [
  'org_id',
  'organization',
  'organization_id',
  'project',
  'project_id',
  'project_number',
  'consumer',
];

const accountHeaders = Object.values(upstreamApis).flatMap((api) => api.accountHeaders);
/** Matches identifiers, but no ordinary words: a text with a digit, and as long as a vendor's identifiers are. */
const identifier = /^(?=.*\d)[\w.-]{12,128}$/;
const minNameLength = 4;

/** @returns the identifiers of the owner's account in an answer's headers */
export function listAccountNames(headers: IncomingHttpHeaders): readonly string[] {
  return accountHeaders
    .map((name) => headers[name])
    .filter((value) => typeof value === 'string' && identifier.test(value)) as string[]; // only strings pass the filter
}

/**
 * Masks provider keys and names of the owner's account in a piece of JSON. In a vendor's error it masks everything that
 * may be such a name. Elsewhere it masks only names that no ordinary text contains, because a model may have written
 * the text for a tool. The length stays the same. Text that is not JSON is unchanged.
 *
 * @param isError whether the text is known to be an error, so that its form is not checked
 */
export function maskAccountNames(json: Buffer, isError = false): Buffer {
  const value = parseJson(json.toString('utf8'));
  const names = new Set<string>();
  collectNames(value, isError || isVendorError(value) ? 'all' : 'unmistakable', names);
  return maskNames(json, names);
}

/**
 * Masks names of the owner's account in a part of a JSON value. A part cannot be parsed, so only names that no ordinary
 * text contains are masked. The length stays the same.
 */
export function maskNamesInPart(part: Buffer): Buffer {
  // JSON may escape a slash. Names are ASCII, so other characters may be decoded wrongly.
  return maskNames(part, new Set(findConfidential(part.toString('latin1').replaceAll('\\/', '/'), 'unmistakable')));
}

function maskNames(bytes: Buffer, names: ReadonlySet<string>): Buffer {
  if (names.size === 0) return bytes;
  return new KeyScrubber(new KeyFinder([...names].map(createNameSpelling))).scrubWhole(bytes);
}

/** All vendors' errors have a message, and also a code, a type or a status. */
function isVendorError(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('message' in value)) return false;
  return typeof value.message === 'string' && ['code', 'type', 'status'].some((name) => Object.hasOwn(value, name));
}

function collectNames(value: unknown, shapes: 'all' | 'unmistakable', names: Set<string>): void {
  if (typeof value === 'string') for (const found of findConfidential(value, shapes)) addName(found, names);
  else if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) collectNames(member, shapes, names);
}

/**
 * Adds a name. A provider key that the vendor has masked in the middle is split: the mask may consist of any characters
 * other than ASCII, such as bullets.
 */
function addName(found: string, names: Set<string>): void {
  for (const part of found.split(/[^\x21-\x7e]+/)) if (part.length >= minNameLength) names.add(part);
}
